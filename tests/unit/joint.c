#include "tap.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "joint/counter.h"
#include "joint/information.h"
#include "joint/radix.h"
#include "joint/table.h"

static const size_t X1[] = {0}, X2[] = {1}, Y[] = {2}, X1X2[] = {0, 1};

static bool same_tables(const struct pid_joint *a, const struct pid_joint *b)
{
    return a->variables == b->variables && a->cells == b->cells && a->counts == b->counts && a->total == b->total &&
           !memcmp(a->shape, b->shape, a->variables * sizeof *a->shape) &&
           !memcmp(a->indices, b->indices, a->cells * a->variables * sizeof *a->indices) &&
           !memcmp(a->weights, b->weights, a->cells * sizeof *a->weights);
}

static bool canonical(const struct pid_joint *t)
{
    bool ok = true;
    for (size_t c = 0; c < t->cells; c++) {
        ok &= t->weights[c] > 0;
        size_t v = 0;
        while (c > 0 && v < t->variables && pid_joint_cell(t, c - 1)[v] == pid_joint_cell(t, c)[v]) v++;
        ok &= c == 0 || (v < t->variables && pid_joint_cell(t, c - 1)[v] < pid_joint_cell(t, c)[v]);
    }
    return ok;
}

/* Random labels below `levels` each; columns are in one block. */
struct labels { size_t variables, rows; uint32_t *block; const uint32_t *columns[16]; };

static struct labels random_labels(size_t variables, size_t rows, const uint64_t *levels)
{
    struct pid_error error;
    struct labels l = {variables, rows, pid_array_new(variables * rows, sizeof(uint32_t), &error), {NULL}};
    for (size_t v = 0; v < variables; v++) {
        l.columns[v] = l.block + v * rows;
        for (size_t r = 0; r < rows; r++)
            l.block[v * rows + r] = (uint32_t)pid_random_below(5, pid_random_stream(PID_RANDOM_TEST, (uint32_t)v), r, levels[v]);
    }
    return l;
}

static struct pid_joint count_labels(const struct labels *l, const uint64_t *shape)
{
    struct pid_error error = {0};
    struct pid_joint table = {0};
    struct pid_counter *counter = pid_counter_new(l->variables, shape, &error);
    if (!counter || pid_counter_add(counter, l->columns, 1, NULL, l->rows, &error) || pid_counter_table(counter, &table, &error))
        tap_note("%s", error.message);
    pid_counter_free(counter);
    return table;
}

/* The same through sorting, which shares no code with the counter. */
static struct pid_joint sort_labels(const struct labels *l, const uint64_t *shape)
{
    struct pid_error error = {0};
    struct pid_joint table = {0};
    uint32_t *indices = pid_array_new(l->variables * l->rows, sizeof *indices, &error);
    double *weights = pid_array_new(l->rows, sizeof *weights, &error);
    for (size_t r = 0; r < l->rows; r++) {
        weights[r] = 1;
        for (size_t v = 0; v < l->variables; v++) indices[r * l->variables + v] = l->columns[v][r];
    }
    if (pid_joint_from_rows(&table, l->variables, shape, indices, weights, l->rows, true, &error)) tap_note("%s", error.message);
    free(indices);
    free(weights);
    return table;
}

static void test_forms(void)
{
    static const struct { const char *what; size_t variables, rows; uint64_t shape[8]; } cases[] = {
        {"a small array", 3, 2000, {4, 4, 4}},
        {"a hash table", 3, 20000, {1000, 1000, 1000}},
        {"a hash table that becomes an array", 3, 60000, {64, 64, 10}},
        {"one variable", 1, 1000, {7}},
        {"one level each", 2, 10, {1, 1}},
        {"numbers up to 2^64 - 1", 2, 5000, {4294967295, 4294967295}},
        {"cells beyond 64 bits", 4, 5000, {1000000, 1000000, 1000000, 1000000}},
        {"cells beyond 64 bits that repeat", 8, 5000, {256, 256, 256, 256, 256, 256, 256, 257}},
        {"no rows", 3, 0, {4, 4, 4}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t levels[8];
        for (size_t v = 0; v < 8; v++) levels[v] = i == 7 ? 2 : cases[i].shape[v] ? cases[i].shape[v] : 1;
        struct labels l = random_labels(cases[i].variables, cases[i].rows, levels);
        struct pid_joint counted = count_labels(&l, cases[i].shape), sorted = sort_labels(&l, cases[i].shape);
        tap_ok(same_tables(&counted, &sorted) && canonical(&counted) && counted.total == (double)l.rows,
               "%s: counting and sorting agree (%zu cells)", cases[i].what, counted.cells);
        pid_joint_release(&counted);
        pid_joint_release(&sorted);
        free(l.block);
    }
}

static void test_batches(void)
{
    static const uint64_t shape[] = {40, 50, 30};
    struct pid_error error = {0};
    struct labels l = random_labels(3, 5000, shape);
    struct pid_joint whole = count_labels(&l, shape), parts;
    struct pid_counter *counter = pid_counter_new(3, shape, &error);
    bool ok = true;
    /* Last row first, batches of many sizes. */
    for (size_t end = l.rows, size = 1; end > 0; size = size * 3 % 1013) {
        size_t rows = size < end ? size : end;
        end -= rows;
        const uint32_t *columns[] = {l.columns[0] + end, l.columns[1] + end, l.columns[2] + end};
        ok &= pid_counter_add(counter, columns, 1, NULL, rows, &error) == PID_OK;
    }
    ok &= pid_counter_table(counter, &parts, &error) == PID_OK;
    tap_ok(ok && same_tables(&whole, &parts), "order and size of the batches change nothing");
    pid_counter_free(counter);

    /* The table, cell by cell, counted twice, is the table of twice the rows. */
    uint64_t *times = pid_array_new(whole.cells, sizeof *times, &error);
    for (size_t c = 0; c < whole.cells; c++) times[c] = (uint64_t)whole.weights[c];
    const uint32_t *cells[] = {whole.indices, whole.indices + 1, whole.indices + 2};
    counter = pid_counter_new(3, shape, &error);
    pid_joint_release(&parts);
    ok = true;
    for (int twice = 0; twice < 2; twice++) ok &= pid_counter_add(counter, cells, 3, times, whole.cells, &error) == PID_OK;
    ok &= pid_counter_table(counter, &parts, &error) == PID_OK;
    for (size_t c = 0; c < whole.cells; c++) whole.weights[c] *= 2;
    whole.total *= 2;
    tap_ok(ok && same_tables(&whole, &parts), "counts of a table add up cell by cell");
    pid_joint_release(&parts);
    pid_joint_release(&whole);
    pid_counter_free(counter);
    free(times);
    free(l.block);
}

static void test_open_levels(void)
{
    static const uint64_t open[] = {0, 0, 3}, levels[] = {70, 5, 3}, one[] = {1, 1, 1};
    struct pid_error error = {0};
    struct labels l = random_labels(3, 3000, levels), first = random_labels(3, 10, one);
    struct pid_counter *counter = pid_counter_new(3, open, &error);
    struct pid_joint table, expected;
    bool ok = pid_counter_add(counter, first.columns, 1, NULL, first.rows, &error) == PID_OK;
    ok &= pid_counter_table(counter, &table, &error) == PID_OK;
    tap_ok(ok && table.shape[0] == 1 && table.shape[1] == 1 && table.shape[2] == 3, "unknown levels begin with one");
    pid_joint_release(&table);
    ok = pid_counter_add(counter, l.columns, 1, NULL, l.rows, &error) == PID_OK;
    ok &= pid_counter_table(counter, &table, &error) == PID_OK;
    expected = count_labels(&l, levels);
    expected.weights[0] += 10;
    expected.total += 10;
    tap_ok(ok && same_tables(&table, &expected), "and grow with the labels");
    pid_joint_release(&table);
    pid_counter_free(counter);

    static const uint32_t huge[] = {0xfffffffe, 3};
    const uint32_t *columns[] = {huge, huge, huge + 1};
    counter = pid_counter_new(3, (uint64_t[]){0, 0, 0}, &error);
    ok = pid_counter_add(counter, columns, 1, NULL, 1, &error) == PID_OK;
    ok &= pid_counter_add(counter, l.columns, 1, NULL, l.rows, &error) == PID_OK;
    ok &= pid_counter_table(counter, &table, &error) == PID_OK;
    tap_ok(ok && table.shape[0] == 0xffffffff && table.cells == expected.cells + 1, "up to the largest label");
    pid_joint_release(&table);
    pid_joint_release(&expected);
    pid_counter_free(counter);
    free(l.block);
    free(first.block);
}

static void test_refused_labels(void)
{
    struct pid_error error = {0};
    static const uint32_t x[] = {0, 1, 2}, y[] = {0, 4, 0};
    const uint32_t *columns[] = {x, y};
    struct pid_counter *counter = pid_counter_new(2, (uint64_t[]){3, 4}, &error);
    struct pid_joint table = {0};
    tap_ok(pid_counter_add(counter, columns, 1, NULL, 3, &error) == PID_ERROR_DATA && strstr(error.message, "row 2: label 4 of variable 2"),
           "a label outside the shape is refused with its row: %s", error.message);
    tap_ok(pid_counter_table(counter, &table, &error) == PID_OK && table.cells == 0 && table.total == 0, "and nothing of its batch is counted");
    pid_joint_release(&table);

    const uint64_t most = PID_JOINT_COUNT_MAX;
    tap_ok(pid_counter_add(counter, columns, 1, &most, 1, &error) == PID_OK && pid_counter_total(counter) == most, "2^53 rows are counted");
    tap_ok(pid_counter_add(counter, columns, 1, NULL, 1, &error) == PID_ERROR_DATA, "one more is refused: %s", error.message);
    tap_ok(pid_counter_add(counter, columns, 1, (uint64_t[]){UINT64_MAX}, 1, &error) == PID_ERROR_DATA, "also where the sum wraps around");
    tap_ok(pid_counter_table(counter, &table, &error) == PID_OK && table.weights[0] == 0x1p53, "the count is exact");
    pid_joint_release(&table);
    pid_counter_free(counter);
}

static void test_refused_rows(void)
{
    struct pid_error error = {0};
    struct pid_joint table;
    static const uint64_t shape[] = {2, 2};
    static const uint32_t indices[] = {0, 0, 1, 1, 0, 0};
    static const struct { const char *what; double weights[3]; bool counts; const char *message; } wrong[] = {
        {"a negative weight", {1, -1e-300, 1}, false, "row 2"}, {"a NaN", {1, 1, NAN}, false, "row 3"},
        {"an infinite weight", {INFINITY, 1, 1}, false, "row 1"}, {"an overflowing sum", {1e308, 1e308, 1e308}, false, "add up"},
        {"half a count", {1, 0.5, 1}, true, "row 2"}, {"counts above 2^53", {0x1p52, 0x1p52, 1}, true, "2^53"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        tap_ok(pid_joint_from_rows(&table, 2, shape, indices, wrong[i].weights, 3, wrong[i].counts, &error) == PID_ERROR_DATA &&
                   strstr(error.message, wrong[i].message) && !table.weights,
               "%s is refused: %s", wrong[i].what, error.message);
    static const uint32_t outside[] = {0, 0, 1, 2};
    tap_ok(pid_joint_from_rows(&table, 2, shape, outside, (double[]){1, 1}, 2, false, &error) == PID_ERROR_DATA &&
               strstr(error.message, "row 2: level 2 of variable 2"), "a level outside the shape is refused: %s", error.message);
    static const uint32_t far[] = {0, 0, 0, 0, 0xffffffff, 0};
    tap_ok(pid_joint_from_rows(&table, 3, (uint64_t[]){UINT32_MAX, UINT64_C(1) << 32, UINT32_MAX}, far, (double[]){1, 0}, 2, false, &error) == PID_OK &&
               table.cells == 1 && table.total == 1, "a cell of weight zero is dropped, labels go to 2^32 - 1");
    pid_joint_release(&table);
}

/* Sums that cancel or round differently in every order come out the same in every order. */
static void test_order_of_weights(void)
{
    enum { ROWS = 3000 };
    struct pid_error error = {0};
    static const uint64_t shape[] = {5, 4};
    uint32_t indices[2 * ROWS], turned[2 * ROWS];
    double weights[ROWS], turned_weights[ROWS];
    for (uint32_t r = 0; r < ROWS; r++) {
        uint64_t stream = pid_random_stream(PID_RANDOM_TEST, 77);
        indices[2 * r] = (uint32_t)pid_random_below(1, stream, 3 * r, 5);
        indices[2 * r + 1] = (uint32_t)pid_random_below(1, stream, 3 * r + 1, 4);
        weights[r] = exp(20 * pid_random_normal(1, stream, 3 * r + 2));
    }
    for (uint32_t r = 0; r < ROWS; r++) {
        size_t from = (r * 1009u + 17) % ROWS;
        memcpy(turned + 2 * r, indices + 2 * from, 2 * sizeof *indices);
        turned_weights[r] = weights[from];
    }
    struct pid_joint a, b;
    bool ok = pid_joint_from_rows(&a, 2, shape, indices, weights, ROWS, false, &error) == PID_OK &&
              pid_joint_from_rows(&b, 2, shape, turned, turned_weights, ROWS, false, &error) == PID_OK;
    tap_ok(ok && a.cells == 20 && same_tables(&a, &b), "the order of weighted rows changes no bit");
    static const size_t second[] = {1}, swapped[] = {1, 0};
    struct pid_joint pa, ps, pb;
    size_t place[20];
    ok = pid_joint_project(&a, second, 1, &pa, place, &error) == PID_OK && pid_joint_project(&a, swapped, 2, &ps, NULL, &error) == PID_OK &&
         pid_joint_project(&ps, (size_t[]){0}, 1, &pb, NULL, &error) == PID_OK;
    tap_ok(ok && canonical(&ps) && same_tables(&pa, &pb), "nor does the order of the variables change a marginal");
    bool placed = true;
    for (size_t c = 0; c < a.cells; c++) placed &= pid_joint_cell(&pa, place[c])[0] == pid_joint_cell(&a, c)[1];
    tap_ok(placed, "each cell knows its place in the marginal");
    pid_joint_release(&a);
    pid_joint_release(&b);
    pid_joint_release(&pa);
    pid_joint_release(&pb);
    pid_joint_release(&ps);
}

/* Few possible cells, and more than could be told apart one by one: levels are `spread` apart. */
static void test_counted_cells(uint32_t spread, const char *name)
{
    enum { ROWS = 500 };
    struct pid_error error = {0};
    uint64_t shape[] = {5 * (uint64_t)spread, 7 * (uint64_t)spread, 30 * (uint64_t)spread};
    uint32_t indices[3 * ROWS];
    double weights[ROWS];
    for (uint32_t r = 0; r < ROWS; r++) {
        for (uint32_t v = 0; v < 3; v++)
            indices[3 * r + v] = spread * (uint32_t)pid_random_below(1, pid_random_stream(PID_RANDOM_TEST, 78), 3 * r + v, shape[v] / spread);
        weights[r] = r % 3;
    }
    static const size_t wanted[][3] = {{0}, {2}, {2, 0}, {1, 2}, {1, 2, 0}}, count[] = {1, 1, 2, 2, 3};
    struct pid_joint table, projected;
    bool ok = pid_joint_from_rows(&table, 3, shape, indices, weights, ROWS, true, &error) == PID_OK;
    for (size_t w = 0; ok && w < 5; w++) {
        size_t cells = 0;
        ok = pid_joint_project(&table, wanted[w], count[w], &projected, NULL, &error) == PID_OK &&
             pid_joint_count_cells(&table, wanted[w], count[w], &cells, &error) == PID_OK && cells == projected.cells;
        pid_joint_release(&projected);
    }
    tap_ok(ok, "the cells of marginals are counted as they are made: %s", name);
    pid_joint_release(&table);
}

static double information(const struct pid_joint *t, const size_t *a, size_t an, const size_t *b, size_t bn)
{
    struct pid_error error = {0};
    double bits = NAN;
    if (pid_joint_information(t, a, an, b, bn, &bits, &error)) tap_note("%s", error.message);
    return bits;
}

static double entropy_of(const struct pid_joint *t, const size_t *a, size_t an)
{
    struct pid_error error = {0};
    double bits = NAN;
    if (pid_joint_entropy_of(t, a, an, &bits, &error)) tap_note("%s", error.message);
    return bits;
}

static void test_information(void)
{
    static const uint64_t shape[] = {6, 7, 5};
    struct labels l = random_labels(3, 400, shape);
    struct pid_joint t = count_labels(&l, shape);
    double hx = entropy_of(&t, X1X2, 2), hy = entropy_of(&t, Y, 1), h = pid_joint_entropy(&t), i = information(&t, X1X2, 2, Y, 1);
    tap_near(i, hx + hy - h, 1e-13, "I(A; B) = H(A) + H(B) - H(A, B)");
    tap_near(information(&t, Y, 1, X1X2, 2), i, 1e-15, "information is symmetric");
    tap_ok(information(&t, X1, 1, Y, 1) <= i && information(&t, X2, 1, Y, 1) <= i, "a part tells no more than the whole");
    struct pid_joint scaled = t;
    scaled.weights = malloc(t.cells * sizeof *scaled.weights);
    for (size_t c = 0; c < t.cells; c++) scaled.weights[c] = t.weights[c] * 1e-200;
    scaled.total = t.total * 1e-200;
    tap_near(information(&scaled, X1X2, 2, Y, 1), i, 1e-13, "the scale of the weights does not matter");
    free(scaled.weights);
    pid_joint_release(&t);
    free(l.block);

    struct pid_error error = {0};
    uint32_t product[2 * 35];
    double weights[35];
    for (uint32_t c = 0; c < 35; c++) {
        product[2 * c] = c / 7, product[2 * c + 1] = c % 7;
        weights[c] = (1 + c / 7) * pow(0.3, c % 7);
    }
    bool ok = pid_joint_from_rows(&t, 2, (uint64_t[]){5, 7}, product, weights, 35, false, &error) == PID_OK;
    tap_ok(ok, "a product of distributions");
    tap_near(information(&t, X1, 1, X2, 1), 0, 1e-15, "has no information");
    pid_joint_release(&t);

    /* Close to independence the entropies' difference would have lost all digits: I = e^2 / (2 ln 2) + O(e^4). */
    const double e = 1e-7;
    static const uint32_t square[] = {0, 0, 0, 1, 1, 0, 1, 1};
    ok = pid_joint_from_rows(&t, 2, (uint64_t[]){2, 2}, square, (double[]){(1 + e) / 4, (1 - e) / 4, (1 - e) / 4, (1 + e) / 4}, 4, false, &error) == PID_OK;
    tap_near(ok ? information(&t, X1, 1, X2, 1) : NAN, e * e / 2 / M_LN2, 1e-16, "a tiny information keeps its size");
    pid_joint_release(&t);

    ok = pid_joint_from_rows(&t, 2, (uint64_t[]){2, 2}, square, (double[]){0, 0, 0, 0}, 4, false, &error) == PID_OK;
    tap_ok(ok && t.cells == 0 && pid_joint_entropy(&t) == 0 && information(&t, X1, 1, X2, 1) == 0, "an empty table has none");
    pid_joint_release(&t);
}

static void test_radix(void)
{
    enum { N = 5000 };
    struct pid_error error = {0};
    static struct pid_radix_pair pairs[N];
    for (uint64_t i = 0; i < N; i++)
        pairs[i] = (struct pid_radix_pair){pid_random_bits(1, pid_random_stream(PID_RANDOM_TEST, 1), i) & 0xff000000fff0ff0f, i};
    for (uint64_t i = 0; i < N; i += 7) pairs[i].key = 12345;
    bool ok = pid_radix_sort(pairs, N, &error) == PID_OK;
    for (size_t i = 1; i < N; i++)
        ok &= pairs[i - 1].key < pairs[i].key || (pairs[i - 1].key == pairs[i].key && pairs[i - 1].value < pairs[i].value);
    tap_ok(ok, "the radix sort sorts, stably");
}

int main(void)
{
    test_forms();
    test_batches();
    test_open_levels();
    test_refused_labels();
    test_refused_rows();
    test_order_of_weights();
    test_counted_cells(1, "few levels");
    test_counted_cells(100000, "many levels");
    test_information();
    test_radix();
    return tap_done();
}
