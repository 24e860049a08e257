#include "report/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stream/show.h"

/* The code point that starts here and its length in bytes; length 1 and point UINT32_MAX for a byte that is not UTF-8. */
static uint32_t next_point(const char *text, size_t *length)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *at = (const unsigned char *)text;
    *length = 1;
    if (at[0] < 0x80) return at[0];
    size_t n = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : at[0] >= 0xc2 ? 2 : 0;
    if (!n || at[0] > 0xf4) return UINT32_MAX;
    uint32_t point = at[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((at[i] & 0xc0) != 0x80) return UINT32_MAX;
        point = point << 6 | (at[i] & 0x3f);
    }
    if (point < least[n] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return UINT32_MAX;
    *length = n;
    return point;
}

static bool within(uint32_t point, const uint32_t (*ranges)[2], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (point >= ranges[i][0] && point <= ranges[i][1]) return true;
    return false;
}

/* Controls of both sets, marks of direction, line and paragraph separators, surrogates of none. */
static bool is_control(uint32_t point)
{
    static const uint32_t ranges[][2] = {{0, 0x1f}, {0x7f, 0x9f}, {0x61c, 0x61c}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}, {UINT32_MAX, UINT32_MAX}};
    return within(point, ranges, sizeof ranges / sizeof *ranges);
}

size_t pid_escape_width(const char *text)
{
    static const uint32_t none[][2] = {{0x300, 0x36f}, {0x200b, 0x200d}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}};
    static const uint32_t wide[][2] = {{0x1100, 0x115f}, {0x2e80, 0xa4cf}, {0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe30, 0xfe6f},
                                       {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};
    size_t width = 0, length;
    for (; *text; text += length) {
        uint32_t point = next_point(text, &length);
        if (within(point, none, sizeof none / sizeof *none)) continue;
        width += within(point, wide, sizeof wide / sizeof *wide) ? 2 : 1;
    }
    return width;
}

static const char *html(char c)
{
    return c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : c == '\'' ? "&#39;" : NULL;
}

static const char *latex(char c)
{
    static const struct { char c; const char *text; } special[] = {
        {'\\', "\\textbackslash{}"}, {'~', "\\textasciitilde{}"}, {'^', "\\textasciicircum{}"}, {'<', "\\textless{}"}, {'>', "\\textgreater{}"},
        {'|', "\\textbar{}"}, {'"', "\\textquotedbl{}"}, {'&', "\\&"}, {'%', "\\%"}, {'$', "\\$"}, {'#', "\\#"}, {'_', "\\_"}, {'{', "\\{"}, {'}', "\\}"}};
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (special[i].c == c) return special[i].text;
    return NULL;
}

static void write_csv(FILE *file, const char *text)
{
    bool formula = strchr("=+-@\t\r", text[0]) && *text, quoted = formula || strpbrk(text, ",\"\n\r;\t");
    if (quoted) putc('"', file);
    if (formula) putc('\'', file);
    for (; *text; text++) {
        if (*text == '"') putc('"', file);
        if (*text == '\n' || *text == '\t' || !is_control((unsigned char)*text) || (unsigned char)*text >= 0x80) putc(*text, file);
        else putc('?', file);
    }
    if (quoted) putc('"', file);
}

void pid_escape_write(FILE *file, enum pid_escape escape, const char *text)
{
    if (escape == PID_ESCAPE_TSV) pid_show_tsv_text(file, text);
    else if (escape == PID_ESCAPE_CSV) write_csv(file, text);
    else {
        size_t length;
        for (; *text; text += length) {
            const char *instead = NULL;
            if (is_control(next_point(text, &length))) instead = "?";
            else if (length > 1) instead = NULL;
            else if (escape == PID_ESCAPE_HTML) instead = html(*text);
            else if (escape == PID_ESCAPE_LATEX) instead = latex(*text);
            else if (escape == PID_ESCAPE_MARKDOWN && strchr("\\`*_{}[]<>#|&~$", *text)) putc('\\', file);
            if (instead) fputs(instead, file);
            else fwrite(text, 1, length, file);
        }
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
