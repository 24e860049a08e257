/* The categories of elements of binary arrays. */
#ifndef PID_FORMATS_CODER_H
#define PID_FORMATS_CODER_H

#include "formats/levels.h"
#include "formats/scalar.h"

struct pid_coder {
    struct pid_levels *levels; /* what the codes are of; borrowed */
    struct pid_known_integer *known;
    char *text;
};

/* For elements of this type; released in every case. */
enum pid_status pid_coder_init(struct pid_coder *coder, struct pid_scalar element, struct pid_levels *levels, struct pid_error *error)
    PID_MUST_CHECK;
void pid_coder_release(struct pid_coder *coder);

/* The codes of `count` elements at `raw`: whole numbers by their value, whether they are saved as integers or as floats, truth
 * values as true and false, texts; NaN and infinity are UINT32_MAX.  On failure *done tells the element. */
enum pid_status pid_coder_codes(struct pid_coder *coder, struct pid_scalar element, const void *raw, size_t count, uint32_t *codes,
                                size_t *done, struct pid_error *error) PID_MUST_CHECK;

#endif
