#include "pid-fractions.h"

#include <string.h>

#include "base/number.h"
#include "joint/sample.h"

size_t parse_fractions(const struct pid_program *program, const char *text, struct fraction list[FRACTIONS_MAX])
{
    const char *times = strchr(text, 'x');
    uint64_t each = 0;
    size_t count = 0;
    if (times && !pid_number_unsigned(times + 1, 1, UINT32_MAX, &each))
        pid_program_usage(program, "--subsample: '%s' is not a number of subsamples", times + 1);
    for (const char *at = text;; at++) {
        size_t length = strcspn(at, ",x");
        char number[32] = "";
        double fraction;
        if (length < sizeof number) memcpy(number, at, length);
        if (!pid_number_real(number, 1e-6, 1, &fraction))
            pid_program_usage(program, "--subsample: '%.*s' is not a fraction from 1e-6 to 1", (int)length, at);
        if (count == FRACTIONS_MAX) pid_program_usage(program, "--subsample: more than %d fractions", FRACTIONS_MAX);
        size_t place = count++;
        for (; place > 0 && list[place - 1].fraction <= fraction; place--) {
            if (list[place - 1].fraction == fraction) pid_program_usage(program, "--subsample: fraction %g is there twice", fraction);
            list[place] = list[place - 1];
        }
        list[place] = (struct fraction){fraction, each ? (uint32_t)each : pid_subsample_series(fraction)};
        at += length;
        if (*at != ',') return count;
    }
}
