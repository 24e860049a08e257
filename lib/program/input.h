/* The streams a program reads: the files named, or standard input, as one stream.  Several files must be of one kind
 * with the same variables, and each must be whole.  Where they are shards of a data set, they must be all of its shards,
 * each once, with the same history; together they then are the data set. */
#ifndef PID_PROGRAM_INPUT_H
#define PID_PROGRAM_INPUT_H

#include "program/program.h"
#include "stream/reader.h"

struct pid_input {
    const struct pid_program *program;
    struct pid_reader *reader;       /* of the file at `position` */
    struct pid_header header;        /* of the first file; grouped, and a shard, only when there is one file */
    struct pid_shards shards;        /* those read so far, where there are several files */
    size_t position;
    bool leave_vectors;
};

/* Opens the first file (or standard input) and reads its header; ends the program on any error.  `kinds` is a set of
 * accepted kinds, bits 1 << enum pid_kind. */
void pid_input_open(struct pid_input *input, const struct pid_program *program, unsigned kinds);

/* Ends the program if the input is a single shard of several.  For what needs all rows. */
void pid_input_refuse_shard(const struct pid_input *input);

/* As pid_reader_leave_vectors, for all files. */
void pid_input_leave_vectors(struct pid_input *input);

/* The next record of the files in turn; false at the end of the last, when all of them were whole.  Ends the program
 * on any error.  Once it returned false it may be followed by pid_input_close. */
bool pid_input_next(struct pid_input *input, struct pid_record *record);

void pid_input_close(struct pid_input *input);

/* "labels.mp: record 17: ..." for what is wrong with the record read last; ends the program. */
_Noreturn void pid_input_fail(const struct pid_input *input, const struct pid_error *error);

#endif
