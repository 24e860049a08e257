/* pid-synth: distributions whose decomposition is known, as tables, labels or vectors. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "joint/counter.h"
#include "joint/gates.h"
#include "program/output.h"
#include "program/program.h"

enum { ROWS_DEFAULT = 1000, DIM_DEFAULT = 8 };

enum { OPTION_KIND, OPTION_ROWS, OPTION_FIRST, OPTION_DIM, OPTION_NOISE, OPTION_SHARD, OPTION_TRUTH, OPTION_LIST };
static const struct pid_option options[] = {
    [OPTION_KIND] = {"kind", 0, "KIND", "joint (default), labels, or samples: the sources as vectors", false},
    [OPTION_ROWS] = {"rows", 'n', "N", "draw N rows of each gate; default: 1000 for labels and samples, and for joint\n"
                                       "not to draw, but to give the exact distribution", false},
    [OPTION_FIRST] = {"first", 0, "R", "the number of the first row, which it is drawn by, as for one shard of many; default: 0", false},
    [OPTION_DIM] = {"dim", 0, "D", "components of a vector; default: 8", false},
    [OPTION_NOISE] = {"noise", 0, "S", "standard deviation of the normal noise on each component; default: 0.\n"
                                       "The levels' own vectors have standard deviation 1", false},
    [OPTION_SHARD] = {"shard", 0, "K/N", "write shard K of N (from 0) of these rows and mark it as such", true},
    [OPTION_TRUTH] = {"truth", 0, NULL, "print the exact decomposition of each gate as a table, in bits", true},
    [OPTION_LIST] = {"list", 0, NULL, "print the gates and what they are", true},
};

static const char *const variable_names[PID_GATE_VARIABLES] = {"x1", "x2", "y"};
static const char *const kinds[] = {"joint", "labels", "samples", NULL};
static const enum pid_kind kind_of[] = {PID_KIND_JOINT, PID_KIND_LABELS, PID_KIND_SAMPLES};

struct synth {
    struct pid_program *program;
    enum pid_kind kind;
    bool drawn;
    uint64_t first, rows;
    struct pid_shard shard; /* of these rows */
    uint64_t dim;
    double noise;
};

struct gate {
    const char *name;
    struct pid_joint table;
    struct pid_gate_truth truth;
};

static void must(const struct synth *synth, enum pid_status status, const struct pid_error *error)
{
    if (status != PID_OK) pid_program_fail(synth->program, error);
}

static void *new_array(const struct synth *synth, size_t count, size_t size)
{
    struct pid_error error;
    void *array = pid_array_new(count, size, &error);
    if (!array) pid_program_fail(synth->program, &error);
    return array;
}

static bool is_vector(const struct synth *synth, size_t variable)
{
    return synth->kind == PID_KIND_SAMPLES && variable < PID_GATE_SOURCES;
}

static void make_header(const struct synth *synth, const struct gate *gates, size_t count, struct pid_header *header)
{
    struct pid_error error;
    *header = (struct pid_header){.kind = synth->kind, .shard = synth->shard, .grouped = true};
    for (size_t v = 0; v < PID_GATE_VARIABLES; v++) {
        uint64_t levels = gates[0].table.shape[v];
        for (size_t g = 1; g < count; g++)
            if (gates[g].table.shape[v] != levels) levels = 0;
        must(synth, pid_header_add_variable(header, variable_names[v], v < PID_GATE_SOURCES ? PID_ROLE_SOURCE : PID_ROLE_TARGET,
                                            is_vector(synth, v) ? PID_TYPE_VECTOR : PID_TYPE_CATEGORY,
                                            is_vector(synth, v) ? synth->dim : levels, NULL, &error), &error);
    }
}

static void write_table(const struct pid_joint *table, uint64_t samples, struct pid_key *key, struct pid_stream_output *output)
{
    struct pid_record record = {.key = *key};
    record.table = (struct pid_table_record){.replicate = {.type = PID_REPLICATE_DATA, .fraction = 1}, .samples = samples,
        .shape = table->shape, .cells = table->cells, .indices = table->indices, .weights = table->weights};
    pid_stream_output_record(output, &record);
}

/* The rows in batches; those of a joint stream are counted, the others written. */
static void write_rows(const struct synth *synth, const struct gate *gate, struct pid_key *key, struct pid_stream_output *output)
{
    struct pid_error error;
    size_t vectors = synth->kind == PID_KIND_SAMPLES ? PID_GATE_SOURCES : 0;
    size_t row_bytes = vectors * synth->dim * sizeof(float) + (PID_GATE_VARIABLES - vectors) * sizeof(uint32_t);
    size_t batch_rows = PID_BATCH_BYTES > row_bytes ? PID_BATCH_BYTES / row_bytes : 1;
    if (batch_rows > synth->rows) batch_rows = synth->rows;
    uint32_t *labels = new_array(synth, PID_GATE_VARIABLES * batch_rows, sizeof *labels);
    float *values = new_array(synth, vectors * batch_rows * synth->dim, sizeof *values);
    struct pid_counter *counter = pid_counter_new(PID_GATE_VARIABLES, gate->table.shape, &error);
    if (!counter) pid_program_fail(synth->program, &error);
    uint64_t begin, end;
    pid_shard_rows(&synth->shard, synth->rows, &begin, &end);
    for (uint64_t done = begin; done < end; done += batch_rows) {
        size_t rows = end - done < batch_rows ? end - done : batch_rows;
        uint64_t first = synth->first + done;
        struct pid_column columns[PID_GATE_VARIABLES] = {{0}};
        must(synth, pid_gate_sample(&gate->table, synth->program->seed, first, rows, labels, &error), &error);
        for (size_t v = 0; v < PID_GATE_VARIABLES; v++) {
            const uint32_t *codes = labels + v * rows;
            if (is_vector(synth, v)) {
                float *vector = values + v * batch_rows * synth->dim;
                must(synth, pid_gate_embed(codes, rows, v, (uint32_t)gate->table.shape[v], synth->dim, synth->noise,
                                           synth->program->seed, first, vector, &error), &error);
                columns[v] = (struct pid_column){.dim = synth->dim, .values = vector};
            } else {
                columns[v] = (struct pid_column){.codes = codes};
            }
        }
        if (synth->kind == PID_KIND_JOINT) {
            const uint32_t *codes[] = {columns[0].codes, columns[1].codes, columns[2].codes};
            must(synth, pid_counter_add(counter, codes, 1, NULL, rows, &error), &error);
        } else {
            struct pid_record record = {.key = *key, .batch = {.row = first, .rows = rows, .columns = columns}};
            pid_stream_output_record(output, &record);
        }
    }
    if (synth->kind == PID_KIND_JOINT && begin < end) {
        struct pid_joint table;
        must(synth, pid_counter_table(counter, &table, &error), &error);
        write_table(&table, end - begin, key, output);
        pid_joint_release(&table);
    }
    pid_counter_free(counter);
    free(labels);
    free(values);
}

static void write_stream(const struct synth *synth, const struct gate *gates, size_t count)
{
    struct pid_error error;
    struct pid_header header;
    struct pid_stream_output output;
    make_header(synth, gates, count, &header);
    for (size_t g = 0; g < count; g++) pid_program_record_argument(synth->program, gates[g].name);
    pid_stream_output_open(&output, synth->program, &header);
    for (size_t g = 0; g < count; g++) {
        struct pid_key key = {0};
        must(synth, pid_key_set_text(&key, "gate", gates[g].name, &error), &error);
        if (synth->drawn) write_rows(synth, &gates[g], &key, &output);
        else write_table(&gates[g].table, 0, &key, &output);
        pid_key_release(&key);
    }
    pid_stream_output_finish(&output);
    pid_header_release(&header);
}

/* A zero that came out of a difference has no sign and no digits. */
static double tidy(double bits)
{
    return fabs(bits) < 1e-15 ? 0 : bits;
}

static void print_truth(const struct pid_program *program, const struct gate *gates, size_t count)
{
    struct pid_output *output;
    FILE *file = pid_text_output_open(program, &output);
    fputs("gate\tredundant\tunique:x1\tunique:x2\tsynergy\ttotal\tmi:x1\tmi:x2\tshare:x1\tshare:x2\n", file);
    for (size_t g = 0; g < count; g++) {
        const struct pid_gate_truth *t = &gates[g].truth;
        double unique = tidy(t->unique[0] + t->unique[1]);
        fprintf(file, "%s\t%.12g\t%.12g\t%.12g\t%.12g\t%.12g\t%.12g\t%.12g", gates[g].name, tidy(t->redundant), tidy(t->unique[0]),
                tidy(t->unique[1]), tidy(t->synergy), tidy(t->total), tidy(t->information[0]), tidy(t->information[1]));
        for (size_t i = 0; i < PID_GATE_SOURCES; i++) {
            if (unique > 0) fprintf(file, "\t%.12g", tidy(t->unique[i] / unique));
            else fputs("\t.", file);
        }
        fputc('\n', file);
    }
    pid_text_output_finish(program, file, output);
}

static void print_list(const struct pid_program *program)
{
    struct pid_output *output;
    FILE *file = pid_text_output_open(program, &output);
    for (const struct pid_gate *gate = pid_gate_list; gate->name; gate++) fprintf(file, "%s%s\t%s\n", gate->name, gate->parameters, gate->summary);
    pid_text_output_finish(program, file, output);
}

static struct gate *find_gates(const struct synth *synth)
{
    struct pid_error error;
    const struct pid_program *program = synth->program;
    if (!program->file_count) pid_program_usage(program, "no gate named; --list prints them");
    struct gate *gates = new_array(synth, program->file_count, sizeof *gates);
    for (size_t g = 0; g < program->file_count; g++) {
        gates[g].name = program->files[g];
        for (size_t before = 0; before < g; before++)
            if (!strcmp(gates[before].name, gates[g].name)) pid_program_usage(program, "gate '%s' is named twice", gates[g].name);
        enum pid_status status = pid_gate_table(gates[g].name, &gates[g].table, &gates[g].truth, &error);
        if (status == PID_ERROR_ARGUMENT) pid_program_usage(program, "%s; --list prints all gates", error.message);
        must(synth, status, &error);
    }
    return gates;
}

int main(int argc, char **argv)
{
    struct pid_program program = {
        .name = "pid-synth",
        .summary = "Writes distributions whose decomposition is known: the GATEs named, one key each.",
        .operands = "GATE...",
        .examples = "  pid-synth and | pid-ipfp | pid-report -f tsv\n  pid-synth --truth and xor copy:3,5\n"
                    "  pid-synth --kind samples -n 10000 --dim 16 --noise 0.1 rdnxor | pid-kmeans -k 4 | pid-joint | pid-ipfp | pid-report\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .default_seed = 1,
    };
    struct synth synth = {.program = &program, .kind = PID_KIND_JOINT, .rows = ROWS_DEFAULT, .dim = DIM_DEFAULT};
    bool truth = false, list = false, vectors = false;
    const char *argument;
    pid_program_start(&program, argc, argv);
    for (int option; (option = pid_program_option(&program, &argument)) >= 0;) {
        switch (option) {
        case OPTION_KIND: synth.kind = kind_of[pid_program_choice(&program, option, argument, kinds)]; break;
        case OPTION_ROWS:
            synth.rows = pid_program_unsigned(&program, option, argument, 1, PID_JOINT_COUNT_MAX);
            synth.drawn = true;
            break;
        case OPTION_FIRST:
            synth.first = pid_program_unsigned(&program, option, argument, 0, PID_JOINT_COUNT_MAX);
            synth.drawn = true;
            break;
        case OPTION_DIM:
            synth.dim = pid_program_unsigned(&program, option, argument, 1, 1 << 20);
            vectors = true;
            break;
        case OPTION_NOISE:
            synth.noise = pid_program_real(&program, option, argument, 0, 1e30);
            vectors = true;
            break;
        case OPTION_SHARD: synth.shard = pid_program_shard(&program, option, argument); break;
        case OPTION_TRUTH: truth = true; break;
        case OPTION_LIST: list = true; break;
        }
    }
    if (vectors && synth.kind != PID_KIND_SAMPLES) pid_program_usage(&program, "--dim and --noise are for --kind samples");
    if (synth.kind != PID_KIND_JOINT) synth.drawn = true;
    if (synth.shard.of && !synth.drawn) pid_program_usage(&program, "--shard is for rows that are drawn: give --rows");
    if (list && (truth || program.file_count)) pid_program_usage(&program, "--list prints all gates: it goes with no GATE, nor with --truth");
    if (list) {
        print_list(&program);
        return pid_program_end(&program);
    }
    struct gate *gates = find_gates(&synth);
    if (truth) print_truth(&program, gates, program.file_count);
    else write_stream(&synth, gates, program.file_count);
    for (size_t g = 0; g < program.file_count; g++) pid_joint_release(&gates[g].table);
    free(gates);
    return pid_program_end(&program);
}
