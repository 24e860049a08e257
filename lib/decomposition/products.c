#include "decomposition/products.h"

#include <cblas.h>

enum { PIECE = 128 };

struct product {
    size_t rows, columns, inner;
    const double *a, *b;
    bool transpose_a, transpose_b;
    double *out;
};

static void piece_task(void *context, size_t task, size_t worker)
{
    const struct product *p = context;
    size_t from = task * PIECE, rows = p->rows - from < PIECE ? p->rows - from : PIECE;
    int columns = (int)p->columns, inner = (int)p->inner;
    (void)worker;
    cblas_dgemm(CblasRowMajor, p->transpose_a ? CblasTrans : CblasNoTrans, p->transpose_b ? CblasTrans : CblasNoTrans, (int)rows, columns, inner, 1,
                p->a + (p->transpose_a ? from : from * p->inner), p->transpose_a ? (int)p->rows : inner, p->b, p->transpose_b ? inner : columns, 0,
                p->out + from * p->columns, columns);
}

void pid_products(struct pid_workers *workers, size_t rows, size_t columns, size_t inner, const double *a, bool transpose_a,
                  const double *b, bool transpose_b, double *out)
{
    struct product product = {rows, columns, inner, a, b, transpose_a, transpose_b, out};
    pid_team_run(workers, (rows + PIECE - 1) / PIECE, piece_task, &product);
}
