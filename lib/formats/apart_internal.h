/* What goes between the two processes: requests of a fixed size one way, replies and what follows them the other. */
#ifndef PID_FORMATS_APART_INTERNAL_H
#define PID_FORMATS_APART_INTERNAL_H

#include "formats/apart.h"

enum pid_apart_what { PID_APART_ROWS, PID_APART_CODES, PID_APART_INTEGERS };

struct pid_apart_request {
    enum pid_apart_what what;
    uint64_t first, count;
};

struct pid_apart_reply {
    enum pid_status status;
    uint64_t bytes; /* that follow; of names how many follow, each behind its length of 8 bytes */
    char message[PID_ERROR_MESSAGE_BYTES];
};

/* All of the bytes, or false where the other side has ended. */
bool pid_apart_send(int channel, const void *bytes, size_t size);
bool pid_apart_receive(int channel, void *bytes, size_t size);

/* Is the other process. */
_Noreturn void pid_apart_serve(int channel, const struct pid_apart *apart, bool names_only);

#endif
