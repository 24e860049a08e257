/* Arrays that are read in a process of their own: for libraries that a file made for it can crash or hang.  This ends that
 * process alone, and is an error here.  To be begun while the caller has no other threads. */
#ifndef PID_FORMATS_APART_H
#define PID_FORMATS_APART_H

#include "formats/array.h"
#include "formats/names.h"

/* What is done in the other process, with the memory as it was when that was begun. */
struct pid_apart {
    const char *name; /* the file, for messages */
    void *context;
    struct pid_array *(*open)(void *context, struct pid_error *error);
    enum pid_status (*names)(void *context, struct pid_names *names, struct pid_error *error);
};

/* For what runs there: a sign of progress.  The process ends when it takes this much of a processor's time without one. */
#ifndef PID_APART_SECONDS /* tests/fuzz/run sets fewer */
#define PID_APART_SECONDS 10
#endif
void pid_apart_progress(void);

/* For what runs there: from now on it may take this much memory beyond what it began with; what needs more fails.  No limit where
 * the program is built with a sanitizer, which takes more itself. */
void pid_apart_memory(uint64_t bytes);

/* What `open` gives there.  The process ends with the array. */
struct pid_array *pid_apart_open(const struct pid_apart *apart, struct pid_error *error) PID_MUST_CHECK;

/* Appends what `names` gives there. */
enum pid_status pid_apart_names(const struct pid_apart *apart, struct pid_names *names, struct pid_error *error) PID_MUST_CHECK;

#endif
