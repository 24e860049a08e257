/* pid-joint's parts: the options they share, and the tables under way. */
#ifndef PID_TOOLS_PID_JOINT_H
#define PID_TOOLS_PID_JOINT_H

#include "joint/counter.h"
#include "joint/sample.h"
#include "pid-fractions.h"
#include "program/output.h"
#include "program/program.h"
#include "stream/record.h"

/* A list of names from an option: "a,b,c". */
struct names {
    size_t count;
    char **name; /* NULL: the option was not given */
};

struct options {
    struct pid_program *program;
    struct names per, sources, target;
    bool merge;
    uint64_t expect; /* 0: not given */
    const char *table, *weight, *count; /* --table, --weight, --count; NULL: not given */
    /* Replicates. */
    uint32_t bootstrap, permute;        /* how many */
    size_t fraction_count;
    struct fraction subsample[FRACTIONS_MAX]; /* from large fractions to small */
    const char *cluster, *within;       /* --cluster, --permute-within; NULL: not given */
};

static inline bool keeps_rows(const struct options *options)
{
    return options->bootstrap || options->fraction_count;
}

/* One table under way: those of one key and replicate. */
struct group {
    struct pid_key key;
    struct pid_replicate replicate;
    size_t number;               /* in the order in which groups were first seen */
    struct pid_counter *counter; /* counts; or, once they are settled, */
    struct pid_joint settled;    /* the table of them; or, of an exact distribution, */
    uint32_t *indices;           /* rows x variables, and */
    double *weights;             /* rows */
    size_t rows, index_room, weight_room;
    uint64_t *shape;             /* variables; 0 where it is left to the counter */
    struct pid_sample *sample;   /* the rows, where replicates are drawn from them */
};

struct groups {
    struct pid_program *program;
    size_t variables;
    size_t count, room, slot_count;
    struct group **group; /* count, in the order in which they were first seen until groups_sort */
    size_t *slots;        /* a hash table of numbers of groups plus one */
    struct group *last;
};

extern const struct pid_replicate replicate_data;

void groups_init(struct groups *groups, struct pid_program *program, size_t variables);
void groups_release(struct groups *groups);

/* The group of that key (copied) and replicate; *fresh tells that it is new and has nothing but these. */
struct group *groups_find(struct groups *groups, const struct pid_key *key, const struct pid_replicate *replicate, bool *fresh);

/* Natural order of the keys; of one key the data first, then its replicates by type, fraction (from large) and number. */
void groups_sort(struct groups *groups);

/* The finished table of a group, which is the caller's; may be had once. */
void group_table(const struct groups *groups, struct group *group, struct pid_joint *table);

/* Of a group of counts that nothing more is expected for: keeps its table, which takes less memory, in place of the counter. */
void group_settle(const struct groups *groups, struct group *group);

/* Adds rows to a group of an exact distribution, laid out as pid_counter_add takes them. */
enum pid_status group_append(const struct groups *groups, struct group *group, const uint32_t *const *columns, size_t stride, const double *weights,
                             size_t rows, struct pid_error *error) PID_MUST_CHECK;

/* Frees what the group has counted and kept. */
void group_forget(struct group *group);

/* Ends the program unless `status` is PID_OK. */
void must(const struct pid_program *program, enum pid_status status, const struct pid_error *error);

/* As pid_array_new, but never NULL. */
void *new_array(const struct pid_program *program, size_t count, size_t size);

/* The key of the table that a record with `key` belongs to: a view of it by --per.  What a record lacks is an error in `error`. */
enum pid_status table_key(const struct options *options, const struct pid_key *key, struct pid_key *view, struct pid_error *error);

/* What else the record's key says: a view of it. */
struct pid_key other_key(const struct options *options, const struct pid_key *key);

void write_table(struct pid_stream_output *output, const struct pid_key *key, const struct pid_replicate *replicate, const struct pid_joint *table);

/* Replicates asked for by --bootstrap and --subsample, of a sample that is bound to its table. */
void write_bootstraps(const struct options *options, struct pid_stream_output *output, const struct pid_key *key, const struct pid_sample *sample);
void write_subsamples(const struct options *options, struct pid_stream_output *output, const struct pid_key *key, const struct pid_sample *sample);

/* Those of --permute, of a table with `strata` variables between the `sources` sources and the targets. */
void write_permutations(const struct options *options, struct pid_stream_output *output, const struct pid_key *key, const struct pid_joint *table,
                        size_t sources, size_t strata);

/* What rows count: one each, or times[r] each, or, as parts of an exact distribution, weights[r] each. */
struct weighting {
    const uint64_t *times;
    const double *weights;
};

/* Rows on their way into tables.  The variables and keys are chosen by the options from those of the input's header. */
struct count;
struct count *count_new(const struct options *options, const struct pid_header *from);
enum pid_status count_record(struct count *count, const struct pid_record *record, const struct weighting *weighting, struct pid_error *error) PID_MUST_CHECK;
void count_finish(struct count *count); /* writes the tables, frees */

/* The ways to work. */
void read_table(const struct options *options);
void count_labels(const struct options *options);
void merge_tables(const struct options *options);

#endif
