/* A sequence of bytes with a position: a file, the inside of a gzip file, or a member of a zip archive.  A plain file
 * seeks for free; the others inflate forward, and start again to go back. */
#ifndef PID_FORMATS_BYTES_H
#define PID_FORMATS_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "formats/file.h"

#define PID_BYTES_UNKNOWN UINT64_MAX

struct pid_bytes;

/* What a kind of sequence provides; `state` is its own. */
struct pid_bytes_methods {
    /* Up to `wanted` bytes from the present place; *got is 0 only at the end, where checksums have been compared. */
    enum pid_status (*read)(struct pid_bytes *bytes, void *buffer, size_t wanted, size_t *got, struct pid_error *error);
    enum pid_status (*restart)(struct pid_bytes *bytes, struct pid_error *error); /* back to byte 0 */
    void (*free)(struct pid_bytes *bytes); /* frees the state alone */
    bool seeks; /* `at` may be set to any place at no cost */
};

struct pid_bytes {
    const struct pid_bytes_methods *methods;
    char *name;     /* for messages: "e.npz: member 'image.npy'" */
    uint64_t at;    /* the next byte */
    uint64_t size;  /* PID_BYTES_UNKNOWN inside gzip */
    struct pid_files *files;
    struct pid_file *file; /* held */
    void *state;
};

/* The bytes of a file as they are.  Takes over the hold on `file`, on failure too.  NULL with an error. */
struct pid_bytes *pid_bytes_plain(struct pid_files *files, struct pid_file *file, struct pid_error *error) PID_MUST_CHECK;

/* What a gzip file (one member or several) holds.  Takes over the hold on `file`, on failure too. */
struct pid_bytes *pid_bytes_gzip(struct pid_files *files, struct pid_file *file, struct pid_error *error) PID_MUST_CHECK;

/* Makes going back free: replaces the inflated bytes, from the first to the last, by a copy in TMPDIR. */
enum pid_status pid_bytes_settle(struct pid_bytes *bytes, struct pid_error *error) PID_MUST_CHECK;

/* For the implementations: a sequence without methods yet.  Takes over the hold on `file`, on failure too. */
struct pid_bytes *pid_bytes_new(struct pid_files *files, struct pid_file *file, struct pid_error *error) PID_MUST_CHECK;

void pid_bytes_free(struct pid_bytes *bytes); /* NULL is allowed */

/* Reads `wanted` bytes; *got is less only where the sequence ends. */
enum pid_status pid_bytes_read(struct pid_bytes *bytes, void *buffer, size_t wanted, size_t *got, struct pid_error *error)
    PID_MUST_CHECK;

/* As pid_bytes_read, but an early end is PID_ERROR_DATA, with the byte's number. */
enum pid_status pid_bytes_read_all(struct pid_bytes *bytes, void *buffer, size_t wanted, struct pid_error *error) PID_MUST_CHECK;

/* Goes to byte `at`.  Beyond the end: an error for an inflated sequence now, for a file at the next read. */
enum pid_status pid_bytes_seek(struct pid_bytes *bytes, uint64_t at, struct pid_error *error) PID_MUST_CHECK;

/* PID_OK where the sequence ends here and its checksum is right. */
enum pid_status pid_bytes_expect_end(struct pid_bytes *bytes, struct pid_error *error) PID_MUST_CHECK;

#endif
