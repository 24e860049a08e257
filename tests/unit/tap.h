/* Test results in the Test Anything Protocol.  A check never stops the test; tap_done() prints the plan. */
#ifndef PID_TESTS_TAP_H
#define PID_TESTS_TAP_H

#include <stdbool.h>

/* One numbered result: "ok 3 - text" or "not ok 3 - text". Returns `passed`. */
bool tap_ok(bool passed, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* |got - expected| <= tolerance; a NaN never passes.  Prints both numbers on failure. */
bool tap_near(double got, double expected, double tolerance, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A result that could not be tried here, with the reason. */
void tap_skip(const char *reason, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A line that explains ("# ..."). */
void tap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints the plan; main returns this. */
int tap_done(void);

#endif
