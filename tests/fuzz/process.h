/* Runs a program of tools/ on streams, and takes what it writes: as a process of its own; or, where FUZZ_IN_PROCESS is defined
 * (tests/fuzz/run, for coverage), as a call, with all that it left behind taken back when it ends by exit(). */
#ifndef PID_TESTS_FUZZ_PROCESS_H
#define PID_TESTS_FUZZ_PROCESS_H

#include <stddef.h>

enum { FUZZ_MESSAGE_BYTES = 4096 };

/* argv[0] is "pid-..."; `output` becomes its standard output.  Returns its exit status; aborts where it was ended by a signal.
 * `message` gets the beginning of what it said on standard error. */
int fuzz_process(char **argv, int output, char message[FUZZ_MESSAGE_BYTES]);

#endif
