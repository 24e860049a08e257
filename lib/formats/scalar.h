/* The element types of binary arrays, and their conversion to float32, to integers and to text. */
#ifndef PID_FORMATS_SCALAR_H
#define PID_FORMATS_SCALAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum pid_scalar_kind {
    PID_SCALAR_BOOLEAN,  /* 1 byte */
    PID_SCALAR_SIGNED,   /* 1, 2, 4, 8 bytes */
    PID_SCALAR_UNSIGNED, /* 1, 2, 4, 8 bytes */
    PID_SCALAR_REAL,     /* IEEE binary: 2, 4, 8 bytes */
    PID_SCALAR_BFLOAT16, /* the upper half of a float32: 2 bytes */
    PID_SCALAR_E4M3,     /* 1 byte: exponent 4, mantissa 3, no infinities (the "fn" variant) */
    PID_SCALAR_E5M2,     /* 1 byte: the upper half of an IEEE half */
    PID_SCALAR_BYTES,    /* text of `size` bytes, NULs at the end not counted */
    PID_SCALAR_UCS4,     /* text of size / 4 code points, NULs at the end not counted */
};

/* The longest text element, in bytes. */
enum { PID_SCALAR_TEXT_MAXIMUM = 1 << 20 };

struct pid_scalar {
    enum pid_scalar_kind kind;
    size_t size;  /* bytes an element, at least 1 */
    bool swapped; /* its bytes are in the other order than this machine's */
};

static inline bool pid_scalar_is_text(struct pid_scalar element)
{
    return element.kind == PID_SCALAR_BYTES || element.kind == PID_SCALAR_UCS4;
}

/* Whether its values are whole numbers or truth values. */
static inline bool pid_scalar_is_whole(struct pid_scalar element)
{
    return element.kind <= PID_SCALAR_UNSIGNED;
}

/* Whether the bytes of the elements are float32 as this machine has them. */
bool pid_scalar_is_native(struct pid_scalar element);

/* Converts `count` elements (no text) at `raw`, of any alignment, to out[count].  Rounds to nearest; what
 * is beyond float32 becomes infinity.  `raw` and `out` do not overlap. */
void pid_scalar_to_float(struct pid_scalar element, const void *raw, size_t count, float *out);

/* `count` whole elements at `raw`, of any alignment, as 64-bit integers to out[count]; the bits of unsigned ones beyond
 * INT64_MAX are kept.  `raw` and `out` do not overlap. */
void pid_scalar_to_integers(struct pid_scalar element, const void *raw, size_t count, int64_t *out);

/* One real element as a double. */
double pid_scalar_to_double(struct pid_scalar element, const void *raw);

/* One text element as UTF-8 in text[capacity]; capacity at least size + 1.  Returns its length, or -1 where it is not
 * valid (bytes that are not UTF-8, a code point that does not exist). */
int64_t pid_scalar_to_text(struct pid_scalar element, const void *raw, char *text, size_t capacity);

#endif
