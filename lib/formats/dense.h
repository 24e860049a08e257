/* Arrays whose elements lie side by side in a sequence of bytes: npy, members of npz, safetensors, raw files. */
#ifndef PID_FORMATS_DENSE_H
#define PID_FORMATS_DENSE_H

#include "formats/array.h"
#include "formats/bytes.h"
#include "formats/scalar.h"

struct pid_dense_layout {
    struct pid_scalar element;
    bool fortran;        /* the first axis runs fastest */
    uint64_t offset;     /* the byte of the first element */
    bool whole;          /* the bytes end behind the last element, otherwise others follow */
    size_t axes;
    const uint64_t *shape;
};

/* The array; its name is that of `bytes`, which is taken over, on failure too.  The sizes are compared with the size of
 * the file before anything is allocated.  NULL with an error. */
struct pid_array *pid_dense_open(struct pid_bytes *bytes, const struct pid_dense_layout *layout, struct pid_error *error)
    PID_MUST_CHECK;

#endif
