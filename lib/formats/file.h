/* Files to read as random-access bytes.  A pipe, a terminal or standard input ("-") is copied once to an unlinked file in
 * TMPDIR, so that it can be read twice and out of order.  Reading is by pread: several readers share one
 * file, and a file that is cut meanwhile gives an error, not a signal. */
#ifndef PID_FORMATS_FILE_H
#define PID_FORMATS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct pid_file {
    char *path;       /* as given; "-" is standard input */
    const char *name; /* for messages: the path, or "standard input" */
    int descriptor;
    bool copied;      /* into a temporary file: cannot be opened again */
    uint64_t size;    /* bytes, when it was opened */
    size_t users;
    struct pid_file *next;
};

/* The files that are open; {0} is a valid empty set. */
struct pid_files { struct pid_file *first; };

/* Closes all that is left. */
void pid_files_release(struct pid_files *files);

/* The file of that path, opened now or already open; to be given back by pid_file_close.  NULL with an error: it cannot
 * be opened, is a directory, or there is no room in TMPDIR. */
struct pid_file *pid_file_open(struct pid_files *files, const char *path, struct pid_error *error) PID_MUST_CHECK;

/* Gives it back; the last user closes a regular file (a copied pipe stays until pid_files_release). */
void pid_file_close(struct pid_files *files, struct pid_file *file);

/* Reads up to `wanted` bytes at `offset`; *got is less only at the end of the file. */
enum pid_status pid_file_read(const struct pid_file *file, uint64_t offset, void *buffer, size_t wanted, size_t *got,
                               struct pid_error *error) PID_MUST_CHECK;

/* As pid_file_read, of any descriptor; the error does not name it. */
enum pid_status pid_file_read_descriptor(int descriptor, uint64_t offset, void *buffer, size_t wanted, size_t *got,
                                          struct pid_error *error) PID_MUST_CHECK;

/* Writes all of bytes[count] to a temporary file. */
enum pid_status pid_file_write(int descriptor, const void *bytes, size_t count, struct pid_error *error) PID_MUST_CHECK;

/* An unlinked file in TMPDIR (default /tmp) of mode 0600; -1 with an error. */
int pid_file_temporary(struct pid_error *error) PID_MUST_CHECK;

#endif
