#include "base/utf8.h"

#include <string.h>

/* The number of bytes that continue after this first one, and the second byte's range. */
static int sequence(unsigned char first, unsigned char *low, unsigned char *high)
{
    *low = 0x80;
    *high = 0xbf;
    if (first < 0x80) return 0;
    if (first >= 0xc2 && first <= 0xdf) return 1;
    if (first >= 0xe0 && first <= 0xef) {
        if (first == 0xe0) *low = 0xa0;
        if (first == 0xed) *high = 0x9f;
        return 2;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        if (first == 0xf0) *low = 0x90;
        if (first == 0xf4) *high = 0x8f;
        return 3;
    }
    return -1;
}

uint32_t pid_utf8_next(const char *text, size_t have, size_t *length)
{
    const unsigned char *at = (const unsigned char *)text;
    unsigned char low, high;
    int more = sequence(at[0], &low, &high);
    *length = 1;
    if (more < 0 || have - 1 < (size_t)more) return PID_UTF8_NONE;
    if (!more) return at[0];
    uint32_t point = at[0] & (0x3fu >> more);
    for (int i = 1; i <= more; i++) {
        if (at[i] < low || at[i] > high) return PID_UTF8_NONE;
        point = point << 6 | (at[i] & 0x3f);
        low = 0x80;
        high = 0xbf;
    }
    *length = (size_t)more + 1;
    return point;
}

bool pid_utf8_steers(uint32_t point)
{
    static const uint32_t ranges[][2] = {{0, 0x1f}, {0x7f, 0x9f}, {0x61c, 0x61c}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfffe, 0xffff}, {PID_UTF8_NONE, PID_UTF8_NONE}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (point >= ranges[i][0] && point <= ranges[i][1]) return true;
    return false;
}

void pid_utf8_clean(char *text)
{
    char *to = text;
    size_t length;
    for (; *text; text += length) {
        if (pid_utf8_steers(pid_utf8_next(text, SIZE_MAX, &length))) *to++ = '?';
        else {
            memmove(to, text, length);
            to += length;
        }
    }
    *to = '\0';
}
