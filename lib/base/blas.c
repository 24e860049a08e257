#include "base/blas.h"

#include <cblas.h>

void pid_blas_single_thread(void)
{
    openblas_set_num_threads(1);
}
