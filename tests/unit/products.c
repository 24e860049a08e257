#include "tap.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "clustering/products.h"
#include "clustering/seeding.h"

static struct pid_error error;

static float *numbers(uint32_t use, size_t count)
{
    float *x = malloc(count * sizeof *x);
    for (size_t i = 0; i < count; i++) x[i] = (float)pid_random_normal(3, pid_random_stream(PID_RANDOM_TEST, use), i);
    return x;
}

/* Sizes around those of tiles and vectors. */
static void test_products(void)
{
    double worst = 0;
    bool below = true;
    for (size_t n = 1; n <= 26; n++)
        for (size_t d = 1; d <= 35; d += n % 3 + 1) {
            float *x = numbers(1, n * d);
            double *products = malloc(n * n * sizeof *products);
            for (size_t i = 0; i < n * n; i++) products[i] = NAN;
            pid_products_among(x, n, d, 7, products);
            for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < n; j++) {
                    double sum = 0;
                    for (size_t c = 0; c < d; c++) sum += (double)x[i * d + c] * (double)x[j * d + c];
                    if (j < i) below &= isnan(products[i * n + j]);
                    else worst = isnan(products[i * n + j]) ? INFINITY : fmax(worst, fabs(products[i * n + j] - sum / 7));
                }
            free(x);
            free(products);
        }
    tap_near(worst, 0, 1e-13, "products of rows");
    tap_ok(below, "nothing is written below the diagonal");
}

static void test_combine(void)
{
    double worst = 0;
    bool outside = true;
    for (size_t count = 1; count <= 12; count++)
        for (size_t d = 1; d <= 50; d += 7) {
            size_t n = 9, first = d / 5, last = d - d / 7;
            float *x = numbers(2, n * d);
            double weights[12 * 9], sums[12 * 50];
            for (size_t i = 0; i < count * n; i++) weights[i] = pid_random_normal(3, pid_random_stream(PID_RANDOM_TEST, 4), i);
            for (size_t i = 0; i < count * d; i++) sums[i] = NAN;
            pid_products_combine(weights, count, x, n, d, first, last, sums);
            for (size_t q = 0; q < count; q++)
                for (size_t c = 0; c < d; c++) {
                    double sum = 0;
                    for (size_t i = 0; i < n; i++) sum += weights[q * n + i] * (double)x[i * d + c];
                    if (c < first || c >= last) outside &= isnan(sums[q * d + c]);
                    else worst = isnan(sums[q * d + c]) ? INFINITY : fmax(worst, fabs(sums[q * d + c] - sum));
                }
            free(x);
        }
    tap_near(worst, 0, 1e-13, "sums of weighted rows");
    tap_ok(outside, "no other columns are written");
}

static void test_survey(void)
{
    double x[40], extreme, worst = 0;
    bool right = true;
    for (size_t n = 1; n <= 40; n++)
        for (size_t at = 0; at < n; at++) {
            double square = 0;
            for (size_t i = 0; i < n; i++) x[i] = (i % 2 ? -1 : 1) * (double)(i % 5) / 8;
            x[at] = at % 2 ? -3 : 3;
            if (at + 2 < n) x[at + 1] = -x[at]; /* as great, and later */
            for (size_t i = 0; i < n; i++) square += x[i] * x[i];
            worst = fmax(worst, fabs(pid_products_survey(x, n, &extreme) - square));
            right &= extreme == (at % 2 ? -3 : 3);
        }
    tap_near(worst, 0, 1e-12, "sums of squares");
    tap_ok(right, "the first element of the greatest magnitude, with its sign");
}

/* With an index the same rows are seeded from without the table of all distances. */
static void test_seeding(void)
{
    size_t same = 0, tries = 0;
    for (size_t n = 20; n <= 192; n += 43)
        for (size_t d = 1; d <= 11; d += 5) {
            size_t k = 7, index[192];
            float *x = numbers((uint32_t)(10 + n), n * d), one[7 * 11], other[7 * 11];
            struct pid_seeding seeding = {0};
            struct pid_rows rows = {x, n, d, NULL}, indexed = {x, n, d, index};
            for (size_t i = 0; i < n; i++) index[i] = i;
            if (pid_seeding_rows(&seeding, &rows, &error) || pid_seeding_plusplus(&seeding, NULL, k, 5, 6, 7, one, &error) ||
                pid_seeding_rows(&seeding, &indexed, &error) || pid_seeding_plusplus(&seeding, NULL, k, 5, 6, 7, other, &error))
                abort();
            tries++;
            same += !memcmp(one, other, k * d * sizeof *one);
            pid_seeding_release(&seeding);
            free(x);
        }
    tap_ok(same == tries && tries == 15, "seeds by the table of distances are those without (%zu of %zu)", same, tries);
}

int main(void)
{
    test_products();
    test_combine();
    test_survey();
    test_seeding();
    return tap_done();
}
