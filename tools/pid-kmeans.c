/* pid-kmeans: labels from vectors. */
#include "pid-kmeans.h"

#include <stdlib.h>
#include <string.h>

#include "base/blas.h"
#include "base/memory.h"
#include "base/number.h"
#include "pid-kmeans-work.h"
#include "program/choices.h"

enum { OPTION_CLUSTERS, OPTION_PER, OPTION_METHOD, OPTION_STANDARDIZE, OPTION_NORMALIZE, OPTION_PCA, OPTION_WHITEN, OPTION_INIT, OPTION_N_INIT,
       OPTION_MAX_ITERATIONS, OPTION_TOLERANCE, OPTION_TRAIN_ROWS, OPTION_MEMORY, OPTION_SWEEP, OPTION_SEEDS, OPTION_LABELS, OPTION_SAVE_CODEBOOK,
       OPTION_CODEBOOK };
static const struct pid_option option_list[] = {
    [OPTION_CLUSTERS] = {"clusters", 'k', "K", "clusters or bins: 64 for every vector, or by name: image=64,text=32", false},
    [OPTION_PER] = {"per", 0, "KEYS", "one codebook for each value of these keys, as in model,layer; '' for a single one;\n"
                                      "default: all keys but sample", false},
    [OPTION_METHOD] = {"method", 0, "METHOD", "kmeans (default), argmax (the largest column), width or quantile (bins of one column),\n"
                                              "for every vector or by name: answer=argmax", false},
    [OPTION_LABELS] = {"labels", 0, "NAME=FILE[:MEMBER]", "labels of this vector that were made elsewhere, one a row, from any file that\n"
                                                          "pid-extract reads; {KEY} stands for a key's value; repeatable", false},
    [OPTION_STANDARDIZE] = {"standardize", 0, NULL, "bring each column to mean 0 and variance 1 first", false},
    [OPTION_NORMALIZE] = {"normalize", 0, NULL, "bring each row to length 1 (after --standardize)", false},
    [OPTION_PCA] = {"pca", 0, "D", "project on the first D principal components (last), or by name: image=50", false},
    [OPTION_WHITEN] = {"whiten", 0, NULL, "with --pca, bring each component to variance 1", false},
    [OPTION_INIT] = {"init", 0, "INIT", "k-means++ (default) or random", false},
    [OPTION_N_INIT] = {"n-init", 0, "N", "restarts, of which the best is kept (default 4 for up to 10000 training rows, else 1)", false},
    [OPTION_MAX_ITERATIONS] = {"max-iterations", 0, "N", "at most N iterations (default 100)", false},
    [OPTION_TOLERANCE] = {"tolerance", 0, "T", "stop when an iteration lowers the objective by less than this part (default 1e-4)", false},
    [OPTION_TRAIN_ROWS] = {"train-rows", 0, "N", "train on a uniform sample of N rows, or all (default 256 for each cluster)", false},
    [OPTION_MEMORY] = {"memory", 0, "SIZE", "hold up to this of training samples (at most half) and input in memory; default 1G,\n"
                                         "but 32M of the input; the rest is spooled to TMPDIR", true},
    [OPTION_SWEEP] = {"sweep", 0, "K,K,...", "cluster once for each of these numbers, told apart by the key k", false},
    [OPTION_SEEDS] = {"seeds", 0, "N", "cluster with N seeds, told apart by the key seed", false},
    [OPTION_SAVE_CODEBOOK] = {"save-codebook", 0, "FILE", "write what was learnt, for --codebook", true},
    [OPTION_CODEBOOK] = {"codebook", 0, "FILE", "assign by what was learnt before; learn nothing", true},
};

struct texts { const char *clusters, *method, *pca, *sweep, *per, *labels[PID_VARIABLES_MAX]; size_t label_count; uint64_t seeds; };

/* NAME=FILE[:MEMBER] of --labels. */
static void plan_labels(struct settings *s, const struct texts *texts, const struct pid_header *header)
{
    for (size_t i = 0; i < texts->label_count; i++) {
        const char *text = texts->labels[i], *equals = strchr(text, '=');
        struct pid_error error;
        size_t length = equals ? (size_t)(equals - text) : 0;
        if (!length || !equals[1]) pid_program_usage(s->program, "--labels: '%s' is not NAME=FILE[:MEMBER]", text);
        char *name = must_have(s, pid_string_copy_n(text, length, &error), &error);
        ptrdiff_t v = pid_header_find(header, name);
        if (v < 0 || header->variables[v].type != PID_TYPE_VECTOR) pid_program_usage(s->program, "--labels: the input has no vector '%s'", name);
        if (s->plans[v].labels) pid_program_usage(s->program, "--labels names '%s' twice", name);
        s->plans[v].labels = labels_open(s, equals + 1);
        free(name);
    }
}

static uint32_t number_of_clusters(const struct pid_program *program, int option, const char *text)
{
    return (uint32_t)pid_program_unsigned(program, option, text, 1, PID_LEVELS_MAX);
}

static uint32_t number_of_components(const struct pid_program *program, int option, const char *text)
{
    return (uint32_t)pid_program_unsigned(program, option, text, 1, UINT32_MAX / 2);
}

static enum method method_named(const struct pid_program *program, int option, const char *text)
{
    return (enum method)pid_program_choice(program, option, text, method_names);
}

static void check_clusters(const struct pid_program *program, int option, const char *text) { number_of_clusters(program, option, text); }
static void check_components(const struct pid_program *program, int option, const char *text) { number_of_components(program, option, text); }
static void check_method(const struct pid_program *program, int option, const char *text) { method_named(program, option, text); }

static void plan_variables(struct settings *s, const struct texts *texts, const struct pid_header *header)
{
    struct pid_program *program = s->program;
    struct pid_choices clusters = pid_choices_open(program, OPTION_CLUSTERS, texts->clusters, check_clusters);
    struct pid_choices methods = pid_choices_open(program, OPTION_METHOD, texts->method, check_method);
    struct pid_choices pca = pid_choices_open(program, OPTION_PCA, texts->pca, check_components);
    pid_choices_check(&clusters, header);
    pid_choices_check(&methods, header);
    pid_choices_check(&pca, header);
    plan_labels(s, texts, header);
    for (size_t v = 0; v < header->variable_count; v++) {
        const struct pid_variable *variable = &header->variables[v];
        struct plan *plan = &s->plans[v];
        const char *value;
        plan->labelled = variable->type == PID_TYPE_VECTOR;
        plan->learnt = plan->labelled && !plan->labels;
        if (!plan->learnt || s->codebook) continue;
        if ((value = pid_choices_find(&methods, variable->name)))
            plan->method = method_named(program, OPTION_METHOD, value);
        if ((value = pid_choices_find(&pca, variable->name)) && plan->method == METHOD_KMEANS)
            plan->components = number_of_components(program, OPTION_PCA, value);
        if (plan->method == METHOD_ARGMAX) continue;
        if ((value = pid_choices_find(&clusters, variable->name)))
            plan->k = number_of_clusters(program, OPTION_CLUSTERS, value);
        else if (!texts->sweep)
            pid_program_usage(program, "how many clusters for '%s'? Use -k %s=64, or -k 64 for all", variable->name, variable->name);
    }
    pid_choices_close(&clusters);
    pid_choices_close(&methods);
    pid_choices_close(&pca);
}

/* The history tells by what the labels were made, the default too. */
static void record_method(struct settings *s, const struct texts *texts, const struct pid_header *header)
{
    bool learnt = false;
    for (size_t v = 0; v < header->variable_count; v++) learnt |= s->plans[v].learnt;
    if (learnt && !texts->method) pid_program_record_argument(s->program, "--method=kmeans");
}

static void add_combination(struct settings *s, struct combination combination)
{
    struct pid_error error;
    size_t room = s->combination_count;
    must(s, pid_array_grow((void **)&s->combinations, &room, s->combination_count + 1, sizeof combination, &error), &error);
    s->combinations[s->combination_count++] = combination;
}

static void plan_combinations(struct settings *s, const struct texts *texts)
{
    size_t count = 0;
    char **sweep = pid_program_list(s->program, OPTION_SWEEP, texts->sweep ? texts->sweep : "", &count);
    if (texts->sweep && !count) pid_program_usage(s->program, "--sweep needs a number");
    for (size_t at = 0; at < (texts->sweep ? count : 1); at++) {
        uint32_t k = texts->sweep ? number_of_clusters(s->program, OPTION_SWEEP, sweep[at]) : 0;
        for (size_t c = 0; c < s->combination_count; c++)
            if (s->combinations[c].k == k) pid_program_usage(s->program, "--sweep names %u twice", k);
        for (uint64_t i = 0; i < (texts->seeds ? texts->seeds : 1); i++)
            add_combination(s, (struct combination){k, s->program->seed + i, texts->sweep != NULL, texts->seeds != 0});
    }
    pid_program_list_free(sweep, count);
}

static void parse_per(struct settings *s, const char *text)
{
    s->per_given = text != NULL;
    s->per = pid_program_list(s->program, OPTION_PER, text ? text : "sample", &s->per_count);
}

static void parse(struct settings *s, struct texts *texts)
{
    static const char *const inits[] = {"k-means++", "random", NULL};
    const char *argument;
    bool training = false;
    for (int option; (option = pid_program_option(s->program, &argument)) >= 0;) {
        struct pid_program *p = s->program;
        training |= option != OPTION_MEMORY && option != OPTION_CODEBOOK && option != OPTION_LABELS;
        switch (option) {
        case OPTION_CLUSTERS: texts->clusters = argument; break;
        case OPTION_PER: texts->per = argument; break;
        case OPTION_METHOD: texts->method = argument; break;
        case OPTION_LABELS:
            if (texts->label_count == PID_VARIABLES_MAX) pid_program_usage(p, "--labels: more than %d variables", PID_VARIABLES_MAX);
            texts->labels[texts->label_count++] = argument;
            break;
        case OPTION_STANDARDIZE: s->transform.standardise = true; break;
        case OPTION_NORMALIZE: s->transform.normalise = true; break;
        case OPTION_PCA: texts->pca = argument; break;
        case OPTION_WHITEN: s->transform.whiten = true; break;
        case OPTION_INIT: s->kmeans.init = (enum pid_kmeans_init)pid_program_choice(p, option, argument, inits); break;
        case OPTION_N_INIT: s->kmeans.restarts = (uint32_t)pid_program_unsigned(p, option, argument, 1, 1 << 20); break;
        case OPTION_MAX_ITERATIONS: s->kmeans.max_iterations = (uint32_t)pid_program_unsigned(p, option, argument, 0, UINT32_MAX); break;
        case OPTION_TOLERANCE: s->kmeans.tolerance = pid_program_real(p, option, argument, 0, 1); break;
        case OPTION_TRAIN_ROWS:
            s->train_rows = !strcmp(argument, "all") ? UINT64_MAX : pid_program_unsigned(p, option, argument, 1, UINT64_MAX - 1);
            break;
        case OPTION_MEMORY:
            s->memory = pid_program_bytes(p, option, argument, 1 << 20, UINT64_MAX / 2);
            s->memory_given = true;
            break;
        case OPTION_SWEEP: texts->sweep = argument; break;
        case OPTION_SEEDS: texts->seeds = pid_program_unsigned(p, option, argument, 1, 1 << 20); break;
        case OPTION_SAVE_CODEBOOK: s->save_codebook = argument; break;
        case OPTION_CODEBOOK: s->codebook = argument; break;
        }
    }
    if (s->codebook && training) pid_program_usage(s->program, "--codebook learns nothing: of the program's own options only --memory and --labels go with it");
    if (texts->sweep && texts->clusters) pid_program_usage(s->program, "--sweep and -k both say how many clusters: use one");
    if (s->transform.whiten && !texts->pca) pid_program_usage(s->program, "--whiten needs --pca");
}

int main(int argc, char **argv)
{
    struct pid_program program = {
        .name = "pid-kmeans",
        .summary = "Makes labels of vectors: reads samples, writes labels. Categories pass through.",
        .operands = "[FILE...]",
        .examples = "  pid-kmeans -k 64 samples.mp -o labels.mp\n  pid-kmeans --method answer=argmax --sweep 16,64,256 samples.mp | pid-joint | pid-ipfp | pid-report\n",
        .options = option_list,
        .option_count = sizeof option_list / sizeof *option_list,
    };
    struct settings settings = {
        .program = &program,
        .kmeans = {.init = PID_KMEANS_PLUSPLUS, .max_iterations = 100, .tolerance = 1e-4, .bounds = true},
        .memory = (uint64_t)1 << 30,
    };
    struct texts texts = {0};
    pid_blas_single_thread();
    pid_program_start(&program, argc, argv);
    parse(&settings, &texts);
    struct pid_input input;
    settings.input_begin = store_input_begin();
    pid_input_open(&input, &program, 1u << PID_KIND_SAMPLES | 1u << PID_KIND_LABELS);
    pid_input_leave_vectors(&input);
    plan_variables(&settings, &texts, &input.header);
    if (settings.codebook) {
        assign(&settings, &input);
    } else {
        pid_input_refuse_shard(&input);
        plan_combinations(&settings, &texts);
        record_method(&settings, &texts, &input.header);
        parse_per(&settings, texts.per);
        learn(&settings, &input);
    }
    for (size_t v = 0; v < input.header.variable_count; v++) labels_close(&settings, settings.plans[v].labels);
    pid_input_close(&input);
    pid_program_list_free(settings.per, settings.per_count);
    free(settings.combinations);
    return pid_program_end(&program);
}
