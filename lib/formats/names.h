/* Lists of names: the members of a file, files that a pattern matches. */
#ifndef PID_FORMATS_NAMES_H
#define PID_FORMATS_NAMES_H

#include <stddef.h>

#include "base/error.h"

struct pid_names {
    size_t count;
    char **names;    /* owned */
    size_t capacity; /* private */
};

/* {0} is an empty list. */
void pid_names_release(struct pid_names *names);

/* Appends a copy of name[length]. */
enum pid_status pid_names_add(struct pid_names *names, const char *name, size_t length, struct pid_error *error) PID_MUST_CHECK;

/* "a, b, c" into text[capacity], cut where it is too long; returns text. */
const char *pid_names_list(const struct pid_names *names, char *text, size_t capacity);

#endif
