/* Options that say one thing for all variables or another for some: "64", "image=64,text=32", "64,text=32". */
#ifndef PID_PROGRAM_CHOICES_H
#define PID_PROGRAM_CHOICES_H

#include "program/program.h"

struct pid_choices {
    const struct pid_program *program;
    int option;
    size_t count;
    char **items; /* NULL: the option was not given */
};

/* The items of the option's text (NULL: not given): one at most for all variables, one at most for each; anything else ends the
 * program with PID_EXIT_USAGE.  So does `check`, which gets each item's value, where that is wrong: also one that is never used. */
struct pid_choices pid_choices_open(const struct pid_program *program, int option, const char *text,
                                    void (*check)(const struct pid_program *program, int option, const char *value));
void pid_choices_close(struct pid_choices *choices);

/* What holds for `variable`: by its name where it is named, else what is said for all; NULL where there is neither.  The text is
 * the choices'. */
const char *pid_choices_find(const struct pid_choices *choices, const char *variable);

/* Each name in the choices must be a vector of the input; ends the program with PID_EXIT_USAGE otherwise. */
void pid_choices_check(const struct pid_choices *choices, const struct pid_header *header);

#endif
