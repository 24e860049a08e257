/* safetensors: eight bytes of length, a JSON object that describes tensors, their values. */
#ifndef PID_FORMATS_SAFETENSORS_H
#define PID_FORMATS_SAFETENSORS_H

#include "formats/array.h"
#include "formats/bytes.h"
#include "formats/names.h"

/* The longest header that is read. */
enum { PID_SAFETENSORS_HEADER_MAXIMUM = 100 << 20 };

/* Whether bytes that begin so may be one. */
bool pid_safetensors_is(const char *start, size_t length);

/* Appends the names of the tensors; `bytes` is at its start and stays the caller's. */
enum pid_status pid_safetensors_names(struct pid_bytes *bytes, struct pid_names *names, struct pid_error *error) PID_MUST_CHECK;

/* The tensor of that name, or with NULL the only one.  Takes `bytes` over, on failure too. */
struct pid_array *pid_safetensors_open(struct pid_bytes *bytes, const char *member, struct pid_error *error) PID_MUST_CHECK;

#endif
