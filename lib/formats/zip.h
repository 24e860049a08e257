/* Members of a zip archive (.npz), stored or compressed, through libzip. */
#ifndef PID_FORMATS_ZIP_H
#define PID_FORMATS_ZIP_H

#include "formats/bytes.h"

/* The names of all members, in the archive's order: an array of *count strings, freed with each of its strings by
 * pid_zip_names_free.  NULL with an error: not a zip archive, cut, corrupt. */
char **pid_zip_names(struct pid_file *file, size_t *count, struct pid_error *error) PID_MUST_CHECK;
void pid_zip_names_free(char **names, size_t count);

/* The inflated bytes of the member of that exact name.  Takes over the hold on `file`, on failure too. */
struct pid_bytes *pid_bytes_zip(struct pid_files *files, struct pid_file *file, const char *member, struct pid_error *error)
    PID_MUST_CHECK;

#endif
