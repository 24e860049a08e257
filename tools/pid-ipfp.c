/* pid-ipfp: decomposes joint tables.  Tables are independent: they are read in batches, solved by a team of threads,
 * each with a solver of its own, and written in the order they came. */
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/blas.h"
#include "base/memory.h"
#include "base/workers.h"
#include "decomposition/decomposition.h"
#include "joint/table.h"
#include "pid-ipfp.h"
#include "program/input.h"
#include "program/output.h"
#include "program/program.h"

enum { OPTION_TOLERANCE, OPTION_REPLICATE_TOLERANCE, OPTION_SOLVER, OPTION_MAX_ITERATIONS, OPTION_MAX_SECONDS, OPTION_COUPLING, OPTION_THRESHOLD, OPTION_POTENTIALS, OPTION_STRICT };

static const struct pid_option options[] = {
    [OPTION_TOLERANCE] = {"tolerance", 't', "BITS", "stop when the answer is proved to be this near the optimum; default: 1e-9", false},
    [OPTION_REPLICATE_TOLERANCE] = {"replicate-tolerance", 0, "BITS", "the same for replicates; default: a hundredth of what chance moves", false},
    [OPTION_SOLVER] = {"solver", 0, "NAME", "auto (default), newton or ipfp", false},
    [OPTION_MAX_ITERATIONS] = {"max-iterations", 0, "N", "stop a table after N steps; default: the solver's own limit", false},
    [OPTION_MAX_SECONDS] = {"max-seconds", 0, "S", "stop a table after S seconds; default: no limit", false},
    [OPTION_COUPLING] = {"coupling", 0, NULL, "write the optimal distribution Q of each table as well", false},
    [OPTION_THRESHOLD] = {"coupling-threshold", 0, "P", "leave out of Q cells less probable than P, 0 for none; default: 1e-12", false},
    [OPTION_POTENTIALS] = {"potentials", 0, NULL, "write the dual potentials of each table as well", false},
    [OPTION_STRICT] = {"strict", 0, NULL, "exit with status 3 if a result misses the tolerance", true},
};

static const char *const solvers[] = {"auto", "newton", "ipfp", NULL};

/* A batch is solved when it holds this much, or this many tables for each thread. */
enum { BATCH_BYTES = 4 << 20, BATCH_TABLES_PER_WORKER = 64 };

struct run {
    const struct pid_program *program;
    struct pid_decomposition_options options;
    struct pid_ipfp_names names;
    struct pid_workers *workers;
    struct pid_decomposition **solvers; /* one a worker */
    struct pid_ipfp_job *jobs;
    size_t job_count, job_capacity;
    double replicate_tolerance; /* negative: by the number of samples */
    uint64_t done;
    struct { uint64_t count, missed; double largest_gap; } kinds[2]; /* the data, their replicates */
    pthread_mutex_t terminal; /* held by the worker that reports */
    atomic_bool failed;       /* a table of the batch was refused: the others need not be solved */
};

struct solving { struct run *run; uint64_t number; };

/* The terminal shows one of the tables that are being solved: whose worker comes while another reports passes on. */
static void report_progress(void *context, const struct pid_decomposition_progress *progress)
{
    const struct solving *solving = context;
    if (pthread_mutex_trylock(&solving->run->terminal)) return;
    pid_program_progress(solving->run->program, "table %" PRIu64 ": %" PRIu64 " iterations, gap %.1e bits, %.0f s", solving->number,
                         progress->iterations, progress->gap, progress->seconds);
    pthread_mutex_unlock(&solving->run->terminal);
}

static enum pid_status solve_job(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct run *run = context;
    struct pid_ipfp_job *job = &run->jobs[task];
    struct solving solving = {run, job->number};
    struct pid_decomposition_options own = run->options;
    own.progress = report_progress;
    own.progress_context = &solving;
    own.cancel = &run->failed;
    if (!pid_ipfp_job_solve(job, &run->names, run->solvers[worker], &own, run->replicate_tolerance, error)) return PID_OK;
    atomic_store(&run->failed, true);
    return pid_error_prefix(error, "record %" PRIu64, job->number);
}

/* Tables side by side; where there are fewer than half as many as threads, one after the other with all threads on each. */
static enum pid_status solve_batch(struct run *run, struct pid_error *error)
{
    if (2 * run->job_count > pid_workers_size(run->workers)) return pid_workers_run(run->workers, run->job_count, solve_job, run, error);
    enum pid_status status = PID_OK;
    run->options.workers = run->workers;
    for (size_t i = 0; i < run->job_count && !status; i++) status = solve_job(run, i, 0, error);
    run->options.workers = NULL;
    return status;
}

static void write_batch(struct run *run, const struct pid_input *input, struct pid_stream_output *output)
{
    struct pid_error error;
    if (solve_batch(run, &error)) {
        pid_error_prefix(&error, "%s", pid_reader_name(input->reader));
        pid_program_fail(run->program, &error);
    }
    for (size_t i = 0; i < run->job_count; i++) {
        const struct pid_ipfp_job *job = &run->jobs[i];
        size_t kind = job->replicate.type != PID_REPLICATE_DATA;
        run->kinds[kind].count++;
        run->kinds[kind].missed += !(job->gap <= job->tolerance);
        if (!(job->gap <= run->kinds[kind].largest_gap)) run->kinds[kind].largest_gap = job->gap;
        pid_stream_output_record(output, &job->record);
    }
    run->done += run->job_count;
    run->job_count = 0;
    pid_program_progress(run->program, "%" PRIu64 " tables", run->done);
}

/* The next free job, its storage kept from earlier batches. */
static struct pid_ipfp_job *next_job(struct run *run)
{
    struct pid_error error;
    size_t before = run->job_capacity;
    void *jobs = run->jobs;
    if (pid_array_grow(&jobs, &run->job_capacity, run->job_count + 1, sizeof *run->jobs, &error)) pid_program_fail(run->program, &error);
    run->jobs = jobs;
    memset(run->jobs + before, 0, (run->job_capacity - before) * sizeof *run->jobs);
    return &run->jobs[run->job_count++];
}

static void decompose(struct run *run)
{
    struct pid_error error;
    struct pid_input input;
    struct pid_stream_output output;
    struct pid_record record;
    pid_input_open(&input, run->program, 1u << PID_KIND_JOINT);
    pid_input_refuse_shard(&input);
    if (pid_ipfp_names_init(&run->names, &input.header, &error)) {
        pid_error_prefix(&error, "%s", pid_reader_name(input.reader));
        pid_program_fail(run->program, &error);
    }
    if (run->names.sources > 2 && run->options.coupling)
        pid_program_usage(run->program, "--coupling is for two sources; here are %zu: pid-joint --sources A,B selects them", run->names.sources);
    struct pid_header header;
    if (pid_header_copy(&header, &input.header, &error)) pid_program_fail(run->program, &error);
    header.kind = PID_KIND_DECOMPOSITION;
    pid_stream_output_open(&output, run->program, &header);
    size_t workers = pid_workers_size(run->workers), bytes = 0;
    uint64_t number = 0;
    while (pid_input_next(&input, &record)) {
        struct pid_ipfp_job *job = next_job(run);
        if (pid_ipfp_job_load(job, &record, input.header.variable_count, &error)) pid_program_fail(run->program, &error);
        job->number = ++number;
        bytes += record.table.cells * (sizeof(double) + input.header.variable_count * sizeof(uint32_t));
        if ((run->job_count >= workers && bytes >= BATCH_BYTES) || run->job_count >= BATCH_TABLES_PER_WORKER * workers) {
            write_batch(run, &input, &output);
            bytes = 0;
        }
    }
    if (run->job_count) write_batch(run, &input, &output);
    pid_stream_output_finish(&output);
    pid_header_release(&header);
    pid_input_close(&input);
}

static void run_release(struct run *run)
{
    for (size_t i = 0; i < run->job_capacity; i++) pid_ipfp_job_release(&run->jobs[i]);
    for (size_t i = 0; i < pid_workers_size(run->workers); i++) pid_decomposition_free(run->solvers[i]);
    free(run->solvers);
    free(run->jobs);
    pid_ipfp_names_release(&run->names);
    pid_workers_free(run->workers);
}

int main(int argc, char **argv)
{
    struct pid_program program = {
        .name = "pid-ipfp",
        .summary = "Decomposes each joint table of the FILEs named, or of standard input, into redundant, unique and\n"
                   "synergistic information, with a proof of how near the optimum the answer is.",
        .operands = "[FILE...]",
        .examples = "  pid-synth and | pid-ipfp | pid-report -f tsv\n"
                    "  pid-joint labels.mp | pid-ipfp --tolerance 1e-6 --strict -o solved.mp\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
    };
    struct run run = {.program = &program, .replicate_tolerance = -1, .terminal = PTHREAD_MUTEX_INITIALIZER};
    struct pid_error error;
    bool strict = false;
    const char *argument;
    pid_decomposition_options_init(&run.options);
    run.options.coupling_threshold = 1e-12;
    pid_blas_single_thread();
    pid_program_start(&program, argc, argv);
    for (int option; (option = pid_program_option(&program, &argument)) >= 0;) {
        switch (option) {
        case OPTION_TOLERANCE: run.options.tolerance = pid_program_real(&program, option, argument, 0, 1); break;
        case OPTION_REPLICATE_TOLERANCE: run.replicate_tolerance = pid_program_real(&program, option, argument, 0, 1); break;
        case OPTION_SOLVER: run.options.solver = (enum pid_decomposition_solver)pid_program_choice(&program, option, argument, solvers); break;
        case OPTION_MAX_ITERATIONS: run.options.max_iterations = pid_program_unsigned(&program, option, argument, 1, INT64_MAX); break;
        case OPTION_MAX_SECONDS: run.options.max_seconds = pid_program_real(&program, option, argument, 1e-6, 1e9); break;
        case OPTION_COUPLING: run.options.coupling = true; break;
        case OPTION_THRESHOLD: run.options.coupling_threshold = pid_program_real(&program, option, argument, 0, 1); break;
        case OPTION_POTENTIALS: run.options.potentials = true; break;
        case OPTION_STRICT: strict = true; break;
        }
    }
    run.workers = pid_workers_new(program.jobs, &error);
    if (!run.workers || !(run.solvers = pid_array_new(program.jobs, sizeof *run.solvers, &error))) pid_program_fail(&program, &error);
    for (size_t i = 0; i < program.jobs; i++)
        if (!(run.solvers[i] = pid_decomposition_new(&error))) pid_program_fail(&program, &error);
    decompose(&run);
    if (run.kinds[0].missed)
        pid_program_warn(&program, "%" PRIu64 " of %" PRIu64 " tables miss the tolerance of %g bits; the largest gap is %.2g", run.kinds[0].missed,
                         run.kinds[0].count, run.options.tolerance, run.kinds[0].largest_gap);
    if (run.kinds[1].missed)
        pid_program_warn(&program, "%" PRIu64 " of %" PRIu64 " replicates miss their tolerance; the largest gap is %.2g", run.kinds[1].missed,
                         run.kinds[1].count, run.kinds[1].largest_gap);
    bool tolerance_missed = run.kinds[0].missed + run.kinds[1].missed > 0;
    run_release(&run);
    int status = pid_program_end(&program);
    return strict && tolerance_missed ? PID_EXIT_TOLERANCE : status;
}
