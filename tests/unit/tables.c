/* Tables as text, categories, decimal numbers and natural order. */
#include "tap.h"

#include <fcntl.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/number.h"
#include "base/random.h"
#include "formats/array.h"
#include "formats/decimal.h"
#include "formats/table.h"
#include "formats/text.h"

static struct pid_error error;
static struct pid_files files;

static char *memory_path(const char *text, size_t length)
{
    static char path[64];
    static int fd = -1;
    if (fd >= 0) close(fd);
    fd = memfd_create("table", MFD_CLOEXEC);
    if (fd < 0 || write(fd, text, length) != (ssize_t)length) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return path;
}

static struct pid_array *open_text(const char *text, const char *selection)
{
    return pid_array_open(&files, memory_path(text, strlen(text)), selection, &error);
}

/* The fields of all records: '|' between fields, '/' between records; or the message. */
static const char *parsed(const char *text, size_t length)
{
    static char out[PID_ERROR_MESSAGE_BYTES];
    size_t used = 0;
    out[0] = '\0';
    struct pid_file *file = pid_file_open(&files, memory_path(text, length), &error);
    struct pid_bytes *bytes = file ? pid_bytes_plain(&files, file, &error) : NULL;
    struct pid_table *table = bytes ? pid_table_open(bytes, &error) : NULL;
    if (!table) return error.message;
    for (size_t i = 0; i < table->columns; i++) used += (size_t)sprintf(out + used, "%s%s", i ? "|" : "", table->names[i]);
    enum pid_table_result result;
    while ((result = pid_table_next(table, &error)) == PID_TABLE_RECORD)
        for (size_t i = 0; i < table->columns; i++) used += (size_t)sprintf(out + used, "%s%s", i ? "|" : "/", table->fields[i].text);
    if (result == PID_TABLE_ERROR) strcpy(out, error.message);
    pid_table_free(table);
    return out;
}

static void test_quoting(void)
{
    static const struct { const char *text, *fields; } cases[] = {
        {"a,b\n1,2\n3,4\n", "a|b/1|2/3|4"},
        {"a,b\r\n1,2\r\n3,4", "a|b/1|2/3|4"},
        {"a\tb,c\n1,\t2\n", "a|b,c/1,|2"},
        {"a;b\n1,5;2\n", "a|b/1,5|2"},
        {"\xef\xbb\xbf" "a,b\n,\n", "a|b/|"},
        {"\"a,\"\"b\"\"\",c\n\"x\ny\",\"\"\n", "a,\"b\"|c/x\ny|"},
        {"a,b\nx\"y,\"z\"\n", "a|b/x\"y|z"},
        {"a,b\n1,\"2\"", "a|b/1|2"},
        {"a\n\nx\n", "a//x"},
        {"a,b\r\n1,2\r3\r\n", "a|b/1|2\r3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = parsed(cases[i].text, strlen(cases[i].text));
        if (!tap_ok(!strcmp(got, cases[i].fields), "table %zu", i)) tap_note("%s", got);
    }
}

static void test_malformed(void)
{
    static const struct { const char *text, *words; } cases[] = {
        {"a,b\n1\n", "line 2: has 1 fields where the header has 2"},
        {"a,b\n1,2\n\"x\ny\",2\n1,2,3\n", "line 5: has 3 fields"},
        {"a,b\n1,2\n\n", "line 3: has 1 fields"},
        {"a,b\n1,\"2\n", "line 2: a quote is not closed"},
        {"a,b\n\"1\"x,2\n", "line 2: text follows a closing quote"},
        {"a\xff,b\n", "no known format"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = parsed(cases[i].text, strlen(cases[i].text));
        if (!tap_ok(strstr(got, cases[i].words), "refused: %s", cases[i].words)) tap_note("%s", got);
    }
    static char nul[5000] = "a,b\n";
    memset(nul + 4, '1', sizeof nul - 4);
    nul[4990] = '\0';
    tap_ok(strstr(parsed(nul, sizeof nul), "holds a NUL byte"), "a NUL far in is refused");
}

/* A table larger than the buffer, with quoted line breaks, comes out as it went in. */
static void test_large(void)
{
    enum { ROWS = 60000 };
    size_t used = 0;
    char *text = malloc(ROWS * 40);
    if (!text) abort();
    used += (size_t)sprintf(text, "n,text,twice\n");
    for (int row = 0; row < ROWS; row++) used += (size_t)sprintf(text + used, "%d,\"x%d\r\n\"\"y\"\"\",%d\r\n", row, row % 7, 2 * row);
    struct pid_array *array = pid_array_open(&files, memory_path(text, used), "n,twice", &error);
    float *out = malloc(ROWS * 2 * sizeof *out);
    bool right = out && array && array->rows == ROWS && array->width == 2 && pid_array_rows(array, 0, ROWS, out, &error) == PID_OK;
    for (int row = 0; row < ROWS && right; row++) right = out[2 * row] == (float)row && out[2 * row + 1] == (float)(2 * row);
    tap_ok(right, "60,000 records over several buffers");
    right = array && pid_array_rows(array, 59999, 1, out, &error) == PID_OK && out[0] == 59999 && pid_array_rows(array, 5, 1, out, &error) == PID_OK && out[0] == 5;
    tap_ok(right, "rows may be read out of order");
    pid_array_free(array);
    free(out);
    free(text);
}

static void test_selection(void)
{
    static const char table[] = "x0,x1,x2,y,a..b,dup,dup\n1,2,3,4,5,6,7\n8,9,10,11,12,13,14\n";
    static const struct { const char *selection; size_t width; float last; } cases[] = {
        {"x0", 1, 8}, {"x0..x2", 3, 10}, {"..x1", 2, 9}, {"y..a..b", 2, 12}, {"a..b", 1, 12}, {"y,x0", 2, 8}, {"y,x0..x2", 4, 10}, {"y..", 4, 14}, {"..", 7, 14},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pid_array *array = open_text(table, cases[i].selection);
        float out[14];
        bool right = array && array->width == cases[i].width && array->rows == 2 && pid_array_rows(array, 1, 1, out, &error) == PID_OK &&
                     out[cases[i].width - 1] == cases[i].last;
        if (!tap_ok(right, "columns %s", cases[i].selection)) tap_note("%s", array ? "wrong" : error.message);
        pid_array_free(array);
    }
    tap_ok(!open_text(table, "z") && strstr(error.message, "has no column 'z'; there are: x0, x1, x2, y"), "an unknown column is refused, and the columns named");
    tap_ok(!open_text(table, "x2..x0") && strstr(error.message, "comes after"), "a range that runs backwards is refused");
    tap_ok(!open_text(table, "dup") && strstr(error.message, "two columns are named 'dup'"), "a name that two columns have is refused");
    tap_ok(!open_text(table, NULL), "several columns and none named is refused");
    tap_ok(!open_text("a,b\n1,x\n", "a..b") && strstr(error.message, "line 2, column 'b': 'x' is not a number"), "text in a vector is refused with its place");
}

static void test_kinds(void)
{
    static const struct { const char *cells; enum pid_array_kind kind; } cases[] = {
        {"1\n-2\n", PID_ARRAY_WHOLE}, {"1\n2.0\n", PID_ARRAY_REAL}, {"1\n\n3\n", PID_ARRAY_WHOLE}, {"1e3\nNaN\n", PID_ARRAY_REAL},
        {"1\nx\n", PID_ARRAY_TEXT},   {"NA\n\n", PID_ARRAY_TEXT},   {"0x10\n", PID_ARRAY_TEXT},    {"-inf\n1\n", PID_ARRAY_REAL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64];
        snprintf(text, sizeof text, "a\n%s", cases[i].cells);
        struct pid_array *array = open_text(text, NULL);
        tap_ok(array && array->kind == cases[i].kind, "kind of column %zu", i);
        pid_array_free(array);
    }
    struct pid_array *array = open_text("a\n1\n\nNA\n-inf\n.5\n", NULL);
    float out[5];
    tap_ok(array && pid_array_rows(array, 0, 5, out, &error) == PID_OK && out[0] == 1 && isnan(out[1]) && isnan(out[2]) && out[3] == -INFINITY && out[4] == .5f,
           "missing numbers are NaN");
    struct pid_levels levels;
    uint32_t codes[5];
    pid_levels_init(&levels);
    tap_ok(array && pid_array_codes(array, 0, array->rows, &levels, codes, &error) == PID_OK && codes[1] == PID_ARRAY_MISSING && codes[3] == PID_ARRAY_MISSING && levels.count == 2,
           "and missing categories");
    pid_levels_release(&levels);
    pid_array_free(array);
    array = open_text("a\n1\n1.0\n+1\n 2\n", NULL);
    pid_levels_init(&levels);
    tap_ok(array && pid_array_codes(array, 0, array->rows, &levels, codes, &error) == PID_OK && levels.count == 2, "1, 1.0 and +1 are one level");
    pid_levels_release(&levels);
    pid_array_free(array);
    array = open_text("a\nx\ncaf\xe9\n", NULL);
    pid_levels_init(&levels);
    tap_ok(array && pid_array_codes(array, 0, array->rows, &levels, codes, &error) == PID_ERROR_DATA && strstr(error.message, "line 3, column 'a': is not UTF-8"), "Latin-1 is refused with its line");
    pid_levels_release(&levels);
    pid_array_free(array);
}

static void test_decimal(void)
{
    static const char *const numbers[] = {"0", "-0", "1", "-17", "3.25", ".5", "5.", "1e5", "1E-5", "1e+22", "1e23", "123456789012345", "1234567890123456", "0.1",
        "0.000123", "2.2250738585072011e-308", "9007199254740993", "1e-320", "179769313486231570000000000000000000000", "00000000000000000000001", "1.7976931348623157e308"};
    static const char *const wrong[] = {"", " ", ".", "-", "+", "e5", "1e", "1e+", "1 2", "1,5", "0x1", "nan", "1e999", "--1", "1.2.3", "1e5.5", "1-"};
    double value, expected;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        expected = strtod(numbers[i], NULL);
        tap_ok(pid_decimal_parse(numbers[i], strlen(numbers[i]), &value) && !memcmp(&value, &expected, sizeof value), "%s is read exactly", numbers[i]);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) tap_ok(!pid_decimal_parse(wrong[i], strlen(wrong[i]), &value), "'%s' is not a number", wrong[i]);
    tap_ok(pid_decimal_parse(" 1.5 ", 5, &value) && value == 1.5, "blanks around a number do not matter");
    size_t different = 0;
    for (uint64_t i = 0; i < 200000; i++) {
        char text[40];
        double number = (pid_random_uniform(1, PID_RANDOM_TEST, i) - .5) * pow(10, (double)pid_random_below(2, PID_RANDOM_TEST, i, 40) - 20);
        snprintf(text, sizeof text, "%.*g", (int)(1 + i % 17), number);
        expected = strtod(text, NULL);
        different += !pid_decimal_parse(text, strlen(text), &value) || value != expected;
    }
    tap_ok(different == 0, "200,000 random numbers are read as strtod reads them");
}

static void test_order(void)
{
    static const char *const sorted[] = {"", "-1", "0", "00", "1", "2", "10", "010x", "10y", "a", "a1", "a1b", "a2", "a2.9", "a2.10", "a10", "b"};
    bool right = true;
    for (size_t i = 0; i < sizeof sorted / sizeof *sorted; i++)
        for (size_t j = 0; j < sizeof sorted / sizeof *sorted; j++) {
            int order = pid_text_compare(sorted[i], sorted[j]);
            if ((order > 0) - (order < 0) == (i > j) - (i < j)) continue;
            tap_note("'%s' and '%s': %d", sorted[i], sorted[j], order);
            right = false;
        }
    tap_ok(right, "natural order");
}

static void test_utf8(void)
{
    static const char *const wrong[] = {"\x80", "\xc0\xaf", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "a\xff"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) tap_ok(!pid_text_is_utf8(wrong[i], strlen(wrong[i])), "no UTF-8: %zu", i);
    size_t failed = 0;
    for (uint32_t point = 0; point < 0x120000; point++) {
        char bytes[4];
        size_t length = pid_text_encode(point, bytes);
        bool exists = point < 0x110000 && (point < 0xd800 || point > 0xdfff);
        failed += exists ? !length || !pid_text_is_utf8(bytes, length) : length != 0;
    }
    tap_ok(failed == 0, "every code point there is, and no other, becomes UTF-8");
}

static void test_levels(void)
{
    struct pid_levels levels;
    uint32_t code;
    bool right = true;
    pid_levels_init(&levels);
    for (int round = 0; round < 2; round++)
        for (int64_t i = 0; i < 100000; i++) right &= pid_levels_add_integer(&levels, (i * 7919) % 100000 - 50000, false, &code, &error) == PID_OK && code == (uint32_t)i;
    uint32_t *rank = malloc(100000 * sizeof *rank);
    right &= rank && pid_levels_rank(&levels, rank, &error) == PID_OK;
    for (int64_t i = 0; i < 100000 && right; i++) right = rank[i] == (uint64_t)(i * 7919) % 100000;
    tap_ok(right && levels.count == 100000, "100,000 integers, ranked by value");
    free(rank);
    pid_levels_release(&levels);
    pid_levels_init(&levels);
    enum pid_status status = PID_OK;
    for (int64_t i = 0; i <= PID_LEVELS_MAXIMUM && status == PID_OK; i++) status = pid_levels_add_integer(&levels, i, false, &code, &error);
    tap_ok(status == PID_ERROR_DATA && levels.count == PID_LEVELS_MAXIMUM, "one level too many is refused");
    pid_levels_release(&levels);
}

int main(void)
{
    test_quoting();
    test_malformed();
    test_large();
    test_selection();
    test_kinds();
    test_decimal();
    test_order();
    test_utf8();
    test_levels();
    tap_ok(!files.first, "all files are closed");
    pid_files_release(&files);
    return tap_done();
}
