/* What every program does alike: start-up, options, help, messages, input and output, exit.  This folder is for tools/
 * alone; it is the only place in lib/ that prints or exits.
 *
 *     static const struct pid_option options[] = {{.name = "clusters", .letter = 'k', .argument = "N", .help = "..."}, ...};
 *     struct pid_program program = {.name = "pid-kmeans", .summary = "...", .options = options, .option_count = ...};
 *     pid_program_start(&program, argc, argv);
 *     for (int option; (option = pid_program_option(&program, &value)) >= 0;) switch (option) { ... }
 *     ... pid_input_open, pid_output_open, work, pid_output_finish ...
 *     return pid_program_end(&program);
 */
#ifndef PID_PROGRAM_PROGRAM_H
#define PID_PROGRAM_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "stream/header.h"

enum pid_exit {
    PID_EXIT_DONE = 0,
    PID_EXIT_FAILURE = 1,   /* data or system error */
    PID_EXIT_USAGE = 2,     /* wrong options or operands */
    PID_EXIT_TOLERANCE = 3, /* done, but a result misses the tolerance and --strict was given */
};

struct pid_option {
    const char *name;     /* without the dashes */
    char letter;          /* short form, or 0 */
    const char *argument; /* what it takes, in capitals: "N", "NAME=FILE"; NULL for a flag */
    const char *help;     /* what it does, one or more lines; the default in words where there is one */
    bool unrecorded;      /* cannot change the result: left out of the history */
};

struct pid_program {
    /* Set by the program before the start. */
    const char *name;
    const char *summary;  /* "counts joint tables from labels" */
    const char *operands; /* "[FILE...]", "GATE..."; "" for none */
    const char *examples; /* lines for --help, or NULL */
    const struct pid_option *options;
    size_t option_count;
    uint64_t default_seed; /* of --seed */
    /* Set by the options that every program has. */
    bool quiet, gzip, force_progress;
    unsigned verbosity;      /* number of -v */
    size_t jobs;             /* at least 1 */
    uint64_t seed;
    size_t record_bytes_max; /* --max-record */
    const char *output;      /* NULL: standard output */
    /* Set when pid_program_option has returned -1. */
    char **files;            /* the operands */
    size_t file_count;
    struct pid_stage stage;  /* this program's entry for the history */
    struct pid_program_state *state;
};

/* Descriptors 0-2 open, SIGPIPE as by default and unblocked, SIGXFSZ ignored, TERM, INT, HUP and XCPU remove unfinished output
 * files, numbers in the C locale, BLAS without threads of its own. */
void pid_program_start(struct pid_program *program, int argc, char **argv);

/* The next of the program's own options: its index in `options`, and its argument (NULL for a flag); -1 at the end.
 * --help, --version and the common options are dealt with inside; wrong ones end the program with PID_EXIT_USAGE. */
int pid_program_option(struct pid_program *program, const char **argument);

/* Parse an option's argument or end with PID_EXIT_USAGE and a line that names option, argument and range. */
uint64_t pid_program_unsigned(const struct pid_program *program, int option, const char *text, uint64_t minimum, uint64_t maximum);
double pid_program_real(const struct pid_program *program, int option, const char *text, double minimum, double maximum);
uint64_t pid_program_bytes(const struct pid_program *program, int option, const char *text, uint64_t minimum, uint64_t maximum);

/* "3/64", shard 3 of 64 counted from 0; "0/1" is the whole, {0}. */
struct pid_shard pid_program_shard(const struct pid_program *program, int option, const char *text);

/* Index of `text` among `choices` (NULL-terminated), or PID_EXIT_USAGE naming them all. */
int pid_program_choice(const struct pid_program *program, int option, const char *text, const char *const *choices);

/* The items of "a,b,c", as strings of their own; no item is empty and none is there twice, or PID_EXIT_USAGE.  Empty text has none. */
char **pid_program_list(const struct pid_program *program, int option, const char *text, size_t *count);
void pid_program_list_free(char **list, size_t count);

/* Adds an argument to the history that was not an option as given (the checksum of a codebook, say). */
void pid_program_record_argument(struct pid_program *program, const char *argument);

/* "name: message" on standard error. */
void pid_program_warn(const struct pid_program *program, const char *format, ...) PID_PRINTF(2, 3);      /* unless --quiet */
void pid_program_note(const struct pid_program *program, const char *format, ...) PID_PRINTF(2, 3);      /* with --verbose */
/* A line that is written over by the next, at most five a second; when standard error is a terminal, or with --progress. */
void pid_program_progress(const struct pid_program *program, const char *format, ...) PID_PRINTF(2, 3);

/* The three ways to end.  Unfinished outputs are removed.  pid_program_end checks that standard output could be closed
 * and returns PID_EXIT_DONE, or ends with PID_EXIT_FAILURE. */
_Noreturn void pid_program_fail(const struct pid_program *program, const struct pid_error *error);
_Noreturn void pid_program_usage(const struct pid_program *program, const char *format, ...) PID_PRINTF(2, 3);
int pid_program_end(const struct pid_program *program);

#endif
