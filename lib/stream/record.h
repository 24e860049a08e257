/* What a record holds, for each kind of stream.  Everything a decoded record points to is borrowed from the reader
 * until the next read; everything an encoded record points to stays the caller's. */
#ifndef PID_STREAM_RECORD_H
#define PID_STREAM_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "stream/header.h"
#include "stream/key.h"

/* samples, labels: a batch of consecutive rows of one key. */
struct pid_column {
    uint64_t dim;          /* vector: elements a row */
    const float *values;   /* vector: rows x dim, row after row */
    const void *bytes;     /* vector, when decoded: the same as it lies in the stream, float32 aligned to nothing */
    const uint32_t *codes; /* category: one a row, below the variable's levels where those are known */
};

struct pid_batch {
    uint64_t row;              /* number of the first row in the data set, from 0: what random draws are bound to */
    uint64_t rows;
    struct pid_column *columns; /* one a variable, in the header's order */
};

/* Which version of the data a table was counted from. */
enum pid_replicate_type { PID_REPLICATE_DATA, PID_REPLICATE_BOOTSTRAP, PID_REPLICATE_PERMUTATION, PID_REPLICATE_SUBSAMPLE };
const char *pid_replicate_name(enum pid_replicate_type type); /* "data", "bootstrap", "permutation", "subsample" */

struct pid_replicate {
    enum pid_replicate_type type;
    uint64_t index;   /* 0-based among its type (and fraction) */
    double fraction;  /* subsample: part of the rows kept, in (0, 1]; else 1 */
};

/* joint: one table, sparse. */
struct pid_table_record {
    struct pid_replicate replicate;
    uint64_t samples;         /* rows that were counted; 0: an exact distribution, not an estimate */
    const uint64_t *shape;    /* symbols of each variable, in the header's order */
    uint64_t cells;
    const uint32_t *indices;  /* cells x variables, row after row; each below its shape */
    const double *weights;    /* cells; finite, not negative: counts or probabilities, not normalised */
};

/* decomposition, codebook: named results. */
struct pid_text_field { const char *name, *text; };
struct pid_value_field { const char *name; double value; }; /* NaN: undefined, nil in the stream */

enum pid_element { PID_ELEMENT_F32, PID_ELEMENT_F64, PID_ELEMENT_U32, PID_ELEMENT_U64 };
enum { PID_ARRAY_DIMS_MAX = 4 };

struct pid_array_field {
    const char *name;
    enum pid_element element;
    size_t dims;                        /* 1 .. PID_ARRAY_DIMS_MAX */
    uint64_t shape[PID_ARRAY_DIMS_MAX]; /* slowest first */
    const void *data;                   /* aligned when decoded */
};

struct pid_result_record {
    struct pid_replicate replicate;
    uint64_t samples;
    size_t text_count, value_count, array_count, note_count;
    struct pid_text_field *texts;   /* solver, status, method, ... */
    struct pid_value_field *values; /* redundant, unique:NAME, ... in bits unless the name says otherwise; k, objective, ... */
    struct pid_array_field *arrays; /* coupling, potentials, centroids, ... */
    const char **notes;             /* sentences for the user: why a value is undefined, what to beware of */
};

struct pid_record {
    struct pid_key key;
    union {
        struct pid_batch batch;          /* PID_KIND_SAMPLES, PID_KIND_LABELS */
        struct pid_table_record table;   /* PID_KIND_JOINT */
        struct pid_result_record result; /* PID_KIND_DECOMPOSITION, PID_KIND_CODEBOOK */
    };
};

/* Bytes of one element: 4 or 8; its name in the stream: "f4", "f8", "u4", "u8". */
size_t pid_element_bytes(enum pid_element element);
const char *pid_element_name(enum pid_element element);

/* The field of this name: its value (NaN where there is none), its text or its array (NULL where there is none). */
double pid_result_value(const struct pid_result_record *result, const char *name);
const char *pid_result_text(const struct pid_result_record *result, const char *name);
const struct pid_array_field *pid_result_array(const struct pid_result_record *result, const char *name);

#endif
