#include "report/group.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

static bool same_value(const struct pid_key_pair *a, const struct pid_key_pair *b)
{
    return b && !a->text == !b->text && (a->text ? !strcmp(a->text, b->text) : a->integer == b->integer);
}

size_t pid_report_key_values(const struct pid_report *report, const char *name)
{
    enum { MOST = 200 };
    const struct pid_key_pair *seen[MOST];
    size_t values = 0;
    for (size_t i = 0; i < report->row_count && values < MOST; i++) {
        const struct pid_key_pair *pair = pid_key_find(&report->rows[i].key, name);
        size_t at = 0;
        while (pair && at < values && !same_value(pair, seen[at])) at++;
        if (pair && at == values) seen[values++] = pair;
    }
    return values;
}

/* Rows that lack the key, as those of pid-gauss lack k, say nothing against it. */
static bool key_of_numbers(const struct pid_report *report, const char *name)
{
    for (size_t i = 0; i < report->row_count; i++) {
        const struct pid_key_pair *pair = pid_key_find(&report->rows[i].key, name);
        if (pair && pair->text) return false;
    }
    return true;
}

static const char *choose_axis(const struct pid_report *report)
{
    const char *axis = "";
    size_t most = 1;
    bool numbers = false;
    for (size_t k = 0; k < report->key_count; k++) {
        size_t values = pid_report_key_values(report, report->keys[k]);
        if (values <= 1) continue;
        bool candidate = key_of_numbers(report, report->keys[k]);
        if (candidate == numbers ? values <= most : numbers) continue;
        most = values;
        numbers = candidate;
        axis = report->keys[k];
    }
    return axis;
}

struct place { const struct pid_report *report; const char *axis; size_t row, group; };

static int by_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    struct pid_key one = pid_key_view(&x->report->rows[x->row].key, &x->axis, 1, true);
    struct pid_key other = pid_key_view(&y->report->rows[y->row].key, &y->axis, 1, true);
    int order = pid_key_compare(&one, &other);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

/* The slot of the group that has this key but for the axis, or the free one where it belongs. */
static size_t find_slot(const struct place *place, const struct pid_key *key, const size_t *slots, size_t slot_count, const size_t *first)
{
    size_t at = pid_hash_bits(pid_key_hash(key)) & (slot_count - 1);
    for (; slots[at]; at = (at + 1) & (slot_count - 1)) {
        struct pid_key other = pid_key_view(&place->report->rows[first[slots[at] - 1]].key, &place->axis, 1, false);
        if (pid_key_equal(key, &other)) break;
    }
    return at;
}

/* Numbers the rows' groups in the order they are met; first[g] is the first row of group g. */
static enum pid_status number_groups(struct place *places, size_t n, size_t *first, size_t *groups, struct pid_error *error)
{
    size_t slot_count = 64;
    while (slot_count < 2 * n) slot_count *= 2;
    size_t *slots = pid_array_new(slot_count, sizeof *slots, error);
    if (!slots) return error->status;
    *groups = 0;
    for (size_t i = 0; i < n; i++) {
        struct pid_key key = pid_key_view(&places[i].report->rows[i].key, &places[i].axis, 1, false);
        bool alone = !*places[i].axis;
        size_t at = alone ? 0 : find_slot(&places[i], &key, slots, slot_count, first);
        if (alone || !slots[at]) {
            first[*groups] = i;
            slots[at] = ++*groups;
        }
        places[i].group = slots[at] - 1;
    }
    free(slots);
    return PID_OK;
}

/* Whether along the axis stand numbers, and in every row. */
static bool is_ordered(const struct pid_report *report, const char *axis)
{
    for (size_t i = 0; i < report->row_count; i++) {
        const struct pid_key_pair *pair = pid_key_find(&report->rows[i].key, axis);
        if (!pair || pair->text) return false;
    }
    return true;
}

enum pid_status pid_report_groups_init(struct pid_report_groups *groups, const struct pid_report *report, const char *axis, struct pid_error *error)
{
    size_t n = report->row_count;
    *groups = (struct pid_report_groups){.axis = axis ? axis : choose_axis(report)};
    groups->ordered = is_ordered(report, groups->axis);
    struct place *places = pid_array_new(n, sizeof *places, error);
    groups->rows = places ? pid_array_new(n, sizeof *groups->rows, error) : NULL;
    groups->start = groups->rows ? pid_array_new(n + 1, sizeof *groups->start, error) : NULL;
    for (size_t i = 0; groups->start && i < n; i++) places[i] = (struct place){report, groups->axis, i, 0};
    enum pid_status status = groups->start ? number_groups(places, n, groups->start, &groups->count, error) : error->status;
    if (!status) {
        qsort(places, n, sizeof *places, by_place);
        for (size_t i = 0; i < n; i++) groups->rows[i] = places[i].row;
        for (size_t i = n; i-- > 0;) groups->start[places[i].group] = i;
        groups->start[groups->count] = n;
    }
    free(places);
    return status;
}

void pid_report_groups_release(struct pid_report_groups *groups)
{
    free(groups->start);
    free(groups->rows);
    *groups = (struct pid_report_groups){0};
}

struct pid_key pid_report_group_key(const struct pid_report_groups *groups, const struct pid_report *report, size_t group)
{
    return pid_key_view(&report->rows[groups->rows[groups->start[group]]].key, &groups->axis, 1, false);
}
