/* pid-joint: counts joint tables from labels, reads them from text, or adds them up. */
#include "pid-joint.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { OPTION_PER, OPTION_SOURCES, OPTION_TARGET, OPTION_TABLE, OPTION_WEIGHT, OPTION_COUNT, OPTION_MERGE, OPTION_EXPECT, OPTION_BOOTSTRAP, OPTION_CLUSTER, OPTION_PERMUTE, OPTION_WITHIN, OPTION_SUBSAMPLE };
static const struct pid_option option_list[] = {
    [OPTION_PER] = {"per", 0, "KEYS", "one table for each value of these keys, as in model,layer; '' for a single table;\n"
                                      "default: all keys but sample", false},
    [OPTION_SOURCES] = {"sources", 0, "NAMES", "the sources, as in image,text; default: as the header says", false},
    [OPTION_TARGET] = {"target", 0, "NAMES", "the target; default: as the header says", false},
    [OPTION_TABLE] = {"table", 0, "FILE", "read a text table (tsv, csv; a header line names the columns; - is standard input)\n"
                                          "instead of labels; --per, --sources, --target name its columns", false},
    [OPTION_WEIGHT] = {"weight", 0, "COLUMN", "with --table: the column of each row's probability or weight; default: each\n"
                                              "row is one sample", false},
    [OPTION_COUNT] = {"count", 0, "COLUMN", "with --table: the column that says how many samples a row stands for", false},
    [OPTION_MERGE] = {"merge", 0, NULL, "read joint streams and add their tables cell by cell", false},
    [OPTION_EXPECT] = {"expect", 0, "N", "with --merge: refuse anything but the N shards of one data set, each once", true},
    [OPTION_BOOTSTRAP] = {"bootstrap", 0, "B", "behind each table, B bootstrap replicates of it", false},
    [OPTION_CLUSTER] = {"cluster", 0, "KEY", "keep rows of one value of this key together in bootstraps and subsamples", false},
    [OPTION_PERMUTE] = {"permute", 0, "B", "behind each table, B tables with the target permuted", false},
    [OPTION_WITHIN] = {"permute-within", 0, "NAME", "permute among the rows of one level of this variable or key only", false},
    [OPTION_SUBSAMPLE] = {"subsample", 0, "F[,F...][xB]", "behind each table, B subsamples of a fraction F of the rows;\n"
                                                          "default of B: as many as share no row, 1 / F", false},
};

static void parse_names(const struct pid_program *program, int option, const char *text, struct names *names)
{
    pid_program_list_free(names->name, names->count);
    names->name = pid_program_list(program, option, text, &names->count);
}

static void check_options(const struct options *options)
{
    const struct pid_program *program = options->program;
    if (options->merge && (options->sources.name || options->target.name))
        pid_program_usage(program, "--merge keeps the variables: --sources and --target are for labels");
    if (options->merge && (keeps_rows(options) || options->cluster || options->within))
        pid_program_usage(program, "--merge has no rows: --bootstrap, --cluster, --subsample and --permute-within are for labels");
    if (options->table) {
        if (program->file_count) pid_program_usage(program, "unexpected operand '%s': --table reads '%s'", program->files[0], options->table);
        if (options->merge) pid_program_usage(program, "--table and --merge cannot be had together");
        if (!options->sources.count || !options->target.count) pid_program_usage(program, "--table needs --sources and --target, the names of columns");
    }
    if (!options->table && (options->weight || options->count)) pid_program_usage(program, "--weight and --count go with --table");
    if (options->weight && options->count) pid_program_usage(program, "--weight and --count cannot be had together");
    if (options->weight && (keeps_rows(options) || options->permute))
        pid_program_usage(program, "--weight makes an exact distribution, which has no samples to draw from");
    if (options->count && keeps_rows(options)) pid_program_usage(program, "--count has no rows: --bootstrap and --subsample need one row a sample");
    if (options->expect && !options->merge) pid_program_usage(program, "--expect goes with --merge");
    if (options->cluster && !keeps_rows(options)) pid_program_usage(program, "--cluster goes with --bootstrap or --subsample");
    if (options->within && !options->permute) pid_program_usage(program, "--permute-within goes with --permute");
}

int main(int argc, char **argv)
{
    struct pid_program program = {
        .name = "pid-joint",
        .summary = "Counts a joint table for each key, from labels in the FILEs named or standard input.",
        .operands = "[FILE...]",
        .examples = "  pid-joint labels.mp | pid-ipfp | pid-report\n  pid-joint --per model,layer --sources image,text --target answer labels.mp\n"
                    "  pid-joint --bootstrap 1000 --permute 200 --subsample 0.5,0.25 labels.mp | pid-ipfp | pid-report\n  pid-joint --merge part-*.mp -o all.mp\n",
        .options = option_list,
        .option_count = sizeof option_list / sizeof *option_list,
        .default_seed = 1,
    };
    struct options options = {.program = &program};
    const char *argument;
    pid_program_start(&program, argc, argv);
    for (int option; (option = pid_program_option(&program, &argument)) >= 0;) {
        switch (option) {
        case OPTION_PER: parse_names(&program, option, argument, &options.per); break;
        case OPTION_SOURCES: parse_names(&program, option, argument, &options.sources); break;
        case OPTION_TARGET: parse_names(&program, option, argument, &options.target); break;
        case OPTION_TABLE: options.table = argument; break;
        case OPTION_WEIGHT: options.weight = argument; break;
        case OPTION_COUNT: options.count = argument; break;
        case OPTION_MERGE: options.merge = true; break;
        case OPTION_EXPECT: options.expect = pid_program_unsigned(&program, option, argument, 1, PID_SHARDS_MAX); break;
        case OPTION_BOOTSTRAP: options.bootstrap = (uint32_t)pid_program_unsigned(&program, option, argument, 0, UINT32_MAX); break;
        case OPTION_CLUSTER: options.cluster = argument; break;
        case OPTION_PERMUTE: options.permute = (uint32_t)pid_program_unsigned(&program, option, argument, 0, UINT32_MAX); break;
        case OPTION_WITHIN: options.within = argument; break;
        case OPTION_SUBSAMPLE: options.fraction_count = parse_fractions(&program, argument, options.subsample); break;
        }
    }
    check_options(&options);
    /* The columns of a text table are no keys unless they are asked for. */
    if (options.table && !options.per.name) parse_names(&program, OPTION_PER, "", &options.per);
    if (options.table) read_table(&options);
    else if (options.merge) merge_tables(&options);
    else count_labels(&options);
    pid_program_list_free(options.per.name, options.per.count);
    pid_program_list_free(options.sources.name, options.sources.count);
    pid_program_list_free(options.target.name, options.target.count);
    return pid_program_end(&program);
}
