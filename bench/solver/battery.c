/* Ten thousand tables made from a seed, solved to 1e-11 bits: what share of them is proved to 1e-9 and to 1e-11.
 *
 *     battery [FIRST [COUNT]]     prints one line for each kind of table and one for all; status 1 where a table misses 1e-9
 *     battery FIRST COUNT each    before that, for each table: its number, "union", the union information and its gap, in bits,
 *                                 between tabs */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/blas.h"
#include "battery.h"

struct tally { size_t tables, fine, finest, fell_back; double worst, seconds; uint64_t iterations; };

static void add(struct tally *tally, const struct pid_decomposition_result *r)
{
    tally->tables++;
    tally->fine += r->gap <= 1e-9;
    tally->finest += r->gap <= 1e-11;
    tally->fell_back += r->fell_back;
    tally->worst = fmax(tally->worst, r->gap);
    tally->seconds += r->seconds;
    tally->iterations += r->iterations;
}

static void print(const char *name, const struct tally *t)
{
    printf("%-16s %6zu %6zu %6zu %6zu %10.2e %8.1f %9.3f\n", name, t->tables, t->fine, t->finest, t->fell_back, t->worst,
           (double)t->iterations / (double)t->tables, 1e3 * t->seconds / (double)t->tables);
}

int main(int argc, char **argv)
{
    size_t first = argc > 1 ? strtoul(argv[1], NULL, 10) : 0, count = argc > 2 ? strtoul(argv[2], NULL, 10) : 10000;
    bool each = argc > 3 && !strcmp(argv[3], "each");
    struct pid_error error = {0};
    struct pid_decomposition *decomposition = pid_decomposition_new(&error);
    struct battery_table *table = malloc(sizeof *table);
    struct pid_decomposition_options options;
    struct tally kinds[BATTERY_KINDS] = {{0}}, all = {0};
    pid_blas_single_thread();
    pid_decomposition_options_init(&options);
    options.tolerance = 1e-11;
    for (size_t i = first; i < first + count; i++) {
        struct pid_decomposition_result r;
        battery_make(i, table);
        if (pid_decomposition_solve(decomposition, &table->table, &options, &r, &error) != PID_OK) {
            fprintf(stderr, "battery: table %zu: %s\n", i, error.message);
            return 1;
        }
        add(&kinds[table->kind], &r);
        add(&all, &r);
        if (each) printf("%zu\tunion\t%.17g\t%.3g\n", i, r.upper, r.gap);
        if (!(r.gap <= 1e-11))
            printf("# table %zu (%s, %zu x %zu x %zu): gap %.2e, %llu iterations, %s\n", i, battery_name(table->kind),
                   table->table.levels[0], table->table.levels[1], table->table.levels[2], r.gap,
                   (unsigned long long)r.iterations, pid_decomposition_status_name(r.status));
    }
    printf("%-16s %6s %6s %6s %6s %10s %8s %9s\n", "kind", "tables", "<=1e-9", "<=1e-11", "fallen", "worst", "steps", "ms");
    for (size_t k = 0; k < BATTERY_KINDS; k++)
        if (kinds[k].tables) print(battery_name(k), &kinds[k]);
    print("all", &all);
    free(table);
    pid_decomposition_free(decomposition);
    return all.fine != all.tables;
}
