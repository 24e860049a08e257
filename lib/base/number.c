#include "base/number.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool starts_as_number(const char *text)
{
    if (*text == '+' || *text == '-') text++;
    return (*text >= '0' && *text <= '9') || *text == '.';
}

bool pid_number_integer(const char *text, int64_t minimum, int64_t maximum, int64_t *value)
{
    char *end;
    if (!starts_as_number(text)) return false;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || end == text || *end || number < minimum || number > maximum) return false;
    *value = number;
    return true;
}

bool pid_number_unsigned(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *value)
{
    char *end;
    if (*text < '0' || *text > '9') return false;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno || *end || number < minimum || number > maximum) return false;
    *value = number;
    return true;
}

bool pid_number_real(const char *text, double minimum, double maximum, double *value)
{
    char *end;
    if (!starts_as_number(text) || strpbrk(text, "xXpP")) return false;
    errno = 0;
    double number = strtod(text, &end);
    /* ERANGE is also raised for a subnormal, which is a fine number. */
    if (end == text || *end || !isfinite(number) || (errno == ERANGE && fabs(number) > 1)) return false;
    if (number < minimum || number > maximum) return false;
    *value = number;
    return true;
}

bool pid_number_bytes(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *value)
{
    static const char units[] = "KMGT";
    char digits[32];
    size_t length = strlen(text);
    if (length == 0 || length >= sizeof digits) return false;
    memcpy(digits, text, length + 1);
    unsigned shift = 0;
    const char *unit = strchr(units, digits[length - 1]);
    if (unit) {
        shift = 10 * (unsigned)(unit - units + 1);
        digits[length - 1] = '\0';
    }
    uint64_t number;
    if (!pid_number_unsigned(digits, 0, UINT64_MAX >> shift, &number)) return false;
    number <<= shift;
    if (number < minimum || number > maximum) return false;
    *value = number;
    return true;
}
