/* Numbers from text: what is accepted reads back as itself and lies in its range. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t whole, bytes;
    int64_t integer;
    double real;
    char *text = malloc(size + 1);
    if (!text) abort();
    memcpy(text, data, size);
    text[size] = 0;
    bool blank = strpbrk(text, " \t\n") != NULL || !*text;
    if (pid_number_unsigned(text, 1, 1000, &whole) && (blank || whole < 1 || whole > 1000)) abort();
    if (pid_number_integer(text, -5, 5, &integer) && (blank || integer < -5 || integer > 5)) abort();
    if (pid_number_bytes(text, 16, 1 << 20, &bytes) && (blank || bytes < 16 || bytes > 1 << 20)) abort();
    if (pid_number_real(text, -1e300, 1e300, &real) && (blank || !isfinite(real) || fabs(real) > 1e300)) abort();
    free(text);
    return 0;
}
