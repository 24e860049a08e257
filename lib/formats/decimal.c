#include "formats/decimal.h"

#include <float.h>
#include <stdint.h>
#include <string.h>

#include "base/number.h"

/* Powers of ten that a double holds exactly. */
static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
enum { EXACT_POWER = 22, EXACT_DIGITS = 15, LONGEST_NUMBER = 400 };

/* [sign] digits [. digits] [e [sign] digits], with at most 15 digits and a small exponent: mantissa and power are exact,
 * so that one rounding remains (Clinger 1990).  False also where it merely does not fit here. */
static bool parse_short(const char *at, const char *end, double *value)
{
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) at++;
    uint64_t mantissa = 0;
    int digits = 0, scale = 0, exponent = 0;
    bool point = false, any = false;
    for (; at < end; at++) {
        if (*at == '.' && !point) {
            point = true;
            continue;
        }
        if (*at < '0' || *at > '9') break;
        any = true;
        if (digits == EXACT_DIGITS) return false;
        mantissa = 10 * mantissa + (uint64_t)(*at - '0');
        digits += mantissa > 0;
        scale += point;
    }
    if (!any) return false;
    if (at < end && (*at == 'e' || *at == 'E')) {
        bool down = ++at < end && *at == '-';
        if (at < end && (*at == '-' || *at == '+')) at++;
        if (at == end) return false;
        for (; at < end && *at >= '0' && *at <= '9' && exponent < 1000; at++) exponent = 10 * exponent + *at - '0';
        if (down) exponent = -exponent;
    }
    exponent -= scale;
    if (at != end || exponent > EXACT_POWER || exponent < -EXACT_POWER) return false;
    double number = exponent < 0 ? (double)mantissa / powers[-exponent] : (double)mantissa * powers[exponent];
    *value = negative ? -number : number;
    return true;
}

bool pid_decimal_parse(const char *text, size_t length, double *value)
{
    const char *end = text + length;
    while (text < end && *text == ' ') text++;
    while (end > text && end[-1] == ' ') end--;
    if (parse_short(text, end, value)) return true;
    char copy[LONGEST_NUMBER];
    length = (size_t)(end - text);
    if (length >= sizeof copy) return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return pid_number_real(copy, -DBL_MAX, DBL_MAX, value);
}

bool pid_decimal_is_integer(const char *text)
{
    while (*text == ' ') text++;
    if (*text == '-' || *text == '+') text++;
    text += strspn(text, "0123456789");
    while (*text == ' ') text++;
    return !*text;
}
