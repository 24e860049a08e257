/* What the parts of the HDF5 reader share, all in the process that libhdf5 runs in: hdf5.c finds a dataset in its file,
 * hdf5_storage.c tells whether its values are there, hdf5_dataset.c reads them. */
#ifndef PID_FORMATS_HDF5_INTERNAL_H
#define PID_FORMATS_HDF5_INTERNAL_H

#include "formats/hdf5.h"

#ifdef HAVE_HDF5

#define H5_USE_110_API
#include <hdf5.h>

/* Whether MATLAB wrote the dataset, or who writes as MATLAB does: its last axis is then the first, the rows. */
bool pid_hdf5_is_matlab(hid_t dataset);

/* Bounds the process's memory by what is in the file: 64 MB, and what its bytes can be inflated to. */
void pid_hdf5_limit_memory(hid_t file);

/* Refuses a dataset of this space and size whose values are not all in its file: never written, in others, or more than it can hold. */
enum pid_status pid_hdf5_check_storage(hid_t dataset, hid_t space, int axes, const hsize_t *size, const char *name, struct pid_error *error) PID_MUST_CHECK;

/* An array of a dataset in a file; both are closed with it, on failure too.  `name` is for messages and outlives it.  NULL with an
 * error: its type or shape cannot be read. */
struct pid_array *pid_hdf5_dataset(hid_t file, hid_t dataset, const char *name, struct pid_error *error) PID_MUST_CHECK;

#endif

#endif
