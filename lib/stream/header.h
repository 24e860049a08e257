/* The stream's first object: what kind of records follow, about which variables, and how they came to be.
 * pid-stream(5) describes the bytes. */
#ifndef PID_STREAM_HEADER_H
#define PID_STREAM_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "stream/shard.h"

enum { PID_STREAM_VERSION = 1 };
enum { PID_VARIABLES_MAX = 64 };       /* variables in one stream */
enum { PID_LEVELS_MAX = 0x7fffffff };  /* symbols of one variable */
enum { PID_DIM_MAX = 0x3fffffff };     /* elements of one vector */

enum pid_kind { PID_KIND_SAMPLES, PID_KIND_LABELS, PID_KIND_JOINT, PID_KIND_DECOMPOSITION, PID_KIND_CODEBOOK };
enum { PID_KINDS = PID_KIND_CODEBOOK + 1 };
enum pid_role { PID_ROLE_SOURCE, PID_ROLE_TARGET };
enum pid_type { PID_TYPE_VECTOR, PID_TYPE_CATEGORY };

const char *pid_kind_name(enum pid_kind kind); /* "samples", ... */
const char *pid_role_name(enum pid_role role);
const char *pid_type_name(enum pid_type type);

struct pid_variable {
    char *name;            /* not empty, unique in the stream */
    enum pid_role role;
    enum pid_type type;
    uint64_t dim;          /* vector: elements a row; 0 where it differs between records */
    uint64_t levels;       /* category: codes are below this; 0 where it differs between records */
    char **level_names;    /* category: names of the codes 0 .. levels-1, or NULL */
};

/* One entry of the history: what a stage was asked to do.  Only what may change the result: no time, host, number of
 * threads or name of an output file. */
struct pid_stage {
    char *program, *version;
    size_t argument_count;
    char **arguments;
    uint64_t seed;
};

struct pid_header {
    enum pid_kind kind;
    struct pid_shard shard;    /* which part of the data this stream is made from; {0}: all of it */
    bool grouped;              /* the records of one key follow each other: a key that has ended does not come again */
    size_t variable_count;
    struct pid_variable *variables;
    size_t stage_count;
    struct pid_stage *history; /* oldest first */
};

/* {0} is an empty header: samples, no variables, no history. */
void pid_header_release(struct pid_header *header);

/* `to` becomes an independent copy of all of `from`; on error it is empty. */
enum pid_status pid_header_copy(struct pid_header *to, const struct pid_header *from, struct pid_error *error) PID_MUST_CHECK;

/* Appends copies.  `names` is NULL or has `size` level names; `size` is dim or levels by `type`. */
enum pid_status pid_header_add_variable(struct pid_header *header, const char *name, enum pid_role role, enum pid_type type,
                                        uint64_t size, char *const *names, struct pid_error *error) PID_MUST_CHECK;
enum pid_status pid_header_add_stage(struct pid_header *header, const struct pid_stage *stage, struct pid_error *error) PID_MUST_CHECK;

/* Removes all variables. */
void pid_header_clear_variables(struct pid_header *header);

/* Index of a variable by name, or -1. */
ptrdiff_t pid_header_find(const struct pid_header *header, const char *name);

/* Whether the two histories are the same to the letter; says in `error` what differs. */
enum pid_status pid_header_match_history(const struct pid_header *first, const struct pid_header *second, struct pid_error *error) PID_MUST_CHECK;

/* Whether the two streams can be read as one: same kind and the same variables; says in `error` what differs. */
enum pid_status pid_header_match(const struct pid_header *first, const struct pid_header *second, struct pid_error *error) PID_MUST_CHECK;

#endif
