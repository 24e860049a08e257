/* Keys: what a record is about, as name = value pairs (model=blip layer=3 sample=17 k=64 ...).
 * A value is an integer or a text.  The order of the pairs is kept for output but does not matter for equality. */
#ifndef PID_STREAM_KEY_H
#define PID_STREAM_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { PID_KEY_MAX = 32 }; /* pairs in one key */

struct pid_key_pair {
    char *name;
    char *text;      /* NULL: the value is `integer` */
    int64_t integer;
};

struct pid_key {
    size_t count;
    struct pid_key_pair pairs[PID_KEY_MAX]; /* strings owned by the key, unless a record lends it */
};

/* {0} is an empty key. */
void pid_key_release(struct pid_key *key);

/* `to` becomes an independent copy; it must be empty.  On error it is empty again. */
enum pid_status pid_key_copy(struct pid_key *to, const struct pid_key *from, struct pid_error *error) PID_MUST_CHECK;

/* Sets or replaces the value of `name`.  The key must own its strings.  A text is stored as an integer when it is
 * written just as that integer would be printed ("12", not "012"), so that 2 comes before 10 wherever it came from. */
enum pid_status pid_key_set_integer(struct pid_key *key, const char *name, int64_t value, struct pid_error *error) PID_MUST_CHECK;
enum pid_status pid_key_set_text(struct pid_key *key, const char *name, const char *value, struct pid_error *error) PID_MUST_CHECK;

/* The pair of this name, or NULL. */
const struct pid_key_pair *pid_key_find(const struct pid_key *key, const char *name);

/* A view of `key` whose strings are borrowed from it: the pairs named in names[0 .. count-1] (`keep` true), or all but
 * those (`keep` false), in the order of `key`. */
struct pid_key pid_key_view(const struct pid_key *key, const char *const *names, size_t count, bool keep);

bool pid_key_equal(const struct pid_key *a, const struct pid_key *b);

/* A hash that does not depend on the order of the pairs.  It also binds random draws to a key and must stay as it is.  Of keys
 * with two numbers each, a few in ten millions share one: it finds keys, which are then compared. */
uint64_t pid_key_hash(const struct pid_key *key);

/* A digest by which alone keys can be told apart: among n of them, two share theirs about once in 2^65 / n^2 times.  Keys that
 * differ only in their largest integer, and in that by no more than its last six bits, have one digest and differ in *bit, 0 to 63. */
uint64_t pid_key_digest(const struct pid_key *key, unsigned *bit);

/* Natural order, pair by pair: integers by value and before texts, texts with runs of digits by value.  <0, 0 or >0. */
int pid_key_compare(const struct pid_key *a, const struct pid_key *b);

/* Natural order of two texts: "layer2" before "layer10". */
int pid_natural_compare(const char *a, const char *b);

/* "model=blip layer=3" into buffer (cut if too long), for messages; "(no key)" for an empty one.  Returns buffer. */
const char *pid_key_format(const struct pid_key *key, char *buffer, size_t size);

#endif
