/* pid-gauss: decomposes vectors as Gaussians, without clusters. */
#include "pid-gauss.h"

#include <stdlib.h>
#include <string.h>

#include "base/blas.h"
#include "base/memory.h"

enum { OPTION_PER, OPTION_SOURCES, OPTION_TARGET, OPTION_PCA, OPTION_COVARIANCE, OPTION_DRAWS, OPTION_BOOTSTRAP, OPTION_CLUSTER, OPTION_PERMUTE, OPTION_SUBSAMPLE };
static const struct pid_option option_list[] = {
    [OPTION_PER] = {"per", 0, "KEYS", "one decomposition for each value of these keys, as in model,layer; '' for a single one;\n"
                                      "default: all keys but sample", false},
    [OPTION_SOURCES] = {"sources", 0, "NAMES", "the sources, as in image,text; default: as the header says", false},
    [OPTION_TARGET] = {"target", 0, "NAME", "the target; default: as the header says", false},
    [OPTION_PCA] = {"pca", 0, "D", "project each vector on its first D principal components, or by name: image=50", false},
    [OPTION_COVARIANCE] = {"covariance", 0, "FILE", "instead of samples: a covariance as a text table; a header line names the columns\n"
                                                    "NAME or NAME.0, NAME.1, .., one line a column; needs --sources and --target", false},
    [OPTION_DRAWS] = {"draws", 0, "N", "draws that the bias of few samples is estimated by; 0: not at all; default: 64", false},
    [OPTION_BOOTSTRAP] = {"bootstrap", 0, "B", "behind each decomposition, B of bootstrap replicates of the rows", false},
    [OPTION_CLUSTER] = {"cluster", 0, "KEY", "keep rows of one value of this key together in bootstraps and subsamples", false},
    [OPTION_PERMUTE] = {"permute", 0, "B", "behind each decomposition, B with the target's rows permuted", false},
    [OPTION_SUBSAMPLE] = {"subsample", 0, "F[,F...][xB]", "behind each decomposition, those of B subsamples of a fraction F of the rows;\n"
                                                          "default of B: as many as share no row, 1 / F", false},
};

void gauss_must(const struct gauss *gauss, enum pid_status status, const struct pid_error *error)
{
    if (status != PID_OK) pid_program_fail(gauss->options->program, error);
}

uint32_t gauss_components(const struct pid_program *program, int option, const char *text)
{
    return (uint32_t)pid_program_unsigned(program, option, text, 1, 1 << 20);
}

void *gauss_array(const struct gauss *gauss, size_t count, size_t size)
{
    struct pid_error error;
    void *array = pid_array_new(count, size, &error);
    if (!array) pid_program_fail(gauss->options->program, &error);
    return array;
}

static void check_components(const struct pid_program *program, int option, const char *text) { gauss_components(program, option, text); }

static void set_list(const struct pid_program *program, int option, const char *text, struct list *list)
{
    pid_program_list_free(list->names, list->count);
    list->names = pid_program_list(program, option, text, &list->count);
}

static void check_options(const struct options *options)
{
    const struct pid_program *program = options->program;
    bool replicates = options->bootstrap || options->permute || options->fraction_count;
    if (options->cluster && !options->bootstrap && !options->fraction_count) pid_program_usage(program, "--cluster goes with --bootstrap or --subsample");
    if (!options->covariance) return;
    if (program->file_count) pid_program_usage(program, "unexpected operand '%s': --covariance reads '%s'", program->files[0], options->covariance);
    if (!options->sources.names || !options->target.names) pid_program_usage(program, "--covariance needs --sources and --target");
    if (options->per.names || options->pca.items || replicates) pid_program_usage(program, "--covariance has no rows: --per, --pca and replicates are for samples");
}

static void release(struct gauss *gauss)
{
    for (size_t g = 0; g < gauss->count; g++) {
        pid_key_release(&gauss->groups[g].key);
        free(gauss->groups[g].dims);
        free(gauss->groups[g].rooms);
        free(gauss->groups[g].kept);
        free(gauss->groups[g].values);
    }
    free(gauss->groups);
    free(gauss->slots);
    pid_header_release(&gauss->header);
    pid_workers_free(gauss->workers);
}

static void decompose_covariance(struct gauss *gauss)
{
    struct pid_error error;
    struct pid_arena arena = {0};
    struct pid_gauss_result result;
    struct pid_gauss_options options = {0, 0};
    struct pid_key key = {0};
    size_t *dims;
    double *covariance = gauss_read_covariance(gauss, &dims);
    struct pid_gauss_table table = {gauss->sources, dims, covariance, 0};
    if (pid_gauss_solve(&table, &options, &arena, &result, &error)) {
        pid_error_prefix(&error, "%s", gauss->options->covariance);
        pid_program_fail(gauss->options->program, &error);
    }
    pid_stream_output_open(&gauss->output, gauss->options->program, &gauss->header);
    gauss_write(gauss, &key, (struct pid_replicate){PID_REPLICATE_DATA, 0, 1}, 0, &result, NULL);
    pid_stream_output_finish(&gauss->output);
    pid_arena_release(&arena);
    free(covariance);
    free(dims);
}

static int by_key(const void *a, const void *b) { return pid_key_compare(&((const struct group *)a)->key, &((const struct group *)b)->key); }

static void decompose_samples(struct gauss *gauss)
{
    gauss_read(gauss);
    if (gauss->count) qsort(gauss->groups, gauss->count, sizeof *gauss->groups, by_key);
    pid_stream_output_open(&gauss->output, gauss->options->program, &gauss->header);
    for (size_t g = 0; g < gauss->count; g++) gauss_work(gauss, &gauss->groups[g]);
    pid_stream_output_finish(&gauss->output);
}

int main(int argc, char **argv)
{
    struct pid_program program = {
        .name = "pid-gauss",
        .summary = "Decomposes what vectors tell about a vector as if all were Gaussian: samples in the FILEs named or\n"
                   "standard input, to decompositions, without clusters.",
        .operands = "[FILE...]",
        .examples = "  pid-gauss --pca 64 samples.mp | pid-report\n  pid-gauss --pca 32 --bootstrap 200 --permute 200 samples.mp -o gauss.mp\n"
                    "  pid-report clusters.mp gauss.mp\n",
        .options = option_list,
        .option_count = sizeof option_list / sizeof *option_list,
        .default_seed = 1,
    };
    struct options options = {.program = &program, .draws = 64};
    struct gauss gauss = {.options = &options};
    struct pid_error error;
    const char *argument;
    pid_program_start(&program, argc, argv);
    for (int option; (option = pid_program_option(&program, &argument)) >= 0;) {
        switch (option) {
        case OPTION_PER: set_list(&program, option, argument, &options.per); break;
        case OPTION_SOURCES: set_list(&program, option, argument, &options.sources); break;
        case OPTION_TARGET: set_list(&program, option, argument, &options.target); break;
        case OPTION_PCA:
            pid_choices_close(&options.pca);
            options.pca = pid_choices_open(&program, option, argument, check_components);
            break;
        case OPTION_COVARIANCE: options.covariance = argument; break;
        case OPTION_DRAWS: options.draws = (uint32_t)pid_program_unsigned(&program, option, argument, 0, 1 << 20); break;
        case OPTION_BOOTSTRAP: options.bootstrap = (uint32_t)pid_program_unsigned(&program, option, argument, 0, UINT32_MAX); break;
        case OPTION_CLUSTER: options.cluster = argument; break;
        case OPTION_PERMUTE: options.permute = (uint32_t)pid_program_unsigned(&program, option, argument, 0, UINT32_MAX); break;
        case OPTION_SUBSAMPLE: options.fraction_count = parse_fractions(&program, argument, options.subsample); break;
        }
    }
    check_options(&options);
    pid_blas_single_thread();
    if (!(gauss.workers = pid_workers_new(program.jobs, &error))) pid_program_fail(&program, &error);
    if (options.covariance) decompose_covariance(&gauss);
    else decompose_samples(&gauss);
    release(&gauss);
    pid_program_list_free(options.per.names, options.per.count);
    pid_program_list_free(options.sources.names, options.sources.count);
    pid_program_list_free(options.target.names, options.target.count);
    pid_choices_close(&options.pca);
    return pid_program_end(&program);
}
