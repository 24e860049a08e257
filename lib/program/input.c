#include "program/input.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "program/internal.h"

static void open_reader(struct pid_input *input)
{
    const struct pid_program *program = input->program;
    struct pid_error error;
    const char *name = "standard input";
    int fd;
    if (program->file_count && strcmp(program->files[input->position], "-")) {
        name = program->files[input->position];
        if (!*name) pid_program_usage(program, "a file name among the operands is empty");
        fd = open(name, O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            pid_error_errno(&error, "%s", name);
            pid_program_fail(program, &error);
        }
    } else {
        if (isatty(STDIN_FILENO)) pid_program_usage(program, "standard input is a terminal: name a file or use a pipe");
        fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
        if (fd < 0) {
            pid_error_errno(&error, "%s", name);
            pid_program_fail(program, &error);
        }
    }
    input->reader = pid_reader_new(fd, name, program->record_bytes_max, &error);
    pid_program_must(program, input->reader, &error);
    if (input->leave_vectors) pid_reader_leave_vectors(input->reader);
}

static _Noreturn void fail_stream(const struct pid_input *input, const struct pid_error *error)
{
    struct pid_error placed = *error;
    pid_error_prefix(&placed, "%s", pid_reader_name(input->reader));
    pid_program_fail(input->program, &placed);
}

/* The next file has been opened: whether it goes with those before. */
static void match(struct pid_input *input)
{
    struct pid_error error;
    const struct pid_header *header = pid_reader_header(input->reader);
    if (pid_header_match(&input->header, header, &error) || pid_shards_add(&input->shards, &header->shard, &error) ||
        (header->shard.of && pid_header_match_history(&input->header, header, &error)))
        fail_stream(input, &error);
}

void pid_input_open(struct pid_input *input, const struct pid_program *program, unsigned kinds)
{
    struct pid_error error;
    *input = (struct pid_input){.program = program};
    open_reader(input);
    const struct pid_header *header = pid_reader_header(input->reader);
    if (!(kinds & 1u << header->kind)) {
        char wanted[120] = "";
        for (int kind = 0; kind < PID_KINDS; kind++)
            if (kinds & 1u << kind) {
                if (*wanted) strcat(wanted, " or ");
                strcat(wanted, pid_kind_name((enum pid_kind)kind));
            }
        pid_error_set(&error, PID_ERROR_DATA, "%s: holds %s, not %s", pid_reader_name(input->reader), pid_kind_name(header->kind), wanted);
        pid_program_fail(program, &error);
    }
    if (pid_header_copy(&input->header, header, &error)) pid_program_fail(program, &error);
    if (program->file_count <= 1) return;
    input->header.grouped = false;
    if (pid_shards_add(&input->shards, &header->shard, &error)) fail_stream(input, &error);
    input->header.shard = (struct pid_shard){0};
}

void pid_input_refuse_shard(const struct pid_input *input)
{
    struct pid_error error;
    const struct pid_shard *shard = &input->header.shard;
    if (!shard->of) return;
    pid_error_set(&error, PID_ERROR_DATA, "is shard %llu of %llu: all of them are needed here (pid-joint --merge, pid-cat)",
                  (unsigned long long)shard->index, (unsigned long long)shard->of);
    fail_stream(input, &error);
}

void pid_input_leave_vectors(struct pid_input *input)
{
    input->leave_vectors = true;
    pid_reader_leave_vectors(input->reader);
}

bool pid_input_next(struct pid_input *input, struct pid_record *record)
{
    struct pid_error error;
    for (;;) {
        switch (pid_reader_next(input->reader, record, &error)) {
        case PID_NEXT_RECORD: return true;
        case PID_NEXT_ERROR: pid_program_fail(input->program, &error);
        case PID_NEXT_END: break;
        }
        if (input->position + 1 >= input->program->file_count) {
            if (pid_shards_check(&input->shards, &error)) pid_program_fail(input->program, &error);
            return false;
        }
        pid_reader_free(input->reader);
        input->position++;
        open_reader(input);
        match(input);
    }
}

void pid_input_close(struct pid_input *input)
{
    pid_reader_free(input->reader);
    pid_header_release(&input->header);
    pid_shards_release(&input->shards);
    input->reader = NULL;
}

void pid_input_fail(const struct pid_input *input, const struct pid_error *error)
{
    struct pid_error placed = *error;
    pid_error_prefix(&placed, "%s: record %llu", pid_reader_name(input->reader), (unsigned long long)pid_reader_record_number(input->reader));
    pid_program_fail(input->program, &placed);
}
