/* Local values as a table in text: a line for each row, for the rows with the most or least of a value, or for each cell. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pid-local.h"
#include "stream/show.h"

static void write_pair(FILE *file, const struct pid_key_pair *pair)
{
    if (!pair) putc('.', file);
    else if (pair->text) pid_show_tsv_text(file, pair->text);
    else fprintf(file, "%" PRId64, pair->integer);
}

/* The names of all keys of the batches, in the order in which they were met. */
static const char **key_names(const struct local *local, size_t *count)
{
    size_t room = 0;
    const char **names = NULL;
    struct pid_error error;
    *count = 0;
    for (size_t b = 0; b < local->batch_count; b++)
        for (size_t i = 0; i < local->batches[b].key.count; i++) {
            const char *name = local->batches[b].key.pairs[i].name;
            size_t at = 0;
            while (at < *count && strcmp(names[at], name)) at++;
            if (at < *count) continue;
            void *grown = names;
            local_must(local, pid_array_grow(&grown, &room, at + 1, sizeof *names, &error), &error);
            names = grown;
            names[(*count)++] = name;
        }
    return names;
}

static void write_code(const struct local *local, FILE *file, size_t column, uint32_t code)
{
    const struct pid_variable *variable = &local->labels.variables[local->columns[column]];
    if (variable->level_names && code < variable->levels) pid_show_tsv_text(file, variable->level_names[code]);
    else fprintf(file, "%" PRIu32, code);
}

/* The labels and values of a cell, each with a tab before it. */
static void write_cell(const struct local *local, FILE *file, size_t cell)
{
    for (size_t v = 0; v < local->column_count; v++) {
        putc('\t', file);
        write_code(local, file, v, local->codes[cell * local->column_count + v]);
    }
    for (size_t i = 0; i < local->value_count; i++) {
        putc('\t', file);
        pid_show_number(file, local_value(local, cell, i) + 0.0);
    }
}

static void write_names(const struct local *local, FILE *file)
{
    for (size_t v = 0; v < local->column_count; v++) {
        putc('\t', file);
        pid_show_tsv_text(file, local->labels.variables[local->columns[v]].name);
    }
    for (size_t i = 0; i < local->value_count; i++) {
        putc('\t', file);
        pid_show_tsv_text(file, local->names[i]);
    }
}

void local_write_columns(const struct local *local, FILE *file)
{
    size_t count;
    const char **names = key_names(local, &count);
    for (size_t k = 0; k < count; k++) {
        pid_show_tsv_text(file, names[k]);
        putc('\t', file);
    }
    fputs("row", file);
    write_names(local, file);
    free(names);
}

void local_write_row(const struct local *local, FILE *file, const struct local_batch *batch, uint64_t at)
{
    size_t count;
    const char **names = key_names(local, &count);
    for (size_t k = 0; k < count; k++) {
        write_pair(file, pid_key_find(&batch->key, names[k]));
        putc('\t', file);
    }
    fprintf(file, "%" PRIu64, batch->row + at);
    write_cell(local, file, batch->cell[at]);
    free(names);
}

/* Each cell's text, written once: rows outnumber cells. */
struct texts { char *text; size_t length; size_t *start; };

static void write_texts(const struct local *local, struct texts *texts)
{
    FILE *memory = open_memstream(&texts->text, &texts->length);
    texts->start = local_array(local, local->cell_count + 1, sizeof *texts->start);
    for (size_t c = 0; memory && c < local->cell_count; c++) {
        texts->start[c] = (size_t)ftello(memory);
        write_cell(local, memory, c);
        putc('\n', memory);
    }
    if (memory) texts->start[local->cell_count] = (size_t)ftello(memory);
    if (!memory || fclose(memory)) {
        struct pid_error error;
        pid_error_set(&error, PID_ERROR_MEMORY, "out of memory for the text of %zu combinations of labels", local->cell_count);
        pid_program_fail(local->options->program, &error);
    }
}

/* Decimal digits without printf, which a million rows would notice. */
static size_t put_unsigned(char *to, uint64_t value)
{
    char digits[20];
    size_t count = 0, length;
    do digits[count++] = (char)('0' + value % 10);
    while (value /= 10);
    for (length = 0; count;) to[length++] = digits[--count];
    return length;
}

static void print_all(const struct local *local, FILE *file)
{
    struct texts texts;
    size_t count;
    const char **names = key_names(local, &count);
    write_texts(local, &texts);
    for (size_t b = 0; b < local->batch_count; b++) {
        const struct local_batch *batch = &local->batches[b];
        char *prefix = NULL, number[24];
        size_t length = 0;
        FILE *memory = open_memstream(&prefix, &length);
        for (size_t k = 0; memory && k < count; k++) {
            write_pair(memory, pid_key_find(&batch->key, names[k]));
            putc('\t', memory);
        }
        if (!memory || fclose(memory)) {
            struct pid_error error;
            pid_error_set(&error, PID_ERROR_MEMORY, "out of memory");
            pid_program_fail(local->options->program, &error);
        }
        for (uint64_t r = 0; r < batch->rows; r++) {
            size_t cell = batch->cell[r];
            fwrite_unlocked(prefix, 1, length, file);
            fwrite_unlocked(number, 1, put_unsigned(number, batch->row + r), file);
            fwrite_unlocked(texts.text + texts.start[cell], 1, texts.start[cell + 1] - texts.start[cell], file);
        }
        free(prefix);
    }
    free(texts.text);
    free(texts.start);
    free(names);
}

struct order { const struct local *local; bool top; };

static int by_value(const void *a, const void *b, void *context)
{
    const struct order *order = context;
    double x = local_value(order->local, *(const uint32_t *)a, order->local->by);
    double y = local_value(order->local, *(const uint32_t *)b, order->local->by);
    if (x != y) return (x < y) == order->top ? 1 : -1;
    return (*(const uint32_t *)a > *(const uint32_t *)b) - (*(const uint32_t *)a < *(const uint32_t *)b);
}

static int by_rank(const void *a, const void *b)
{
    const struct local_row *x = a, *y = b; /* `value` holds the cell's rank here; rows of one rank keep the input's order */
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    if (x->batch != y->batch) return x->batch < y->batch ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

size_t local_extremes(const struct local *local, const uint32_t *part, uint32_t wanted, uint64_t count, bool top, struct local_row **rows)
{
    uint32_t *cells = local_array(local, local->cell_count, sizeof *cells), *rank = local_array(local, local->cell_count, sizeof *rank);
    size_t n = 0, found = 0;
    struct order order = {local, top};
    for (size_t c = 0; c < local->cell_count; c++)
        if ((part ? part[c] : local->cells[c].table) == wanted) cells[n++] = (uint32_t)c;
    qsort_r(cells, n, sizeof *cells, by_value, &order);
    /* All rows of the first cells that together have enough, then the first of these rows. */
    uint64_t enough = 0;
    size_t used = 0;
    while (used < n && enough < count) {
        rank[cells[used]] = (uint32_t)used + 1;
        enough += local->cells[cells[used++]].rows;
    }
    *rows = local_array(local, enough, sizeof **rows);
    for (size_t b = 0; b < local->batch_count; b++) {
        const struct local_batch *batch = &local->batches[b];
        for (uint64_t r = 0; r < batch->rows; r++)
            if (rank[batch->cell[r]]) (*rows)[found++] = (struct local_row){b, r, rank[batch->cell[r]]};
    }
    qsort(*rows, found, sizeof **rows, by_rank);
    for (size_t i = 0; i < found; i++) (*rows)[i].value = local_value(local, local->batches[(*rows)[i].batch].cell[(*rows)[i].at], local->by);
    free(cells);
    free(rank);
    return found < count ? found : (size_t)count;
}

static void print_extremes(const struct local *local, FILE *file, bool top, uint64_t count)
{
    for (size_t t = 0; count && t < local->table_count; t++) {
        struct local_row *rows;
        size_t found = local_extremes(local, NULL, (uint32_t)t, count, top, &rows);
        for (size_t i = 0; i < found; i++) {
            local_write_row(local, file, &local->batches[rows[i].batch], rows[i].at);
            putc('\n', file);
        }
        free(rows);
    }
}

/* Cells in the order of their tables and labels. */
static int by_labels(const void *a, const void *b, void *context)
{
    const struct local *local = ((const struct order *)context)->local;
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    if (local->cells[i].table != local->cells[j].table) return local->cells[i].table < local->cells[j].table ? -1 : 1;
    for (size_t v = 0; v < local->column_count; v++) {
        uint32_t x = local->codes[i * local->column_count + v], y = local->codes[j * local->column_count + v];
        if (x != y) return x < y ? -1 : 1;
    }
    return 0;
}

static void print_cells(const struct local *local, FILE *file)
{
    uint32_t *order = local_array(local, local->cell_count, sizeof *order);
    const struct pid_key *first = &local->tables[0].key;
    struct order by = {local, false};
    for (size_t c = 0; c < local->cell_count; c++) order[c] = (uint32_t)c;
    qsort_r(order, local->cell_count, sizeof *order, by_labels, &by);
    for (size_t i = 0; i < first->count; i++) {
        pid_show_tsv_text(file, first->pairs[i].name);
        putc('\t', file);
    }
    fputs("samples", file);
    write_names(local, file);
    putc('\n', file);
    for (size_t i = 0; i < local->cell_count; i++) {
        const struct local_cell *cell = &local->cells[order[i]];
        for (size_t k = 0; k < first->count; k++) {
            write_pair(file, pid_key_find(&local->tables[cell->table].key, first->pairs[k].name));
            putc('\t', file);
        }
        fprintf(file, "%" PRIu64, cell->rows);
        write_cell(local, file, order[i]);
        putc('\n', file);
    }
    free(order);
}

void local_print(const struct local *local)
{
    const struct options *options = local->options;
    struct pid_output *output;
    FILE *file = pid_text_output_open(options->program, &output);
    if (options->cells) print_cells(local, file);
    else {
        local_write_columns(local, file);
        putc('\n', file);
        if (!options->top && !options->bottom) print_all(local, file);
        print_extremes(local, file, true, options->top);
        print_extremes(local, file, false, options->bottom);
    }
    pid_text_output_finish(options->program, file, output);
}
