/* Tables as text: comma, tab or semicolon separated values (RFC 4180) with a header line.  The delimiter is the one that
 * the header line has most reason for: a tab if there is one, else a comma, else a semicolon. */
#ifndef PID_FORMATS_TABLE_H
#define PID_FORMATS_TABLE_H

#include "formats/array.h"
#include "formats/bytes.h"

/* The longest record, in bytes. */
enum { PID_TABLE_RECORD_MAXIMUM = 64 << 20 };

struct pid_table_field {
    char *text;    /* unquoted, with a NUL behind it */
    size_t length;
};

struct pid_table {
    struct pid_bytes *bytes;
    char delimiter;
    size_t columns;
    char **names;       /* [columns], from the header line */
    uint64_t line;      /* where the present record begins, from 1 */
    struct pid_table_field *fields; /* [columns] of the present record, valid until the next */
    /* Private. */
    char *buffer;
    size_t capacity, begin, end, field_capacity;
    uint64_t next_line;
    bool ended;
};

enum pid_table_result { PID_TABLE_RECORD, PID_TABLE_END, PID_TABLE_ERROR };

/* Reads the header line.  Takes `bytes` over, on failure too.  NULL with an error: empty, no header, not text. */
struct pid_table *pid_table_open(struct pid_bytes *bytes, struct pid_error *error) PID_MUST_CHECK;
void pid_table_free(struct pid_table *table); /* NULL is allowed */

/* The next record, which has as many fields as the header; the error tells the line. */
enum pid_table_result pid_table_next(struct pid_table *table, struct pid_error *error) PID_MUST_CHECK;

/* Back to the first record behind the header. */
enum pid_status pid_table_restart(struct pid_table *table, struct pid_error *error) PID_MUST_CHECK;

/* The number of the column of that name.  PID_ERROR_ARGUMENT with the names there are, or where two have it. */
enum pid_status pid_table_column(const struct pid_table *table, const char *name, size_t *column, struct pid_error *error) PID_MUST_CHECK;

/* The columns that `selection` names, as an array: one column is one value a row, several are a vector.
 *     NAME            one column
 *     FIRST..LAST     all columns between the two, with them; FIRST.. and ..LAST are open-ended
 *     A,B,C..E        several of these
 * A column whose name is the whole selection comes first, and so does NAME before FIRST..LAST within the list.
 * NULL for `selection` means the only column.  Takes `bytes` over, on failure too. */
struct pid_array *pid_table_array_open(struct pid_bytes *bytes, const char *selection, struct pid_error *error) PID_MUST_CHECK;

#endif
