/* Arrays from files: what NumPy wrote (tests/data/formats), and what nobody should write. */
#include "tap.h"

#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "base/finite.h"
#include "formats/array.h"
#include "formats/npy.h"
#include "formats/scalar.h"

static struct pid_error error;
static struct pid_files files;

static struct pid_array *open_fixture(const char *name, const char *member)
{
    const char *top = getenv("top_srcdir");
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/data/formats/%s", top ? top : ".", name);
    return pid_array_open(&files, path, member, &error);
}

/* A file in memory, by a path that can be opened. */
static char *memory_path(const void *bytes, size_t count)
{
    static char path[64];
    static int fd = -1;
    if (fd >= 0) close(fd);
    fd = memfd_create("array", MFD_CLOEXEC);
    if (fd < 0 || write(fd, bytes, count) != (ssize_t)count) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return path;
}

static bool refused(const char *path, const char *member, const char *words)
{
    struct pid_array *array = pid_array_open(&files, path, member, &error);
    bool right = !array && strstr(error.message, words);
    if (!right) tap_note("%s", array ? "it was opened" : error.message);
    pid_array_free(array);
    return right;
}

/* Reads all rows in blocks of `block`, and one row again, and compares them with expected[]. */
static bool rows_are(struct pid_array *array, size_t block, const float *expected)
{
    float out[64];
    if (!array || array->rows * array->width > 64) return false;
    for (uint64_t row = 0; row < array->rows; row += block) {
        size_t count = array->rows - row < block ? (size_t)(array->rows - row) : block;
        if (pid_array_rows(array, row, count, out, &error) != PID_OK) return false;
        if (memcmp(out, expected + row * array->width, count * array->width * sizeof *out)) return false;
    }
    return pid_array_rows(array, 0, 1, out, &error) == PID_OK && !memcmp(out, expected, array->width * sizeof *out);
}

static void expect(const char *name, const char *member, size_t axes, const float *expected)
{
    struct pid_array *array = open_fixture(name, member);
    bool right = array && array->axes == axes && rows_are(array, 2, expected) && rows_are(array, 1, expected);
    if (!tap_ok(right, "%s %s has the values that NumPy wrote", name, member ? member : "")) tap_note("%s", array ? "wrong values" : error.message);
    pid_array_free(array);
}

static void test_types(void)
{
    static const char *const types[] = {"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"};
    float expected[12], cube[24], even[12];
    for (size_t type = 0; type < sizeof types / sizeof *types; type++) {
        for (int i = 0; i < 12; i++) expected[i] = *types[type] == 'u' ? (float)i : *types[type] == 'i' ? (float)(i - 5) : (float)(i - 5) / 2;
        for (int variant = 0; variant < 4; variant++) {
            char name[32];
            snprintf(name, sizeof name, "%s-%s-%s.npy", types[type], variant & 1 ? "be" : "le", variant & 2 ? "f" : "c");
            expect(name, NULL, 2, expected);
        }
    }
    for (int i = 0; i < 12; i++) even[i] = i % 2 == 0;
    for (int i = 0; i < 24; i++) cube[i] = (float)i;
    expect("b1.npy", NULL, 2, even);
    expect("cube-c.npy", NULL, 3, cube);
    expect("cube-f.npy", NULL, 3, cube);
    for (int i = 0; i < 12; i++) expected[i] = (float)i;
    expect("version2.npy", NULL, 2, expected);
    expect("version3.npy", NULL, 2, expected);
    expect("single.npz", NULL, 2, expected);
    expect("stored.npz", "image", 2, expected);
    expect("deflated.npz", "image.npy", 2, expected);
    for (int i = 0; i < 12; i++) expected[i] = (float)(i - 5);
    expect("stored.npz", "text", 2, expected);
    expect("deflated.npz", "text", 2, expected);
}

static bool levels_are(const char *name, const char *member, const char *expected_levels, const uint32_t *expected_codes);

static void test_safetensors(void)
{
    static const float small[] = {0, 1, -1.5, 448, 0, 1, -1.5, 57344};
    static const uint32_t answers[] = {1, 0, 1}, flags[] = {1, 0, 1};
    static const struct { const char *name; float more; } halves[] = {
        {"F64", 0}, {"F32", 0}, {"F16", 0}, {"layer.1.image", 1}, {"layer.2.text", 2}, {"layer.10.image", 10},
    };
    float expected[12];
    for (size_t i = 0; i < sizeof halves / sizeof *halves; i++) {
        for (int j = 0; j < 12; j++) expected[j] = (float)(j - 5) / 2 + halves[i].more;
        expect("layers.safetensors", halves[i].name, 2, expected);
    }
    expect("layers.safetensors", "F8_E4M3", 2, small);
    expect("layers.safetensors", "F8_E5M2", 2, small + 4);
    tap_ok(levels_are("layers.safetensors", "answer", "3,7", answers), "integers of safetensors");
    tap_ok(levels_are("layers.safetensors", "flag", "false,true", flags), "truth values of safetensors");
}

static bool tensor_refused(const char *header, size_t data, const char *words)
{
    char bytes[512] = {0};
    size_t length = strlen(header);
    bytes[0] = (char)length;
    memcpy(bytes + 8, header, length);
    return refused(memory_path(bytes, 8 + length + data), "a", words);
}

static void test_tensor_headers(void)
{
    static const struct { const char *header; size_t data; const char *words; } cases[] = {
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 7, "it is cut"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 8, "do not agree"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-4,4]}}", 8, "do not agree"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[9223372036854775800,8]}}", 8, "do not agree"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}", 8, "beyond all bounds"},
        {"{\"a\":{\"dtype\":\"F4\",\"shape\":[2],\"data_offsets\":[0,1]}}", 8, "dtype 'F4'"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 8, "not a size"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4, "single value"},
        {"{\"a\":{\"dtype\":\"F32\"}}", 4, "lacks"},
        {"{\"a\":1}", 4, "lacks"},
        {"{\"b\":{}}", 4, "has no tensor 'a'; there are: b"},
        {"{\"a\":{},\"a\":{}}", 4, "malformed"},
        {"{\"a\"", 4, "malformed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        tap_ok(tensor_refused(cases[i].header, cases[i].data, cases[i].words), "safetensors refused: %s", cases[i].words);
    tap_ok(refused(memory_path("\377\0\0\0\0\0\0\0{}", 10), "a", "claims 255 bytes"), "a header longer than the file is refused");
}

static void test_raw(void)
{
    float expected[12];
    char path[4096];
    for (int i = 0; i < 12; i++) expected[i] = (float)(i - 5) / 2;
    snprintf(path, sizeof path, "%s/tests/data/formats/raw.f4", getenv("top_srcdir") ? getenv("top_srcdir") : ".");
    struct pid_array *array = pid_array_open_raw(&files, path, 2, (const uint64_t[]){4}, &error);
    tap_ok(array && array->rows == 3 && rows_are(array, 2, expected), "raw float32 in rows of 4");
    pid_array_free(array);
    array = pid_array_open_raw(&files, path, 3, (const uint64_t[]){2, 3}, &error);
    tap_ok(array && array->rows == 2 && array->width == 6 && rows_are(array, 2, expected), "the same in rows of 2 x 3");
    pid_array_free(array);
    tap_ok(!pid_array_open_raw(&files, path, 2, (const uint64_t[]){5}, &error) && strstr(error.message, "no whole number of rows"), "and not in rows of 5");
    tap_ok(!pid_array_open_raw(&files, path, 2, (const uint64_t[]){0}, &error), "nor of 0");
}

static struct pid_array *open_text(const char *text, const char *member)
{
    return pid_array_open(&files, memory_path(text, strlen(text)), member, &error);
}

static void test_json_lines(void)
{
    static const char lines[] = "{\"a\": [1, 2.5], \"b\": \"x\", \"c\": 1}\n\n {\"a\": [3, null], \"b\": \"y\\n\", \"c\": 1.0}\r\n{\"a\": [true, -1e3], \"b\": null, \"c\": 0.5}";
    struct pid_array *array = open_text(lines, "a");
    float out[6];
    tap_ok(array && array->rows == 3 && array->width == 2 && pid_array_rows(array, 0, 3, out, &error) == PID_OK && out[1] == 2.5f && isnan(out[3]) && out[4] == 1 &&
               out[5] == -1000, "arrays of numbers in JSON lines");
    tap_ok(array && pid_array_rows(array, 1, 1, out, &error) == PID_OK && out[0] == 3, "a row in the middle, after the last");
    pid_array_free(array);
    array = open_text(lines, "b");
    struct pid_levels levels;
    uint32_t codes[3];
    pid_levels_init(&levels);
    tap_ok(array && array->kind == PID_ARRAY_TEXT && pid_array_codes(array, 0, array->rows, &levels, codes, &error) == PID_OK && levels.count == 2 &&
               !strcmp(pid_levels_text(&levels, codes[1]), "y\n") && codes[2] == PID_ARRAY_MISSING, "texts, one missing");
    pid_levels_release(&levels);
    pid_array_free(array);
    array = open_text(lines, "c");
    pid_levels_init(&levels);
    tap_ok(array && array->kind == PID_ARRAY_REAL && pid_array_codes(array, 0, array->rows, &levels, codes, &error) == PID_OK && codes[0] == codes[1] &&
               !strcmp(pid_levels_text(&levels, codes[2]), "0.5"), "numbers as levels");
    pid_levels_release(&levels);
    pid_array_free(array);
    static const struct { const char *text, *words; } wrong[] = {
        {"{\"a\": 1}\n{\"b\": 1}\n", "line 2: has no field 'a'"}, {"{\"a\": 1}\n[1]\n", "line 2: is not an object"},
        {"{\"a\": 1}\n{\"a\": 1\n", "line 2: "}, {"{\"a\": 1, \"a\": 2}", "line 1: duplicate"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        array = open_text(wrong[i].text, "a");
        if (!tap_ok(!array && strstr(error.message, wrong[i].words), "JSON lines refused: %s", wrong[i].words)) tap_note("%s", error.message);
        pid_array_free(array);
    }
    array = open_text("{\"a\": [1, 2]}\n{\"a\": [1]}\n", "a");
    tap_ok(array && pid_array_rows(array, 0, 2, out, &error) == PID_ERROR_DATA && strstr(error.message, "line 2: the array has another length"), "arrays of different length are refused");
    pid_array_free(array);
    tap_ok(!open_text(lines, NULL) && strstr(error.message, "name a field"), "no field named is refused");
}

/* Every half, and every byte of the eight-bit types, against their definition. */
static double by_definition(unsigned bits, int exponent_bits, int mantissa_bits)
{
    int bias = (1 << (exponent_bits - 1)) - 1, exponent = (int)(bits >> mantissa_bits) & ((1 << exponent_bits) - 1);
    double mantissa = (double)(bits & ((1u << mantissa_bits) - 1)) / (1 << mantissa_bits);
    double sign = bits >> (exponent_bits + mantissa_bits) & 1 ? -1 : 1;
    if (exponent == 0) return sign * ldexp(mantissa, 1 - bias);
    return sign * ldexp(1 + mantissa, exponent - bias);
}

static void test_small_floats(void)
{
    static uint16_t words[65536];
    static float out[65536];
    size_t wrong = 0;
    for (unsigned i = 0; i < 65536; i++) words[i] = (uint16_t)i;
    pid_scalar_to_float((struct pid_scalar){PID_SCALAR_REAL, 2, false}, words, 65536, out);
    for (unsigned i = 0; i < 65536; i++) {
        bool special = (i & 0x7c00) == 0x7c00;
        wrong += special ? (i & 0x3ff ? !isnan(out[i]) : out[i] != (i & 0x8000 ? -INFINITY : INFINITY)) : (double)out[i] != by_definition(i, 5, 10);
    }
    tap_ok(wrong == 0, "all 65,536 halves are right");
    pid_scalar_to_float((struct pid_scalar){PID_SCALAR_BFLOAT16, 2, false}, words, 65536, out);
    wrong = 0;
    for (unsigned i = 0; i < 65536; i++) {
        uint32_t bits = i << 16;
        wrong += memcmp(&bits, &out[i], 4) != 0;
    }
    tap_ok(wrong == 0, "all 65,536 bfloat16 are right");
    uint8_t bytes[256];
    for (unsigned i = 0; i < 256; i++) bytes[i] = (uint8_t)i;
    pid_scalar_to_float((struct pid_scalar){PID_SCALAR_E4M3, 1, false}, bytes, 256, out);
    wrong = 0;
    for (unsigned i = 0; i < 256; i++) wrong += (i & 0x7f) == 0x7f ? !isnan(out[i]) : (double)out[i] != by_definition(i, 4, 3);
    tap_ok(wrong == 0 && out[0x7e] == 448, "all 256 e4m3 are right");
    pid_scalar_to_float((struct pid_scalar){PID_SCALAR_E5M2, 1, false}, bytes, 256, out);
    wrong = 0;
    for (unsigned i = 0; i < 256; i++) wrong += (i & 0x7c) == 0x7c ? isfinite(out[i]) : (double)out[i] != by_definition(i, 5, 2);
    tap_ok(wrong == 0 && out[0x7b] == 57344, "all 256 e5m2 are right");
}

/* The levels in their order, ", " between them, and the codes of the rows. */
static bool levels_are(const char *name, const char *member, const char *expected_levels, const uint32_t *expected_codes)
{
    struct pid_array *array = open_fixture(name, member);
    struct pid_levels levels;
    uint32_t codes[16], rank[16];
    char text[256] = "";
    pid_levels_init(&levels);
    bool right = array && array->rows <= 16 && pid_array_codes(array, 0, array->rows, &levels, codes, &error) == PID_OK &&
                 pid_levels_rank(&levels, rank, &error) == PID_OK;
    if (!right) tap_note("%s", error.message);
    for (uint32_t place = 0; right && place < levels.count; place++)
        for (uint32_t code = 0; code < levels.count; code++)
            if (rank[code] == place) {
                if (place) strcat(text, ",");
                strcat(text, pid_levels_text(&levels, code));
            }
    for (size_t row = 0; right && row < array->rows; row++)
        right = (codes[row] == PID_ARRAY_MISSING ? codes[row] : rank[codes[row]]) == expected_codes[row];
    if (strcmp(text, expected_levels)) {
        tap_note("levels: %s", text);
        right = false;
    }
    pid_levels_release(&levels);
    pid_array_free(array);
    return right;
}

static void test_categories(void)
{
    static const uint32_t labels[] = {2, 1, 0, 1, 3}, big[] = {2, 1, 0}, reals[] = {2, 1, 2, PID_ARRAY_MISSING, 0}, truths[] = {1, 0, 1};
    static const uint32_t words[] = {3, 2, 1, 0, 4}, first_words[] = {2, 1, 0}, last[] = {3, 2, 1, 0, 4};
    tap_ok(levels_are("labels.npy", NULL, "-1,2,10,33", labels), "integers are levels in the order of their values");
    tap_ok(levels_are("big-labels.npy", NULL, "3,9223372036854775808,18446744073709551615", big), "integers beyond 2^63 keep their value");
    tap_ok(levels_are("float-labels.npy", NULL, "0.1,0.5,1", reals), "floats as labels: whole ones as integers, NaN missing");
    tap_ok(levels_are("truth.npy", NULL, "false,true", truths), "truth values have names");
    tap_ok(levels_are("words.npy", NULL, ",caf\u00e9,layer2,layer10,\U0001f600", words), "strings, naturally ordered");
    tap_ok(levels_are("words-be.npy", NULL, ",caf\u00e9,layer2,layer10,\U0001f600", words), "the same in the other byte order");
    tap_ok(levels_are("bytes.npy", NULL, ",caf\u00e9,layer2,layer10,x", last), "byte strings in UTF-8");
    tap_ok(levels_are("deflated.npz", "word", "caf\u00e9,layer2,layer10", first_words), "strings in a compressed archive");
    struct pid_array *array = open_fixture("latin1.npy", NULL);
    struct pid_levels levels;
    uint32_t codes[2];
    pid_levels_init(&levels);
    tap_ok(array && pid_array_codes(array, 0, array->rows, &levels, codes, &error) == PID_ERROR_DATA && strstr(error.message, "latin1.npy: row 0: its text is not valid"),
           "bytes that are not UTF-8 are refused with the row");
    pid_levels_release(&levels);
    float out[2];
    tap_ok(array && pid_array_rows(array, 0, 2, out, &error) == PID_ERROR_DATA, "text is no vector");
    pid_array_free(array);
    array = open_fixture("cube-c.npy", NULL);
    pid_levels_init(&levels);
    tap_ok(array && pid_array_codes(array, 0, array->rows, &levels, codes, &error) == PID_ERROR_DATA, "twelve values a row are no category");
    pid_levels_release(&levels);
    pid_array_free(array);
}

static void test_bad_values(void)
{
    struct pid_array *array = open_fixture("bad.npy", NULL);
    float out[8];
    tap_ok(array && pid_array_rows(array, 0, 4, out, &error) == PID_OK && pid_finite_first_bad(out, 4, 2) == 1, "a NaN is found in row 1");
    tap_ok(pid_finite_first_bad(out + 4, 2, 2) == 0 && pid_finite_first_bad(out + 6, 1, 2) == 1, "an infinity is found, and good rows are good");
    tap_ok(pid_array_zero_bad(out, 8) == 2 && pid_finite_first_bad(out, 4, 2) == 4, "zeros take their place");
    pid_array_free(array);
    array = open_fixture("beyond.npy", NULL);
    tap_ok(array && pid_array_rows(array, 0, 2, out, &error) == PID_OK && pid_finite_first_bad(out, 2, 1) == 1, "1e300 is beyond float32, and bad");
    pid_array_free(array);
    static float many[1000];
    bool right = true;
    for (size_t i = 0; i < 1000; i++) {
        many[i] = -NAN;
        right &= pid_finite_first_bad(many, 100, 10) == i / 10;
        many[i] = -3.4e38f;
    }
    tap_ok(right && pid_finite_first_bad(many, 100, 10) == 100, "a NaN is found at every place");
}

static void test_empty(void)
{
    struct pid_array *array = open_fixture("empty.npy", NULL);
    float out[1];
    tap_ok(array && array->rows == 0 && array->width == 4 && pid_array_rows(array, 0, 0, out, &error) == PID_OK, "no rows are no error");
    tap_ok(array && pid_array_rows(array, 0, 1, out, &error) == PID_ERROR_ARGUMENT, "a row that is not there is one");
    pid_array_free(array);
}

static void test_refused(void)
{
    static const struct { const char *name, *member, *words; } cases[] = {
        {"objects.npy", NULL, "Python objects"}, {"records.npy", NULL, "records"},        {"complex.npy", NULL, "dtype '<c8'"},
        {"dates.npy", NULL, "dtype '<M8[s]'"},   {"scalar.npy", NULL, "a single value"},   {"f4-le-c.npy", "x", "without members"},
        {"stored.npz", NULL, "name one as"},     {"stored.npz", "imag", "has no member 'imag'; there are: image, text, label, word"},
        {"none.npy", NULL, "No such file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pid_array *array = open_fixture(cases[i].name, cases[i].member);
        if (!tap_ok(!array && strstr(error.message, cases[i].words) && strstr(error.message, cases[i].name), "%s is refused: %s", cases[i].name, cases[i].words))
            tap_note("%s", array ? "it was opened" : error.message);
        pid_array_free(array);
    }
    tap_ok(refused("/proc/self", NULL, "is a directory"), "a folder is refused");
    tap_ok(refused(memory_path("", 0), NULL, "is empty"), "an empty file is refused");
    tap_ok(refused(memory_path("\0\1\2", 3), NULL, "no known format"), "unknown bytes are refused");
}

static void test_headers(void)
{
    static const char *const wrong[] = {
        "", "{", "}", "{}", "[]", "{'descr'", "{'descr': ", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }x", "{'descr': '<f4', 'fortran_order': False, 'shape': 3, }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "{'descr': '<f4', 'fortran_order': 1, 'shape': (1,), }",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}",
        "{'descr': '<f3', 'fortran_order': False, 'shape': (1,), }", "{'descr': '<f16', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '', 'fortran_order': False, 'shape': (1,), }", "{'descr': '<', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<f', 'fortran_order': False, 'shape': (1,), }", "{'descr': '|S0', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1), }", "{'descr': '\\x3cf4', 'fortran_order': False, 'shape': (1,), }",
    };
    static const char *const right[] = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }      \n", "{\"shape\": (), 'fortran_order': True, 'descr': '|b1'}",
        "{'descr': '>U3', 'fortran_order': False, 'shape': (10L,)}", "{'descr':'<i8','fortran_order':False,'shape':(1,)}",
    };
    struct pid_npy npy;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        tap_ok(pid_npy_parse(wrong[i], strlen(wrong[i]), &npy, &error) == PID_ERROR_DATA, "header refused: %s", wrong[i]);
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        if (!tap_ok(pid_npy_parse(right[i], strlen(right[i]), &npy, &error) == PID_OK, "header taken: %.50s", right[i])) tap_note("%s", error.message);
}

static struct { unsigned char bytes[8192]; size_t count; } file;

static void load_fixture(const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/data/formats/%s", getenv("top_srcdir") ? getenv("top_srcdir") : ".", name);
    FILE *from = fopen(path, "rb");
    if (!from) abort();
    file.count = fread(file.bytes, 1, sizeof file.bytes, from);
    fclose(from);
}

/* Whether opening the file and reading all its rows works. */
static bool readable(const char *path, const char *member)
{
    float out[64];
    struct pid_array *array = pid_array_open(&files, path, member, &error);
    bool good = array && array->rows * array->width <= 64 && pid_array_rows(array, 0, array->rows, out, &error) == PID_OK;
    pid_array_free(array);
    return good;
}

static void test_cut(void)
{
    static const char *const names[] = {"f4-le-c.npy", "f8-be-f.npy", "stored.npz", "deflated.npz", "layers.safetensors"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool archive = !strstr(names[i], ".npy");
        const char *member = strstr(names[i], ".npz") ? "text" : archive ? "answer" : NULL;
        size_t taken = 0;
        load_fixture(names[i]);
        /* Behind the answers lie the three bytes of another tensor. */
        size_t needed = file.count - (member && !strcmp(member, "answer") ? 3 : 0);
        for (size_t count = 0; count < needed; count++) taken += readable(memory_path(file.bytes, count), member);
        tap_ok(taken == 0, "%s is refused when it is cut, at each of its %zu bytes", names[i], file.count);
        bool whole = readable(memory_path(file.bytes, file.count), member);
        if (!archive) file.bytes[file.count++] = 'x';
        tap_ok(whole && (archive || !readable(memory_path(file.bytes, file.count), NULL)), "%s is taken whole, and with nothing behind it", names[i]);
    }
}

static void test_damaged_archive(void)
{
    size_t changed = 0, taken = 0;
    load_fixture("deflated.npz");
    struct pid_array *array = pid_array_open(&files, memory_path(file.bytes, file.count), "image", &error);
    float good[12], out[12];
    if (!array || pid_array_rows(array, 0, 3, good, &error) != PID_OK) abort();
    pid_array_free(array);
    for (size_t i = 0; i < file.count; i++) {
        file.bytes[i] ^= 0x55;
        array = pid_array_open(&files, memory_path(file.bytes, file.count), "image", &error);
        if (array && array->rows == 3 && array->width == 4 && pid_array_rows(array, 0, 3, out, &error) == PID_OK) {
            taken++;
            changed += memcmp(good, out, sizeof good) != 0;
        }
        pid_array_free(array);
        file.bytes[i] ^= 0x55;
    }
    tap_ok(changed == 0 && taken > 0 && taken < file.count, "a changed byte in an archive never changes a value (%zu of %zu changes did not matter)", taken, file.count);
}

static void test_hostile_sizes(void)
{
    static const char *const shapes[] = {"(1099511627776, 1024)", "(4611686018427387904, 4)", "(2, 9223372036854775807)", "(2, 4294967296, 4294967296)", "(1, 20000000)", "(3, 0)"};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char bytes[256];
        int length = snprintf(bytes + 10, sizeof bytes - 10, "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }\n", shapes[i]);
        memcpy(bytes, "\x93NUMPY\1\0", 8);
        bytes[8] = (char)length;
        bytes[9] = 0;
        tap_ok(!readable(memory_path(bytes, (size_t)length + 10), NULL), "a shape of %s in %d bytes is refused", shapes[i], length + 10);
    }
    tap_ok(refused(memory_path("\x93NUMPY\2\0\xff\xff\xff\xff{", 13), NULL, "claims 4294967295 bytes"), "a header of 4 GiB is refused");
    tap_ok(refused(memory_path("\x93NUMPY\4\0\1\0{", 11), NULL, "version 1, 2 or 3"), "version 4 is refused");
}

static size_t compress_bytes(const void *bytes, size_t count, unsigned char *out, size_t capacity)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)count, .next_out = out, .avail_out = (uInt)capacity};
    if (deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK || deflate(&z, Z_FINISH) != Z_STREAM_END) abort();
    deflateEnd(&z);
    return z.total_out;
}

static void test_gzip(void)
{
    static const char *const names[] = {"f4-le-c.npy", "f4-le-f.npy"};
    unsigned char packed[8192];
    float expected[12];
    for (int i = 0; i < 12; i++) expected[i] = (float)(i - 5) / 2;
    for (size_t i = 0; i < 2; i++) {
        load_fixture(names[i]);
        size_t count = compress_bytes(file.bytes, file.count / 2, packed, sizeof packed);
        count += compress_bytes(file.bytes + file.count / 2, file.count - file.count / 2, packed + count, sizeof packed - count);
        struct pid_array *array = pid_array_open(&files, memory_path(packed, count), NULL, &error);
        tap_ok(array && rows_are(array, 2, expected), "%s in a gzip file of two members", names[i]);
        pid_array_free(array);
        size_t taken = 0;
        for (size_t cut = 0; cut < count; cut++) taken += readable(memory_path(packed, cut), NULL);
        tap_ok(taken == 0, "compressed, it is refused when it is cut, at each byte");
    }
}

int main(void)
{
    test_types();
    test_safetensors();
    test_tensor_headers();
    test_raw();
    test_json_lines();
    test_small_floats();
    test_categories();
    test_bad_values();
    test_empty();
    test_refused();
    test_headers();
    test_cut();
    test_damaged_archive();
    test_hostile_sizes();
    test_gzip();
    tap_ok(!files.first, "all files are closed");
    pid_files_release(&files);
    return tap_done();
}
