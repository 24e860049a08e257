/* Input files as random-access bytes.  A pipe, a terminal or standard input ("-") is copied once to an unlinked file in
 * TMPDIR, so that everything above may read it twice and out of order.  Reading is by pread: several readers share one
 * input, and a file that is cut meanwhile gives an error, not a signal. */
#ifndef PID_FORMATS_INPUT_H
#define PID_FORMATS_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct pid_input {
    char *path;       /* as given; "-" is standard input */
    const char *name; /* for messages: the path, or "standard input" */
    int descriptor;
    bool copied;      /* into a temporary file: cannot be opened again */
    uint64_t size;    /* bytes, when it was opened */
    size_t users;
    struct pid_input *next;
};

/* The inputs that are open; {0} is a valid empty set. */
struct pid_inputs { struct pid_input *first; };

/* Closes all that is left. */
void pid_inputs_release(struct pid_inputs *inputs);

/* The input of that path, opened now or already open; to be given back by pid_input_close.  NULL with an error: it cannot
 * be opened, is a directory, or there is no room in TMPDIR. */
struct pid_input *pid_input_open(struct pid_inputs *inputs, const char *path, struct pid_error *error) PID_MUST_CHECK;

/* Gives it back; the last user closes a regular file (a copied pipe stays until pid_inputs_release). */
void pid_input_close(struct pid_inputs *inputs, struct pid_input *input);

/* Reads up to `wanted` bytes at `offset`; *got is less only at the end of the file. */
enum pid_status pid_input_read(const struct pid_input *input, uint64_t offset, void *buffer, size_t wanted, size_t *got,
                               struct pid_error *error) PID_MUST_CHECK;

/* As pid_input_read, of any descriptor; the error does not name it. */
enum pid_status pid_input_read_descriptor(int descriptor, uint64_t offset, void *buffer, size_t wanted, size_t *got,
                                          struct pid_error *error) PID_MUST_CHECK;

/* Writes all of bytes[count] to a temporary file. */
enum pid_status pid_input_write(int descriptor, const void *bytes, size_t count, struct pid_error *error) PID_MUST_CHECK;

/* An unlinked file in TMPDIR (default /tmp) of mode 0600; -1 with an error. */
int pid_input_temporary(struct pid_error *error) PID_MUST_CHECK;

#endif
