/* pid-joint: tables from a stream of labels. */
#include "pid-joint.h"
#include "program/input.h"

void count_labels(const struct options *options)
{
    static const struct weighting ones = {0};
    struct pid_error error;
    struct pid_input input;
    struct pid_record record;
    pid_input_open(&input, options->program, 1u << PID_KIND_LABELS | 1u << PID_KIND_SAMPLES);
    if (options->permute) pid_input_refuse_shard(&input);
    struct count *count = count_new(options, &input.header);
    while (pid_input_next(&input, &record))
        if (count_record(count, &record, &ones, &error)) pid_input_fail(&input, &error);
    pid_input_close(&input);
    count_finish(count);
}
