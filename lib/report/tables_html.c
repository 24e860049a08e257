#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/escape.h"
#include "report/html.h"
#include "report/tables.h"
#include "report/words.h"

enum { SHADES = 8, NAMED_LEVELS = 16, MAP_SIDE = 300, LABELS = 96 };

static void put(FILE *file, const char *text) { pid_escape_write(file, PID_ESCAPE_HTML, text); }

static void put_level(FILE *file, const struct pid_variable *variable, uint64_t level)
{
    if (variable->level_names && level < variable->levels) put(file, variable->level_names[level]);
    else fprintf(file, "%" PRIu64, level);
}

/* Room for the names below a map. */
static int height_below(const struct pid_variable *variable)
{
    size_t longest = 2;
    for (uint64_t l = 0; variable->level_names && l < variable->levels && l < NAMED_LEVELS; l++) longest = longest > strlen(variable->level_names[l]) ? longest : strlen(variable->level_names[l]);
    return 22 + 4 * (int)(longest < 20 ? longest : 20);
}

/* 1 .. SHADES for what is there, 0 for nothing; the root, so that small cells show beside large ones. */
static int shade(double share, double most) { return share > 0 ? (int)fmax(1, ceil(SHADES * sqrt(share / most) - 1e-9)) : 0; }

/* One path for each shade: cells of one shade beside each other are one rectangle. */
static void write_cells(FILE *file, const struct pid_tables_pair *pair)
{
    double most = 0;
    size_t rows = pair->shown[0], columns = pair->shown[1];
    for (size_t i = 0; i < rows * columns; i++) most = fmax(most, pair->shares[i]);
    fprintf(file, "<svg x=\"%d\" y=\"0\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %zu %zu\" preserveAspectRatio=\"none\" shape-rendering=\"crispEdges\">\n", LABELS, MAP_SIDE, MAP_SIDE, columns, rows);
    for (int wanted = 1; wanted <= SHADES; wanted++) {
        fprintf(file, "<path class=\"heat\" fill-opacity=\"%.3f\" d=\"", (double)wanted / SHADES);
        for (size_t r = 0; r < rows; r++)
            for (size_t c = 0, end; c < columns; c = end) {
                for (end = c; end < columns && shade(pair->shares[r * columns + end], most) == wanted; end++) continue;
                if (end > c) fprintf(file, "M%zu %zuh%zuv1h-%zuz", c, r, end - c, end - c);
                else end = c + 1;
            }
        fputs("\"/>\n", file);
    }
    fputs("</svg>\n", file);
}

/* The levels' names where there is room for them, else the first and the last. */
static void write_levels(FILE *file, const struct pid_variable *variable, size_t levels, bool down)
{
    size_t step = levels <= NAMED_LEVELS ? 1 : levels - 1;
    for (size_t l = 0; l < levels; l += step) {
        double at = MAP_SIDE * ((double)l + 0.5) / (double)levels;
        if (down) fprintf(file, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", LABELS - 6, fmin(MAP_SIDE, fmax(9, at + 4)));
        else fprintf(file, "<text transform=\"translate(%.1f %d) rotate(-35)\" text-anchor=\"end\">", LABELS + at + 4, MAP_SIDE + 14);
        put_level(file, variable, l);
        fputs("</text>", file);
    }
    putc('\n', file);
}

static void write_largest(FILE *file, const struct pid_tables *tables, const struct pid_tables_table *table, const struct pid_tables_pair *pair)
{
    fprintf(file, "<figcaption>They tell %.4f bits about each other; %zu of %zu cells occur. The largest:<ol>", pair->information, pair->cells, pair->levels[0] * pair->levels[1]);
    for (size_t i = 0; i < pair->named; i++) {
        fputs("<li>", file);
        for (size_t side = 0; side < 2; side++) {
            const struct pid_variable *variable = &tables->header.variables[pair->variable[side]];
            fputs(side ? ", " : "", file);
            put(file, variable->name);
            putc(' ', file);
            put_level(file, variable, pair->largest[i].level[side]);
        }
        fprintf(file, ": %.3g&nbsp;%%", 100 * pair->largest[i].share);
        if (table->samples) fprintf(file, " (%.0f)", pair->largest[i].share * (double)table->samples);
        fputs("</li>", file);
    }
    fputs("</ol></figcaption>", file);
}

static void write_pair(FILE *file, const struct pid_tables *tables, const struct pid_tables_table *table, const struct pid_tables_pair *pair)
{
    const struct pid_variable *down = &tables->header.variables[pair->variable[0]], *across = &tables->header.variables[pair->variable[1]];
    fputs("<figure><h3>", file);
    put(file, down->name);
    fputs(" (down) and ", file);
    put(file, across->name);
    fprintf(file, " (across)</h3>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"How often the levels of ", LABELS + MAP_SIDE + 8, MAP_SIDE + height_below(across));
    put(file, down->name);
    fputs(" and ", file);
    put(file, across->name);
    fputs(" occur together; the largest cells are named below\">\n", file);
    fprintf(file, "<rect class=\"frame\" x=\"%d\" y=\"0\" width=\"%d\" height=\"%d\"/>\n", LABELS, MAP_SIDE, MAP_SIDE);
    write_cells(file, pair);
    write_levels(file, down, pair->levels[0], true);
    write_levels(file, across, pair->levels[1], false);
    fputs("</svg>", file);
    write_largest(file, tables, table, pair);
    fputs("</figure>\n", file);
}

static void write_table(FILE *file, const struct pid_tables *tables, const struct pid_tables_table *table)
{
    fputs("<h2>", file);
    if (table->key.count) pid_report_write_key(file, &table->key, PID_ESCAPE_HTML);
    else fputs("All rows", file);
    fputs("</h2>\n<p>", file);
    if (table->samples) fprintf(file, "%" PRIu64 " samples. ", table->samples);
    else fputs("An exact distribution. ", file);
    fputs("Effective alphabets (how many equally likely levels would be as uncertain): ", file);
    for (size_t v = 0; v < tables->header.variable_count; v++) {
        fputs(v ? ", " : "", file);
        put(file, tables->header.variables[v].name);
        fprintf(file, " %.1f", table->alphabet[v]);
    }
    fputs(".</p>\n<div class=\"panels\">\n", file);
    for (size_t p = 0; p < table->pair_count; p++) write_pair(file, tables, table, &table->pairs[p]);
    fputs("</div>\n", file);
}

static void write_title(FILE *file, const struct pid_tables *tables)
{
    fputs("How often ", file);
    for (size_t v = 0; v < tables->header.variable_count; v++) {
        fputs(!v ? "" : v + 1 < tables->header.variable_count ? ", " : " and ", file);
        put(file, tables->header.variables[v].name);
    }
    fputs(" occur together", file);
}

void pid_tables_html(FILE *file, const struct pid_tables *tables)
{
    pid_html_begin(file);
    write_title(file, tables);
    pid_html_begin_body(file);
    write_title(file, tables);
    fprintf(file, "</h1>\n<p>%zu joint table%s", tables->count + tables->left_out, tables->count + tables->left_out == 1 ? "" : "s");
    if (tables->replicates) fprintf(file, " and %zu replicates, which are not drawn", tables->replicates);
    fputs(". Darker cells occur more often, white ones never; the shade goes with the root of how often.", file);
    if (tables->left_out) fprintf(file, " The first %d tables are drawn.", PID_TABLES_DRAWN);
    fprintf(file, " Of more than %d levels several share a row or column.</p>\n", PID_TABLES_SIDE);
    for (size_t t = 0; t < tables->count; t++) write_table(file, tables, &tables->tables[t]);
    pid_html_history(file, &tables->header);
    pid_html_end(file);
}
