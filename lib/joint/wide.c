#include "joint/wide.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

enum { FIRST_SLOTS = 64 };

struct pid_wide {
    size_t variables;
    size_t cells;
    uint32_t *labels; /* cells x variables */
    uint64_t *counts; /* cells */
    size_t label_room, count_room;
    size_t *slots;    /* the number of a cell plus one; 0: free.  At most half used; slot_count is a power of two. */
    size_t slot_count;
};

struct pid_wide *pid_wide_new(size_t variables, struct pid_error *error)
{
    struct pid_wide *w = pid_array_new(1, sizeof *w, error);
    if (!w) return NULL;
    w->variables = variables;
    w->slot_count = FIRST_SLOTS;
    w->slots = pid_array_new(w->slot_count, sizeof *w->slots, error);
    if (w->slots) return w;
    pid_wide_free(w);
    return NULL;
}

void pid_wide_free(struct pid_wide *w)
{
    if (!w) return;
    free(w->labels);
    free(w->counts);
    free(w->slots);
    free(w);
}

/* The slot of the labels, or the free one where they belong. */
static size_t find_slot(const struct pid_wide *w, const uint32_t *labels)
{
    uint64_t hash = 0;
    for (size_t v = 0; v < w->variables; v++) hash = pid_hash_bits(hash * 31 + labels[v] + 1);
    size_t s = (size_t)hash & (w->slot_count - 1);
    while (w->slots[s] && memcmp(w->labels + (w->slots[s] - 1) * w->variables, labels, w->variables * sizeof *labels))
        s = (s + 1) & (w->slot_count - 1);
    return s;
}

static enum pid_status double_slots(struct pid_wide *w, struct pid_error *error)
{
    size_t *slots = pid_array_new(2 * w->slot_count, sizeof *slots, error);
    if (!slots) return error->status;
    free(w->slots);
    w->slots = slots;
    w->slot_count *= 2;
    for (size_t c = 0; c < w->cells; c++) w->slots[find_slot(w, w->labels + c * w->variables)] = c + 1;
    return PID_OK;
}

/* Room for one cell more, so that a new one can be written behind the last. */
static enum pid_status reserve(struct pid_wide *w, struct pid_error *error)
{
    void *labels = w->labels, *counts = w->counts;
    enum pid_status status = pid_array_grow(&labels, &w->label_room, (w->cells + 1) * w->variables, sizeof *w->labels, error);
    w->labels = labels;
    if (status == PID_OK) status = pid_array_grow(&counts, &w->count_room, w->cells + 1, sizeof *w->counts, error);
    w->counts = counts;
    if (status == PID_OK && w->cells + 1 > w->slot_count / 2) status = double_slots(w, error);
    return status;
}

enum pid_status pid_wide_add(struct pid_wide *w, const uint32_t *const *columns, size_t stride, size_t first, const uint64_t *times,
                             size_t rows, struct pid_error *error)
{
    for (size_t r = 0; r < rows; r++) {
        if (times && !times[r]) continue;
        enum pid_status status = reserve(w, error);
        if (status != PID_OK) return status;
        uint32_t *labels = w->labels + w->cells * w->variables;
        for (size_t v = 0; v < w->variables; v++) labels[v] = columns[v][(first + r) * stride];
        size_t s = find_slot(w, labels);
        if (!w->slots[s]) {
            w->counts[w->cells] = 0;
            w->slots[s] = ++w->cells;
        }
        w->counts[w->slots[s] - 1] += times ? times[r] : 1;
    }
    return PID_OK;
}

static int compare_cells(const void *left, const void *right, void *context)
{
    const struct pid_wide *w = context;
    const uint32_t *a = w->labels + *(const size_t *)left * w->variables, *b = w->labels + *(const size_t *)right * w->variables;
    for (size_t v = 0; v < w->variables; v++)
        if (a[v] != b[v]) return a[v] < b[v] ? -1 : 1;
    return 0;
}

enum pid_status pid_wide_table(const struct pid_wide *w, const uint64_t *shape, struct pid_joint *table, struct pid_error *error)
{
    enum pid_status status = pid_joint_init(table, w->variables, shape, w->cells, error);
    size_t *order = status == PID_OK ? pid_array_new(w->cells, sizeof *order, error) : NULL;
    if (!order) {
        pid_joint_release(table);
        return error->status;
    }
    for (size_t c = 0; c < w->cells; c++) order[c] = c;
    struct pid_wide context = *w;
    qsort_r(order, w->cells, sizeof *order, compare_cells, &context);
    for (size_t c = 0; c < w->cells; c++) {
        memcpy(table->indices + c * w->variables, w->labels + order[c] * w->variables, w->variables * sizeof *w->labels);
        table->weights[c] = (double)w->counts[order[c]];
    }
    free(order);
    return PID_OK;
}
