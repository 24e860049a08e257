/* FILE[:MEMBER], as programs take it on the command line. */
#ifndef PID_FORMATS_PLACE_H
#define PID_FORMATS_PLACE_H

#include "base/error.h"

/* The file and the member (NULL where there is none) that a place without a pattern names; both are the caller's, to be freed.
 * A file may have colons in its name: the longest beginning that is a file counts. */
enum pid_status pid_place_split(const char *place, char **path, char **member, struct pid_error *error) PID_MUST_CHECK;

#endif
