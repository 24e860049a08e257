/* OpenBLAS with one thread: pidtools brings its own threads (base/workers.h), so that results do not depend on how
 * many there are.  Programs that multiply matrices call this once at their start. */
#ifndef PID_BASE_BLAS_H
#define PID_BASE_BLAS_H

void pid_blas_single_thread(void);

#endif
