/* Samples of several rows each, their tokens: an array samples x tokens x dim, with or without a mask; all tokens in one
 * array with offsets; or one array a sample.  And one row a sample out of them. */
#ifndef PID_FORMATS_TOKENS_H
#define PID_FORMATS_TOKENS_H

#include "formats/array.h"

struct pid_tokens {
    char *name;            /* for messages */
    uint64_t samples, dim; /* dim: values a token */
    uint64_t *starts;      /* [samples + 1]: the tokens of the samples before each; those that a mask leaves out do not count */
    uint64_t room;         /* floats that the buffer of pid_tokens_read must have, at least dim */
    /* Private. */
    struct pid_array *array;
    uint64_t places;       /* samples x tokens x dim: tokens */
    unsigned char *mask;   /* [samples x places], or NULL */
    struct pid_files *files;
    const struct pid_token_part *parts; /* [samples], or NULL */
};

/* Where the array of one sample is: tokens x dim. */
struct pid_token_part { char *path, *member; };

/* An array of three or more axes; what is behind the second is the token's vector.  `mask`, samples x tokens, is not 0 where
 * a token counts, and may be NULL.  Takes both over, on failure too.  NULL with an error. */
struct pid_tokens *pid_tokens_dense(struct pid_array *array, struct pid_array *mask, struct pid_error *error) PID_MUST_CHECK;

/* Tokens x dim; sample i has the tokens offsets[i] .. offsets[i + 1] - 1: the first offset is 0, none is below the one
 * before it, the last is the number of tokens.  Takes both over. */
struct pid_tokens *pid_tokens_ragged(struct pid_array *array, struct pid_array *offsets, struct pid_error *error) PID_MUST_CHECK;

/* One array a sample, all with the same dim; parts[count], count > 0, stays the caller's and must outlive it, as must `files`. */
struct pid_tokens *pid_tokens_parts(struct pid_files *files, const struct pid_token_part *parts, size_t count, struct pid_error *error)
    PID_MUST_CHECK;

void pid_tokens_free(struct pid_tokens *tokens); /* NULL is allowed */

static inline uint64_t pid_tokens_length(const struct pid_tokens *tokens, uint64_t sample)
{
    return tokens->starts[sample + 1] - tokens->starts[sample];
}

/* The tokens of one sample, to out[room], of which length x dim are the answer.  Ascending calls are cheapest. */
enum pid_status pid_tokens_read(struct pid_tokens *tokens, uint64_t sample, float *out, struct pid_error *error) PID_MUST_CHECK;

/* One row of a sample's tokens: their mean (summed in double precision), the largest of each component, the first, the
 * last.  A sample without tokens gives NaN. */
enum pid_pool { PID_POOL_MEAN, PID_POOL_MAX, PID_POOL_FIRST, PID_POOL_LAST };

/* The array samples x dim of these rows.  Takes `tokens` over, on failure too. */
struct pid_array *pid_tokens_pool(struct pid_tokens *tokens, enum pid_pool pool, struct pid_error *error) PID_MUST_CHECK;

/* Whole numbers, one a row: the place of each row's largest value, the first of equals; missing where a value is NaN.  Its
 * levels are all places, whether they occur or not.  Takes `array` over, on failure too. */
struct pid_array *pid_array_largest(struct pid_array *array, struct pid_error *error) PID_MUST_CHECK;

#endif
