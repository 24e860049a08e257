/* --subsample, alike in the programs that draw subsamples. */
#ifndef PID_TOOLS_PID_FRACTIONS_H
#define PID_TOOLS_PID_FRACTIONS_H

#include "program/program.h"

enum { FRACTIONS_MAX = 16 };

struct fraction { double fraction; uint32_t count; /* subsamples of it */ };

/* "F,F,..xB" into `list`, from large fractions to small; returns how many.  Ends the program for anything else. */
size_t parse_fractions(const struct pid_program *program, const char *text, struct fraction list[FRACTIONS_MAX]);

#endif
