/* Names with {name} in them, each of which stands for one or more characters: "feats-{model}.npz", "layer.{layer}.image".
 * A name is a letter or '_', then letters, digits, '_' and '-'; braces around anything else are themselves.  Where several
 * readings are possible the first {name} takes as much as it can: {model}-{layer} reads blip-2-7 as blip-2 and 7. */
#ifndef PID_FORMATS_PATTERN_H
#define PID_FORMATS_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { PID_PATTERN_NAMES = 16 }; /* in one pattern */

/* What the names stand for.  {0} is none; both texts are owned. */
struct pid_bindings {
    size_t count;
    struct pid_binding { char *name, *value; } pairs[PID_PATTERN_NAMES];
};

void pid_bindings_release(struct pid_bindings *bindings);

/* `to` must be empty; on error it is empty again. */
enum pid_status pid_bindings_copy(struct pid_bindings *to, const struct pid_bindings *from, struct pid_error *error) PID_MUST_CHECK;

/* Sets or replaces a value.  PID_ERROR_ARGUMENT beyond PID_PATTERN_NAMES. */
enum pid_status pid_bindings_set(struct pid_bindings *bindings, const char *name, const char *value, struct pid_error *error)
    PID_MUST_CHECK;

const char *pid_bindings_find(const struct pid_bindings *bindings, const char *name); /* NULL: it has none */

/* Takes the name out. */
void pid_bindings_remove(struct pid_bindings *bindings, const char *name);

/* Whether it holds a {name}. */
bool pid_pattern_is(const char *text);

/* The text with each {name} that has a value replaced by it.  NULL with an error. */
char *pid_pattern_fill(const char *text, const struct pid_bindings *bindings, struct pid_error *error) PID_MUST_CHECK;

/* Whether the text fits, no {name} standing for any of the characters in `excluded`; if so the values are added to
 * `found`.  PID_ERROR_ARGUMENT: a name twice, two names without a text between them. */
enum pid_status pid_pattern_match(const char *pattern, const char *text, const char *excluded, struct pid_bindings *found, bool *fits,
                                  struct pid_error *error) PID_MUST_CHECK;

struct pid_matches {
    size_t count, capacity; /* the latter private */
    struct pid_match { char *text; struct pid_bindings bindings; } *matches;
};
void pid_matches_release(struct pid_matches *matches); /* {0} is an empty list */

/* Appends the files whose path fits, in no particular order: a {name} stands for no '/', nor for a name's leading '.'.  A
 * pattern that is itself the name of a file is that file alone, without values. */
enum pid_status pid_pattern_files(const char *pattern, struct pid_matches *matches, struct pid_error *error) PID_MUST_CHECK;

/* Appends those of names[count] that fit; a {name} stands for no '.' and no '/'.  As above for a pattern among the names. */
enum pid_status pid_pattern_names(const char *pattern, char *const *names, size_t count, struct pid_matches *matches,
                                  struct pid_error *error) PID_MUST_CHECK;

#endif
