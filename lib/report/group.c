#include "report/group.h"

#include <stdlib.h>
#include <string.h>

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

/* Numbers the rows' groups in the order they are met. */
static size_t number_groups(const struct pid_report *report, const char *axis, struct place *places, size_t *first)
{
    size_t groups = 0;
    for (size_t i = 0; i < report->row_count; i++) {
        struct pid_key key = pid_key_view(&report->rows[i].key, &axis, 1, false);
        size_t g = groups;
        /* The last group is the likeliest. */
        for (; g > 0; g--) {
            struct pid_key other = pid_key_view(&report->rows[first[g - 1]].key, &axis, 1, false);
            if (*axis && pid_key_equal(&key, &other)) break;
        }
        if (!g) {
            first[groups] = i;
            g = ++groups;
        }
        places[i] = (struct place){report, axis, i, g - 1};
    }
    return groups;
}

enum pid_status pid_report_groups_init(struct pid_report_groups *groups, const struct pid_report *report, const char *axis, struct pid_error *error)
{
    size_t n = report->row_count;
    *groups = (struct pid_report_groups){.axis = axis ? axis : choose_axis(report)};
    struct place *places = pid_array_new(n, sizeof *places, error);
    groups->rows = places ? pid_array_new(n, sizeof *groups->rows, error) : NULL;
    groups->start = groups->rows ? pid_array_new(n + 1, sizeof *groups->start, error) : NULL;
    if (groups->start) {
        groups->count = number_groups(report, groups->axis, places, groups->start);
        qsort(places, n, sizeof *places, by_place);
        for (size_t i = 0; i < n; i++) groups->rows[i] = places[i].row;
        for (size_t i = n; i-- > 0;) groups->start[places[i].group] = i;
        groups->start[groups->count] = n;
    }
    free(places);
    return groups->start ? PID_OK : error->status;
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

bool pid_report_groups_ordered(const struct pid_report_groups *groups, const struct pid_report *report)
{
    for (size_t i = 0; i < report->row_count; i++) {
        const struct pid_key_pair *pair = pid_key_find(&report->rows[i].key, groups->axis);
        if (!pair || pair->text) return false;
    }
    return true;
}
