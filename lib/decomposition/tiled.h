/* A symmetric positive definite matrix in tiles and its Cholesky factor, A = U' U, by matrix products tile by tile, in a team of
 * threads.  LAPACK's routine runs at a third of the rate of the matrix product at the orders of interest (500 to 3,000); here
 * the triangular solves are products with the inverses of the diagonal tiles.  The tasks do not depend on the team, so neither
 * do the results.  The matrix is padded to whole tiles by ones on the diagonal. */
#ifndef PID_DECOMPOSITION_TILED_H
#define PID_DECOMPOSITION_TILED_H

#include "base/arena.h"
#include "decomposition/kernels.h"
#include "decomposition/team.h"

struct pid_tiled {
    size_t order, edge, tiles;    /* the matrix; a tile; tiles along an edge.  padded = tiles * edge >= order */
    size_t stride;                /* between the rows of a tile */
    double *upper;                /* tiles (a, b), a <= b, by rows: each edge x edge by rows */
    double *inverse;              /* of the diagonal tiles of U */
    double *scratch;              /* a tile for each worker */
    size_t step;                  /* of the factorisation under way */
    const double *left;           /* the factor of the product under way */
    size_t left_rows;
    struct pid_workers *workers;
    const struct pid_kernels *kernels;
};

/* Storage for order x order from the arena. */
enum pid_status pid_tiled_init(struct pid_tiled *c, size_t order, const struct pid_kernels *kernels, struct pid_arena *arena,
                               struct pid_workers *workers, struct pid_error *error) PID_MUST_CHECK;

/* Bytes that pid_tiled_init takes for one thread. */
double pid_tiled_bytes(double order);

/* A = 0, with ones on the padding's diagonal. */
void pid_tiled_clear(struct pid_tiled *c);

/* Tile (a, b), a <= b. */
static inline double *pid_tiled_tile(const struct pid_tiled *c, size_t a, size_t b)
{
    return c->upper + (a * c->tiles - a * (a + 1) / 2 + b) * c->edge * c->stride;
}

/* The address of element (i, j), i <= j; the elements of row i up to the tile's end follow. */
static inline double *pid_tiled_at(const struct pid_tiled *c, size_t i, size_t j)
{
    if (c->tiles == 1) return c->upper + i * c->stride + j;
    return pid_tiled_tile(c, i / c->edge, j / c->edge) + i % c->edge * c->stride + j % c->edge;
}

/* A -= left' left.  left is rows x padded in panels of `edge` columns: element (n, j) at
 * (j / edge) * rows * edge + n * edge + j % edge; zero in the padding. */
void pid_tiled_subtract_square(struct pid_tiled *c, size_t rows, const double *left);

/* U for A in place; false where A is not positive definite. */
bool pid_tiled_factor(struct pid_tiled *c);

/* x = A^-1 x by the factor; x has padded elements, zero in the padding. */
void pid_tiled_solve(const struct pid_tiled *c, double *x);

#endif
