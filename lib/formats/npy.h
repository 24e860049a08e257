/* The header of a .npy file, versions 1 to 3 (NEP 1 of NumPy). */
#ifndef PID_FORMATS_NPY_H
#define PID_FORMATS_NPY_H

#include "formats/array.h"
#include "formats/bytes.h"
#include "formats/scalar.h"

#define PID_NPY_MAGIC "\x93NUMPY"
enum { PID_NPY_MAGIC_BYTES = 6, PID_NPY_HEADER_MAXIMUM = 1 << 16 };

struct pid_npy {
    struct pid_scalar element;
    bool fortran;  /* the first axis runs fastest */
    size_t axes;
    uint64_t shape[PID_ARRAY_AXES];
};

/* Reads the dictionary of a header, text[length].  PID_ERROR_DATA with a message that does not name the file: it is not
 * what NumPy writes, or it describes objects, records, complex numbers or dates. */
enum pid_status pid_npy_parse(const char *text, size_t length, struct pid_npy *npy, struct pid_error *error) PID_MUST_CHECK;

/* The array in `bytes`, which is at its start and is taken over, on failure too. */
struct pid_array *pid_npy_open(struct pid_bytes *bytes, struct pid_error *error) PID_MUST_CHECK;

#endif
