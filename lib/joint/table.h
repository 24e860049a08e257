/* Sparse joint tables over any number of variables: cells and how often, or with what probability, each occurs.
 * A table is canonical: cells in lexicographic order (the first variable slowest), each once, none of weight zero.  So
 * equal distributions are equal bytes, in whatever order the rows came and however many threads counted them. */
#ifndef PID_JOINT_TABLE_H
#define PID_JOINT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The most rows that a table of counts can hold: every whole number up to here is a double. */
#define PID_JOINT_COUNT_MAX 9007199254740992 /* 2^53 */

struct pid_joint {
    size_t variables;   /* >= 1 */
    uint64_t *shape;    /* variables: the number of levels of each, 1 .. 2^32 */
    size_t cells;
    uint32_t *indices;  /* cells x variables: the level of each variable, below its shape */
    double *weights;    /* cells, each > 0 and finite */
    double total;       /* the sum of the weights; 0 for an empty table */
    bool counts;        /* the weights are whole numbers and their sum is at most PID_JOINT_COUNT_MAX */
};

/* A table of `cells` zeroed cells to be filled in canonical order by the caller, who also sets weights, total and counts. */
enum pid_status pid_joint_init(struct pid_joint *table, size_t variables, const uint64_t *shape, size_t cells,
                               struct pid_error *error) PID_MUST_CHECK;
void pid_joint_release(struct pid_joint *table); /* a zeroed table is allowed */

static inline const uint32_t *pid_joint_cell(const struct pid_joint *table, size_t cell)
{
    return table->indices + cell * table->variables;
}

/* The table of `rows` weighted rows, in any order: indices (rows x variables, below the shape) and weights (finite, >= 0).
 * Rows that name one cell add up, smallest weight first and compensated, so that the order of the rows changes no bit.
 * With `counts` the weights must be whole and their sum at most PID_JOINT_COUNT_MAX.
 * PID_ERROR_DATA, with the row's number (from 1) where there is one. */
enum pid_status pid_joint_from_rows(struct pid_joint *table, size_t variables, const uint64_t *shape,
                                    const uint32_t *indices, const double *weights, size_t rows, bool counts,
                                    struct pid_error *error) PID_MUST_CHECK;

/* The table of a subset of the variables, in the order given: wanted[0 .. count-1], each once.  If `place` is not NULL it
 * gets, for each cell of `table`, the number of the cell of `projected` that it adds to (table->cells entries). */
enum pid_status pid_joint_project(const struct pid_joint *table, const size_t *wanted, size_t count,
                                  struct pid_joint *projected, size_t *place, struct pid_error *error) PID_MUST_CHECK;

/* How many cells that table has. */
enum pid_status pid_joint_count_cells(const struct pid_joint *table, const size_t *wanted, size_t count, size_t *cells,
                                      struct pid_error *error) PID_MUST_CHECK;

#endif
