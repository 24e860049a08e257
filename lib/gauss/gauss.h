/* Partial information decomposition of jointly Gaussian sources and target, from their covariance.
 *
 * The union information of sources A, B about M is the least I_Q(M; AB) over all Q with P's marginals of (M,A) and (M,B).  Where
 * these are Gaussian there is a closed form.  Let C_A, C_B be the covariances of M given A, given B, under P.  Under any Q, the
 * expected covariance C of M given both is at most each of them in the order of matrices, and the Gaussian maximises entropy, so
 *
 *     I_Q(M; AB) >= (log det Cov(M) - log det C) / 2,   C <= C_A, C <= C_B.
 *
 * Conversely for every such C there is a Gaussian Q that reaches it: M seen with noise so that its covariance is C, A and B
 * degraded from that.  So the union information is (log det Cov(M) - max log det C) / 2, the largest ellipsoid within two; with
 * T C_A T' = 1, T C_B T' = diag(d) the maximum is at T C T' = diag(min(1, d)) by Hadamard's inequality, and
 *
 *     unique A = sum max(0, log d_i) / 2        unique B = sum max(0, -log d_i) / 2
 *     redundant = I(M;A) - unique A             synergy = I(M;AB) - I(M;A) - unique B
 *
 * for d the generalised eigenvalues of (C_B, C_A): what A tells beyond B is told in the directions of M where C_A is the smaller.
 * For a scalar target this is min(I(M;A), I(M;B)) (Barrett 2015, doi:10.1103/PhysRevE.91.052802).  That Gaussian Q are enough was
 * shown in arXiv 2510.04417; the optimum over them had been sought by gradients (Venkatesh et al. 2023, arXiv 2307.10515).
 *
 * Each part carries a lower and an upper bound of the union: a C that was checked to be feasible, and a point of the dual,
 *     max log det C <= tr(K_A C_A) + tr(K_B C_B) - log det(K_A + K_B) - dim M      for all K_A, K_B >= 0,
 * so that errors of the eigenvalues would show.  All results are in bits. */
#ifndef PID_GAUSS_GAUSS_H
#define PID_GAUSS_GAUSS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct pid_gauss_table {
    size_t sources;            /* >= 2 */
    const size_t *dims;        /* sources + 1: columns of each source, then of the target; >= 1 */
    const double *covariance;  /* D x D, symmetric, D the sum of dims, the target last; of any scale */
    uint64_t samples;          /* rows it was computed from, more than D; 0: it is exact */
};

struct pid_gauss_options {
    uint32_t draws;            /* Wishart draws that the bias of the union is estimated by; 0: no bias is wanted */
    uint64_t seed;
};

/* Of one source and all others together, or of two sources alone. */
struct pid_gauss_part { double redundant, unique[2], synergy, mi[2], total, lower, upper; };

/* One array of `count` doubles, and where its parts are. */
struct pid_gauss_values {
    size_t count;
    double *all;
    struct pid_gauss_part *rest;  /* sources: unique[0], mi[0] are of source i */
    struct pid_gauss_part *pairs; /* sources (sources - 1) / 2: (0,1), (0,2), .. (1,2), .. */
    double *total, *remainder, *o_information; /* as in decomposition/sources.h */
};

struct pid_gauss_result {
    size_t sources;
    size_t *ranks;                /* sources + 1: the dimensions that have variance */
    bool infinite;                /* the target, or a part of it, is a linear function of the sources: values that are infinite for
                                   * it (the total and the synergy, of one source its information as well) are NaN */
    struct pid_gauss_values values;
    double gap;                   /* the largest upper - lower */
    /* By how much values from as many samples exceed the truth on average; to be subtracted.  That of mi and total is exact for
     * Gaussian samples (digamma functions: Goodman 1963).  That of the union is the mean over Wishart draws around the covariance, less
     * what the draws' informations miss their known biases by, which is most of the chance in it; it is too small, by up to half, where the sources tell alike about a direction of the target (eigenvalues d near 1). */
    bool has_bias;
    struct pid_gauss_values bias;
};

/* Index of a pair a < b. */
static inline size_t pid_gauss_pair(size_t sources, size_t a, size_t b) { return a * (2 * sources - a - 1) / 2 + b - a - 1; }

/* Decomposes; everything in *result is from `arena`, which is used for scratch as well.  PID_ERROR_DATA for a covariance that holds
 * NaN or infinity or has a negative eigenvalue, for a variable without variance, and for too few samples; PID_ERROR_MEMORY. */
enum pid_status pid_gauss_solve(const struct pid_gauss_table *table, const struct pid_gauss_options *options, struct pid_arena *arena,
                                struct pid_gauss_result *result, struct pid_error *error) PID_MUST_CHECK;

#endif
