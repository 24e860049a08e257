#include "base/blas.h"

#include <cblas.h>

/* OpenBLAS starts a thread for each processor when it is loaded, and they spin for a tenth of a second, on processors that the
 * other programs of a pipe need.  This ends them; it is what OpenBLAS calls before a fork.  Builds without it go without. */
extern int blas_thread_shutdown_(void) __attribute__((weak));

void pid_blas_single_thread(void)
{
    openblas_set_num_threads(1);
    if (blas_thread_shutdown_) blas_thread_shutdown_();
}
