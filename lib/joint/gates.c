#include "joint/gates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/random.h"

enum { PARAMETERS_MAX = 4, PARAMETER_BYTES = 32, COPY_LEVELS_MAX = 1024 };

#define LOG2_3 1.584962500721156181453738943947816

const struct pid_gate pid_gate_list[] = {
    {"and", "", "Y = X1 and X2"},
    {"or", "", "Y = X1 or X2"},
    {"xor", "", "Y = X1 xor X2: synergy alone"},
    {"unq", "", "Y = (X1, X2)"},
    {"unq1", "", "Y = X1: unique to the first source"},
    {"unq2", "", "Y = X2: unique to the second source"},
    {"rdn", "", "Y = X1 = X2: redundancy alone"},
    {"rdnxor", "", "one bit redundant, one by xor"},
    {"rdnunqxor", "", "one bit redundant, one unique to each source, one by xor"},
    {"xorand", "", "Y = (X1 xor X2, X1 and X2)"},
    {"sum", "", "Y = X1 + X2"},
    {"reduced-or", "", "Y = X1 or X2, never both"},
    {"diff", "", "Y = 1 where X1 is, 0 where X2 is, else a fair bit; X1 and X2 are never both 1"},
    {"independent", "", "three independent bits"},
    {"copy", ":M,N", "Y = (X1, X2), sources of M and N levels"},
    {"imperfect-rdn", ":E", "Y = X1, a fair bit; X2 = Y, but in a part E <= 0.5 of all cases 1 where Y is 0"},
    {"noisy", ":E1,E2", "Y a fair bit; each source is Y, turned over with its own probability"},
    {"fusion", ":ER,E1,E2,ES", "rdnunqxor with each bit of Y turned over with its own probability"},
    {NULL, NULL, NULL},
};

/* Gates without parameters: the cells, x1 x2 y as hexadecimal digits, are equally probable (a cell named twice is twice as
 * probable), and the truth is redundant, unique to x1, unique to x2, synergy. */
static const struct fixed {
    const char *name;
    uint64_t shape[PID_GATE_VARIABLES];
    const char *cells;
    double atoms[4];
} fixed_gates[] = {
    /* Bertschinger et al. 2014: all that one input tells of AND is redundant. */
    {"and", {2, 2, 2}, "000 010 100 111", {1.5 - 0.75 * LOG2_3, 0, 0, 0.5}},
    {"or", {2, 2, 2}, "000 011 101 111", {1.5 - 0.75 * LOG2_3, 0, 0, 0.5}},
    {"xor", {2, 2, 2}, "000 011 101 110", {0, 0, 0, 1}},
    {"unq", {2, 2, 4}, "000 011 102 113", {0, 1, 1, 0}},
    {"unq1", {2, 2, 2}, "000 010 101 111", {0, 1, 0, 0}},
    {"unq2", {2, 2, 2}, "000 011 100 111", {0, 0, 1, 0}},
    {"rdn", {2, 2, 2}, "000 111", {1, 0, 0, 0}},
    /* X1 = (r, a), X2 = (r, b), Y = (r, a xor b) */
    {"rdnxor", {4, 4, 4}, "000 011 101 110 222 233 323 332", {1, 0, 0, 1}},
    /* X1 = (r, u, a), X2 = (r, v, b), Y = (r, u, v, a xor b) */
    {"rdnunqxor", {8, 8, 16},
     "000 011 101 110 022 033 123 132 204 215 305 314 226 237 327 336 "
     "448 459 549 558 46a 47b 56b 57a 64c 65d 74d 75c 66e 67f 76f 77e",
     {1, 1, 1, 1}},
    {"xorand", {2, 2, 4}, "000 012 102 111", {0.5, 0, 0, 1}},
    {"sum", {2, 2, 3}, "000 011 101 112", {0.5, 0, 0, 1}},
    {"reduced-or", {2, 2, 2}, "000 000 011 101", {1.5 - 0.75 * LOG2_3, 0, 0, 0.75 * LOG2_3 - 0.5}},
    {"diff", {2, 2, 2}, "000 001 010 101", {2.5 - 1.5 * LOG2_3, 0.75 * LOG2_3 - 1, 0.75 * LOG2_3 - 1, 0}},
    {"independent", {2, 2, 2}, "000 001 010 011 100 101 110 111", {0, 0, 0, 0}},
};

/* The cells of a gate while it is put together. */
struct draft {
    uint64_t shape[PID_GATE_VARIABLES];
    size_t rows;
    uint32_t *indices;
    double *weights;
    struct pid_gate_truth truth;
};

static double bit_entropy(double p)
{
    return p > 0 && p < 1 ? -p * log2(p) - (1 - p) * log2(1 - p) : 0;
}

static void set_truth(struct draft *draft, double redundant, double unique1, double unique2, double synergy)
{
    draft->truth = (struct pid_gate_truth){redundant, {unique1, unique2}, synergy, redundant + unique1 + unique2 + synergy,
                                           {redundant + unique1, redundant + unique2}};
}

static enum pid_status draft_init(struct draft *draft, const uint64_t shape[PID_GATE_VARIABLES], size_t rows, struct pid_error *error)
{
    *draft = (struct draft){.shape = {shape[0], shape[1], shape[2]}, .rows = rows};
    draft->indices = pid_array_new(PID_GATE_VARIABLES * rows, sizeof *draft->indices, error);
    draft->weights = draft->indices ? pid_array_new(rows, sizeof *draft->weights, error) : NULL;
    if (!draft->weights) return error->status;
    return PID_OK;
}

static void draft_release(struct draft *draft)
{
    free(draft->indices);
    free(draft->weights);
}

static void set_row(struct draft *draft, size_t row, uint32_t x1, uint32_t x2, uint32_t y, double weight)
{
    uint32_t *index = draft->indices + row * PID_GATE_VARIABLES;
    index[0] = x1;
    index[1] = x2;
    index[2] = y;
    draft->weights[row] = weight;
}

static uint32_t digit(char c)
{
    return c <= '9' ? (uint32_t)(c - '0') : (uint32_t)(c - 'a') + 10;
}

static enum pid_status draft_fixed(struct draft *draft, const struct fixed *gate, struct pid_error *error)
{
    enum { CELL_CHARACTERS = PID_GATE_VARIABLES + 1 };
    size_t rows = (strlen(gate->cells) + 1) / CELL_CHARACTERS;
    enum pid_status status = draft_init(draft, gate->shape, rows, error);
    if (status != PID_OK) return status;
    for (size_t r = 0; r < rows; r++) {
        const char *cell = gate->cells + r * CELL_CHARACTERS;
        set_row(draft, r, digit(cell[0]), digit(cell[1]), digit(cell[2]), 1.0 / (double)rows);
    }
    set_truth(draft, gate->atoms[0], gate->atoms[1], gate->atoms[2], gate->atoms[3]);
    return PID_OK;
}

static enum pid_status draft_copy(struct draft *draft, const double *levels, struct pid_error *error)
{
    uint32_t m = (uint32_t)levels[0], n = (uint32_t)levels[1];
    enum pid_status status = draft_init(draft, (uint64_t[]){m, n, m * n}, (size_t)m * n, error);
    if (status != PID_OK) return status;
    for (uint32_t y = 0; y < m * n; y++) set_row(draft, y, y / n, y % n, y, 1.0 / (m * n));
    set_truth(draft, 0, log2(m), log2(n), 0);
    return PID_OK;
}

static enum pid_status draft_imperfect(struct draft *draft, const double *wrong, struct pid_error *error)
{
    double e = wrong[0];
    enum pid_status status = draft_init(draft, (uint64_t[]){2, 2, 2}, 3, error);
    if (status != PID_OK) return status;
    set_row(draft, 0, 0, 0, 0, 0.5 - e);
    set_row(draft, 1, 0, 1, 0, e);
    set_row(draft, 2, 1, 1, 1, 0.5);
    double lost = (0.5 + e) * bit_entropy(e / (0.5 + e)); /* H(Y | X2) */
    set_truth(draft, 1 - lost, lost, 0, 0);
    return PID_OK;
}

/* The noisier source is the other with more noise on it, so it has nothing of its own. */
static enum pid_status draft_noisy(struct draft *draft, const double *flip, struct pid_error *error)
{
    enum pid_status status = draft_init(draft, (uint64_t[]){2, 2, 2}, 8, error);
    if (status != PID_OK) return status;
    for (uint32_t r = 0; r < 8; r++) {
        uint32_t x1 = r >> 2, x2 = r >> 1 & 1, y = r & 1;
        set_row(draft, r, x1, x2, y, 0.5 * (x1 == y ? 1 - flip[0] : flip[0]) * (x2 == y ? 1 - flip[1] : flip[1]));
    }
    double h1 = bit_entropy(flip[0]), h2 = bit_entropy(flip[1]), redundant = 1 - fmax(h1, h2);
    double differ = flip[0] * (1 - flip[1]) + flip[1] * (1 - flip[0]);
    double total = 1 + bit_entropy(differ) - h1 - h2; /* H(X1 X2) - H(X1 X2 | Y) */
    set_truth(draft, redundant, fmax(0, h2 - h1), fmax(0, h1 - h2), total - (1 - fmin(h1, h2)));
    return PID_OK;
}

/* X1 = (r, u, a), X2 = (r, v, b), Y = (r, u, v, a xor b) with each bit of Y turned over by itself.  The four systems are
 * independent, so their decompositions add up (Bertschinger et al. 2014); each has one kind of information alone. */
static enum pid_status draft_fusion(struct draft *draft, const double *flip, struct pid_error *error)
{
    enum { INPUTS = 1 << 5, OUTPUTS = 1 << 4 };
    enum pid_status status = draft_init(draft, (uint64_t[]){8, 8, OUTPUTS}, INPUTS * OUTPUTS, error);
    if (status != PID_OK) return status;
    for (uint32_t row = 0; row < INPUTS * OUTPUTS; row++) {
        uint32_t input = row / OUTPUTS, y = row % OUTPUTS;
        uint32_t r = input >> 4, u = input >> 3 & 1, v = input >> 2 & 1, a = input >> 1 & 1, b = input & 1;
        uint32_t turned = y ^ (r << 3 | u << 2 | v << 1 | (a ^ b));
        double weight = 1.0 / INPUTS;
        for (uint32_t bit = 0; bit < 4; bit++) weight *= turned >> (3 - bit) & 1 ? flip[bit] : 1 - flip[bit];
        set_row(draft, row, r << 2 | u << 1 | a, r << 2 | v << 1 | b, y, weight);
    }
    set_truth(draft, 1 - bit_entropy(flip[0]), 1 - bit_entropy(flip[1]), 1 - bit_entropy(flip[2]), 1 - bit_entropy(flip[3]));
    return PID_OK;
}

static const struct parametric {
    const char *name;
    enum pid_status (*draft)(struct draft *draft, const double *parameters, struct pid_error *error);
    size_t count;
    double minimum, maximum;
    bool whole;
} parametric_gates[] = {
    {"copy", draft_copy, 2, 1, COPY_LEVELS_MAX, true},
    {"imperfect-rdn", draft_imperfect, 1, 0, 0.5, false},
    {"noisy", draft_noisy, 2, 0, 1, false},
    {"fusion", draft_fusion, 4, 0, 1, false},
};

/* "A,B" into value[0 .. count-1]. */
static bool parse_parameters(const struct parametric *gate, const char *text, double *value)
{
    for (size_t i = 0; i < gate->count; i++) {
        size_t length = strcspn(text, ",");
        char number[PARAMETER_BYTES];
        if (length >= sizeof number || (text[length] == ',') != (i + 1 < gate->count)) return false;
        memcpy(number, text, length);
        number[length] = '\0';
        if (!pid_number_real(number, gate->minimum, gate->maximum, &value[i])) return false;
        if (gate->whole && value[i] != floor(value[i])) return false;
        text += length + (i + 1 < gate->count);
    }
    return *text == '\0';
}

static enum pid_status draft_gate(struct draft *draft, const char *text, struct pid_error *error)
{
    size_t length = strcspn(text, ":");
    *draft = (struct draft){0};
    for (size_t g = 0; g < sizeof fixed_gates / sizeof *fixed_gates; g++)
        if (!strcmp(fixed_gates[g].name, text)) return draft_fixed(draft, &fixed_gates[g], error);
    for (size_t g = 0; g < sizeof parametric_gates / sizeof *parametric_gates; g++) {
        const struct parametric *gate = &parametric_gates[g];
        double parameters[PARAMETERS_MAX];
        if (strlen(gate->name) != length || strncmp(gate->name, text, length)) continue;
        if (text[length] == ':' && parse_parameters(gate, text + length + 1, parameters)) return gate->draft(draft, parameters, error);
        return pid_error_set(error, PID_ERROR_ARGUMENT, "gate '%s': '%s:' takes %zu %s from %g to %g%s", text, gate->name, gate->count,
                             gate->whole ? "whole numbers" : gate->count == 1 ? "number" : "numbers", gate->minimum, gate->maximum,
                             gate->count > 2 ? ", separated by commas" : gate->count > 1 ? ", separated by a comma" : "");
    }
    return pid_error_set(error, PID_ERROR_ARGUMENT, "unknown gate '%s'", text);
}

enum pid_status pid_gate_table(const char *text, struct pid_joint *table, struct pid_gate_truth *truth, struct pid_error *error)
{
    struct draft draft;
    *table = (struct pid_joint){0};
    enum pid_status status = draft_gate(&draft, text, error);
    if (status == PID_OK) {
        status = pid_joint_from_rows(table, PID_GATE_VARIABLES, draft.shape, draft.indices, draft.weights,
                                     draft.rows, false, error);
    }
    if (status == PID_OK && truth) *truth = draft.truth;
    draft_release(&draft);
    return status;
}

/* Under one seed: the draws of cells, each variable's level vectors, each variable's noise. */
static uint64_t cell_stream(void)
{
    return pid_random_stream(PID_RANDOM_SYNTHETIC, 0);
}

static uint64_t level_stream(size_t variable)
{
    return pid_random_stream(PID_RANDOM_SYNTHETIC, 1 + 2 * (uint32_t)variable);
}

static uint64_t noise_stream(size_t variable)
{
    return pid_random_stream(PID_RANDOM_SYNTHETIC, 2 + 2 * (uint32_t)variable);
}

/* The first cell whose cumulative weight is above `at`. */
static size_t find_cell(const double *cumulative, size_t cells, double at)
{
    size_t low = 0, high = cells - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cumulative[middle] > at) high = middle;
        else low = middle + 1;
    }
    return low;
}

enum pid_status pid_gate_sample(const struct pid_joint *table, uint64_t seed, uint64_t first, size_t rows, uint32_t *labels,
                                struct pid_error *error)
{
    double *cumulative = pid_array_new(table->cells, sizeof *cumulative, error), sum = 0;
    if (!cumulative) return error->status;
    for (size_t c = 0; c < table->cells; c++) cumulative[c] = sum += table->weights[c];
    for (size_t r = 0; r < rows; r++) {
        size_t cell = find_cell(cumulative, table->cells, sum * pid_random_uniform(seed, cell_stream(), first + r));
        for (size_t v = 0; v < table->variables; v++) labels[v * rows + r] = pid_joint_cell(table, cell)[v];
    }
    free(cumulative);
    return PID_OK;
}

enum pid_status pid_gate_embed(const uint32_t *labels, size_t rows, size_t variable, uint32_t levels, size_t dim, double noise,
                               uint64_t seed, uint64_t first, float *vectors, struct pid_error *error)
{
    double *level = pid_array_new((size_t)levels * dim, sizeof *level, error);
    if (!level) return error->status;
    for (size_t i = 0; i < (size_t)levels * dim; i++) level[i] = pid_random_normal(seed, level_stream(variable), i);
    for (size_t r = 0; r < rows; r++) {
        for (size_t d = 0; d < dim; d++) {
            double error_term = noise > 0 ? noise * pid_random_normal(seed, noise_stream(variable), (first + r) * dim + d) : 0;
            vectors[r * dim + d] = (float)(level[labels[r] * dim + d] + error_term);
        }
    }
    free(level);
    return PID_OK;
}
