/* pid-shard: one command for each part of a data set; which parts are there; their sum. */
#include "pid-shard.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/number.h"
#include "program/output.h"

enum { OPTION_SHARDS, OPTION_NEEDS, OPTION_RANGES };
static const struct pid_option option_list[] = {
    [OPTION_SHARDS] = {"shards", 'n', "N", "plan: how many shards", true},
    [OPTION_NEEDS] = {"needs", 0, "FILE", "plan: a file (a codebook) that must be the same for every shard; repeatable", true},
    [OPTION_RANGES] = {"ranges", 0, NULL, "missing: print one line, as in 2,5-9, the form of sbatch --array", true},
};

struct options {
    struct pid_program *program;
    uint64_t shards;
    const char **needs;
    size_t need_count;
    bool ranges;
};

static void expect_operands(const struct pid_program *program, size_t least, size_t most, const char *what)
{
    if (program->file_count < least || program->file_count > most) pid_program_usage(program, "%s: the operands are %s", program->files[0], what);
}

static void do_plan(const struct options *options)
{
    const struct pid_program *program = options->program;
    struct plan plan;
    expect_operands(program, 3, 3, "RUN and COMMAND (in quotes)");
    const char *command = program->files[2];
    if (!options->shards) pid_program_usage(program, "plan: say with --shards how many");
    if (!strstr(command, "{shard}") && !strstr(command, "{index}"))
        pid_program_usage(program, "plan: the command has neither {shard} nor {index}: every shard would be the same");
    plan_make(&plan, program, program->files[1], options->shards, command, options->need_count, options->needs);
    plan_write(&plan);
    plan_release(&plan);
}

/* "7" or "5-9". */
static void parse_range(const struct plan *plan, const char *text, uint64_t *first, uint64_t *last)
{
    char number[24] = "";
    const char *dash = strchr(text, '-');
    size_t length = dash ? (size_t)(dash - text) : strlen(text);
    if (length < sizeof number) memcpy(number, text, length);
    if (!pid_number_unsigned(number, 0, plan->shards - 1, first) ||
        !pid_number_unsigned(dash ? dash + 1 : number, *first, plan->shards - 1, last))
        pid_program_usage(plan->program, "run: '%s' is not a shard or a range of shards from 0 to %" PRIu64, text, plan->shards - 1);
}

/* The shards named, one after the other; those named wrongly are found before any is run. */
static bool do_run(const struct options *options)
{
    const struct pid_program *program = options->program;
    struct plan plan;
    uint64_t first, last;
    bool all = true;
    expect_operands(program, 3, SIZE_MAX, "RUN and one or more shards, as in 3 or 5-9");
    plan_read(&plan, program, program->files[1]);
    for (size_t i = 2; i < program->file_count; i++) parse_range(&plan, program->files[i], &first, &last);
    plan_check_needs(&plan);
    for (size_t i = 2; i < program->file_count; i++) {
        parse_range(&plan, program->files[i], &first, &last);
        for (uint64_t shard = first; shard <= last; shard++) all &= part_run(&plan, shard);
    }
    plan_release(&plan);
    return all;
}

/* Flags of the shards that are there; *kind is what they hold. */
static unsigned char *find_parts(const struct plan *plan, enum pid_kind *kind)
{
    struct pid_error error;
    unsigned char *there = pid_array_new(plan->shards, 1, &error);
    if (!there) pid_program_fail(plan->program, &error);
    for (uint64_t shard = 0; shard < plan->shards; shard++) {
        enum part_state state = part_check(plan, shard, kind, &error);
        there[shard] = state == PART_WHOLE;
        if (state == PART_DAMAGED) pid_program_warn(plan->program, "%s", error.message);
    }
    return there;
}

static void do_missing(const struct options *options)
{
    struct pid_error error;
    struct plan plan;
    enum pid_kind kind;
    struct pid_output *output;
    const struct pid_program *program = options->program;
    expect_operands(program, 2, 2, "RUN");
    plan_read(&plan, program, program->files[1]);
    unsigned char *there = find_parts(&plan, &kind);
    FILE *file = pid_text_output_open(program, &output);
    if (options->ranges) {
        size_t room = 8 * plan.shards + 16; /* no item is longer than its shards' share */
        char *text = pid_array_new(room, 1, &error);
        if (!text) pid_program_fail(program, &error);
        if (pid_shards_missing(there, plan.shards, text, room)) fprintf(file, "%s\n", text);
        free(text);
    }
    for (uint64_t shard = 0; shard < plan.shards && !options->ranges; shard++)
        if (!there[shard]) fprintf(file, "%" PRIu64 "\n", shard);
    pid_text_output_finish(program, file, output);
    free(there);
    plan_release(&plan);
}

/* Adds the parts up by pid-joint, or joins them by pid-cat, whose output becomes ours. */
static void do_merge(const struct options *options)
{
    struct pid_error error;
    struct plan plan;
    enum pid_kind kind = PID_KIND_JOINT;
    char list[400];
    size_t count = 0;
    const struct pid_program *program = options->program;
    expect_operands(program, 2, 2, "RUN");
    plan_read(&plan, program, program->files[1]);
    unsigned char *there = find_parts(&plan, &kind);
    uint64_t missing = pid_shards_missing(there, plan.shards, list, sizeof list);
    free(there);
    if (missing) {
        pid_error_set(&error, PID_ERROR_DATA, "%s: %" PRIu64 " of %" PRIu64 " shards %s missing: %s", plan.run, missing, plan.shards,
                      missing == 1 ? "is" : "are", list);
        pid_program_fail(program, &error);
    }
    char **arguments = pid_array_new(plan.shards + 8, sizeof *arguments, &error);
    if (!arguments) pid_program_fail(program, &error);
    static char joint[] = "pid-joint", cat[] = "pid-cat", merge[] = "--merge", quiet[] = "-q", gzip[] = "-z", to[] = "-o", end[] = "--";
    arguments[count++] = kind == PID_KIND_JOINT ? joint : cat;
    if (kind == PID_KIND_JOINT) arguments[count++] = merge;
    if (program->quiet) arguments[count++] = quiet;
    if (program->gzip) arguments[count++] = gzip;
    if (program->output) {
        arguments[count++] = to;
        if (!(arguments[count++] = pid_string_copy(program->output, &error))) pid_program_fail(program, &error);
    }
    arguments[count++] = end;
    for (uint64_t shard = 0; shard < plan.shards; shard++) arguments[count++] = plan_part(&plan, shard);
    execvp(arguments[0], arguments);
    pid_error_errno(&error, "cannot start %s", arguments[0]);
    pid_program_fail(program, &error);
}

int main(int argc, char **argv)
{
    struct pid_program program = {
        .name = "pid-shard",
        .summary = "Works on a data set in shards: plans a run, runs its shards, tells which are missing, merges them.",
        .operands = "plan RUN COMMAND | run RUN SHARD... | missing RUN | merge RUN",
        .examples = "  pid-shard plan out/run -n 64 --needs codebook.mp \\\n"
                    "      'pid-extract --shard {shard} --source x=e.npy --target y=y.npy | pid-kmeans --codebook codebook.mp | pid-joint'\n"
                    "  pid-shard missing out/run | xargs -P 4 -n 1 pid-shard run out/run\n  pid-shard merge out/run -o joint.mp\n",
        .options = option_list,
        .option_count = sizeof option_list / sizeof *option_list,
    };
    struct options options = {.program = &program};
    struct pid_error error;
    const char *argument;
    bool all = true;
    pid_program_start(&program, argc, argv);
    options.needs = pid_array_new((size_t)argc, sizeof *options.needs, &error);
    if (!options.needs) pid_program_fail(&program, &error);
    for (int option; (option = pid_program_option(&program, &argument)) >= 0;) {
        switch (option) {
        case OPTION_SHARDS: options.shards = pid_program_unsigned(&program, option, argument, 1, PID_SHARDS_MAX); break;
        case OPTION_NEEDS: options.needs[options.need_count++] = argument; break;
        case OPTION_RANGES: options.ranges = true; break;
        }
    }
    if (!program.file_count) pid_program_usage(&program, "say what to do: plan, run, missing or merge");
    const char *what = program.files[0];
    if ((options.shards || options.need_count) && strcmp(what, "plan")) pid_program_usage(&program, "--shards and --needs are for plan");
    if (options.ranges && strcmp(what, "missing")) pid_program_usage(&program, "--ranges is for missing");
    if (!strcmp(what, "plan")) do_plan(&options);
    else if (!strcmp(what, "run")) all = do_run(&options);
    else if (!strcmp(what, "missing")) do_missing(&options);
    else if (!strcmp(what, "merge")) do_merge(&options);
    else pid_program_usage(&program, "'%s' is none of plan, run, missing, merge", what);
    free(options.needs);
    int status = pid_program_end(&program);
    return all ? status : PID_EXIT_FAILURE;
}
