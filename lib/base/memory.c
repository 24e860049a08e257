#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Large arrays lie on large pages where the system has them on request: each first touch of a page of 4 KiB is an interruption, and
 * loops over them wait for addresses. */
enum { LARGE_BYTES = 4 << 20, LARGE_PAGE_BYTES = 2 << 20 };

static void ask_for_large_pages(void *block, size_t bytes)
{
    uintptr_t begin = ((uintptr_t)block + LARGE_PAGE_BYTES - 1) / LARGE_PAGE_BYTES * LARGE_PAGE_BYTES;
    uintptr_t end = ((uintptr_t)block + bytes) / LARGE_PAGE_BYTES * LARGE_PAGE_BYTES;
    if (begin < end) madvise((void *)begin, end - begin, MADV_HUGEPAGE); /* no matter if it is refused */
}

/* aligned_alloc wants a multiple of the alignment; rounding up also lets vector loops read a whole last line. */
static void *aligned_new(size_t count, size_t size, size_t *bytes, struct pid_error *error)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total) || total > PTRDIFF_MAX - PID_ALIGNMENT_BYTES) {
        pid_error_set(error, PID_ERROR_MEMORY, "cannot allocate %zu elements of %zu bytes: too large", count, size);
        return NULL;
    }
    total = (total + PID_ALIGNMENT_BYTES) / PID_ALIGNMENT_BYTES * PID_ALIGNMENT_BYTES;
    void *block = aligned_alloc(PID_ALIGNMENT_BYTES, total);
    if (!block) pid_error_set(error, PID_ERROR_MEMORY, "cannot allocate %zu bytes: out of memory", total);
    else if (total >= LARGE_BYTES) ask_for_large_pages(block, total);
    *bytes = total;
    return block;
}

void *pid_array_new(size_t count, size_t size, struct pid_error *error)
{
    size_t bytes;
    void *block = aligned_new(count, size, &bytes, error);
    if (block) memset(block, 0, bytes);
    return block;
}

enum pid_status pid_array_grow(void **array, size_t *capacity, size_t needed, size_t size, struct pid_error *error)
{
    if (needed <= *capacity) return PID_OK;
    size_t wanted = *capacity + *capacity / 2, bytes;
    if (wanted < needed) wanted = needed;
    void *block = aligned_new(wanted, size, &bytes, error);
    if (!block) return error->status;
    if (*array) memcpy(block, *array, *capacity * size);
    free(*array);
    *array = block;
    *capacity = wanted;
    return PID_OK;
}

enum pid_status pid_buffer_grow(void **buffer, size_t *capacity, size_t needed, size_t most, struct pid_error *error)
{
    size_t twice = *capacity < most / 4 ? 2 * *capacity : most; /* no last small step, which would have two large ones at once */
    if (needed > *capacity && needed < twice) needed = twice;
    return pid_array_grow(buffer, capacity, needed, 1, error);
}

char *pid_string_copy_n(const char *text, size_t length, struct pid_error *error)
{
    char *copy = malloc(length + 1);
    if (!copy) {
        pid_error_set(error, PID_ERROR_MEMORY, "cannot allocate %zu bytes: out of memory", length + 1);
        return NULL;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *pid_string_copy(const char *text, struct pid_error *error)
{
    return pid_string_copy_n(text, strlen(text), error);
}

char *pid_string_format(struct pid_error *error, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length >= 0) return text;
    pid_error_set(error, PID_ERROR_MEMORY, "cannot format a message: out of memory");
    return NULL;
}
