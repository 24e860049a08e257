/* pid-shard's parts: the plan of a run, its parts, the running of a command. */
#ifndef PID_TOOLS_PID_SHARD_H
#define PID_TOOLS_PID_SHARD_H

#include "program/program.h"
#include "stream/shard.h"

/* A file that must stay as it was when the run was planned. */
struct need {
    char *path; /* as the command sees it */
    uint64_t bytes;
    uint32_t crc32;
};

struct plan {
    const struct pid_program *program;
    const char *run;  /* the folder of the run: its plan and its parts */
    uint64_t shards;
    char *folder;     /* where the command runs, relative to `run` */
    char *command;    /* for /bin/sh, with {shard}, {index}, {shards}, {jobs} */
    size_t need_count;
    struct need *needs;
};

/* pid-shard-plan.c.  All end the program on any error. */
void plan_read(struct plan *plan, const struct pid_program *program, const char *run);
void plan_make(struct plan *plan, const struct pid_program *program, const char *run, uint64_t shards, const char *command,
               size_t need_count, const char *const *needs);
/* Writes the plan where there is none yet; refuses where there is another. */
void plan_write(const struct plan *plan);
void plan_check_needs(const struct plan *plan);
void plan_release(struct plan *plan);

/* The command for one shard; freed by free(). */
char *plan_command(const struct plan *plan, uint64_t shard);

/* "RUN/FOLDER", where the command runs; "RUN/part-00003-of-00064.mp".  Freed by free(). */
char *plan_folder(const struct plan *plan);
char *plan_part(const struct plan *plan, uint64_t shard);

/* pid-shard-run.c */
enum part_state { PART_WHOLE, PART_MISSING, PART_DAMAGED };

/* Looks at a part from first to last byte; `error` tells what is wrong with a damaged one.  *kind is set for a whole one. */
enum part_state part_check(const struct plan *plan, uint64_t shard, enum pid_kind *kind, struct pid_error *error);

/* Runs the command for one shard unless its part is there, in a process of its own; whether the part is there now. */
bool part_run(const struct plan *plan, uint64_t shard);

#endif
