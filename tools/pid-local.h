/* pid-local's parts: the decompositions, the labels' rows as numbers of cells, and what is written of them. */
#ifndef PID_TOOLS_PID_LOCAL_H
#define PID_TOOLS_PID_LOCAL_H

#include "decomposition/local.h"
#include "program/input.h"
#include "program/output.h"
#include "program/program.h"

/* The values of a sample, in the order in which they are written: of two sources redundant, unique of both, synergy, total, mi of
 * both; of n more, unique of each, remainder, total, mi of each, redundant of each, synergy of each, with all others. */
enum { LOCAL_VALUES_MAX = 4 * PID_VARIABLES_MAX + 2 };

/* --aggregate may name each variable once more. */
enum { LOCAL_COLUMNS_MAX = 2 * PID_VARIABLES_MAX };

struct options {
    struct pid_program *program;
    const char *decomposition;       /* the file */
    const char *by;                  /* the name of a value; NULL: synergy or remainder */
    uint64_t top, bottom;            /* rows to write; 0: all, where both are */
    bool cells;
    size_t name_count;
    char **aggregate;                /* names; NULL: not given */
    const char *cluster;             /* NULL: not given */
    uint32_t bootstrap;
};

/* The potentials of a source: levels x levels of the target.  Of more than two sources also those of all others merged, as
 * pid-ipfp(1) has them: the combinations of their levels and the target's, sorted, and the potential of each. */
struct local_potentials {
    double *own;
    size_t count;
    uint32_t *others;
    double *rest;
};

/* One decomposition, and what was met of its data. */
struct local_table {
    struct pid_key key;
    uint64_t samples, rows;          /* that it was made from; that were met */
    size_t *levels;                  /* of the sources, then of the target; 0: not known */
    struct local_potentials *potentials; /* one a source */
    double *mi;                      /* one a source */
    double gap;
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
    size_t sources;
    const char *source[PID_VARIABLES_MAX]; /* their names, the header's */
    size_t value_count, unique, mi;  /* values of a cell; where those of the first source are */
    char *names[LOCAL_VALUES_MAX];
    size_t by;                       /* index among them */
    size_t table_count, table_room;
    struct local_table *tables;
    /* Columns of a cell: the sources, the target, then the variables in --aggregate. */
    size_t column_count;
    size_t columns[LOCAL_COLUMNS_MAX]; /* places in the labels' header */
    size_t cell_count, cell_room, code_room, slot_count;
    struct local_cell *cells;
    uint32_t *codes;                 /* cells x columns */
    uint32_t *slots;                 /* a hash of the cells: number + 1, or 0 */
    size_t group_count, group_room;
    size_t *groups;                  /* a hash of the groups: number of the first batch + 1, or 0 */
    double *values;                  /* cells x value_count, after local_compute */
    size_t key_count, key_room;
    const char **keys;               /* names of all keys of the batches, in the order in which they were met; the batches' own */
    size_t batch_count, batch_room;
    struct local_batch *batches;
};

/* Ends the program unless `status` is PID_OK. */
void local_must(const struct local *local, enum pid_status status, const struct pid_error *error);
void *local_array(const struct local *local, size_t count, size_t size); /* never NULL */

static inline double local_value(const struct local *local, size_t cell, size_t which) { return local->values[cell * local->value_count + which]; }

/* "KIND:NAME", owned by the caller. */
char *local_named(const struct local *local, const char *kind, const char *name);

/* The sources and names of the values by the decompositions' header, and where --by points. */
enum pid_status local_name_values(struct local *local, struct pid_error *error);

/* Reads the decompositions. */
void local_read_tables(struct local *local);

/* Reads the labels: fills tables' rows, cells and batches. */
void local_read_rows(struct local *local);

/* Checks that the labels are those of the decompositions, and sets the values. */
void local_compute(struct local *local);

/* The rows that have the most (or least) of the value --by, those with most of it first (least first), of equal ones those that
 * come first, at most `count` in each of `parts` parts of the cells: part[c] is the part of cell c, below `parts`.  Those of part p
 * are rows[start[p]] .. rows[start[p] + found[p] - 1]; the caller releases them. */
struct local_row { size_t batch; uint64_t at; uint32_t rank; };
struct local_extremes { struct local_row *rows; size_t *start, *found; };
void local_find_extremes(const struct local *local, const uint32_t *part, size_t parts, uint64_t count, bool top, struct local_extremes *extremes);
void local_release_extremes(struct local_extremes *extremes);

/* A row's own columns, tab-separated without an end of line: keys, number, labels, values. */
void local_write_columns(const struct local *local, FILE *file);
void local_write_row(const struct local *local, FILE *file, const struct local_batch *batch, uint64_t at);

/* The ways to write. */
void local_print(const struct local *local);
void local_aggregate(const struct local *local);

void local_release(struct local *local);

#endif
