#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/workers.h"
#include "program/internal.h"
#include "program/program.h"

const struct pid_option pid_common_options[] = {
    [COMMON_OUTPUT] = {"output", 'o', "FILE", "write to FILE, which appears only when it is complete; default: standard output", true},
    [COMMON_GZIP] = {"gzip", 'z', NULL, "compress the output with gzip; readers find out by themselves", true},
    [COMMON_JOBS] = {"jobs", 'j', "N", "threads; default: the processors at hand. The result does not depend on it", true},
    [COMMON_SEED] = {"seed", 0, "N", "seed of all random draws", true},
    [COMMON_MAX_RECORD] = {"max-record", 0, "SIZE", "refuse records above SIZE bytes (K, M, G); default: 64M", true},
    [COMMON_PROGRESS] = {"progress", 0, NULL, "report progress even where standard error is no terminal", true},
    [COMMON_QUIET] = {"quiet", 'q', NULL, "no warnings, no progress", true},
    [COMMON_VERBOSE] = {"verbose", 'v', NULL, "say more about what is done", true},
    [COMMON_HELP] = {"help", 'h', NULL, "print this help and exit", true},
    [COMMON_VERSION] = {"version", 'V', NULL, "print the version and exit", true},
};

/* getopt_long's values: above all characters, so that an option without a letter is told apart. */
enum { FIRST_VALUE = 1000 };

static const struct pid_option *option_at(const struct pid_program *program, size_t i)
{
    return i < program->option_count ? &program->options[i] : &pid_common_options[i - program->option_count];
}

static void build_getopt(struct pid_program *program)
{
    struct pid_error error;
    size_t total = program->option_count + COMMON_COUNT, used = 1;
    program->state->long_options = pid_array_new(total + 1, sizeof(struct option), &error);
    pid_program_must(program, program->state->long_options, &error);
    program->state->letters = pid_array_new(2 * total + 2, 1, &error);
    pid_program_must(program, program->state->letters, &error);
    program->state->letters[0] = ':';
    for (size_t i = 0; i < total; i++) {
        const struct pid_option *option = option_at(program, i);
        program->state->long_options[i] =
            (struct option){option->name, option->argument ? required_argument : no_argument, NULL, FIRST_VALUE + (int)i};
        if (!option->letter) continue;
        program->state->letters[used++] = option->letter;
        if (option->argument) program->state->letters[used++] = ':';
    }
}

void pid_program_record_argument(struct pid_program *program, const char *argument)
{
    struct pid_error error;
    void *array = program->stage.arguments;
    if (pid_array_grow(&array, &program->state->argument_capacity, program->stage.argument_count + 1, sizeof(char *), &error))
        pid_program_fail(program, &error);
    program->stage.arguments = array;
    char *copy = pid_string_copy(argument, &error);
    pid_program_must(program, copy, &error);
    program->stage.arguments[program->stage.argument_count++] = copy;
}

static void record(struct pid_program *program, const struct pid_option *option, const char *argument)
{
    struct pid_error error;
    if (option->unrecorded) return;
    char *text = argument ? pid_string_format(&error, "--%s=%s", option->name, argument) : pid_string_format(&error, "--%s", option->name);
    pid_program_must(program, text, &error);
    pid_program_record_argument(program, text);
    free(text);
}

/* What was asked for is there, whatever --output names. */
static _Noreturn void end_at_standard_output(struct pid_program *program)
{
    program->output = NULL;
    exit(pid_program_end(program));
}

static void print_version(struct pid_program *program)
{
    printf("%s (pidtools) %s\n", program->name, PACKAGE_VERSION);
    end_at_standard_output(program);
}

static void set_common(struct pid_program *program, enum common which, int option, const char *argument)
{
    switch (which) {
    case COMMON_OUTPUT:
        if (!*argument) pid_program_usage(program, "--output: the file name is empty");
        program->output = argument;
        break;
    case COMMON_GZIP: program->gzip = true; break;
    case COMMON_JOBS: program->jobs = pid_program_unsigned(program, option, argument, 1, 1024); break;
    case COMMON_SEED: program->seed = pid_program_unsigned(program, option, argument, 0, UINT64_MAX); break;
    case COMMON_MAX_RECORD: program->record_bytes_max = pid_program_bytes(program, option, argument, 1 << 16, (uint64_t)1 << 40); break;
    case COMMON_PROGRESS: program->force_progress = true; break;
    case COMMON_QUIET: program->quiet = true; break;
    case COMMON_VERBOSE: program->verbosity++; break;
    case COMMON_HELP:
        pid_program_print_help(program);
        end_at_standard_output(program);
    case COMMON_VERSION: print_version(program); break;
    case COMMON_COUNT: break;
    }
}

/* Index of the option that getopt_long returned. */
static size_t index_of(const struct pid_program *program, int value)
{
    if (value >= FIRST_VALUE) return (size_t)(value - FIRST_VALUE);
    size_t i = 0;
    while (option_at(program, i)->letter != value) i++;
    return i;
}

int pid_program_option(struct pid_program *program, const char **argument)
{
    struct pid_program_state *state = program->state;
    if (!state->long_options) {
        build_getopt(program);
        opterr = 0;
    }
    for (;;) {
        int at = optind ? optind : 1;
        int value = getopt_long(state->argc, state->argv, state->letters, state->long_options, NULL);
        if (value == -1) break;
        if (value == ':' || value == '?') {
            if (optopt >= FIRST_VALUE) {
                const struct pid_option *option = option_at(program, (size_t)(optopt - FIRST_VALUE));
                pid_program_usage(program, option->argument ? "--%s needs an argument: %s" : "--%s takes no argument", option->name, option->argument);
            }
            if (optopt && value == ':') pid_program_usage(program, "-%c needs an argument", optopt);
            if (optopt) pid_program_usage(program, "unknown option -%c", optopt);
            pid_program_usage(program, "unknown or ambiguous option %s", state->argv[at < state->argc ? optind - 1 : at]);
        }
        size_t i = index_of(program, value);
        if (i >= program->option_count) {
            set_common(program, (enum common)(i - program->option_count), (int)i, optarg);
            continue;
        }
        record(program, &program->options[i], optarg);
        *argument = optarg;
        return (int)i;
    }
    program->files = state->argv + optind;
    program->file_count = (size_t)(state->argc - optind);
    if (!*program->operands && program->file_count) pid_program_usage(program, "unexpected operand '%s'", program->files[0]);
    program->stage.seed = program->seed;
    if (!program->jobs) program->jobs = pid_workers_available();
    return -1;
}

uint64_t pid_program_unsigned(const struct pid_program *program, int option, const char *text, uint64_t minimum, uint64_t maximum)
{
    uint64_t value;
    if (!pid_number_unsigned(text, minimum, maximum, &value))
        pid_program_usage(program, "--%s: '%s' is not a whole number from %" PRIu64 " to %" PRIu64, option_at(program, (size_t)option)->name, text, minimum, maximum);
    return value;
}

double pid_program_real(const struct pid_program *program, int option, const char *text, double minimum, double maximum)
{
    double value;
    if (!pid_number_real(text, minimum, maximum, &value))
        pid_program_usage(program, "--%s: '%s' is not a number from %g to %g", option_at(program, (size_t)option)->name, text, minimum, maximum);
    return value;
}

uint64_t pid_program_bytes(const struct pid_program *program, int option, const char *text, uint64_t minimum, uint64_t maximum)
{
    uint64_t value;
    if (!pid_number_bytes(text, minimum, maximum, &value))
        pid_program_usage(program, "--%s: '%s' is not a size from %" PRIu64 " to %" PRIu64 " bytes (K, M, G, T may follow)",
                          option_at(program, (size_t)option)->name, text, minimum, maximum);
    return value;
}

struct pid_shard pid_program_shard(const struct pid_program *program, int option, const char *text)
{
    struct pid_shard shard;
    char index[24] = "";
    const char *slash = strchr(text, '/');
    if (slash && slash - text < (ptrdiff_t)sizeof index) memcpy(index, text, (size_t)(slash - text));
    if (!slash || !pid_number_unsigned(slash + 1, 1, PID_SHARDS_MAX, &shard.of) || !pid_number_unsigned(index, 0, shard.of - 1, &shard.index))
        pid_program_usage(program, "--%s: '%s' is not K/N, with N from 1 to %d and K from 0 to N-1", option_at(program, (size_t)option)->name, text, PID_SHARDS_MAX);
    return shard.of > 1 ? shard : (struct pid_shard){0};
}

int pid_program_choice(const struct pid_program *program, int option, const char *text, const char *const *choices)
{
    char all[400] = "";
    for (int i = 0; choices[i]; i++) {
        if (!strcmp(choices[i], text)) return i;
        size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", choices[i]);
    }
    pid_program_usage(program, "--%s: '%s' is none of %s", option_at(program, (size_t)option)->name, text, all);
}

char **pid_program_list(const struct pid_program *program, int option, const char *text, size_t *count)
{
    struct pid_error error;
    const char *name = option_at(program, (size_t)option)->name;
    char **list = pid_array_new(strlen(text) / 2 + 1, sizeof *list, &error);
    pid_program_must(program, list, &error);
    *count = 0;
    for (const char *at = text; *text;) {
        size_t length = strcspn(at, ",");
        if (!length) pid_program_usage(program, "--%s: '%s' has an empty item", name, text);
        char *item = pid_string_copy_n(at, length, &error);
        pid_program_must(program, item, &error);
        for (size_t i = 0; i < *count; i++)
            if (!strcmp(list[i], item)) pid_program_usage(program, "--%s: '%s' is there twice", name, item);
        list[(*count)++] = item;
        if (!at[length]) break;
        at += length + 1;
    }
    return list;
}

void pid_program_list_free(char **list, size_t count)
{
    for (size_t i = 0; i < count; i++) free(list[i]);
    free(list);
}

static void print_option(const struct pid_program *program, const struct pid_option *option)
{
    enum { COLUMN = 28 };
    char left[120];
    int width = snprintf(left, sizeof left, "  %c%c%s--%s%s%s", option->letter ? '-' : ' ', option->letter ? option->letter : ' ',
                         option->letter ? ", " : "  ", option->name, option->argument ? " " : "", option->argument ? option->argument : "");
    printf("%s", left);
    if (width > COLUMN - 2) printf("\n%*s", COLUMN, "");
    else printf("%*s", COLUMN - width, "");
    for (const char *c = option->help; *c; c++) {
        putchar(*c);
        if (*c == '\n') printf("%*s", COLUMN, "");
    }
    if (option == &pid_common_options[COMMON_SEED]) printf("; default: %" PRIu64, program->default_seed);
    putchar('\n');
}

void pid_program_print_help(const struct pid_program *program)
{
    printf("Usage: %s [OPTION...]%s%s\n\n%s\n\nOptions:\n", program->name, *program->operands ? " " : "", program->operands, program->summary);
    for (size_t i = 0; i < program->option_count + COMMON_COUNT; i++) {
        if (i == program->option_count && i) printf("\nOptions that every program has:\n");
        print_option(program, option_at(program, i));
    }
    if (program->examples) printf("\nExamples:\n%s", program->examples);
    printf("\nExit status: 0 done, 1 data or system error, 2 wrong use, 3 a result misses the tolerance (--strict).\n"
           "More: man %s; the format of the streams: man 5 pid-stream.\n", program->name);
}
