#include "report/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "stream/show.h"

static bool within(uint32_t point, const uint32_t (*ranges)[2], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (point >= ranges[i][0] && point <= ranges[i][1]) return true;
    return false;
}

size_t pid_escape_width(const char *text)
{
    static const uint32_t none[][2] = {{0x300, 0x36f}, {0x200b, 0x200d}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}};
    static const uint32_t wide[][2] = {{0x1100, 0x115f}, {0x2e80, 0xa4cf}, {0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe30, 0xfe6f},
                                       {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};
    size_t width = 0, length;
    for (; *text; text += length) {
        uint32_t point = pid_utf8_next(text, SIZE_MAX, &length);
        if (within(point, none, sizeof none / sizeof *none)) continue;
        width += within(point, wide, sizeof wide / sizeof *wide) ? 2 : 1;
    }
    return width;
}

static const char *html(char c)
{
    return c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : c == '\'' ? "&#39;" : NULL;
}

/* Braces keep what a bracket or a star would be to the \\ that ends the line before. */
static const char *latex(char c)
{
    static const struct { char c; const char *text; } special[] = {
        {'\\', "\\textbackslash{}"}, {'~', "\\textasciitilde{}"}, {'^', "\\textasciicircum{}"}, {'<', "\\textless{}"}, {'>', "\\textgreater{}"},
        {'|', "\\textbar{}"}, {'"', "\\symbol{34}"}, {'&', "\\&"}, {'%', "\\%"}, {'$', "\\$"}, {'#', "\\#"}, {'_', "\\_"}, {'{', "\\{"}, {'}', "\\}"},
        {'[', "{[}"}, {']', "{]}"}, {'*', "{*}"}, {'`', "{`}"}};
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (special[i].c == c) return special[i].text;
    return NULL;
}

/* Two of these in a row would be set as another sign. */
static const char *latex_second(char before, char c)
{
    return before != c ? NULL : c == '-' ? "{-}" : c == '\'' ? "{'}" : c == ',' ? "{,}" : NULL;
}

/* Within quotes of the other kind gnuplot takes everything as it is, but in data a quote ends the name whatever precedes it. */
static const char *gnuplot(enum pid_escape escape, char c)
{
    if (escape == PID_ESCAPE_GNUPLOT) return c == '\'' ? "''" : NULL;
    return c == '"' ? "'" : c == '\\' ? "\\\\" : NULL;
}

/* A line's end and a tab stay, within quotes. */
static void write_csv(FILE *file, const char *text)
{
    static const uint32_t formula[] = {'=', '+', '-', '@', '\t', '\r', '\n', 0xff1d, 0xff0b, 0xff0d, 0xff20}; /* also in full width */
    size_t length;
    uint32_t first = pid_utf8_next(text, SIZE_MAX, &length);
    bool runs = false;
    for (size_t i = 0; i < sizeof formula / sizeof *formula; i++) runs |= first == formula[i];
    bool quoted = runs || strpbrk(text, ",\"\n\r;\t");
    if (quoted) putc('"', file);
    if (runs) putc('\'', file);
    for (; *text; text += length) {
        uint32_t point = pid_utf8_next(text, SIZE_MAX, &length);
        if (point == '"') putc('"', file);
        if (pid_utf8_steers(point) && point != '\n' && point != '\t') putc('?', file);
        else fwrite(text, 1, length, file);
    }
    if (quoted) putc('"', file);
}

/* What could begin markup there, or with what follows it an address, which many readers make a link of. */
static bool is_markdown(const char *text)
{
    return strchr("\\`*_{}[]<>#|&~$@", *text) || !strncmp(text, "://", 3);
}

void pid_escape_write(FILE *file, enum pid_escape escape, const char *text)
{
    size_t length;
    char before = '\0';
    if (escape == PID_ESCAPE_TSV) pid_show_tsv_text(file, text);
    else if (escape == PID_ESCAPE_CSV) write_csv(file, text);
    else for (; *text; before = *text, text += length) {
        const char *instead = NULL;
        if (pid_utf8_steers(pid_utf8_next(text, SIZE_MAX, &length))) instead = "?";
        else if (length > 1) instead = NULL;
        else if (escape == PID_ESCAPE_HTML) instead = html(*text);
        else if (escape == PID_ESCAPE_GNUPLOT || escape == PID_ESCAPE_GNUPLOT_DATA) instead = gnuplot(escape, *text);
        else if (escape == PID_ESCAPE_LATEX && !(instead = latex(*text))) instead = latex_second(before, *text);
        else if (escape == PID_ESCAPE_MARKDOWN && is_markdown(text)) putc('\\', file);
        if (instead) fputs(instead, file);
        else fwrite(text, 1, length, file);
    }
}

char *pid_escape_new(enum pid_escape escape, const char *text, struct pid_error *error)
{
    char *result = NULL;
    size_t length;
    FILE *memory = open_memstream(&result, &length);
    if (memory) pid_escape_write(memory, escape, text);
    if (!memory || fclose(memory)) {
        pid_error_set(error, PID_ERROR_MEMORY, "out of memory");
        free(result);
        return NULL;
    }
    return result;
}
