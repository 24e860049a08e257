/* pid-cat: joins, checks and shows streams. */
#include <stdlib.h>
#include <string.h>

#include "program/input.h"
#include "program/output.h"
#include "program/program.h"
#include "stream/show.h"

enum { OPTION_FORMAT, OPTION_CHECK, OPTION_HEADER, OPTION_CODES, OPTION_SHARD };
static const struct pid_option options[] = {
    [OPTION_FORMAT] = {"format", 'f', "FORMAT", "stream (default) joins, json prints JSON lines, tsv a table", true},
    [OPTION_CHECK] = {"check", 0, NULL, "write nothing; exit status 0 means that every stream is whole", true},
    [OPTION_HEADER] = {"header", 0, NULL, "print the header as JSON and nothing else", true},
    [OPTION_CODES] = {"codes", 0, NULL, "print the codes of categories, not their names", true},
    [OPTION_SHARD] = {"shard", 0, "K/N", "mark the stream as shard K of N (from 0) of a larger one; 0/1 takes the mark away", true},
};

enum format { FORMAT_STREAM, FORMAT_JSON, FORMAT_TSV };
static const char *const formats[] = {"stream", "json", "tsv", NULL};

static const unsigned any_kind = (1u << PID_KINDS) - 1;

static void check(const struct pid_program *program)
{
    struct pid_input input;
    struct pid_record record;
    pid_input_open(&input, program, any_kind);
    pid_input_leave_vectors(&input);
    while (pid_input_next(&input, &record)) continue;
    pid_input_close(&input);
}

/* Records are copied byte for byte, but only after they were found right. */
static void join(const struct pid_program *program, const struct pid_shard *mark)
{
    struct pid_input input;
    struct pid_record record;
    struct pid_error error;
    pid_input_open(&input, program, any_kind);
    pid_input_leave_vectors(&input);
    if (mark) input.header.shard = *mark;
    struct pid_output *output = pid_output_open(program, program->output, true);
    struct pid_writer *writer = pid_writer_new(pid_output_fd(output), pid_output_name(output), &input.header, program->gzip, &error);
    if (!writer) pid_program_fail(program, &error);
    bool batches = input.header.kind == PID_KIND_SAMPLES || input.header.kind == PID_KIND_LABELS;
    while (pid_input_next(&input, &record)) {
        size_t length;
        uint32_t crc;
        const void *bytes = pid_reader_record_bytes(input.reader, &length, &crc);
        if (pid_writer_bytes(writer, bytes, length, crc, batches ? record.batch.rows : 0, &error)) pid_program_fail(program, &error);
    }
    if (pid_writer_finish(writer, &error)) pid_program_fail(program, &error);
    pid_output_finish(output);
    pid_input_close(&input);
}

/* The columns of a table come from its first record; a record with others cannot stand below them. */
static void show_tsv_record(const struct pid_program *program, const struct pid_input *input, FILE *file, char **columns,
                            const struct pid_record *record, bool names)
{
    struct pid_error error;
    char *now = NULL;
    size_t length;
    FILE *memory = open_memstream(&now, &length);
    if (memory) pid_show_tsv_columns(memory, &input->header, record);
    if (!memory || fclose(memory)) {
        pid_error_errno(&error, "cannot format a line");
        pid_program_fail(program, &error);
    }
    if (*columns && strcmp(*columns, now)) {
        pid_error_set(&error, PID_ERROR_DATA, "has other keys or columns than the first record: use -f json");
        pid_input_fail(input, &error);
    }
    if (!*columns) fprintf(file, "%s\n", now);
    free(*columns);
    *columns = now;
    pid_show_tsv_record(file, &input->header, record, names);
}

static void show(const struct pid_program *program, enum format format, bool names, bool header_only)
{
    struct pid_input input;
    struct pid_record record;
    struct pid_output *output;
    char *columns = NULL;
    uint64_t records = 0;
    pid_input_open(&input, program, any_kind);
    FILE *file = pid_text_output_open(program, &output);
    if (header_only || format == FORMAT_JSON) pid_show_header_json(file, &input.header);
    while (!header_only && pid_input_next(&input, &record)) {
        records++;
        if (format == FORMAT_JSON) pid_show_record_json(file, &input.header, &record, names);
        else show_tsv_record(program, &input, file, &columns, &record, names);
    }
    if (!header_only && format == FORMAT_JSON) fprintf(file, "{\"end\":true,\"records\":%llu}\n", (unsigned long long)records);
    free(columns);
    pid_text_output_finish(program, file, output);
    pid_input_close(&input);
}

int main(int argc, char **argv)
{
    struct pid_program program = {
        .name = "pid-cat",
        .summary = "Joins, checks and shows streams: the FILEs named, or standard input.",
        .operands = "[FILE...]",
        .examples = "  pid-synth and | pid-cat -f tsv\n  pid-cat --check labels.mp && echo whole\n  pid-cat part-*.mp -o all.mp\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
    };
    enum format format = FORMAT_STREAM;
    bool checking = false, header = false, names = true;
    struct pid_shard shard;
    const struct pid_shard *mark = NULL;
    const char *argument;
    pid_program_start(&program, argc, argv);
    for (int option; (option = pid_program_option(&program, &argument)) >= 0;) {
        switch (option) {
        case OPTION_FORMAT: format = (enum format)pid_program_choice(&program, option, argument, formats); break;
        case OPTION_CHECK: checking = true; break;
        case OPTION_HEADER: header = true; break;
        case OPTION_CODES: names = false; break;
        case OPTION_SHARD:
            shard = pid_program_shard(&program, option, argument);
            mark = &shard;
            break;
        }
    }
    if (checking && header) pid_program_usage(&program, "--check and --header cannot be had together");
    if (mark && (checking || header || format != FORMAT_STREAM)) pid_program_usage(&program, "--shard is for streams");
    if (checking) check(&program);
    else if (header || format != FORMAT_STREAM) show(&program, format, names, header);
    else join(&program, mark);
    return pid_program_end(&program);
}
