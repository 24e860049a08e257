/* pid-gauss's parts: rows by key, their covariances and replicates of these, and the records written of them. */
#ifndef PID_TOOLS_PID_GAUSS_H
#define PID_TOOLS_PID_GAUSS_H

#include "base/workers.h"
#include "gauss/gauss.h"
#include "joint/sample.h"
#include "pid-fractions.h"
#include "program/choices.h"
#include "program/input.h"
#include "program/output.h"

struct options {
    struct pid_program *program;
    struct list { size_t count; char **names; } per, sources, target; /* NULL: not given */
    struct pid_choices pca;
    const char *covariance;              /* a file instead of samples */
    const char *cluster;
    uint32_t draws, bootstrap, permute;
    size_t fraction_count;
    struct fraction subsample[FRACTIONS_MAX];
};

/* The rows of one key. */
struct group {
    struct pid_key key;
    size_t rows, *dims;        /* a variable each, sources first */
    size_t *rooms;
    float **values;            /* rows x dims; after PCA its image */
    double *kept;              /* the part of the variance that PCA kept; 1 without */
    struct pid_sample *sample; /* the rows' numbers, for draws; or NULL */
};

struct gauss {
    const struct options *options;
    struct pid_header header;  /* of the output */
    size_t variables, sources; /* variables = sources + 1 */
    size_t columns[PID_VARIABLES_MAX]; /* their places in the input */
    uint32_t components[PID_VARIABLES_MAX]; /* of --pca; 0: as they are */
    size_t count, room, slot_count;
    struct group *groups;
    size_t *slots;             /* a hash of the keys: number + 1, or 0 */
    struct pid_workers *workers;
    struct pid_stream_output output;
};

void gauss_must(const struct gauss *gauss, enum pid_status status, const struct pid_error *error);
void *gauss_array(const struct gauss *gauss, size_t count, size_t size); /* never NULL */

/* What --pca says for a variable; ends the program where it is no such number. */
uint32_t gauss_components(const struct pid_program *program, int option, const char *text);

/* Reads the samples: fills header, variables and groups. */
void gauss_read(struct gauss *gauss);

/* Reads --covariance; `dims` and the covariance are freed by the caller. */
double *gauss_read_covariance(struct gauss *gauss, size_t **dims);

/* Decomposes a group and its replicates, and writes them. */
void gauss_work(struct gauss *gauss, struct group *group);

/* A record of one version of the data.  `kept` may be NULL. */
void gauss_write(struct gauss *gauss, const struct pid_key *key, struct pid_replicate replicate, uint64_t samples,
                 const struct pid_gauss_result *result, const double *kept);

#endif
