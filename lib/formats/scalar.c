#include "formats/scalar.h"

#include <stdalign.h>
#include <string.h>

#include "formats/text.h"

enum { CHUNK = 512 };

bool pid_scalar_is_native(struct pid_scalar element)
{
    return element.kind == PID_SCALAR_REAL && element.size == 4 && !element.swapped;
}

static float float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Small floats by moving exponent and mantissa into a float32 and multiplying by the difference of the biases, which is
 * exact and leaves subnormals right; an exponent of ones is put in by hand. */
static float float_of_half(uint16_t half)
{
    uint32_t magnitude = (uint32_t)(half & 0x7fff) << 13, sign = (uint32_t)(half & 0x8000) << 16, bits;
    float value = float_of_bits(magnitude) * 0x1p112f;
    memcpy(&bits, &value, sizeof bits);
    /* Infinity and NaN: a mask without a branch. */
    bits |= 0x7f800000 & -(uint32_t)((half & 0x7c00) == 0x7c00);
    return float_of_bits(bits | sign);
}

static float float_of_e4m3(uint8_t byte)
{
    uint32_t magnitude = (uint32_t)(byte & 0x7f) << 20, sign = (uint32_t)(byte & 0x80) << 24, bits;
    float value = float_of_bits(magnitude) * 0x1p120f;
    memcpy(&bits, &value, sizeof bits);
    bits |= 0x7fc00000 & -(uint32_t)((byte & 0x7f) == 0x7f);
    return float_of_bits(bits | sign);
}

static void swap_elements(unsigned char *raw, size_t size, size_t count)
{
    if (size == 2) {
        uint16_t *words = (uint16_t *)(void *)raw;
        for (size_t i = 0; i < count; i++) words[i] = __builtin_bswap16(words[i]);
    } else if (size == 4) {
        uint32_t *words = (uint32_t *)(void *)raw;
        for (size_t i = 0; i < count; i++) words[i] = __builtin_bswap32(words[i]);
    } else if (size == 8) {
        uint64_t *words = (uint64_t *)(void *)raw;
        for (size_t i = 0; i < count; i++) words[i] = __builtin_bswap64(words[i]);
    }
}

union chunk {
    unsigned char bytes[CHUNK * 8];
    int8_t i1[CHUNK];
    int16_t i2[CHUNK];
    int32_t i4[CHUNK];
    int64_t i8[CHUNK];
    uint8_t u1[CHUNK];
    uint16_t u2[CHUNK];
    uint32_t u4[CHUNK];
    uint64_t u8[CHUNK];
    float f4[CHUNK];
    double f8[CHUNK];
};

/* Always a whole chunk: a count known to the compiler is what it needs to vectorize at -O2. */
#define CONVERT(from)                                                  \
    do {                                                               \
        for (size_t i = 0; i < CHUNK; i++) out[i] = (float)(from)[i];  \
    } while (0)
#define DECODE(from, function)                                           \
    do {                                                                 \
        for (size_t i = 0; i < CHUNK; i++) out[i] = function((from)[i]); \
    } while (0)

static float float_of_boolean(uint8_t byte)
{
    return byte ? 1 : 0;
}

static float float_of_bfloat16(uint16_t word)
{
    return float_of_bits((uint32_t)word << 16);
}

static float float_of_e5m2(uint8_t byte)
{
    return float_of_half((uint16_t)(byte << 8));
}

static void convert_chunk(struct pid_scalar element, const union chunk *restrict c, float *restrict out)
{
    switch (element.kind) {
    case PID_SCALAR_BOOLEAN: DECODE(c->u1, float_of_boolean); break;
    case PID_SCALAR_SIGNED:
        if (element.size == 1) CONVERT(c->i1);
        else if (element.size == 2) CONVERT(c->i2);
        else if (element.size == 4) CONVERT(c->i4);
        else CONVERT(c->i8);
        break;
    case PID_SCALAR_UNSIGNED:
        if (element.size == 1) CONVERT(c->u1);
        else if (element.size == 2) CONVERT(c->u2);
        else if (element.size == 4) CONVERT(c->u4);
        else CONVERT(c->u8);
        break;
    case PID_SCALAR_REAL:
        if (element.size == 2) DECODE(c->u2, float_of_half);
        else if (element.size == 4) CONVERT(c->f4);
        else CONVERT(c->f8);
        break;
    case PID_SCALAR_BFLOAT16: DECODE(c->u2, float_of_bfloat16); break;
    case PID_SCALAR_E4M3: DECODE(c->u1, float_of_e4m3); break;
    case PID_SCALAR_E5M2: DECODE(c->u1, float_of_e5m2); break;
    case PID_SCALAR_BYTES:
    case PID_SCALAR_UCS4: break;
    }
}

void pid_scalar_to_float(struct pid_scalar element, const void *raw, size_t count, float *out)
{
    union chunk chunk = {{0}};
    float converted[CHUNK];
    for (size_t done = 0; done < count; done += CHUNK) {
        size_t part = count - done < CHUNK ? count - done : CHUNK;
        const char *from = (const char *)raw + done * element.size;
        /* Whole chunks need no copy where they can be read as they lie. */
        if (part == CHUNK && !element.swapped && (uintptr_t)from % alignof(union chunk) == 0) {
            convert_chunk(element, (const union chunk *)(const void *)from, out + done);
            continue;
        }
        memcpy(chunk.bytes, from, part * element.size);
        if (element.swapped) swap_elements(chunk.bytes, element.size, part);
        convert_chunk(element, &chunk, converted);
        memcpy(out + done, converted, part * sizeof *out);
    }
}

#define WIDEN(from)                                                \
    do {                                                           \
        for (size_t i = 0; i < part; i++) out[i] = (int64_t)(from)[i]; \
    } while (0)

void pid_scalar_to_integers(struct pid_scalar element, const void *raw, size_t count, int64_t *out)
{
    union chunk c = {{0}};
    bool negative_possible = element.kind == PID_SCALAR_SIGNED;
    for (const char *from = raw; count;) {
        size_t part = count < CHUNK ? count : CHUNK;
        memcpy(c.bytes, from, part * element.size);
        if (element.swapped) swap_elements(c.bytes, element.size, part);
        if (element.kind == PID_SCALAR_BOOLEAN)
            for (size_t i = 0; i < part; i++) out[i] = c.u1[i] != 0;
        else if (element.size == 8) WIDEN(c.i8);
        else if (element.size == 4 && negative_possible) WIDEN(c.i4);
        else if (element.size == 4) WIDEN(c.u4);
        else if (element.size == 2 && negative_possible) WIDEN(c.i2);
        else if (element.size == 2) WIDEN(c.u2);
        else if (negative_possible) WIDEN(c.i1);
        else WIDEN(c.u1);
        out += part;
        from += part * element.size;
        count -= part;
    }
}

double pid_scalar_to_double(struct pid_scalar element, const void *raw)
{
    union chunk c;
    if (element.kind == PID_SCALAR_REAL && element.size == 8) {
        memcpy(c.bytes, raw, 8);
        if (element.swapped) swap_elements(c.bytes, 8, 1);
        return c.f8[0];
    }
    float value = 0;
    pid_scalar_to_float(element, raw, 1, &value);
    return (double)value;
}

static int64_t text_of_ucs4(struct pid_scalar element, const char *raw, char *text)
{
    size_t points = element.size / 4, length = 0;
    uint32_t point = 0;
    while (points > 0 && !memcmp(raw + 4 * points - 4, &point, 4)) points--;
    for (size_t i = 0; i < points; i++) {
        memcpy(&point, raw + 4 * i, 4);
        if (element.swapped) point = __builtin_bswap32(point);
        size_t more = pid_text_encode(point, text + length);
        if (more == 0) return -1;
        length += more;
    }
    return (int64_t)length;
}

int64_t pid_scalar_to_text(struct pid_scalar element, const void *raw, char *text, size_t capacity)
{
    if (capacity <= element.size) return -1;
    if (element.kind == PID_SCALAR_UCS4) return text_of_ucs4(element, raw, text);
    size_t length = element.size;
    while (length > 0 && ((const char *)raw)[length - 1] == '\0') length--;
    if (!pid_text_is_utf8(raw, length)) return -1;
    memcpy(text, raw, length);
    return (int64_t)length;
}
