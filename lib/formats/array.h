/* Arrays from files, whatever the format: rows of float32, or one category a row.  The format is found by content, the
 * name of the file does not matter. */
#ifndef PID_FORMATS_ARRAY_H
#define PID_FORMATS_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "formats/file.h"
#include "formats/levels.h"
#include "formats/names.h"

enum { PID_ARRAY_AXES = 8 };

/* The most values a row may have: a row must fit into one record of a stream. */
#define PID_ARRAY_WIDTH_MAXIMUM ((uint64_t)12 << 20)

enum pid_array_kind {
    PID_ARRAY_REAL,  /* numbers, not all of them whole */
    PID_ARRAY_WHOLE, /* integers or truth values */
    PID_ARRAY_TEXT,
};

struct pid_array;

/* What a format provides; `state` is its own. */
struct pid_array_methods {
    enum pid_status (*rows)(struct pid_array *array, uint64_t first, size_t count, float *out, struct pid_error *error);
    enum pid_status (*codes)(struct pid_array *array, uint64_t first, size_t count, struct pid_levels *levels, uint32_t *codes,
                             struct pid_error *error);
    void (*free)(struct pid_array *array); /* frees the state alone */
    /* All elements of an array of whole numbers, one a row; NULL where the format has none that are exact. */
    enum pid_status (*integers)(struct pid_array *array, int64_t *out, struct pid_error *error);
};

struct pid_array {
    const struct pid_array_methods *methods;
    char *name;               /* for messages: "e.npz: member 'image.npy'" */
    enum pid_array_kind kind;
    size_t axes;              /* 1 .. PID_ARRAY_AXES */
    uint64_t shape[PID_ARRAY_AXES];
    uint64_t rows;            /* shape[0] */
    uint64_t width;           /* values a row: the product of the other axes, 1 for one axis */
    bool by_column;           /* its columns lie one behind the other: few rows at a time are read slowly */
    void *state;
};

/* Opens one array: `member` names it in files that hold several (a member of .npz, a column or columns of a table: see
 * table.h), and may be NULL where there is only one.  `files` must outlive the array.  NULL with an error that names
 * the file and, for an unknown member, those that there are. */
struct pid_array *pid_array_open(struct pid_files *files, const char *path, const char *member, struct pid_error *error)
    PID_MUST_CHECK;

/* Appends the names that `member` may have: members of an archive, tensors, columns, the fields of the first object; none
 * for a file that is one array. */
enum pid_status pid_array_members(struct pid_files *files, const char *path, struct pid_names *names, struct pid_error *error)
    PID_MUST_CHECK;

/* A file of float32 in little-endian order and nothing else, whatever it looks like; a row has the shape
 * row_shape[axes - 1]. */
struct pid_array *pid_array_open_raw(struct pid_files *files, const char *path, size_t axes, const uint64_t *row_shape,
                                     struct pid_error *error) PID_MUST_CHECK;

void pid_array_free(struct pid_array *array); /* NULL is allowed */

/* Rows first .. first+count-1 as float32, to out[count * width], the last axis running fastest.  Ascending calls are
 * cheapest.  PID_ERROR_DATA for text, a cut or corrupt file. */
enum pid_status pid_array_rows(struct pid_array *array, uint64_t first, size_t count, float *out, struct pid_error *error)
    PID_MUST_CHECK;

/* The category of rows first .. first+count-1: codes[count], in `levels`, which may hold levels already.  A missing value (NaN)
 * is coded PID_ARRAY_MISSING.  Ascending calls are cheapest.  PID_ERROR_DATA where the array is not one value a row. */
enum pid_status pid_array_codes(struct pid_array *array, uint64_t first, size_t count, struct pid_levels *levels, uint32_t *codes,
                                struct pid_error *error) PID_MUST_CHECK;
#define PID_ARRAY_MISSING UINT32_MAX

/* Puts 0 for each NaN and infinity in values[count] and returns how many there were. */
size_t pid_array_zero_bad(float *values, size_t count);

/* For the formats: an array without methods; takes over nothing.  Checks rows x width for overflow and the width for
 * PID_ARRAY_WIDTH_MAXIMUM. */
struct pid_array *pid_array_new_shape(const char *name, size_t axes, const uint64_t *shape, struct pid_error *error) PID_MUST_CHECK;

/* For formats in which the first axis runs fastest: the place in a row, in C order, of the value that is number `column` where of
 * the axes behind the rows the first runs fastest. */
uint64_t pid_array_place(const struct pid_array *array, uint64_t column);

#endif
