/* pid-local: what a decomposition says about each sample. */
#include "pid-local.h"

#include <stdlib.h>

enum { OPTION_DECOMPOSITION, OPTION_TOP, OPTION_BOTTOM, OPTION_BY, OPTION_CELLS, OPTION_AGGREGATE, OPTION_BOOTSTRAP, OPTION_CLUSTER };
static const struct pid_option option_list[] = {
    [OPTION_DECOMPOSITION] = {"decomposition", 'd', "FILE", "the decompositions of these labels, with pid-ipfp --potentials", true},
    [OPTION_TOP] = {"top", 0, "N", "only the N rows of each decomposition with the most of a value", false},
    [OPTION_BOTTOM] = {"bottom", 0, "N", "only the N rows of each decomposition with the least of a value", false},
    [OPTION_BY] = {"by", 0, "VALUE", "the value for --top and --bottom: redundant, unique:NAME, synergy (default),\ntotal, mi:NAME; of more than two sources see pid-local(1)", false},
    [OPTION_CELLS] = {"cells", 0, NULL, "a line for each combination of labels instead of one for each row", false},
    [OPTION_AGGREGATE] = {"aggregate", 0, "NAMES", "means over the rows of each value of these keys or variables, as in class,layer,\n"
                                                   "as decompositions for pid-report; '' for those of all rows", false},
    [OPTION_BOOTSTRAP] = {"bootstrap", 0, "B", "with --aggregate: B bootstrap replicates of each mean, for intervals", false},
    [OPTION_CLUSTER] = {"cluster", 0, "KEY", "with --bootstrap: keep rows of one value of this key together", false},
};

static void check_options(const struct options *options)
{
    const struct pid_program *program = options->program;
    if (!options->decomposition) pid_program_usage(program, "which decomposition? Use -d FILE, of pid-ipfp --potentials");
    if (options->cells && (options->top || options->bottom || options->aggregate))
        pid_program_usage(program, "--cells does not go with --top, --bottom and --aggregate");
    if (options->bootstrap && !options->aggregate) pid_program_usage(program, "--bootstrap goes with --aggregate");
    if (options->cluster && !options->bootstrap) pid_program_usage(program, "--cluster goes with --bootstrap");
}

int main(int argc, char **argv)
{
    struct pid_program program = {
        .name = "pid-local",
        .summary = "Says how much each sample has of each part of a decomposition: labels in the FILEs named or standard\n"
                   "input, and their decomposition, give a line for each row. The mean of each value is the atom.",
        .operands = "[FILE...]",
        .examples = "  pid-local -d solved.mp labels.mp >rows.tsv\n  pid-local -d solved.mp --top 20 --by synergy labels.mp\n"
                    "  pid-local -d solved.mp --aggregate question --bootstrap 1000 labels.mp | pid-report -f html -o page.html\n",
        .options = option_list,
        .option_count = sizeof option_list / sizeof *option_list,
        .default_seed = 1,
    };
    struct options options = {.program = &program};
    struct local local = {.options = &options};
    const char *argument;
    pid_program_start(&program, argc, argv);
    for (int option; (option = pid_program_option(&program, &argument)) >= 0;) {
        switch (option) {
        case OPTION_DECOMPOSITION: options.decomposition = argument; break;
        case OPTION_TOP: options.top = pid_program_unsigned(&program, option, argument, 1, UINT32_MAX); break;
        case OPTION_BOTTOM: options.bottom = pid_program_unsigned(&program, option, argument, 1, UINT32_MAX); break;
        case OPTION_BY: options.by = argument; break;
        case OPTION_CELLS: options.cells = true; break;
        case OPTION_AGGREGATE:
            pid_program_list_free(options.aggregate, options.name_count);
            options.aggregate = pid_program_list(&program, option, argument, &options.name_count);
            break;
        case OPTION_BOOTSTRAP: options.bootstrap = (uint32_t)pid_program_unsigned(&program, option, argument, 0, UINT32_MAX); break;
        case OPTION_CLUSTER: options.cluster = argument; break;
        }
    }
    check_options(&options);
    local_read_tables(&local);
    local_read_rows(&local);
    local_compute(&local);
    if (options.aggregate) local_aggregate(&local);
    else local_print(&local);
    local_release(&local);
    pid_program_list_free(options.aggregate, options.name_count);
    return pid_program_end(&program);
}
