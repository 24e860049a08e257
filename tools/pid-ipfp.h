/* One table of pid-ipfp: a copy of its record, and the record that answers it. */
#ifndef PID_IPFP_H
#define PID_IPFP_H

#include "base/arena.h"
#include "decomposition/decomposition.h"
#include "stream/header.h"
#include "stream/record.h"

/* What the values are called, and where the variables stand in a cell. */
struct pid_ipfp_names {
    size_t column[3];           /* source 1, source 2, target */
    bool clusters[2];           /* the source's symbols have no names of their own: they came from a clustering */
    const char *variable[3];    /* owned by the header */
    char *unique[2], *mi[2], *share[2], *entropy[3];
    char *cells[7];             /* occupied cells: X1, X2, Y, X1+Y, X2+Y, X1+X2, X1+X2+Y */
    char *potential[2];
};

/* PID_ERROR_DATA unless there are two sources and one target.  `header` must outlive the names. */
enum pid_status pid_ipfp_names_init(struct pid_ipfp_names *names, const struct pid_header *header, struct pid_error *error) PID_MUST_CHECK;
void pid_ipfp_names_release(struct pid_ipfp_names *names);

struct pid_ipfp_job {
    uint64_t number;           /* of the record, from 1 */
    struct pid_record record;  /* the answer, in `arena` and `key` */
    double gap, tolerance;     /* bits; the tolerance it was to be solved to */
    /* The table: copies. */
    size_t variables;
    uint64_t *shape, samples;
    uint32_t *cells;
    double *weights;
    size_t cell_count;
    struct pid_replicate replicate;
    struct pid_arena arena;    /* all of the above */
};

/* Copies the table of a joint record; a zeroed job is allowed, and one that was used before. */
enum pid_status pid_ipfp_job_load(struct pid_ipfp_job *job, const struct pid_record *record, size_t variables, struct pid_error *error) PID_MUST_CHECK;

/* Solves it and fills job->record: the data to options->tolerance, a replicate to `replicate_tolerance` bits, or, where that is
 * negative, to a hundredth of what chance moves (see pid-ipfp(1)), but never further than the data. */
enum pid_status pid_ipfp_job_solve(struct pid_ipfp_job *job, const struct pid_ipfp_names *names, struct pid_decomposition *solver,
                                   const struct pid_decomposition_options *options, double replicate_tolerance, struct pid_error *error) PID_MUST_CHECK;

void pid_ipfp_job_release(struct pid_ipfp_job *job);

#endif
