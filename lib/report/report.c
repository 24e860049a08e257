#include "report/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/analysis.h"
#include "report/samples.h"

static enum pid_status add_column(struct pid_report *report, const char *kind, const char *name, enum pid_report_quantity quantity,
                                  size_t source, struct pid_error *error)
{
    void *columns = report->columns;
    if (pid_array_grow(&columns, &report->column_capacity, report->column_count + 1, sizeof *report->columns, error)) return error->status;
    report->columns = columns;
    char *full = pid_string_format(error, "%s%s%s", kind, *name ? ":" : "", name);
    if (!full) return error->status;
    report->columns[report->column_count++] = (struct pid_report_column){.name = full, .quantity = quantity, .source = source, .either = quantity == PID_REPORT_SHARE};
    return PID_OK;
}

/* What three sources and more tell together: each with all others, and every two. */
static enum pid_status add_together_columns(struct pid_report *report, struct pid_error *error)
{
    static const char *const kinds[] = {"redundant", "synergy"};
    for (size_t a = 0; a < report->source_count; a++)
        for (size_t kind = 0; kind < 2; kind++)
            if (add_column(report, kinds[kind], report->sources[a], PID_REPORT_TOGETHER, a, error)) return error->status;
    for (size_t a = 0; a < report->source_count; a++)
        for (size_t b = a + 1; b < report->source_count; b++) {
            char *pair = pid_string_format(error, "%s+%s", report->sources[a], report->sources[b]);
            for (size_t kind = 0; kind < 2 && pair; kind++)
                if (add_column(report, kinds[kind], pair, PID_REPORT_TOGETHER, a, error)) {
                    free(pair);
                    return error->status;
                }
            if (!pair) return error->status;
            free(pair);
        }
    if (add_column(report, "o-information", "", PID_REPORT_TOGETHER, 0, error)) return error->status;
    report->columns[report->column_count - 1].either = true;
    return PID_OK;
}

static enum pid_status add_estimated_columns(struct pid_report *report, struct pid_error *error)
{
    bool many = report->source_count > 2;
    static const struct { const char *kind; enum pid_report_quantity quantity; bool each_source; } order[] = {
        {"redundant", PID_REPORT_REDUNDANT, false}, {"unique", PID_REPORT_UNIQUE, true}, {"remainder", PID_REPORT_REMAINDER, false},
        {"synergy", PID_REPORT_SYNERGY, false},     {"total", PID_REPORT_TOTAL, false},  {"mi", PID_REPORT_MI, true},
        {"share", PID_REPORT_SHARE, true},
    };
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (many ? order[i].quantity == PID_REPORT_REDUNDANT || order[i].quantity == PID_REPORT_SYNERGY : order[i].quantity == PID_REPORT_REMAINDER) continue;
        for (size_t s = 0; s < (order[i].each_source ? report->source_count : 1); s++)
            if (add_column(report, order[i].kind, order[i].each_source ? report->sources[s] : "", order[i].quantity, s, error)) return error->status;
    }
    if (many && add_together_columns(report, error)) return error->status;
    report->estimated = report->column_count;
    return PID_OK;
}

enum pid_status pid_report_init(struct pid_report *report, const struct pid_header *header, struct pid_error *error)
{
    *report = (struct pid_report){0};
    if (pid_header_copy(&report->header, header, error)) return error->status;
    report->target = pid_string_copy("", error);
    for (size_t i = 0; report->target && i < header->variable_count; i++) {
        const struct pid_variable *variable = &report->header.variables[i];
        if (variable->role == PID_ROLE_SOURCE) {
            report->sources[report->source_count++] = variable->name;
            continue;
        }
        char *joined = pid_string_format(error, "%s%s%s", report->target, *report->target ? "," : "", variable->name);
        free(report->target);
        report->target = joined;
    }
    report->slot_count = 64;
    report->slots = report->target ? pid_array_new(report->slot_count, sizeof *report->slots, error) : NULL;
    if (!report->slots || add_estimated_columns(report, error)) {
        pid_report_release(report);
        return error->status;
    }
    return PID_OK;
}

static void release_row(struct pid_report_row *row)
{
    pid_key_release(&row->key);
    for (size_t i = 0; i < row->note_count; i++) free(row->notes[i]);
    for (size_t i = 0; i < row->replicate_count; i++) {
        free(row->replicates[i].values);
        free(row->replicates[i].indices);
    }
    pid_report_release_samples(row);
    free(row->solver);
    free(row->status);
    free(row->notes);
    free(row->values);
    free(row->replicates);
    free(row->estimates);
}

void pid_report_release(struct pid_report *report)
{
    for (size_t i = 0; i < report->row_count; i++) release_row(&report->rows[i]);
    for (size_t i = 0; i < report->column_count; i++) free(report->columns[i].name);
    for (size_t i = 0; i < report->key_count; i++) free(report->keys[i]);
    free(report->rows);
    free(report->columns);
    free(report->keys);
    free(report->slots);
    free(report->target);
    pid_header_release(&report->header);
    *report = (struct pid_report){0};
}

static enum pid_status grow_slots(struct pid_report *report, struct pid_error *error)
{
    size_t count = 2 * report->slot_count;
    size_t *slots = pid_array_new(count, sizeof *slots, error);
    if (!slots) return error->status;
    for (size_t row = 0; row < report->row_count; row++) {
        size_t at = pid_key_hash(&report->rows[row].key) & (count - 1);
        while (slots[at]) at = (at + 1) & (count - 1);
        slots[at] = row + 1;
    }
    free(report->slots);
    report->slots = slots;
    report->slot_count = count;
    return PID_OK;
}

static enum pid_status note_key_names(struct pid_report *report, const struct pid_key *key, struct pid_error *error)
{
    for (size_t i = 0; i < key->count; i++) {
        size_t at = 0;
        while (at < report->key_count && strcmp(report->keys[at], key->pairs[i].name)) at++;
        if (at < report->key_count) continue;
        void *keys = report->keys;
        if (pid_array_grow(&keys, &report->key_capacity, at + 1, sizeof *report->keys, error)) return error->status;
        report->keys = keys;
        if (!(report->keys[at] = pid_string_copy(key->pairs[i].name, error))) return error->status;
        report->key_count++;
    }
    return PID_OK;
}

/* The row of this key, a new one where there is none; NULL with an error. */
static struct pid_report_row *find_row(struct pid_report *report, const struct pid_key *key, struct pid_error *error)
{
    if (2 * (report->row_count + 1) > report->slot_count && grow_slots(report, error)) return NULL;
    size_t at = pid_key_hash(key) & (report->slot_count - 1);
    for (; report->slots[at]; at = (at + 1) & (report->slot_count - 1))
        if (pid_key_equal(&report->rows[report->slots[at] - 1].key, key)) return &report->rows[report->slots[at] - 1];
    void *rows = report->rows;
    if (pid_array_grow(&rows, &report->row_capacity, report->row_count + 1, sizeof *report->rows, error)) return NULL;
    report->rows = rows;
    struct pid_report_row *row = &report->rows[report->row_count];
    *row = (struct pid_report_row){0};
    if (pid_key_copy(&row->key, key, error) || note_key_names(report, key, error)) {
        pid_key_release(&row->key);
        return NULL;
    }
    report->slots[at] = ++report->row_count;
    return row;
}

ptrdiff_t pid_report_find(const struct pid_report *report, const char *name)
{
    for (size_t i = 0; i < report->column_count; i++)
        if (!strcmp(report->columns[i].name, name)) return (ptrdiff_t)i;
    return -1;
}

ptrdiff_t pid_report_find_of(const struct pid_report *report, const char *kind, const char *name)
{
    size_t length = strlen(kind);
    for (size_t i = 0; i < report->column_count; i++) {
        const char *column = report->columns[i].name;
        if (!strncmp(column, kind, length) && column[length] == ':' && !strcmp(column + length + 1, name)) return (ptrdiff_t)i;
    }
    return -1;
}

static enum pid_report_quantity other_quantity(const char *name)
{
    static const char *const informations[] = {"gap", "lower", "upper", "union", "entropy:", "bias:", "mmi:"};
    for (size_t i = 0; i < sizeof informations / sizeof *informations; i++) {
        size_t length = strlen(informations[i]);
        bool prefix = informations[i][length - 1] == ':';
        if (prefix ? !strncmp(name, informations[i], length) : !strcmp(name, informations[i])) return PID_REPORT_INFORMATION;
    }
    return PID_REPORT_NUMBER;
}

static enum pid_status set_value(struct pid_report *report, struct pid_report_row *row, const struct pid_value_field *field, struct pid_error *error)
{
    ptrdiff_t column = pid_report_find(report, field->name);
    if (column < 0) {
        column = (ptrdiff_t)report->column_count;
        if (add_column(report, field->name, "", other_quantity(field->name), 0, error)) return error->status;
    }
    size_t before = row->value_capacity;
    void *values = row->values;
    if (pid_array_grow(&values, &row->value_capacity, (size_t)column + 1, sizeof *row->values, error)) return error->status;
    row->values = values;
    for (size_t i = before; i < row->value_capacity; i++) row->values[i] = NAN;
    row->values[column] = field->value;
    return PID_OK;
}

static enum pid_status add_data(struct pid_report *report, struct pid_report_row *row, const struct pid_result_record *result, struct pid_error *error)
{
    if (row->found) return pid_error_set(error, PID_ERROR_DATA, "its key was there already: two decompositions of the same data");
    row->found = true;
    row->samples = result->samples;
    const char *solver = pid_result_text(result, "solver"), *status = pid_result_text(result, "status");
    if (solver && !(row->solver = pid_string_copy(solver, error))) return error->status;
    if (status && !(row->status = pid_string_copy(status, error))) return error->status;
    for (size_t i = 0; i < result->value_count; i++)
        if (set_value(report, row, &result->values[i], error)) return error->status;
    if (pid_report_take_samples(row, result, error)) return error->status;
    for (size_t i = 0; i < result->note_count; i++)
        if (pid_report_note(row, error, "%s", result->notes[i])) return error->status;
    return PID_OK;
}

static struct pid_report_replicates *find_replicates(struct pid_report_row *row, const struct pid_result_record *result, struct pid_error *error)
{
    for (size_t i = 0; i < row->replicate_count; i++)
        if (row->replicates[i].type == result->replicate.type && row->replicates[i].fraction == result->replicate.fraction) return &row->replicates[i];
    void *sets = row->replicates;
    if (pid_array_grow(&sets, &row->replicate_capacity, row->replicate_count + 1, sizeof *row->replicates, error)) return NULL;
    row->replicates = sets;
    struct pid_report_replicates *set = &row->replicates[row->replicate_count++];
    *set = (struct pid_report_replicates){.type = result->replicate.type, .fraction = result->replicate.fraction};
    return set;
}

static enum pid_status add_replicate(struct pid_report *report, struct pid_report_row *row, const struct pid_result_record *result, struct pid_error *error)
{
    struct pid_report_replicates *set = find_replicates(row, result, error);
    if (!set) return error->status;
    void *values = set->values, *indices = set->indices;
    size_t n = report->estimated;
    if (pid_array_grow(&values, &set->value_capacity, (set->count + 1) * n, sizeof *set->values, error)) return error->status;
    set->values = values;
    if (pid_array_grow(&indices, &set->index_capacity, set->count + 1, sizeof *set->indices, error)) return error->status;
    set->indices = indices;
    for (size_t i = 0; i < n; i++) set->values[set->count * n + i] = pid_result_value(result, report->columns[i].name);
    set->samples += (double)result->samples;
    set->indices[set->count++] = (uint32_t)result->replicate.index;
    return PID_OK;
}

enum pid_status pid_report_add(struct pid_report *report, const struct pid_record *record, struct pid_error *error)
{
    struct pid_report_row *row = find_row(report, &record->key, error);
    if (!row) return error->status;
    return record->result.replicate.type == PID_REPLICATE_DATA ? add_data(report, row, &record->result, error)
                                                               : add_replicate(report, row, &record->result, error);
}

struct numbered { uint32_t index; size_t at; };

static int by_index(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;
    return (x->index > y->index) - (x->index < y->index);
}

/* Puts the replicates of a set in the order of their numbers. */
static enum pid_status sort_replicates(struct pid_report_replicates *set, size_t width, struct pid_error *error)
{
    struct numbered *order = pid_array_new(set->count, sizeof *order, error);
    double *values = order ? pid_array_new(set->count * width, sizeof *values, error) : NULL;
    if (!values) {
        free(order);
        return error->status;
    }
    for (size_t i = 0; i < set->count; i++) order[i] = (struct numbered){set->indices[i], i};
    qsort(order, set->count, sizeof *order, by_index);
    for (size_t i = 0; i < set->count; i++) {
        set->indices[i] = order[i].index;
        memcpy(values + i * width, set->values + order[i].at * width, width * sizeof *values);
    }
    free(order);
    free(set->values);
    set->values = values;
    return PID_OK;
}

/* A replicate that is counted twice would make intervals and p-values too small. */
static enum pid_status check_replicates(const struct pid_report_row *row, size_t width, struct pid_error *error)
{
    char key[200];
    if (!row->found)
        return pid_error_set(error, PID_ERROR_DATA, "%s: there are replicates but no decomposition of the data themselves",
                             pid_key_format(&row->key, key, sizeof key));
    for (size_t i = 0; i < row->replicate_count; i++) {
        struct pid_report_replicates *set = &row->replicates[i];
        if (sort_replicates(set, width, error)) return error->status;
        for (size_t j = 1; j < set->count; j++)
            if (set->indices[j] == set->indices[j - 1])
                return pid_error_set(error, PID_ERROR_DATA, "%s: %s %u is there twice", pid_key_format(&row->key, key, sizeof key),
                                     pid_replicate_name(set->type), (unsigned)set->indices[j]);
    }
    return PID_OK;
}

/* Behind the stream's own columns: 2^H of each source. */
static enum pid_status add_alphabets(struct pid_report *report, struct pid_error *error)
{
    for (size_t s = 0; s < report->source_count; s++) {
        char *entropy = pid_string_format(error, "entropy:%s", report->sources[s]), *alphabet = pid_string_format(error, "alphabet:%s", report->sources[s]);
        enum pid_status status = entropy && alphabet ? PID_OK : error->status;
        ptrdiff_t column = status ? -1 : pid_report_find(report, entropy);
        for (size_t i = 0; i < report->row_count && column >= 0 && !status; i++) {
            struct pid_value_field field = {alphabet, exp2(pid_report_value(&report->rows[i], (size_t)column))};
            if (!isnan(field.value)) status = set_value(report, &report->rows[i], &field, error);
        }
        free(entropy);
        free(alphabet);
        if (status) return status;
    }
    return PID_OK;
}

static bool is_unknown(const struct pid_report *report, size_t column)
{
    for (size_t i = 0; i < report->row_count; i++)
        if (!isnan(pid_report_value(&report->rows[i], column))) return false;
    return true;
}

enum pid_status pid_report_finish(struct pid_report *report, double confidence, struct pid_error *error)
{
    if (add_alphabets(report, error)) return error->status;
    for (size_t i = 0; i < report->row_count; i++) {
        struct pid_report_row *row = &report->rows[i];
        if (check_replicates(row, report->estimated, error)) return error->status;
        if (pid_report_analyse(report, row, confidence, error)) return error->status;
    }
    for (size_t c = 0; c < report->estimated; c++)
        report->columns[c].unknown = report->columns[c].quantity == PID_REPORT_TOGETHER && is_unknown(report, c);
    return PID_OK;
}

size_t pid_report_column(const struct pid_report *report, enum pid_report_quantity quantity, size_t source)
{
    size_t at = 0;
    while (report->columns[at].quantity != quantity || report->columns[at].source != source) at++;
    return at;
}

double pid_report_value(const struct pid_report_row *row, size_t column)
{
    return column < row->value_capacity ? row->values[column] : NAN;
}

double pid_report_best(const struct pid_report_row *row, size_t column)
{
    const struct pid_report_estimate *estimate = &row->estimates[column];
    return isnan(estimate->corrected) ? estimate->value : estimate->corrected;
}

const char *pid_report_key_text(const struct pid_report_row *row, const char *name, char *buffer, size_t size)
{
    const struct pid_key_pair *pair = pid_key_find(&row->key, name);
    buffer[0] = '\0';
    if (pair && pair->text) snprintf(buffer, size, "%s", pair->text);
    else if (pair) snprintf(buffer, size, "%" PRId64, pair->integer);
    return buffer;
}

double pid_report_rounded(double value, int decimals)
{
    return fabs(value) < 0.5 * pow(10, -decimals) ? 0 : value;
}

bool pid_report_has_unit(const struct pid_report_column *column)
{
    return column->quantity != PID_REPORT_SHARE && column->quantity != PID_REPORT_NUMBER;
}
