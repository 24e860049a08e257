#include "gauss/wishart.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

#include "base/random.h"

/* Numbers of one draw, in order. */
struct numbers { uint64_t seed, stream, next; };

static double normal(struct numbers *numbers) { return pid_random_normal(numbers->seed, numbers->stream, numbers->next++); }
static double uniform(struct numbers *numbers) { return pid_random_uniform(numbers->seed, numbers->stream, numbers->next++); }

/* Gamma of shape a >= 1/2 (Marsaglia, Tsang 2000), below 1 by the power of a uniform. */
static double gamma_draw(struct numbers *numbers, double a)
{
    if (a < 1) return gamma_draw(numbers, a + 1) * pow(1 - uniform(numbers), 1 / a);
    double b = a - 1.0 / 3, c = 1 / sqrt(9 * b);
    for (;;) {
        double x = normal(numbers), v = 1 + c * x;
        if (v <= 0) continue;
        v = v * v * v;
        if (log(1 - uniform(numbers)) < 0.5 * x * x + b - b * v + b * log(v)) return b * v;
    }
}

enum pid_status pid_wishart_draw(const double *factor, size_t n, double freedom, uint64_t seed, uint32_t index, double *drawn,
                                 struct pid_arena *arena, struct pid_error *error)
{
    struct numbers numbers = {seed, pid_random_stream(PID_RANDOM_WISHART, index), 0};
    double *root = pid_arena_array(arena, n * n, sizeof *root, error);
    if (!root) return error->status;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) root[i * n + j] = normal(&numbers);
        root[i * n + i] = sqrt(2 * gamma_draw(&numbers, (freedom - (double)i) / 2));
        memset(root + i * n + i + 1, 0, (n - i - 1) * sizeof *root);
    }
    cblas_dtrmm(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, (int)n, (int)n, 1, factor, (int)n, root, (int)n);
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, (int)n, (int)n, 1 / freedom, root, (int)n, 0, drawn, (int)n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++) drawn[i * n + j] = drawn[j * n + i];
    return PID_OK;
}

/* The logarithmic derivative of the gamma function, by its recurrence and asymptotic series (Abramowitz, Stegun 6.3.18). */
static double digamma(double x)
{
    double sum = 0;
    for (; x < 10; x++) sum -= 1 / x;
    double y = 1 / (x * x);
    return sum + log(x) - 0.5 / x - y * (1 / 12.0 - y * (1 / 120.0 - y * (1 / 252.0 - y * (1 / 240.0 - y / 132))));
}

double pid_wishart_logdet_bias(size_t n, double freedom)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += digamma((freedom - (double)i) / 2) + log(2 / freedom);
    return sum;
}
