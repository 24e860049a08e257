/* JSON lines: an object a line, a row each. */
#ifndef PID_FORMATS_JSONL_H
#define PID_FORMATS_JSONL_H

#include "formats/array.h"
#include "formats/bytes.h"

/* The longest line, in bytes. */
enum { PID_JSONL_LINE_MAXIMUM = 64 << 20 };

/* The field `member` of every object: a text, a number, a truth value or null (missing), or an array of numbers, of the
 * same length in each.  Lines of blanks are skipped.  Takes `bytes` over, on failure too. */
struct pid_array *pid_jsonl_open(struct pid_bytes *bytes, const char *member, struct pid_error *error) PID_MUST_CHECK;

#endif
