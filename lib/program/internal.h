/* Shared by the files of this folder. */
#ifndef PID_PROGRAM_INTERNAL_H
#define PID_PROGRAM_INTERNAL_H

#include <getopt.h>
#include <stdarg.h>

#include "program/program.h"

struct pid_program_state {
    int argc;
    char **argv;
    char *letters;               /* getopt's short options */
    struct option *long_options; /* the program's, then the common ones */
    size_t argument_capacity;    /* of program->stage.arguments */
    double progress_time;        /* when the last progress line was written */
    bool progress_shown;
};

/* Ends the program on PID_ERROR_MEMORY and the like before there is anything to clean up. */
void pid_program_must(const struct pid_program *program, const void *pointer, const struct pid_error *error);

/* Removes the temporary files of outputs that were not finished. */
void pid_outputs_discard(void);

/* Sets up the removal of unfinished outputs on TERM, INT, HUP and XCPU. */
void pid_outputs_watch_signals(void);

void pid_program_print_help(const struct pid_program *program);

/* The options that every program has, in the order of enum common; help text as for struct pid_option. */
extern const struct pid_option pid_common_options[];
enum common { COMMON_OUTPUT, COMMON_GZIP, COMMON_JOBS, COMMON_SEED, COMMON_MAX_RECORD, COMMON_PROGRESS, COMMON_QUIET, COMMON_VERBOSE, COMMON_HELP, COMMON_VERSION, COMMON_COUNT };

#endif
