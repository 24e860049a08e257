#include "tap.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

static int count, failures;

__attribute__((format(printf, 2, 0)))
static void result(bool passed, const char *format, va_list arguments)
{
    printf("%s %d - ", passed ? "ok" : "not ok", ++count);
    vprintf(format, arguments);
    failures += !passed;
}

bool tap_ok(bool passed, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    result(passed, format, arguments);
    va_end(arguments);
    printf("\n");
    fflush(stdout);
    return passed;
}

bool tap_near(double got, double expected, double tolerance, const char *format, ...)
{
    bool passed = fabs(got - expected) <= tolerance;
    va_list arguments;
    va_start(arguments, format);
    result(passed, format, arguments);
    va_end(arguments);
    printf("\n");
    if (!passed) tap_note("got %.17g, expected %.17g within %g", got, expected, tolerance);
    fflush(stdout);
    return passed;
}

void tap_skip(const char *reason, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    result(true, format, arguments);
    va_end(arguments);
    printf(" # SKIP %s\n", reason);
    fflush(stdout);
}

void tap_note(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("# ");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    fflush(stdout);
}

int tap_done(void)
{
    printf("1..%d\n", count);
    return failures != 0;
}
