/* Options that say one thing for all variables or another for some: "64", "image=64,text=32", "64,text=32". */
#ifndef PID_PROGRAM_CHOICES_H
#define PID_PROGRAM_CHOICES_H

#include "program/program.h"

struct pid_choices { const struct pid_program *program; int option; const char *text; /* NULL: not given */ };

/* The next item of a list with commas, cut to `size`; false at the end. */
bool pid_choices_next(const char **at, char *item, size_t size);

/* What holds for `variable`: by its name where it is named, else what is said for all; false where there is neither. */
bool pid_choices_find(const struct pid_choices *choices, const char *variable, char *value, size_t size);

/* Each name in the choices must be a vector of the input; ends the program with PID_EXIT_USAGE otherwise. */
void pid_choices_check(const struct pid_choices *choices, const struct pid_header *header);

#endif
