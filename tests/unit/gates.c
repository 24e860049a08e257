#include "tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "joint/gates.h"
#include "joint/information.h"

static const size_t SOURCES[] = {0, 1}, TARGET[] = {2};

static double information(const struct pid_joint *table, const size_t *sources, size_t count)
{
    struct pid_error error = {0};
    double bits = NAN;
    if (pid_joint_information(table, sources, count, TARGET, 1, &bits, &error)) tap_note("%s", error.message);
    return bits;
}

/* What can be checked without a solver: the informations of the table, and that the atoms account for them. */
static void check_gate(const char *text)
{
    struct pid_error error = {0};
    struct pid_joint t;
    struct pid_gate_truth truth = {0};
    if (!tap_ok(pid_gate_table(text, &t, &truth, &error) == PID_OK, "gate %s", text)) return;
    tap_near(t.total, 1, 1e-15, "%s: probabilities add up to 1", text);
    tap_near(truth.total, information(&t, SOURCES, 2), 1e-14, "%s: I(Y; X1 X2)", text);
    for (size_t i = 0; i < 2; i++) {
        tap_near(truth.information[i], information(&t, SOURCES + i, 1), 1e-14, "%s: I(Y; X%zu)", text, i + 1);
        tap_near(truth.redundant + truth.unique[i], truth.information[i], 1e-15, "%s: redundant + unique %zu", text, i + 1);
    }
    tap_near(truth.redundant + truth.unique[0] + truth.unique[1] + truth.synergy, truth.total, 1e-15, "%s: the atoms add up", text);
    tap_ok(truth.redundant >= 0 && truth.unique[0] >= 0 && truth.unique[1] >= 0 && truth.synergy >= -1e-15, "%s: no atom is negative", text);
    pid_joint_release(&t);
}

static void check_truth(const char *text, double redundant, double unique1, double unique2, double synergy)
{
    struct pid_error error = {0};
    struct pid_joint t = {0};
    struct pid_gate_truth truth = {0};
    if (pid_gate_table(text, &t, &truth, &error)) tap_note("%s", error.message);
    tap_near(truth.redundant, redundant, 1e-7, "%s: redundant", text);
    tap_near(truth.unique[0], unique1, 1e-7, "%s: unique to x1", text);
    tap_near(truth.unique[1], unique2, 1e-7, "%s: unique to x2", text);
    tap_near(truth.synergy, synergy, 1e-7, "%s: synergy", text);
    pid_joint_release(&t);
}

static void test_refused(void)
{
    static const char *wrong[] = {"", "nand", "AND", "and:", "and:2", "copy", "copy:", "copy:2", "copy:2,", "copy:2,3,4", "copy:2.5,3", "copy:0,3",
                                  "copy:5000,2", "copy:2, 3", "imperfect-rdn", "imperfect-rdn:0.6", "imperfect-rdn:-0.1", "imperfect-rdn:nan",
                                  "noisy:0.1", "noisy:0.1,1.1", "noisy:0.1;0.2", "fusion:0,0,0", "fusion:0,0,0,2"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct pid_error error = {0};
        struct pid_joint t;
        tap_ok(pid_gate_table(wrong[i], &t, NULL, &error) == PID_ERROR_ARGUMENT && !t.weights, "'%s' is refused: %s", wrong[i], error.message);
    }
}

static void test_samples(void)
{
    enum { ROWS = 40000 };
    struct pid_error error = {0};
    struct pid_joint t;
    uint32_t *whole = malloc(3 * ROWS * sizeof *whole), *part = malloc(3 * 100 * sizeof *part);
    bool ok = pid_gate_table("noisy:0.1,0.3", &t, NULL, &error) == PID_OK && pid_gate_sample(&t, 9, 0, ROWS, whole, &error) == PID_OK &&
              pid_gate_sample(&t, 9, 1234, 100, part, &error) == PID_OK;
    for (size_t v = 0; v < 3; v++) ok &= !memcmp(whole + v * ROWS + 1234, part + v * 100, 100 * sizeof *part);
    tap_ok(ok, "a part of the sequence is the same drawn by itself");
    for (size_t c = 0; ok && c < t.cells; c++) {
        size_t seen = 0;
        for (size_t r = 0; r < ROWS; r++) {
            bool here = true;
            for (size_t v = 0; v < 3; v++) here &= whole[v * ROWS + r] == pid_joint_cell(&t, c)[v];
            seen += here;
        }
        /* Five standard errors. */
        double p = t.weights[c];
        tap_near((double)seen / ROWS, p, 5 * sqrt(p * (1 - p) / ROWS), "cell %zu is as frequent as it is probable", c);
    }
    ok = pid_gate_sample(&t, 10, 0, 100, part, &error) == PID_OK;
    tap_ok(ok && memcmp(whole, part, 100 * sizeof *part), "another seed draws other samples");
    pid_joint_release(&t);
    free(whole);
    free(part);
}

static void test_vectors(void)
{
    enum { ROWS = 4000, DIM = 3, LEVELS = 4 };
    struct pid_error error = {0};
    uint32_t labels[ROWS];
    for (uint32_t r = 0; r < ROWS; r++) labels[r] = r % LEVELS;
    float *exact = malloc(ROWS * DIM * sizeof *exact), *noisy = malloc(ROWS * DIM * sizeof *noisy), *part = malloc(10 * DIM * sizeof *part);
    bool ok = pid_gate_embed(labels, ROWS, 1, LEVELS, DIM, 0, 3, 0, exact, &error) == PID_OK &&
              pid_gate_embed(labels, ROWS, 1, LEVELS, DIM, 0.5, 3, 0, noisy, &error) == PID_OK &&
              pid_gate_embed(labels + 40, 10, 1, LEVELS, DIM, 0.5, 3, 40, part, &error) == PID_OK;
    tap_ok(ok && !memcmp(part, noisy + 40 * DIM, 10 * DIM * sizeof *part), "vectors of a part are those of the whole");
    bool same = true, differ = true;
    double square = 0;
    for (size_t r = 0; r < ROWS; r++) {
        same &= !memcmp(exact + r * DIM, exact + r % LEVELS * DIM, DIM * sizeof *exact);
        differ &= r == 0 || labels[r] == labels[r - 1] || exact[r * DIM] != exact[(r - 1) * DIM];
        for (size_t d = 0; d < DIM; d++) square += pow(noisy[r * DIM + d] - exact[r * DIM + d], 2);
    }
    tap_ok(same && differ, "without noise a level is one point of its own");
    /* Five standard errors of a variance. */
    tap_near(square / (ROWS * DIM), 0.25, 5 * 0.25 * sqrt(2.0 / (ROWS * DIM)), "the noise has the deviation asked for");
    free(exact);
    free(noisy);
    free(part);
}

int main(void)
{
    for (const struct pid_gate *gate = pid_gate_list; gate->name; gate++)
        if (!*gate->parameters) check_gate(gate->name);
    static const char *parametric[] = {"copy:1,1", "copy:2,2", "copy:3,5", "copy:1024,2", "imperfect-rdn:0", "imperfect-rdn:0.5", "imperfect-rdn:0.1",
                                       "noisy:0,0", "noisy:0.1,0.1", "noisy:0.1,0.3", "noisy:0.4,0.2", "noisy:0.5,0.5", "noisy:1,0.2",
                                       "fusion:0,0,0,0", "fusion:0.5,0.5,0.5,0.1", "fusion:0.05,0.2,0.11,0.3", "fusion:1,0,0.5,1"};
    for (size_t i = 0; i < sizeof parametric / sizeof *parametric; i++) check_gate(parametric[i]);
    check_truth("and", 0.311278124, 0, 0, 0.5);
    check_truth("reduced-or", 0.311278124, 0, 0, 0.688721876);
    check_truth("diff", 0.122556249, 0.188721876, 0.188721876, 0);
    check_truth("imperfect-rdn:0.1", 0.6099866, 0.3900134, 0, 0);
    check_truth("imperfect-rdn:0.001", 0.9895901, 0.0104099, 0, 0);
    check_truth("rdnunqxor", 1, 1, 1, 1);
    check_truth("fusion:0.5,0.11,0,0.5", 0, 0.500084042, 1, 0);
    test_refused();
    test_samples();
    test_vectors();
    return tap_done();
}
