/* Sorting of 64-bit cell numbers. */
#ifndef PID_JOINT_RADIX_H
#define PID_JOINT_RADIX_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct pid_radix_pair { uint64_t key, value; };

/* Sorts by key, stably, in time linear in count; needs as much memory again. */
enum pid_status pid_radix_sort(struct pid_radix_pair *pairs, size_t count, struct pid_error *error) PID_MUST_CHECK;

#endif
