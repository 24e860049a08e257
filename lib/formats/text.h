/* UTF-8, and the order in which people count: 2 before 10. */
#ifndef PID_FORMATS_TEXT_H
#define PID_FORMATS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the bytes are well-formed UTF-8 (no overlong forms, no surrogates, at most U+10FFFF). */
bool pid_text_is_utf8(const char *bytes, size_t length);

/* Writes one code point as UTF-8 and returns its 1 to 4 bytes; 0 for a surrogate or beyond U+10FFFF. */
size_t pid_text_encode(uint32_t point, char *out);

/* The natural order of two texts, as strcmp tells it: runs of digits compare as numbers, everything else by bytes; texts that
 * differ only in leading zeros compare by bytes, so that only equal texts are equal. */
int pid_text_compare(const char *a, const char *b);

#endif
