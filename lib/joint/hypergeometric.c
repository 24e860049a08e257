#include "joint/hypergeometric.h"

#include <math.h>

/* Probabilities without cancellation, however large the numbers: saddle-point expansion of the binomial (Loader 2000, "Fast and
 * accurate computation of binomial probabilities").  Logarithms of factorials of large numbers would lose all digits. */

/* log n! minus Stirling's formula. */
static double stirling_error(double n)
{
    if (n <= 15) {
        int sign;
        return lgamma_r(n + 1, &sign) - (n + 0.5) * log(n) + n - 0.5 * log(2 * M_PI);
    }
    double square = n * n;
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / square) / square) / square) / square) / n;
}

/* x log(x / m) + m - x */
static double deviance(double x, double m)
{
    if (fabs(x - m) >= 0.1 * (x + m)) return x * log(x / m) + m - x;
    double v = (x - m) / (x + m), sum = (x - m) * v, term = 2 * x * v;
    for (int j = 3;; j += 2) {
        term *= v * v;
        double more = sum + term / j;
        if (more == sum) return sum;
        sum = more;
    }
}

/* The logarithm of the probability of k successes in n, each of probability p = 1 - q. */
static double log_binomial(double k, double n, double p, double q)
{
    if (k == 0) return q == 0 ? 0 : p < 0.1 ? -deviance(n, n * q) - n * p : n * log(q);
    if (k == n) return p == 0 ? 0 : q < 0.1 ? -deviance(n, n * p) - n * q : n * log(p);
    return stirling_error(n) - stirling_error(k) - stirling_error(n - k) - deviance(k, n * p) - deviance(n - k, n * q) +
           0.5 * log(n / (2 * M_PI * k * (n - k)));
}

uint64_t pid_hypergeometric(double u, uint64_t total, uint64_t marked, uint64_t drawn)
{
    uint64_t unmarked = total - marked;
    uint64_t smallest = drawn > unmarked ? drawn - unmarked : 0, largest = drawn < marked ? drawn : marked;
    double N = (double)total, K = (double)marked, n = (double)drawn;
    uint64_t mode = (uint64_t)floor((n + 1) * ((K + 1) / (N + 2)));
    if (mode < smallest) mode = smallest;
    if (mode > largest) mode = largest;
    if (smallest == largest) return smallest;
    double k0 = (double)mode, share = n / N, rest = (N - n) / N;
    double p = exp(log_binomial(k0, K, share, rest) + log_binomial(n - k0, N - K, share, rest) - log_binomial(n, N, share, rest));
    uint64_t up = mode, down = mode;
    double p_up = p, p_down = p;
    u -= p;
    while (u >= 0 && (up < largest || down > smallest)) {
        if (up < largest) {
            double k = (double)up;
            p_up *= (K - k) / (k + 1) * ((n - k) / (N - K - n + k + 1));
            up++;
            u -= p_up;
            if (u < 0) return up;
        }
        if (down > smallest) {
            double k = (double)down;
            p_down *= k / (K - k + 1) * ((N - K - n + k) / (n - k + 1));
            down--;
            u -= p_down;
            if (u < 0) return down;
        }
        if (p_up == 0 && p_down == 0) break; /* what rounding has left of u is less than any probability still to come */
    }
    return mode;
}
