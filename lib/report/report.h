/* What pid-report knows: the decompositions of a stream, one row for each key, with the replicates of each key beside
 * it, and what statistics makes of them.  Informations are in bits here; formats convert. */
#ifndef PID_REPORT_REPORT_H
#define PID_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "stream/header.h"
#include "stream/record.h"

enum pid_report_quantity {
    PID_REPORT_REDUNDANT, PID_REPORT_UNIQUE,
    PID_REPORT_REMAINDER,   /* of three sources and more, instead of redundant and synergy: the total without what is unique */
    PID_REPORT_SYNERGY,     /* up to here: the parts of the total */
    PID_REPORT_TOTAL, PID_REPORT_MI, PID_REPORT_SHARE,
    PID_REPORT_TOGETHER,    /* of three sources and more: redundant:A+B, synergy:A, o-information, ... */
    PID_REPORT_INFORMATION, /* any other amount of information: gap, lower, upper, entropy:NAME, ... */
    PID_REPORT_NUMBER,      /* any other number: iterations, ... */
};

struct pid_report_column {
    char *name;    /* as in the stream: "unique:image" */
    enum pid_report_quantity quantity;
    size_t source; /* unique, mi, share: index among the sources */
    bool either;   /* may lie to either side of what chance gives: share, o-information */
    bool unknown;  /* of those together: no row has a value, as where pid-local says nothing about pairs; people are not shown it */
};

/* NaN: not known, or undefined. */
struct pid_report_estimate {
    double value;     /* from the data as they are (plug-in) */
    double corrected; /* with the bias taken off, where that is known to help */
    double noise;     /* standard deviation that the correction adds to it */
    double low, high; /* interval, of the corrected value where there is one */
    double null;      /* mean of the permutations */
    double p;         /* probability of at least this value by chance alone */
};

/* Replicates of one type (and fraction) of one row: only the estimated columns are kept. */
struct pid_report_replicates {
    enum pid_replicate_type type;
    double fraction;
    size_t count, value_capacity, index_capacity;
    double samples;   /* added up over the replicates */
    double *values;   /* count x estimated columns */
    uint32_t *indices;
};

/* Single samples, as pid-local lists them. */
struct pid_report_list { char *name, *text; };

struct pid_report_row {
    struct pid_key key;
    bool found;       /* the data's own record was read, not only replicates */
    uint64_t samples; /* 0: an exact distribution */
    char *solver, *status;
    size_t note_count, note_capacity;
    char **notes;
    size_t list_count, list_capacity;
    struct pid_report_list *lists;
    size_t value_capacity;
    double *values;   /* one a column; see pid_report_value */
    size_t replicate_count, replicate_capacity;
    struct pid_report_replicates *replicates;
    struct pid_report_estimate *estimates; /* one an estimated column, after pid_report_finish */
};

struct pid_report {
    struct pid_header header;
    size_t source_count;
    const char *sources[PID_VARIABLES_MAX]; /* borrowed from the header */
    char *target;                           /* the targets' names, joined by "," */
    size_t key_count, key_capacity;
    char **keys;                            /* names in the rows' keys, in the order they were met */
    size_t column_count, column_capacity;
    size_t estimated;                       /* the first columns: redundant, unique:*, synergy, total, mi:*, share:*; of three
                                             * sources and more: unique:*, remainder, total, mi:*, share:*, and those together */
    struct pid_report_column *columns;
    size_t row_count, row_capacity;
    struct pid_report_row *rows;
    size_t slot_count;
    size_t *slots;                          /* hash of the keys: row + 1, or 0 */
    bool has_intervals, has_null, has_corrected;
};

/* An empty report of what a stream with this header holds. */
enum pid_status pid_report_init(struct pid_report *report, const struct pid_header *header, struct pid_error *error) PID_MUST_CHECK;
void pid_report_release(struct pid_report *report); /* {0} is allowed */

/* Takes in one record.  PID_ERROR_DATA when it was there already: the same key and replicate. */
enum pid_status pid_report_add(struct pid_report *report, const struct pid_record *record, struct pid_error *error) PID_MUST_CHECK;

/* After the last record: checks that each row has its data, adds a column alphabet:NAME for each source whose entropy is known
 * (2^H, its effective number of symbols), and turns the replicates into estimates.  `confidence` is
 * the intervals' coverage, in (0, 1). */
enum pid_status pid_report_finish(struct pid_report *report, double confidence, struct pid_error *error) PID_MUST_CHECK;

/* Index of the column for a quantity (and source, where it has one), or of a name, or of "KIND:NAME"; -1 where there is none. */
ptrdiff_t pid_report_find(const struct pid_report *report, const char *name);
ptrdiff_t pid_report_find_of(const struct pid_report *report, const char *kind, const char *name);
size_t pid_report_column(const struct pid_report *report, enum pid_report_quantity quantity, size_t source);

/* The plug-in value of a column, NaN where it is undefined. */
double pid_report_value(const struct pid_report_row *row, size_t column);

/* The value to draw conclusions from: corrected where there is one, else plug-in. */
double pid_report_best(const struct pid_report_row *row, size_t column);

/* A key's value as text into the buffer, cut where that is too short; "" where the row has none. */
const char *pid_report_key_text(const struct pid_report_row *row, const char *name, char *buffer, size_t size);

/* The value as it is printed with so many decimals, without the sign of a zero. */
double pid_report_rounded(double value, int decimals);

/* Whether the column is an amount of information, so that the unit matters. */
bool pid_report_has_unit(const struct pid_report_column *column);

#endif
