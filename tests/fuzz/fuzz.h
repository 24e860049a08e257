/* A fuzz target is one file with one function, that of libFuzzer.  With clang it is linked with -fsanitize=fuzzer
 * (tests/fuzz/run); any compiler can link it with main.c, which mutates files without looking at coverage. */
#ifndef PID_TESTS_FUZZ_H
#define PID_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file of these bytes that is only in memory, at its beginning; the caller closes it. */
int fuzz_file(const uint8_t *data, size_t size);

/* The same in memory (/dev/shm) under a name, which goes to path[capacity]; the caller closes and removes it. */
int fuzz_named_file(const uint8_t *data, size_t size, char *path, size_t capacity);

#endif
