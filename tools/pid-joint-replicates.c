/* The replicates that pid-joint draws, written one after the other so that their number costs no memory. */
#include <stdlib.h>

#include "base/workers.h"
#include "joint/permutation.h"
#include "pid-joint.h"

/* Drawn side by side before they are written in order. */
enum { TABLES_PER_WORKER = 4 };

struct drawing {
    const struct options *options;
    struct pid_stream_output *output;
    const struct pid_key *key;
    const struct pid_sample *sample;           /* of bootstraps and subsamples */
    const struct pid_permutation *permutation; /* of permutations */
    struct pid_replicate first;                /* of those under way */
    struct pid_joint *tables;
};

static enum pid_status draw_one(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct drawing *d = context;
    uint64_t seed = d->options->program->seed;
    uint32_t index = (uint32_t)(d->first.index + task);
    (void)worker;
    switch (d->first.type) {
    case PID_REPLICATE_BOOTSTRAP: return pid_sample_bootstrap(d->sample, seed, index, &d->tables[task], error);
    case PID_REPLICATE_PERMUTATION:
        /* Apart for each key: with one seed for all, the same tables would be luckily large or small in every key. */
        return pid_permutation_draw(d->permutation, seed + pid_key_hash(d->key), index, &d->tables[task], error);
    case PID_REPLICATE_SUBSAMPLE: return pid_sample_subsample(d->sample, seed, d->first.fraction, index, &d->tables[task], error);
    case PID_REPLICATE_DATA: break;
    }
    return PID_OK;
}

static void write_drawn(struct drawing *d, enum pid_replicate_type type, double fraction, uint32_t count)
{
    struct pid_error error;
    const struct pid_program *program = d->options->program;
    size_t room = TABLES_PER_WORKER * program->jobs;
    struct pid_workers *workers = pid_workers_new(program->jobs < count ? program->jobs : count, &error);
    if (!workers) pid_program_fail(program, &error);
    uint32_t empty = 0;
    char key[200];
    d->tables = new_array(program, room, sizeof *d->tables);
    for (uint32_t done = 0, some; done < count; done += some) {
        some = count - done < room ? count - done : (uint32_t)room;
        d->first = (struct pid_replicate){type, done, fraction};
        must(program, pid_workers_run(workers, some, draw_one, d, &error), &error);
        for (uint32_t i = 0; i < some; i++) {
            struct pid_replicate replicate = {type, done + i, fraction};
            /* An empty table has no distribution.  A whole is empty only where all its parts are, so merging agrees. */
            if (d->tables[i].cells) write_table(d->output, d->key, &replicate, &d->tables[i]);
            else empty++;
            pid_joint_release(&d->tables[i]);
        }
        pid_program_progress(program, "%s %u of %u", pid_replicate_name(type), done + some, count);
    }
    if (empty)
        pid_program_warn(program, "%s: %u of %u %s replicates have no rows and are left out", pid_key_format(d->key, key, sizeof key), empty, count,
                         pid_replicate_name(type));
    free(d->tables);
    pid_workers_free(workers);
}

void write_bootstraps(const struct options *options, struct pid_stream_output *output, const struct pid_key *key, const struct pid_sample *sample)
{
    struct drawing d = {.options = options, .output = output, .key = key, .sample = sample};
    if (options->bootstrap) write_drawn(&d, PID_REPLICATE_BOOTSTRAP, 1, options->bootstrap);
}

void write_subsamples(const struct options *options, struct pid_stream_output *output, const struct pid_key *key, const struct pid_sample *sample)
{
    struct drawing d = {.options = options, .output = output, .key = key, .sample = sample};
    for (size_t f = 0; f < options->fraction_count; f++)
        write_drawn(&d, PID_REPLICATE_SUBSAMPLE, options->subsample[f].fraction, options->subsample[f].count);
}

void write_permutations(const struct options *options, struct pid_stream_output *output, const struct pid_key *key, const struct pid_joint *table,
                        size_t sources, size_t strata)
{
    struct pid_error error;
    if (!options->permute) return;
    struct pid_permutation *permutation = pid_permutation_new(table, sources, strata, &error);
    if (!permutation) pid_program_fail(options->program, &error);
    struct drawing d = {.options = options, .output = output, .key = key, .permutation = permutation};
    write_drawn(&d, PID_REPLICATE_PERMUTATION, 1, options->permute);
    pid_permutation_free(permutation);
}
