/* Datasets in HDF5 files, through libhdf5; left out where configure did not find it. */
#ifndef PID_FORMATS_HDF5_H
#define PID_FORMATS_HDF5_H

#include "formats/array.h"
#include "formats/bytes.h"
#include "formats/names.h"

/* Whether bytes that begin so are one; a user's block of up to 2 KiB may lie before it. */
bool pid_hdf5_is(const char *start, size_t length);

/* Appends the paths of all datasets, without the first slash, in the order of their names; `bytes` stays the caller's. */
enum pid_status pid_hdf5_names(struct pid_bytes *bytes, struct pid_names *names, struct pid_error *error) PID_MUST_CHECK;

/* The dataset of that path, or with NULL the only one: floats of 16, 32 and 64 bits, integers, truth values (as h5py and MATLAB
 * write them), texts of fixed and variable length.  A dataset of MATLAB (its files of version 7.3 are HDF5; each dataset has the
 * attribute MATLAB_class) has the axes that it has in MATLAB (in the file they stand in reverse), but that a column is an array of
 * one axis.  Takes `bytes` over, on failure too. */
struct pid_array *pid_hdf5_open(struct pid_bytes *bytes, const char *member, struct pid_error *error) PID_MUST_CHECK;

#endif
