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
    for (size_t k = 0; k < local->key_count; k++) {
        pid_show_tsv_text(file, local->keys[k]);
        putc('\t', file);
    }
    fputs("row", file);
    write_names(local, file);
}

void local_write_row(const struct local *local, FILE *file, const struct local_batch *batch, uint64_t at)
{
    for (size_t k = 0; k < local->key_count; k++) {
        write_pair(file, pid_key_find(&batch->key, local->keys[k]));
        putc('\t', file);
    }
    fprintf(file, "%" PRIu64, batch->row + at);
    write_cell(local, file, batch->cell[at]);
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
    write_texts(local, &texts);
    for (size_t b = 0; b < local->batch_count; b++) {
        const struct local_batch *batch = &local->batches[b];
        char *prefix = NULL, number[24];
        size_t length = 0;
        FILE *memory = open_memstream(&prefix, &length);
        for (size_t k = 0; memory && k < local->key_count; k++) {
            write_pair(memory, pid_key_find(&batch->key, local->keys[k]));
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
}

struct order { const struct local *local; const uint32_t *part; bool top; };

static int by_value(const void *a, const void *b, void *context)
{
    const struct order *order = context;
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    if (order->part[i] != order->part[j]) return order->part[i] < order->part[j] ? -1 : 1;
    double x = local_value(order->local, i, order->local->by), y = local_value(order->local, j, order->local->by);
    if (x != y) return (x < y) == order->top ? 1 : -1;
    return (i > j) - (i < j);
}

/* Rows of one rank keep the input's order. */
static int by_rank(const void *a, const void *b)
{
    const struct local_row *x = a, *y = b;
    if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
    if (x->batch != y->batch) return x->batch < y->batch ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

void local_find_extremes(const struct local *local, const uint32_t *part, size_t parts, uint64_t count, bool top, struct local_extremes *extremes)
{
    size_t n = local->cell_count, room = 0;
    uint32_t *cells = local_array(local, n, sizeof *cells), *rank = local_array(local, n, sizeof *rank);
    struct order order = {local, part, top};
    extremes->start = local_array(local, parts, sizeof *extremes->start);
    extremes->found = local_array(local, parts, sizeof *extremes->found);
    for (size_t c = 0; c < n; c++) cells[c] = (uint32_t)c;
    qsort_r(cells, n, sizeof *cells, by_value, &order);
    /* Of each part all rows of the first cells that together have enough. */
    for (size_t i = 0; i < n;) {
        uint32_t current = part[cells[i]];
        uint64_t enough = 0;
        extremes->start[current] = room;
        for (; i < n && part[cells[i]] == current; i++) {
            if (enough >= count) continue;
            rank[cells[i]] = (uint32_t)i + 1;
            enough += local->cells[cells[i]].rows;
        }
        room += enough;
    }
    extremes->rows = local_array(local, room, sizeof *extremes->rows);
    for (size_t b = 0; b < local->batch_count; b++) {
        const struct local_batch *batch = &local->batches[b];
        for (uint64_t r = 0; r < batch->rows; r++) {
            uint32_t cell = batch->cell[r];
            if (rank[cell]) extremes->rows[extremes->start[part[cell]] + extremes->found[part[cell]]++] = (struct local_row){b, r, rank[cell]};
        }
    }
    for (size_t p = 0; p < parts; p++) {
        qsort(extremes->rows + extremes->start[p], extremes->found[p], sizeof *extremes->rows, by_rank);
        if (extremes->found[p] > count) extremes->found[p] = (size_t)count;
    }
    free(cells);
    free(rank);
}

void local_release_extremes(struct local_extremes *extremes)
{
    free(extremes->rows);
    free(extremes->start);
    free(extremes->found);
}

static void print_extremes(const struct local *local, FILE *file, bool top, uint64_t count)
{
    struct local_extremes extremes;
    if (!count) return;
    uint32_t *table = local_array(local, local->cell_count, sizeof *table);
    for (size_t c = 0; c < local->cell_count; c++) table[c] = local->cells[c].table;
    local_find_extremes(local, table, local->table_count, count, top, &extremes);
    for (size_t t = 0; t < local->table_count; t++)
        for (size_t i = 0; i < extremes.found[t]; i++) {
            const struct local_row *row = &extremes.rows[extremes.start[t] + i];
            local_write_row(local, file, &local->batches[row->batch], row->at);
            putc('\n', file);
        }
    local_release_extremes(&extremes);
    free(table);
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
    struct order by = {local, NULL, false};
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
