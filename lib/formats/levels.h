/* The distinct values of a category: each gets a code when it is first seen; ordering them at the end gives the codes
 * that streams use, which depend on the set of values alone, not on their order in the data. */
#ifndef PID_FORMATS_LEVELS_H
#define PID_FORMATS_LEVELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The most levels that a category may have. */
enum { PID_LEVELS_MAXIMUM = 1 << 20 };

struct pid_levels {
    size_t count;
    /* Private. */
    bool closed;
    uint32_t other;
    size_t slots, used, capacity, text_capacity, place_capacity;
    uint32_t *table;
    char *text;
    struct pid_level_place *places;
};

void pid_levels_init(struct pid_levels *levels);
void pid_levels_release(struct pid_levels *levels);

/* The code of a text, new or known: 0, 1, .. in the order of first sight.  PID_ERROR_DATA beyond PID_LEVELS_MAXIMUM. */
enum pid_status pid_levels_add(struct pid_levels *levels, const char *text, size_t length, uint32_t *code, struct pid_error *error)
    PID_MUST_CHECK;

/* From here on no text is new: one that is not known gets the code `other`, or is refused (PID_ERROR_DATA) where that is
 * PID_LEVELS_REFUSE. */
#define PID_LEVELS_REFUSE UINT32_MAX
void pid_levels_close(struct pid_levels *levels, uint32_t other);

/* As pid_levels_add for the decimal text of a number. */
enum pid_status pid_levels_add_integer(struct pid_levels *levels, int64_t value, bool is_unsigned, uint32_t *code,
                                       struct pid_error *error) PID_MUST_CHECK;

/* The text of a code; stays valid until the next pid_levels_add. */
char *pid_levels_text(const struct pid_levels *levels, uint32_t code);

/* rank[count]: for each code its place among all levels: as numbers if every level is an integer, else in natural order. */
enum pid_status pid_levels_rank(const struct pid_levels *levels, uint32_t *rank, struct pid_error *error) PID_MUST_CHECK;

#endif
