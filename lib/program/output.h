/* Where a program writes: standard output, or with -o a file that appears under its name only when it is complete. */
#ifndef PID_PROGRAM_OUTPUT_H
#define PID_PROGRAM_OUTPUT_H

#include <stdio.h>

#include "program/program.h"
#include "stream/writer.h"

struct pid_output;

/* For `path`, a temporary file in the same folder; NULL: standard output.  Ends the program on any error.  `binary`
 * refuses a terminal. */
struct pid_output *pid_output_open(const struct pid_program *program, const char *path, bool binary);

int pid_output_fd(const struct pid_output *output);
const char *pid_output_name(const struct pid_output *output); /* for messages */

/* Syncs the file and renames it to its name; ends the program on any error, with the old file as it was. */
void pid_output_finish(struct pid_output *output);

/* A stream to the program's output (--output, --gzip): `header` with this program's entry added to its history. */
struct pid_stream_output {
    const struct pid_program *program;
    struct pid_output *output;
    struct pid_writer *writer;
};
void pid_stream_output_open(struct pid_stream_output *stream, const struct pid_program *program, const struct pid_header *header);
/* As above with the history as it is: for what gives the same as if it had not been done (adding up shards). */
void pid_stream_output_open_unchanged(struct pid_stream_output *stream, const struct pid_program *program, const struct pid_header *header);
/* As the first to another file than --output (a codebook). */
void pid_stream_output_open_path(struct pid_stream_output *stream, const struct pid_program *program, const struct pid_header *header, const char *path);
void pid_stream_output_record(struct pid_stream_output *stream, const struct pid_record *record);
void pid_stream_output_finish(struct pid_stream_output *stream);
/* Finishes up to PID_STREAM_OUTPUTS_MAX streams together: none of their files appears unless all are complete on disk. */
enum { PID_STREAM_OUTPUTS_MAX = 2 };
void pid_stream_outputs_finish(struct pid_stream_output *const *streams, size_t count);

/* Text to the program's output: a FILE that is checked and closed by pid_text_output_finish. */
FILE *pid_text_output_open(const struct pid_program *program, struct pid_output **output);
void pid_text_output_finish(const struct pid_program *program, FILE *file, struct pid_output *output);

#endif
