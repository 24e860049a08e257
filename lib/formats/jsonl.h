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

/* Appends the names of the first object's fields.  Takes `bytes` over, on failure too. */
enum pid_status pid_jsonl_names(struct pid_bytes *bytes, struct pid_names *names, struct pid_error *error) PID_MUST_CHECK;

#endif
