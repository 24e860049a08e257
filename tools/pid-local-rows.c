/* The labels that pid-local reads, kept as the number of each row's cell: four bytes a row. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pid-local.h"

enum { FIRST_SLOTS = 1024 };

static uint64_t hash_cell(const struct local *local, uint32_t table, uint32_t group, const uint32_t *codes)
{
    uint64_t h = 0x9e3779b97f4a7c15 ^ ((uint64_t)table << 32 | group);
    for (size_t v = 0; v < local->column_count; v++) {
        h = (h ^ codes[v]) * 0xff51afd7ed558ccd;
        h ^= h >> 29;
    }
    return h ^ h >> 32;
}

static void grow_slots(struct local *local)
{
    size_t count = local->slot_count ? 2 * local->slot_count : FIRST_SLOTS;
    uint32_t *slots = local_array(local, count, sizeof *slots);
    for (size_t c = 0; c < local->cell_count; c++) {
        size_t at = hash_cell(local, local->cells[c].table, local->cells[c].group, local->codes + c * local->column_count) & (count - 1);
        while (slots[at]) at = (at + 1) & (count - 1);
        slots[at] = (uint32_t)c + 1;
    }
    free(local->slots);
    local->slots = slots;
    local->slot_count = count;
}

static uint32_t add_cell(struct local *local, uint32_t table, uint32_t group, const uint32_t *codes)
{
    struct pid_error error;
    void *cells = local->cells, *all = local->codes;
    size_t n = local->column_count, number = local->cell_count;
    if (number == UINT32_MAX - 1) {
        pid_error_set(&error, PID_ERROR_MEMORY, "more than 2^32 - 2 different combinations of labels");
        pid_program_fail(local->options->program, &error);
    }
    local_must(local, pid_array_grow(&cells, &local->cell_room, number + 1, sizeof *local->cells, &error), &error);
    local->cells = cells;
    local_must(local, pid_array_grow(&all, &local->code_room, (number + 1) * n, sizeof *local->codes, &error), &error);
    local->codes = all;
    local->cells[number] = (struct local_cell){table, group, 0};
    memcpy(local->codes + number * n, codes, n * sizeof *codes);
    local->cell_count++;
    return (uint32_t)number;
}

static uint32_t find_cell(struct local *local, uint32_t table, uint32_t group, const uint32_t *codes)
{
    size_t n = local->column_count;
    if (2 * (local->cell_count + 1) > local->slot_count) grow_slots(local);
    size_t at = hash_cell(local, table, group, codes) & (local->slot_count - 1);
    for (; local->slots[at]; at = (at + 1) & (local->slot_count - 1)) {
        const struct local_cell *cell = &local->cells[local->slots[at] - 1];
        if (cell->table == table && cell->group == group && !memcmp(local->codes + (local->slots[at] - 1) * n, codes, n * sizeof *codes))
            return local->slots[at] - 1;
    }
    uint32_t number = add_cell(local, table, group, codes);
    local->slots[at] = number + 1;
    return number;
}

static size_t find_variable(const struct local *local, const char *name)
{
    struct pid_error error;
    ptrdiff_t index = pid_header_find(&local->labels, name);
    if (index < 0) {
        pid_error_set(&error, PID_ERROR_DATA, "the labels have no variable '%s', which the decomposition is of", name);
        pid_program_fail(local->options->program, &error);
    }
    if (local->labels.variables[index].type == PID_TYPE_VECTOR) {
        pid_error_set(&error, PID_ERROR_DATA, "variable '%s' is a vector, not a category: pid-kmeans makes labels of vectors", name);
        pid_program_fail(local->options->program, &error);
    }
    return (size_t)index;
}

/* Numbers of levels mean the same in both only where their names do. */
static void check_levels(const struct local *local, const struct pid_variable *solved, const struct pid_variable *labels)
{
    struct pid_error error;
    if (!solved->level_names || !labels->level_names) return;
    for (size_t i = 0; i < solved->levels && i < labels->levels; i++) {
        if (!strcmp(solved->level_names[i], labels->level_names[i])) continue;
        pid_error_set(&error, PID_ERROR_DATA, "level %zu of '%s' is '%s' in %s and '%s' in the labels: decompose these labels", i, solved->name,
                      solved->level_names[i], local->options->decomposition, labels->level_names[i]);
        pid_program_fail(local->options->program, &error);
    }
}

/* The variables of a cell: sources, target, and those named in --aggregate; other names there are keys. */
static void choose_columns(struct local *local)
{
    for (int role = 0; role < 2; role++)
        for (size_t i = 0; i < local->header.variable_count; i++)
            if ((local->header.variables[i].role == PID_ROLE_TARGET) == role) {
                size_t column = local->columns[local->column_count++] = find_variable(local, local->header.variables[i].name);
                check_levels(local, &local->header.variables[i], &local->labels.variables[column]);
            }
    for (size_t i = 0; i < local->options->name_count; i++)
        if (pid_header_find(&local->labels, local->options->aggregate[i]) >= 0) local->columns[local->column_count++] = find_variable(local, local->options->aggregate[i]);
}

/* The decomposition of a batch's rows: that of which all keys are the batch's. */
static enum pid_status find_table(const struct local *local, const struct pid_key *key, size_t *table, struct pid_error *error)
{
    char text[200];
    const char *names[PID_KEY_MAX];
    for (size_t t = 0; t < local->table_count; t++) {
        const struct pid_key *wanted = &local->tables[t].key;
        for (size_t i = 0; i < wanted->count; i++) names[i] = wanted->pairs[i].name;
        struct pid_key view = pid_key_view(key, names, wanted->count, true);
        if (!pid_key_equal(&view, wanted)) continue;
        *table = t;
        return PID_OK;
    }
    return pid_error_set(error, PID_ERROR_DATA, "%s: no decomposition of it in %s", pid_key_format(key, text, sizeof text), local->options->decomposition);
}

/* The keys by which rows are told apart: those of the table and those that --aggregate names. */
static struct pid_key group_key(const struct local *local, const struct pid_key *key, size_t table)
{
    const char *names[2 * PID_KEY_MAX + PID_VARIABLES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < local->tables[table].key.count; i++) names[count++] = local->tables[table].key.pairs[i].name;
    for (size_t i = 0; i < local->options->name_count && count < sizeof names / sizeof *names; i++) names[count++] = local->options->aggregate[i];
    return pid_key_view(key, names, count, true);
}

/* The number of the first batch of the same table whose rows are told apart from others by the same keys; the next number where
 * there is none. */
static size_t find_group(struct local *local, const struct pid_key *key, size_t table)
{
    struct pid_key wanted = group_key(local, key, table);
    size_t room = local->group_room;
    if (2 * (local->group_count + 1) > room) {
        size_t *old = local->groups;
        local->group_room = room ? 2 * room : FIRST_SLOTS;
        local->groups = local_array(local, local->group_room, sizeof *local->groups);
        for (size_t i = 0; i < room; i++) {
            if (!old[i]) continue;
            const struct local_batch *batch = &local->batches[old[i] - 1];
            struct pid_key moved = group_key(local, &batch->key, batch->table);
            size_t at = (pid_key_hash(&moved) + batch->table) & (local->group_room - 1);
            while (local->groups[at]) at = (at + 1) & (local->group_room - 1);
            local->groups[at] = old[i];
        }
        free(old);
    }
    size_t at = (pid_key_hash(&wanted) + table) & (local->group_room - 1);
    for (; local->groups[at]; at = (at + 1) & (local->group_room - 1)) {
        const struct local_batch *batch = &local->batches[local->groups[at] - 1];
        struct pid_key other = group_key(local, &batch->key, table);
        if (batch->table == table && pid_key_equal(&other, &wanted)) return local->groups[at] - 1;
    }
    local->groups[at] = local->batch_count + 1;
    local->group_count++;
    return local->batch_count;
}

static enum pid_status check_names(const struct local *local, const struct pid_key *key, struct pid_error *error)
{
    for (size_t i = 0; i < local->options->name_count; i++)
        if (pid_header_find(&local->labels, local->options->aggregate[i]) < 0 && !pid_key_find(key, local->options->aggregate[i]))
            return pid_error_set(error, PID_ERROR_DATA, "has neither a variable nor a key '%s', which --aggregate asks for", local->options->aggregate[i]);
    return PID_OK;
}

static enum pid_status note_keys(struct local *local, const struct pid_key *key, struct pid_error *error)
{
    for (size_t i = 0; i < key->count; i++) {
        size_t at = 0;
        void *keys = local->keys;
        while (at < local->key_count && strcmp(local->keys[at], key->pairs[i].name)) at++;
        if (at < local->key_count) continue;
        if (pid_array_grow(&keys, &local->key_room, at + 1, sizeof *local->keys, error)) return error->status;
        local->keys = keys;
        local->keys[local->key_count++] = key->pairs[i].name;
    }
    return PID_OK;
}

static enum pid_status add_batch(struct local *local, const struct pid_record *record, struct pid_error *error)
{
    struct local_batch batch = {.row = record->batch.row, .rows = record->batch.rows};
    uint32_t codes[LOCAL_COLUMNS_MAX];
    if (!batch.rows) return PID_OK;
    if (find_table(local, &record->key, &batch.table, error) || check_names(local, &record->key, error)) return error->status;
    struct local_table *table = &local->tables[batch.table];
    batch.group = find_group(local, &record->key, batch.table);
    batch.cell = local_array(local, batch.rows, sizeof *batch.cell);
    for (uint64_t r = 0; r < batch.rows; r++) {
        for (size_t v = 0; v < local->column_count; v++) codes[v] = record->batch.columns[local->columns[v]].codes[r];
        for (size_t v = 0; v <= local->sources; v++)
            if (codes[v] >= table->levels[v])
                return pid_error_set(error, PID_ERROR_DATA, "symbol %" PRIu32 " of '%s' is not below the %zu of its decomposition", codes[v],
                                     local->labels.variables[local->columns[v]].name, table->levels[v]);
        batch.cell[r] = find_cell(local, (uint32_t)batch.table, (uint32_t)batch.group, codes);
        local->cells[batch.cell[r]].rows++;
    }
    table->rows += batch.rows;
    void *batches = local->batches;
    if (pid_array_grow(&batches, &local->batch_room, local->batch_count + 1, sizeof *local->batches, error)) return error->status;
    local->batches = batches;
    if (pid_key_copy(&batch.key, &record->key, error)) return error->status;
    local->batches[local->batch_count++] = batch;
    return note_keys(local, &batch.key, error);
}

void local_read_rows(struct local *local)
{
    struct pid_error error;
    struct pid_input input;
    struct pid_record record;
    uint64_t rows = 0;
    pid_input_open(&input, local->options->program, 1u << PID_KIND_LABELS | 1u << PID_KIND_SAMPLES);
    pid_input_refuse_shard(&input);
    pid_input_leave_vectors(&input);
    local_must(local, pid_header_copy(&local->labels, &input.header, &error), &error);
    choose_columns(local);
    while (pid_input_next(&input, &record)) {
        if (add_batch(local, &record, &error)) pid_input_fail(&input, &error);
        pid_program_progress(local->options->program, "%" PRIu64 " rows", rows += record.batch.rows);
    }
    pid_input_close(&input);
}

void local_release(struct local *local)
{
    for (size_t t = 0; t < local->table_count; t++) {
        pid_key_release(&local->tables[t].key);
        for (size_t s = 0; s < local->sources; s++) {
            free(local->tables[t].potentials[s].own);
            free(local->tables[t].potentials[s].others);
            free(local->tables[t].potentials[s].rest);
        }
        free(local->tables[t].potentials);
        free(local->tables[t].levels);
        free(local->tables[t].mi);
        free(local->tables[t].status);
    }
    for (size_t b = 0; b < local->batch_count; b++) {
        pid_key_release(&local->batches[b].key);
        free(local->batches[b].cell);
    }
    for (size_t i = 0; i < local->value_count; i++) free(local->names[i]);
    free(local->tables);
    free(local->keys);
    free(local->batches);
    free(local->cells);
    free(local->codes);
    free(local->slots);
    free(local->groups);
    free(local->values);
    pid_header_release(&local->header);
    pid_header_release(&local->labels);
}
