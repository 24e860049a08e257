/* CRC-32 of gzip (polynomial 0x04c11db7, bits reflected), which every stream carries. */
#ifndef PID_BASE_CRC_H
#define PID_BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

/* `crc` of what came before (0 at the beginning), continued over bytes[count]. */
uint32_t pid_crc32(uint32_t crc, const void *bytes, size_t count);

#endif
