#include "report/samples.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/escape.h"
#include "report/words.h"

static bool is_list(const char *name) { return !strncmp(name, "top:", 4) || !strncmp(name, "bottom:", 7); }

enum pid_status pid_report_take_samples(struct pid_report_row *row, const struct pid_result_record *result, struct pid_error *error)
{
    for (size_t i = 0; i < result->text_count; i++) {
        if (!is_list(result->texts[i].name)) continue;
        void *lists = row->lists;
        if (pid_array_grow(&lists, &row->list_capacity, row->list_count + 1, sizeof *row->lists, error)) return error->status;
        row->lists = lists;
        struct pid_report_list *list = &row->lists[row->list_count];
        *list = (struct pid_report_list){pid_string_copy(result->texts[i].name, error), NULL};
        row->list_count++;
        if (!list->name || !(list->text = pid_string_copy(result->texts[i].text, error))) return error->status;
    }
    return PID_OK;
}

void pid_report_release_samples(struct pid_report_row *row)
{
    for (size_t i = 0; i < row->list_count; i++) {
        free(row->lists[i].name);
        free(row->lists[i].text);
    }
    free(row->lists);
}

/* The field that begins at *at, cut where it is very long; *at moves behind it. */
static void take_field(const char *line, size_t length, size_t *at, char field[400])
{
    size_t end = *at;
    while (end < length && line[end] != '\t') end++;
    snprintf(field, 400, "%.*s", (int)(end - *at), line + *at);
    *at = end + 1;
}

/* How many columns come before those of values, which are the last ones and have the names of the report's. */
static size_t columns_before(const struct pid_report *report, const char *header, size_t length)
{
    size_t before = 0, column = 0;
    char field[400];
    for (size_t at = 0; at <= length;) {
        take_field(header, length, &at, field);
        column++;
        if (pid_report_find(report, field) < 0) before = column;
    }
    return before;
}

/* One line of a list as a row; values are cut to four decimals. */
static void write_line(FILE *file, const char *line, size_t length, const char *tag, size_t before)
{
    fputs("<tr>", file);
    for (size_t at = 0, column = 0; at <= length; column++) {
        char field[400];
        double value;
        int read = 0;
        take_field(line, length, &at, field);
        bool number = column >= before && sscanf(field, "%lf%n", &value, &read) == 1 && !field[read];
        fprintf(file, "<%s%s>", tag, number || isdigit((unsigned char)*field) ? "" : " class=\"k\"");
        if (number) fprintf(file, "%.4f", pid_report_rounded(value, 4));
        else pid_escape_write(file, PID_ESCAPE_HTML, field);
        fprintf(file, "</%s>", tag);
    }
    fputs("</tr>\n", file);
}

static void write_list(FILE *file, const struct pid_report *report, const struct pid_report_row *row, const struct pid_report_list *list)
{
    const char *at = list->text, *value = strchr(list->name, ':') + 1;
    size_t before = 0;
    fputs("<h3>", file);
    pid_report_write_key(file, &row->key, PID_ESCAPE_HTML);
    fputs(row->key.count ? ": the samples with the " : "The samples with the ", file);
    fputs(*list->name == 't' ? "most " : "least ", file);
    pid_escape_write(file, PID_ESCAPE_HTML, value);
    fputs("</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Samples\"><table><thead>\n", file);
    for (size_t line = 0; *at; line++) {
        size_t length = strcspn(at, "\n");
        if (!line) before = columns_before(report, at, length);
        write_line(file, at, length, line ? "td" : "th", before);
        if (!line) fputs("</thead><tbody>\n", file);
        at += length;
        if (*at) at++;
    }
    fputs("</tbody></table></div>\n", file);
}

void pid_report_samples_html(FILE *file, const struct pid_report *report)
{
    bool started = false;
    for (size_t i = 0; i < report->row_count; i++)
        for (size_t l = 0; l < report->rows[i].list_count; l++) {
            if (!started) fputs("<h2>Single samples</h2>\n<p>Local values, in bits: their means are the parts above. A negative value speaks against what is true.</p>\n", file);
            started = true;
            write_list(file, report, &report->rows[i], &report->rows[i].lists[l]);
        }
}
