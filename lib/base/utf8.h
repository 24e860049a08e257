/* Text that comes from data: where it is UTF-8, and what in it could steer the place where it is shown. */
#ifndef PID_BASE_UTF8_H
#define PID_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PID_UTF8_NONE UINT32_MAX /* no code point */

/* The code point that starts at text[0], of text[0 .. have-1], and its length in bytes, 1 to 4.  PID_UTF8_NONE and length 1 for
 * a byte that starts no well-formed sequence: no overlong forms, no surrogates, at most U+10FFFF (Unicode 15, table 3-7).
 * `have` is at least 1; SIZE_MAX for a string, whose terminating NUL continues nothing. */
uint32_t pid_utf8_next(const char *text, size_t have, size_t *length);

/* What is not for showing: control characters of both sets (0-1F, 7F-9F), marks of direction, ends of lines and paragraphs
 * (U+2028 and on), the two that XML forbids (U+FFFE, U+FFFF), and PID_UTF8_NONE. */
bool pid_utf8_steers(uint32_t point);

/* Each of these becomes a '?', in place; the text gets no longer. */
void pid_utf8_clean(char *text);

#endif
