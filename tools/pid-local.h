/* pid-local's parts: the decompositions, the labels' rows as numbers of cells, and what is written of them. */
#ifndef PID_TOOLS_PID_LOCAL_H
#define PID_TOOLS_PID_LOCAL_H

#include "decomposition/local.h"
#include "program/input.h"
#include "program/output.h"
#include "program/program.h"

/* The values of a sample, in the order in which they are written. */
enum { LOCAL_REDUNDANT, LOCAL_UNIQUE, LOCAL_SYNERGY = 3, LOCAL_TOTAL, LOCAL_MI, LOCAL_VALUES = 7 };

struct options {
    struct pid_program *program;
    const char *decomposition;       /* the file */
    const char *by;                  /* the name of a value */
    uint64_t top, bottom;            /* rows to write; 0: all, where both are */
    bool cells;
    const char *aggregate, *cluster; /* names; NULL: not given */
    uint32_t bootstrap;
};

/* One decomposition, and what was met of its data. */
struct local_table {
    struct pid_key key;
    uint64_t samples, rows;          /* that it was made from; that were met */
    size_t levels[3];
    double *lambda, *mu;
    double mi[2], gap;
    char *status;
};

/* All rows that agree in everything that is asked for. */
struct local_cell {
    uint32_t table;
    uint32_t group;  /* of keys: the number of the first batch with the same values of the keys in --aggregate */
    uint64_t rows;
};

struct local_batch {
    struct pid_key key;
    uint64_t row, rows;
    size_t table, group;
    uint32_t *cell;  /* rows */
};

struct local {
    const struct options *options;
    struct pid_header header;        /* of the decompositions */
    struct pid_header labels;        /* of the labels */
    char *names[LOCAL_VALUES];
    size_t by;                       /* index among them */
    size_t table_count, table_room;
    struct local_table *tables;
    /* Columns of a cell: source 1, source 2, target, then the variables in --aggregate. */
    size_t column_count;
    size_t columns[PID_VARIABLES_MAX]; /* places in the labels' header */
    size_t name_count;               /* in --aggregate */
    char **aggregate;
    size_t cell_count, cell_room, code_room, slot_count;
    struct local_cell *cells;
    uint32_t *codes;                 /* cells x columns */
    uint32_t *slots;                 /* a hash of the cells: number + 1, or 0 */
    size_t group_count, group_room;
    size_t *groups;                  /* a hash of the groups: number of the first batch + 1, or 0 */
    struct pid_local *values;        /* cells, after local_compute */
    size_t batch_count, batch_room;
    struct local_batch *batches;
};

/* Ends the program unless `status` is PID_OK. */
void local_must(const struct local *local, enum pid_status status, const struct pid_error *error);
void *local_array(const struct local *local, size_t count, size_t size); /* never NULL */

static inline double local_value(const struct pid_local *values, size_t which)
{
    const double each[LOCAL_VALUES] = {values->redundant, values->unique[0], values->unique[1], values->synergy, values->total,
                                       values->mi[0], values->mi[1]};
    return each[which];
}

/* Reads the decompositions. */
void local_read_tables(struct local *local);

/* Reads the labels: fills tables' rows, cells and batches. */
void local_read_rows(struct local *local);

/* Checks that the labels are those of the decompositions, and sets the values. */
void local_compute(struct local *local);

/* The rows that have the most (or least) of the value --by, those with most of it first (least first), at most `count`, among the
 * cells c with part[c] == wanted (`part` NULL: of the table `wanted`).  Returns how many; `*rows` is freed by the caller. */
struct local_row { size_t batch; uint64_t at; double value; };
size_t local_extremes(const struct local *local, const uint32_t *part, uint32_t wanted, uint64_t count, bool top, struct local_row **rows);

/* A row's own columns, tab-separated without an end of line: keys, number, labels, values. */
void local_write_columns(const struct local *local, FILE *file);
void local_write_row(const struct local *local, FILE *file, const struct local_batch *batch, uint64_t at);

/* The ways to write. */
void local_print(const struct local *local);
void local_aggregate(const struct local *local);

void local_release(struct local *local);

#endif
