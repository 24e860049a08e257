/* Loops over category codes, at the speed of memory. */
#ifndef PID_BASE_CODES_H
#define PID_BASE_CODES_H

#include <stddef.h>
#include <stdint.h>

/* The greatest of n codes, 0 of none. */
uint32_t pid_codes_greatest(const uint32_t *codes, size_t n);

/* numbers[i] = numbers[i] radix + codes[i], modulo 2^32. */
void pid_codes_append(uint32_t *numbers, uint32_t radix, const uint32_t *codes, size_t n);

#endif
