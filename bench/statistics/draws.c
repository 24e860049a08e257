/* Draws data sets from a known distribution, as rows of text for pid-joint --table --per draw.
 *
 *     draws TABLE.tsv N DRAWS [FIRST]
 *
 * TABLE.tsv has the columns x1 x2 y p.  Draw d (FIRST, FIRST + 1, ...) is the same N rows whatever else is drawn. */
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"

enum { CELLS_MAX = 1 << 20 };

static unsigned cells[3 * CELLS_MAX];
static double cumulative[CELLS_MAX];
static size_t cell_count;

static void die(const char *message)
{
    fprintf(stderr, "draws: %s\n", message);
    exit(1);
}

static void read_table(const char *path)
{
    char line[1000];
    double sum = 0, p;
    FILE *file = fopen(path, "r");
    if (!file || !fgets(line, sizeof line, file)) die("cannot read the table");
    while (fgets(line, sizeof line, file)) {
        unsigned *at = cells + 3 * cell_count;
        if (cell_count == CELLS_MAX || sscanf(line, "%u %u %u %lf", at, at + 1, at + 2, &p) != 4) die("not a table of x1 x2 y p");
        cumulative[cell_count++] = sum += p;
    }
    fclose(file);
    if (!cell_count) die("the table is empty");
}

static const unsigned *draw(uint64_t seed, uint64_t row)
{
    double u = pid_random_uniform(seed, pid_random_stream(PID_RANDOM_TEST, 1), row) * cumulative[cell_count - 1];
    size_t low = 0, high = cell_count - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (cumulative[middle] > u) high = middle;
        else low = middle + 1;
    }
    return cells + 3 * low;
}

int main(int argc, char **argv)
{
    if (argc < 4) die("usage: draws TABLE.tsv N DRAWS [FIRST]");
    read_table(argv[1]);
    unsigned long n = strtoul(argv[2], NULL, 10), draws = strtoul(argv[3], NULL, 10), first = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
    puts("draw\tx1\tx2\ty");
    for (unsigned long d = first; d < first + draws; d++)
        for (unsigned long i = 0; i < n; i++) {
            const unsigned *row = draw(1000003u * d + n, i);
            printf("%lu\t%u\t%u\t%u\n", d, row[0], row[1], row[2]);
        }
    if (fflush(stdout) || ferror(stdout)) die("cannot write");
    return 0;
}
