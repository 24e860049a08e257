/* pid-kmeans's parts: settings, one variable's model, what is held of the input, the groups under way. */
#ifndef PID_TOOLS_PID_KMEANS_H
#define PID_TOOLS_PID_KMEANS_H

#include "base/arena.h"
#include "clustering/kmeans.h"
#include "clustering/transform.h"
#include "program/input.h"
#include "program/output.h"

enum method { METHOD_KMEANS, METHOD_ARGMAX, METHOD_WIDTH, METHOD_QUANTILE, METHODS };
extern const char *const method_names[]; /* NULL-terminated */

/* What is asked for one variable. */
struct plan {
    bool labelled;       /* a vector that gets labels; a category passes through */
    bool learnt;         /* by a clustering or bins, rather than --labels */
    struct labels *labels;
    enum method method;
    uint32_t k;
    uint32_t components; /* --pca */
};

/* One clustering of all variables: its k (0: each variable's own), its seed, and the keys that it adds. */
struct combination {
    uint32_t k;
    uint64_t seed;
    bool adds_k, adds_seed;
};

struct settings {
    struct pid_program *program;
    char **per;              /* names of the keys of one codebook */
    size_t per_count;
    bool per_given;                /* otherwise all keys but sample */
    struct pid_transform_options transform;
    struct pid_kmeans_options kmeans;
    uint64_t train_rows;           /* 0: default; UINT64_MAX: all */
    uint64_t memory;
    bool memory_given;             /* then the input is held up to it as well */
    int64_t input_begin;           /* see store_input_begin */
    const char *codebook, *save_codebook;
    struct plan plans[PID_VARIABLES_MAX]; /* in the header's order */
    struct combination *combinations;
    size_t combination_count;
};

enum { TRAIN_ROWS_PER_CLUSTER = 256 };

/* The default of --n-init: few rows have more bad starts, and cost less. */
enum { RESTART_ROWS = 10000, RESTARTS_FEW_ROWS = 4 };

/* One clustering of one variable. */
struct fit {
    uint32_t k;
    struct pid_panels panels;
    float *centroids;    /* k x out, NULL where a codebook was read; for bins, k - 1 edges */
    uint64_t *sizes;     /* rows of the training sample */
    uint32_t *labels;    /* of the training rows, where these are all rows in their order (model_knows_labels) */
    size_t centroid_room, size_room, label_room;
    double objective;    /* in units of the rows as transformed */
    uint32_t iterations, empty;
    bool converged;
};

/* One variable of one group. */
struct model {
    enum method method;
    uint64_t dim;
    struct pid_transform transform;
    struct fit *fits;      /* one a combination */
    size_t fit_count;
    float *sample;         /* training rows; in place of them their image once fitted */
    float *lent;           /* or NULL; they, where all of them are in one record of the store: no copy is made of small groups */
    size_t sample_room;
    uint64_t seen, kept;   /* rows offered and rows in the sample */
};

struct group {
    struct pid_key key;
    uint64_t hash;
    uint64_t rows;
    uint64_t labelled;     /* of these, in their order */
    struct model *models;  /* one a variable */
    bool fitted;
};

struct groups {
    size_t count, room, slot_count;
    struct group **group; /* those beyond count are kept for their storage */
    size_t *slots;        /* numbers of groups plus one */
    size_t made;
};

/* A record that is kept: a copy of all that is needed, of a record of a run only the codes and the labels. */
struct held {
    struct pid_key key;
    struct pid_batch batch; /* columns point into bytes */
    struct group *group;
    uint64_t first;         /* its first row's place among the group's */
    const uint32_t **own;   /* for each variable with --labels: those of its rows */
    size_t own_room;
    unsigned char *bytes;
    size_t bytes_used, bytes_room, columns_room;
    uint32_t *labels;       /* combinations x variables x rows */
    size_t label_room;
};

/* Storage of one thread. */
struct engine {
    struct pid_kmeans *kmeans;
    struct pid_transform_scratch *scratch;
    float *image, *buffer;
    unsigned char *run;          /* bytes of a run, */
    struct pid_arena arena;      /* and one record of it */
    size_t image_room, buffer_room, run_room;
};

/* pid-kmeans-model.c */
/* `lent`: the same rows where they stay, and may be overwritten; or NULL. */
void model_offer(const struct settings *settings, size_t variable, struct model *model, const void *values, uint64_t rows, uint64_t dim, float *lent);
/* Where row number `seen` of those offered replaces one of the sample, if that is below its size. */
uint64_t model_place(const struct settings *settings, size_t variable, uint64_t seen);
enum pid_status model_fit(const struct settings *settings, size_t variable, struct model *model, struct engine *engine,
                          struct pid_workers *workers, struct pid_error *error);
/* Labels of rows, float32 (by k-means: aligned to nothing), that are number first .. first+rows-1 of those offered, if they were
 * (MODEL_ANY_ROWS: of any rows); labels: [fit_count][rows]. */
#define MODEL_ANY_ROWS UINT64_MAX
enum pid_status model_label(const struct model *model, const void *values, uint64_t first, size_t rows, struct engine *engine,
                            uint32_t **labels, struct pid_error *error);
uint64_t model_train_rows(const struct settings *settings, size_t variable, uint64_t dim);
void model_release(struct model *model);

/* pid-kmeans-codebook.c */
void codebook_write(const struct settings *settings, const struct pid_header *header, struct pid_stream_output *output, const struct group *group);
void codebook_read(struct settings *settings, const struct pid_header *header, struct groups *groups);

/* pid-kmeans-labels.c: labels that were made elsewhere (--labels).  Errors end the program. */
struct labels *labels_open(const struct settings *settings, const char *place);
void labels_close(const struct settings *settings, struct labels *labels); /* warns of labels beyond the rows; NULL is allowed */
size_t labels_levels(const struct labels *labels, char *const **names);    /* 0 and NULL where they differ between keys */
/* Those of rows row .. row+rows-1 of the data with this key; they stay until the end. */
const uint32_t *labels_rows(const struct settings *settings, struct labels *labels, const struct pid_key *key, uint64_t row, uint64_t rows);

/* pid-kmeans-groups.c */
struct group *groups_find(const struct settings *settings, struct groups *groups, const struct pid_key *key, size_t variables, bool add);
struct pid_key group_key(const struct settings *settings, const struct pid_key *key);
void groups_clear(struct groups *groups);
void groups_free(struct groups *groups, size_t variables);

/* Ends the program unless `status` is PID_OK. */
void must(const struct settings *settings, enum pid_status status, const struct pid_error *error);
void *must_have(const struct settings *settings, void *pointer, const struct pid_error *error);

/* pid-kmeans-store.c: the records of one pass, to be read again in their order. */
struct store;
int64_t store_input_begin(void); /* where standard input stands, to be asked before it is read; negative if it has no places */
struct store *store_new(const struct settings *settings, const struct pid_header *header);
void store_free(struct store *store);

/* Keeps the record that was read last from `input`; `other_bytes` is what else the program holds.  The item, if it is kept in memory;
 * its vectors may be overwritten once nothing will ask for them. */
struct held *store_add(struct store *store, const struct pid_input *input, const struct pid_record *record, struct group *group, uint64_t other_bytes);
bool store_holds(const struct store *store, uint64_t bytes); /* at least so many, or more than goes into memory */

/* What it keeps: first items, in memory; behind them runs of records as they came, each with store_run_bytes bytes.  store_load may be
 * called by several threads at once. */
struct held **store_items(const struct store *store, size_t *count);
size_t store_runs(const struct store *store);
size_t store_run_bytes(const struct store *store, size_t run);
enum pid_status store_load(struct store *store, size_t run, unsigned char *bytes, struct pid_error *error);
void store_empty(struct store *store);

/* For an input that is one plain file: a descriptor of it, to be closed, or -1; where its stream begins. */
int store_input_open(const struct store *store);
uint64_t store_input_offset(const struct store *store);

/* A record of it that nobody has read; the runs of such records, for which store_load finds out the checksum. */
void store_add_unread(struct store *store, uint64_t offset, size_t bytes, uint64_t rows);
uint64_t store_run_offset(const struct store *store, size_t run);
uint64_t store_run_row(const struct store *store, size_t run);    /* rows before it, */
uint64_t store_run_record(const struct store *store, size_t run); /* and records */

/* Once all are loaded: the CRC-32 of what `crc` is of and all runs, and their rows. */
uint32_t store_checksum(const struct store *store, uint32_t crc, uint64_t *rows);

/* Without `vectors` these are not copied and stay the record's, with or without values. */
void held_set(const struct settings *settings, const struct pid_header *header, struct held *held, const struct pid_record *record, bool vectors);
void held_release(struct held *held);

#endif
