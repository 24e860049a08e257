/* What the two halves of the HDF5 reader share, both in the process that libhdf5 runs in: hdf5.c finds a dataset in its file,
 * hdf5_dataset.c reads it. */
#ifndef PID_FORMATS_HDF5_INTERNAL_H
#define PID_FORMATS_HDF5_INTERNAL_H

#include "formats/hdf5.h"

#ifdef HAVE_HDF5

#define H5_USE_110_API
#include <hdf5.h>

/* Whether MATLAB wrote the dataset, or who writes as MATLAB does: its last axis is then the first, the rows. */
bool pid_hdf5_is_matlab(hid_t dataset);

/* An array of a dataset in a file; both are closed with it, on failure too.  `name` is for messages and outlives it.  NULL with an
 * error: its type or shape cannot be read. */
struct pid_array *pid_hdf5_dataset(hid_t file, hid_t dataset, const char *name, struct pid_error *error) PID_MUST_CHECK;

#endif

#endif
