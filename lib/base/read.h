/* Reading from a place of a file, in all the pieces that the system makes of it. */
#ifndef PID_BASE_READ_H
#define PID_BASE_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads up to `wanted` bytes at `offset` with positions of its own (pread); *got is less only at the end of the file.  False with
 * errno, and *got the bytes before the failure. */
bool pid_read_at(int descriptor, uint64_t offset, void *buffer, size_t wanted, size_t *got);

#endif
