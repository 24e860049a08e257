/* pid-gauss --covariance: a covariance as a table in text. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "formats/table.h"
#include "pid-gauss.h"

static _Noreturn void fail(const struct gauss *gauss, struct pid_error *error)
{
    pid_error_prefix(error, "%s", gauss->options->covariance);
    pid_program_fail(gauss->options->program, error);
}

/* Whether a column is of the variable: NAME, or NAME.DIGITS. */
static bool belongs(const char *column, const char *name)
{
    size_t length = strlen(name);
    uint64_t number;
    if (strncmp(column, name, length)) return false;
    return !column[length] || (column[length] == '.' && pid_number_unsigned(column + length + 1, 0, UINT32_MAX, &number));
}

/* The columns of all variables, sources first, in the order of the file; sets dims. */
static size_t *find_columns(const struct gauss *gauss, const struct pid_table *table, char **names, size_t count, size_t *dims, size_t *total)
{
    struct pid_error error;
    size_t *columns = gauss_array(gauss, table->columns * count, sizeof *columns);
    *total = 0;
    for (size_t v = 0; v < count; v++) {
        for (size_t c = 0; c < table->columns; c++)
            if (belongs(table->names[c], names[v])) columns[*total + dims[v]++] = c;
        *total += dims[v];
        if (dims[v]) continue;
        pid_error_set(&error, PID_ERROR_DATA, "no column is named %s or %s.0, %s.1, ..", names[v], names[v], names[v]);
        fail(gauss, &error);
    }
    return columns;
}

static double *read_matrix(const struct gauss *gauss, struct pid_table *table)
{
    struct pid_error error;
    size_t d = table->columns, rows = 0;
    double *matrix = gauss_array(gauss, d * d, sizeof *matrix);
    for (;; rows++) {
        enum pid_table_result next = pid_table_next(table, &error);
        if (next == PID_TABLE_ERROR) pid_program_fail(gauss->options->program, &error);
        if (next == PID_TABLE_END) break;
        for (size_t c = 0; c < d && rows < d; c++)
            if (!pid_number_real(table->fields[c].text, -DBL_MAX, DBL_MAX, &matrix[rows * d + c])) {
                pid_error_set(&error, PID_ERROR_DATA, "line %llu: '%s' is not a number", (unsigned long long)table->line, table->fields[c].text);
                fail(gauss, &error);
            }
    }
    if (rows != d) {
        pid_error_set(&error, PID_ERROR_DATA, "%zu lines for %zu columns: a covariance has as many", rows, d);
        fail(gauss, &error);
    }
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < i; j++) {
            double x = matrix[i * d + j], y = matrix[j * d + i];
            if (fabs(x - y) <= 1e-9 * sqrt(fabs(matrix[i * d + i] * matrix[j * d + j]))) continue;
            pid_error_set(&error, PID_ERROR_DATA, "not symmetric: %g of %s and %s, %g of %s and %s", x, table->names[i], table->names[j], y, table->names[j], table->names[i]);
            fail(gauss, &error);
        }
    return matrix;
}

double *gauss_read_covariance(struct gauss *gauss, size_t **dims)
{
    struct pid_error error;
    struct pid_files files = {0};
    const struct options *options = gauss->options;
    size_t count = options->sources.count, targets = options->target.count, total;
    if (count < 2 || targets != 1) pid_program_usage(options->program, "%zu sources and %zu targets are not two or more and 1", count, targets);
    char **all = gauss_array(gauss, count + 1, sizeof *all);
    memcpy(all, options->sources.names, count * sizeof *all);
    all[count] = *options->target.names;
    struct pid_file *file = pid_file_open(&files, options->covariance, &error);
    struct pid_bytes *bytes = file ? pid_bytes_plain(&files, file, &error) : NULL;
    struct pid_table *table = bytes ? pid_table_open(bytes, &error) : NULL;
    if (!table) pid_program_fail(options->program, &error);
    *dims = gauss_array(gauss, count + 1, sizeof **dims);
    size_t *columns = find_columns(gauss, table, all, count + 1, *dims, &total);
    double *matrix = read_matrix(gauss, table), *covariance = gauss_array(gauss, total * total, sizeof *covariance);
    for (size_t i = 0; i < total; i++)
        for (size_t j = 0; j < total; j++)
            covariance[i * total + j] = (matrix[columns[i] * table->columns + columns[j]] + matrix[columns[j] * table->columns + columns[i]]) / 2;
    gauss->header.kind = PID_KIND_DECOMPOSITION;
    gauss->header.grouped = true;
    gauss->sources = count;
    gauss->variables = count + 1;
    for (size_t v = 0; v <= count; v++)
        gauss_must(gauss, pid_header_add_variable(&gauss->header, all[v], v < count ? PID_ROLE_SOURCE : PID_ROLE_TARGET, PID_TYPE_VECTOR, (*dims)[v], NULL, &error), &error);
    pid_table_free(table);
    pid_files_release(&files);
    free(all);
    free(columns);
    free(matrix);
    return covariance;
}
