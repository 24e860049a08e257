#include "joint/permutation.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "joint/hypergeometric.h"

/* Rows of one combination of sources and stratum are dealt targets one by one while that is cheaper than asking of each target how many
 * it gets. */
enum { ROWS_PER_TARGET = 32 };

/* Cells that agree in sources and strata, which follow each other in the table. */
struct run {
    uint64_t rows;
    uint32_t stratum;
    bool next_sources; /* the sources differ from the run before */
    size_t cell;       /* the first */
};

struct pid_permutation {
    const struct pid_joint *table;
    size_t sources, strata, targets; /* variables */
    size_t run_count, tuple_count;   /* tuples: combinations of sources */
    struct run *runs;
    struct pid_joint target;         /* the different targets, in order */
    uint64_t *shape;                 /* of what is drawn */
    size_t stratum_count, tree;      /* tree: target.cells rounded up to a power of two */
    uint64_t *pool;                  /* stratum_count x tree: how often each target is in each stratum, as sums in tree form */
    uint64_t *pool_rows;             /* stratum_count */
    size_t cells_max;                /* the most cells that a permutation can have */
};

void pid_permutation_free(struct pid_permutation *p)
{
    if (!p) return;
    pid_joint_release(&p->target);
    free(p->runs);
    free(p->shape);
    free(p->pool);
    free(p->pool_rows);
    free(p);
}

/* A pool is a Fenwick tree: node i, counted from 1, holds the sum of the lowest-bit-of-i many counts that end with i. */
static void pool_change(uint64_t *pool, size_t tree, size_t target, uint64_t by)
{
    for (size_t node = target + 1; node <= tree; node += node & -node) pool[node - 1] += by;
}

/* The target of ball `at` when the balls lie in the targets' order; one of that target is taken out. */
static size_t pool_take(uint64_t *pool, size_t tree, uint64_t at)
{
    size_t target = 0;
    for (size_t step = tree; step; step /= 2) {
        size_t node = target + step;
        if (node > tree || pool[node - 1] > at) {
            if (node <= tree) pool[node - 1]--;
            continue;
        }
        at -= pool[node - 1];
        target = node;
    }
    return target;
}

static uint64_t pool_count(const uint64_t *pool, size_t target)
{
    size_t node = target + 1;
    uint64_t count = pool[node - 1];
    for (size_t child = target, stop = node - (node & -node); child > stop; child -= child & -child) count -= pool[child - 1];
    return count;
}

/* Places of the targets and strata of each cell: projections of the table. */
static enum pid_status place_cells(struct pid_permutation *p, size_t *wanted, size_t *target, size_t *stratum, struct pid_error *error)
{
    const struct pid_joint *t = p->table;
    for (size_t v = 0; v < t->variables; v++) wanted[v] = v;
    enum pid_status status = pid_joint_project(t, wanted + p->sources + p->strata, p->targets, &p->target, target, error);
    p->stratum_count = 1;
    if (status != PID_OK || !p->strata) return status;
    struct pid_joint strata;
    status = pid_joint_project(t, wanted + p->sources, p->strata, &strata, stratum, error);
    if (status != PID_OK) return status;
    p->stratum_count = strata.cells;
    pid_joint_release(&strata);
    return PID_OK;
}

static bool same_start(const struct pid_joint *t, size_t a, size_t b, size_t variables)
{
    return !memcmp(pid_joint_cell(t, a), pid_joint_cell(t, b), variables * sizeof *t->indices);
}

static void find_runs(struct pid_permutation *p, const size_t *stratum)
{
    const struct pid_joint *t = p->table;
    uint64_t rows = 0; /* of the present combination of sources */
    for (size_t c = 0; c < t->cells; c++) {
        bool next_sources = c == 0 || !same_start(t, c - 1, c, p->sources);
        if (next_sources || !same_start(t, c - 1, c, p->sources + p->strata))
            p->runs[p->run_count++] = (struct run){0, (uint32_t)stratum[c], next_sources, c};
        p->runs[p->run_count - 1].rows += (uint64_t)t->weights[c];
        rows = (next_sources ? 0 : rows) + (uint64_t)t->weights[c];
        p->tuple_count += next_sources;
        bool ends = c + 1 == t->cells || !same_start(t, c, c + 1, p->sources);
        if (ends) p->cells_max += rows < p->target.cells ? (size_t)rows : p->target.cells;
    }
}

static enum pid_status prepare(struct pid_permutation *p, struct pid_error *error)
{
    const struct pid_joint *t = p->table;
    size_t *target = pid_array_new(t->cells, sizeof *target, error), *stratum = NULL, *wanted = NULL;
    enum pid_status status = PID_OK;
    if (target) stratum = pid_array_new(t->cells, sizeof *stratum, error);
    if (stratum) wanted = pid_array_new(t->variables, sizeof *wanted, error);
    if (wanted) p->runs = pid_array_new(t->cells, sizeof *p->runs, error);
    if (p->runs) p->shape = pid_array_new(t->variables, sizeof *p->shape, error);
    if (p->shape) status = place_cells(p, wanted, target, stratum, error);
    if (p->shape && status == PID_OK) {
        memcpy(p->shape, t->shape, p->sources * sizeof *p->shape);
        memcpy(p->shape + p->sources, t->shape + p->sources + p->strata, p->targets * sizeof *p->shape);
        for (p->tree = 1; p->tree < p->target.cells;) p->tree *= 2;
        p->pool_rows = pid_array_new(p->stratum_count, sizeof *p->pool_rows, error);
        p->pool = p->pool_rows ? pid_array_new(p->stratum_count * p->tree, sizeof *p->pool, error) : NULL;
        status = p->pool ? PID_OK : error->status;
    }
    if (status == PID_OK && p->pool) {
        find_runs(p, stratum);
        for (size_t c = 0; c < t->cells; c++) {
            pool_change(p->pool + stratum[c] * p->tree, p->tree, target[c], (uint64_t)t->weights[c]);
            p->pool_rows[stratum[c]] += (uint64_t)t->weights[c];
        }
    }
    free(wanted);
    free(stratum);
    free(target);
    return p->pool ? status : error->status;
}

struct pid_permutation *pid_permutation_new(const struct pid_joint *table, size_t sources, size_t strata, struct pid_error *error)
{
    if (!table->counts || sources + strata >= table->variables) {
        pid_error_set(error, PID_ERROR_ARGUMENT, "only counts of samples, with a target, can be permuted");
        return NULL;
    }
    struct pid_permutation *p = pid_array_new(1, sizeof *p, error);
    if (!p) return NULL;
    p->table = table;
    p->sources = sources;
    p->strata = strata;
    p->targets = table->variables - sources - strata;
    if (prepare(p, error) == PID_OK) return p;
    pid_permutation_free(p);
    return NULL;
}

/* The state of one draw. */
struct deal {
    const struct pid_permutation *permutation;
    uint64_t seed, stream, counter;
    uint64_t spare;         /* the second word of the last pair of random words */
    bool has_spare;
    uint64_t *pool, *pool_rows;
    uint64_t *dealt;        /* by target: to the present combination of sources */
    size_t *touched;        /* the targets of which some were dealt */
    size_t touched_count;
};

static uint64_t next_word(struct deal *deal)
{
    deal->has_spare = !deal->has_spare;
    if (!deal->has_spare) return deal->spare;
    struct pid_random_pair pair = pid_random_pair(deal->seed, deal->stream, deal->counter++);
    deal->spare = pair.second;
    return pair.first;
}

static void give(struct deal *deal, size_t target, uint64_t times)
{
    if (!deal->dealt[target]) deal->touched[deal->touched_count++] = target;
    deal->dealt[target] += times;
}

static void deal_one_by_one(struct deal *deal, const struct run *run)
{
    size_t tree = deal->permutation->tree;
    uint64_t *pool = deal->pool + run->stratum * tree, *left = &deal->pool_rows[run->stratum];
    for (uint64_t r = 0; r < run->rows; r++) {
        uint64_t at = (uint64_t)((unsigned __int128)next_word(deal) * (*left)-- >> 64);
        give(deal, pool_take(pool, tree, at), 1);
    }
}

static void deal_by_target(struct deal *deal, const struct run *run)
{
    const struct pid_permutation *p = deal->permutation;
    uint64_t *pool = deal->pool + run->stratum * p->tree, left = deal->pool_rows[run->stratum], wanted = run->rows;
    deal->pool_rows[run->stratum] -= wanted;
    for (size_t target = 0; target < p->target.cells && wanted; target++) {
        uint64_t here = pool_count(pool, target);
        if (!here) continue;
        uint64_t got = pid_hypergeometric((double)(next_word(deal) >> 11) * 0x1p-53, left, here, wanted);
        left -= here;
        wanted -= got;
        if (!got) continue;
        pool_change(pool, p->tree, target, -got);
        give(deal, target, got);
    }
}

static int compare_numbers(const void *left, const void *right)
{
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    return (a > b) - (a < b);
}

static void sort_numbers(size_t *numbers, size_t count)
{
    enum { FEW = 16 };
    if (count > FEW) {
        qsort(numbers, count, sizeof *numbers, compare_numbers);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        size_t number = numbers[i], at = i;
        for (; at > 0 && numbers[at - 1] > number; at--) numbers[at] = numbers[at - 1];
        numbers[at] = number;
    }
}

/* Writes what the present combination of sources was dealt, and forgets it. */
static void write_dealt(struct deal *deal, size_t source_cell, struct pid_joint *drawn)
{
    const struct pid_permutation *p = deal->permutation;
    sort_numbers(deal->touched, deal->touched_count);
    for (size_t i = 0; i < deal->touched_count; i++) {
        size_t target = deal->touched[i];
        uint32_t *index = drawn->indices + drawn->cells * drawn->variables;
        memcpy(index, pid_joint_cell(p->table, source_cell), p->sources * sizeof *index);
        memcpy(index + p->sources, pid_joint_cell(&p->target, target), p->targets * sizeof *index);
        drawn->weights[drawn->cells++] = (double)deal->dealt[target];
        deal->dealt[target] = 0;
    }
    deal->touched_count = 0;
}

static void deal_runs(struct deal *deal, struct pid_joint *drawn)
{
    const struct pid_permutation *p = deal->permutation;
    for (size_t r = 0; r < p->run_count; r++) {
        const struct run *run = &p->runs[r];
        if (run->rows > ROWS_PER_TARGET * p->target.cells) deal_by_target(deal, run);
        else deal_one_by_one(deal, run);
        if (r + 1 == p->run_count || p->runs[r + 1].next_sources) write_dealt(deal, run->cell, drawn);
    }
}

enum pid_status pid_permutation_draw(const struct pid_permutation *p, uint64_t seed, uint32_t index, struct pid_joint *drawn,
                                     struct pid_error *error)
{
    struct deal deal = {.permutation = p, .seed = seed, .stream = pid_random_stream(PID_RANDOM_PERMUTATION, index)};
    size_t pool_size = p->stratum_count * p->tree, targets = p->target.cells;
    enum pid_status status = pid_joint_init(drawn, p->sources + p->targets, p->shape, p->cells_max, error);
    if (status != PID_OK) return status;
    uint64_t *words = pid_array_new(pool_size + p->stratum_count + targets, sizeof *words, error);
    deal.touched = words ? pid_array_new(targets, sizeof *deal.touched, error) : NULL;
    if (!deal.touched) {
        free(words);
        pid_joint_release(drawn);
        return error->status;
    }
    deal.pool = words;
    deal.pool_rows = deal.pool + pool_size;
    deal.dealt = deal.pool_rows + p->stratum_count;
    memcpy(deal.pool, p->pool, pool_size * sizeof *words);
    memcpy(deal.pool_rows, p->pool_rows, p->stratum_count * sizeof *words);
    drawn->cells = 0;
    deal_runs(&deal, drawn);
    drawn->total = p->table->total;
    drawn->counts = true;
    free(words);
    free(deal.touched);
    return PID_OK;
}
