/* One table of pid-ipfp: a copy of its record, and the record that answers it. */
#ifndef PID_IPFP_H
#define PID_IPFP_H

#include "base/arena.h"
#include "decomposition/decomposition.h"
#include "joint/table.h"
#include "stream/header.h"
#include "stream/record.h"

/* What the values are called, and where the variables stand in a cell. */
struct pid_ipfp_names {
    size_t sources;             /* 2 or more; the target follows them */
    size_t column[PID_VARIABLES_MAX];
    bool clusters[PID_VARIABLES_MAX]; /* a source's symbols have no names of their own: they came from a clustering */
    const char *variable[PID_VARIABLES_MAX]; /* owned by the header */
    /* Of two sources; more have theirs made as they are written. */
    char *unique[2], *mi[2], *share[2], *entropy[3];
    char *cells[7];             /* occupied cells: X1, X2, Y, X1+Y, X2+Y, X1+X2, X1+X2+Y */
    char *potential[2];
};

/* PID_ERROR_DATA unless there are two or more sources and one target.  `header` must outlive the names. */
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

/* What both ways to solve a job share. */

/* The tolerance for this table, where the smallest table of a source and the target has `cells` cells; also in job->tolerance. */
double pid_ipfp_job_tolerance(struct pid_ipfp_job *job, double tolerance, double replicate_tolerance, double cells);

/* An empty record with room for `values` values, `arrays` arrays, 2 texts and 4 notes. */
enum pid_status pid_ipfp_job_start(struct pid_ipfp_job *job, size_t values, size_t arrays, struct pid_error *error) PID_MUST_CHECK;

void pid_ipfp_add_array(struct pid_ipfp_job *job, struct pid_array_field field);
void pid_ipfp_add_value(struct pid_ipfp_job *job, const char *name, double value);
enum pid_status pid_ipfp_add_note(struct pid_ipfp_job *job, const char *text, struct pid_error *error) PID_MUST_CHECK;
void pid_ipfp_add_texts(struct pid_ipfp_job *job, enum pid_decomposition_solver solver, enum pid_decomposition_status status);

/* The cells of a margin that are occupied, by the variables' places in a cell. */
enum pid_status pid_ipfp_count_cells(const struct pid_joint *table, const size_t *columns, size_t count, double *cells,
                                     struct pid_error *error) PID_MUST_CHECK;

/* Why the shares of unique informations that add up to `sum`, with this gap, mean nothing; "" where they do mean something. */
void pid_ipfp_share_reason(const struct pid_ipfp_job *job, const struct pid_ipfp_names *names, const double *symbols, double sum, double gap,
                           char *reason, size_t size);

/* pid_ipfp_job_solve for more than two sources. */
enum pid_status pid_ipfp_job_solve_sources(struct pid_ipfp_job *job, const struct pid_ipfp_names *names, struct pid_decomposition *solver,
                                           const struct pid_decomposition_options *options, double replicate_tolerance,
                                           struct pid_error *error) PID_MUST_CHECK;

#endif
