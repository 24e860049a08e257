#include "report/tables.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "joint/information.h"

enum pid_status pid_tables_init(struct pid_tables *tables, const struct pid_header *header, struct pid_error *error)
{
    *tables = (struct pid_tables){0};
    return pid_header_copy(&tables->header, header, error);
}

static void release_table(struct pid_tables_table *table)
{
    for (size_t p = 0; p < table->pair_count; p++) free(table->pairs[p].shares);
    free(table->pairs);
    free(table->alphabet);
    pid_key_release(&table->key);
}

void pid_tables_release(struct pid_tables *tables)
{
    for (size_t t = 0; t < tables->count; t++) release_table(&tables->tables[t]);
    pid_header_release(&tables->header);
    *tables = (struct pid_tables){0};
}

static void name_largest(struct pid_tables_pair *pair, const uint32_t *cell, double share)
{
    size_t at = pair->named;
    if (at == PID_TABLES_NAMED && !(share > pair->largest[at - 1].share)) return;
    if (at < PID_TABLES_NAMED) pair->named++;
    else at--;
    for (; at > 0 && share > pair->largest[at - 1].share; at--) pair->largest[at] = pair->largest[at - 1];
    pair->largest[at].level[0] = cell[0];
    pair->largest[at].level[1] = cell[1];
    pair->largest[at].share = share;
}

static enum pid_status fill_pair(struct pid_tables_pair *pair, const struct pid_joint *whole, struct pid_error *error)
{
    static const size_t first[] = {0}, second[] = {1};
    struct pid_joint joint;
    if (pid_joint_project(whole, pair->variable, 2, &joint, NULL, error)) return error->status;
    for (size_t side = 0; side < 2; side++) {
        pair->levels[side] = (size_t)joint.shape[side];
        pair->shown[side] = pair->levels[side] < PID_TABLES_SIDE ? pair->levels[side] : PID_TABLES_SIDE;
    }
    pair->cells = joint.cells;
    pair->shares = pid_array_new(pair->shown[0] * pair->shown[1], sizeof *pair->shares, error);
    for (size_t c = 0; pair->shares && c < joint.cells; c++) {
        const uint32_t *cell = pid_joint_cell(&joint, c);
        size_t row = (size_t)cell[0] * pair->shown[0] / pair->levels[0], column = (size_t)cell[1] * pair->shown[1] / pair->levels[1];
        pair->shares[row * pair->shown[1] + column] += joint.weights[c] / joint.total;
        name_largest(pair, cell, joint.weights[c] / joint.total);
    }
    enum pid_status status = pair->shares ? pid_joint_information(&joint, first, 1, second, 1, &pair->information, error) : error->status;
    pid_joint_release(&joint);
    return status;
}

static enum pid_status fill_table(struct pid_tables_table *table, const struct pid_joint *joint, struct pid_error *error)
{
    size_t n = joint->variables;
    table->pairs = pid_array_new(n * (n - 1) / 2 + 1, sizeof *table->pairs, error);
    if (!table->pairs || !(table->alphabet = pid_array_new(n, sizeof *table->alphabet, error))) return error->status;
    for (size_t v = 0; v < n; v++) {
        if (pid_joint_entropy_of(joint, &v, 1, &table->alphabet[v], error)) return error->status;
        table->alphabet[v] = exp2(table->alphabet[v]);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++) {
            struct pid_tables_pair *pair = &table->pairs[table->pair_count++];
            pair->variable[0] = i;
            pair->variable[1] = j;
            if (fill_pair(pair, joint, error)) return error->status;
        }
    return PID_OK;
}

enum pid_status pid_tables_add(struct pid_tables *tables, const struct pid_record *record, struct pid_error *error)
{
    const struct pid_table_record *given = &record->table;
    struct pid_joint joint;
    if (given->replicate.type != PID_REPLICATE_DATA) {
        tables->replicates++;
        return PID_OK;
    }
    if (tables->count == PID_TABLES_DRAWN) {
        tables->left_out++;
        return PID_OK;
    }
    struct pid_tables_table *table = &tables->tables[tables->count++];
    *table = (struct pid_tables_table){.samples = given->samples};
    if (pid_key_copy(&table->key, &record->key, error) ||
        pid_joint_from_rows(&joint, tables->header.variable_count, given->shape, given->indices, given->weights, given->cells, false, error))
        return error->status;
    enum pid_status status = fill_table(table, &joint, error);
    pid_joint_release(&joint);
    return status;
}
