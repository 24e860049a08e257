/* pid-shard: the plan, a small JSON file that is written once. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crc.h"
#include "base/memory.h"
#include "pid-shard.h"
#include "program/output.h"

enum { PLAN_VERSION = 1 };

static _Noreturn void fail_errno(const struct pid_program *program, const char *what)
{
    struct pid_error error;
    pid_error_errno(&error, "%s", what);
    pid_program_fail(program, &error);
}

static _Noreturn void fail_data(const struct pid_program *program, const char *path, const char *what)
{
    struct pid_error error;
    pid_error_set(&error, PID_ERROR_DATA, "%s: %s", path, what);
    pid_program_fail(program, &error);
}

static void *must_have(const struct pid_program *program, void *pointer, const struct pid_error *error)
{
    if (!pointer) pid_program_fail(program, error);
    return pointer;
}

static char *join(const struct plan *plan, const char *name)
{
    struct pid_error error;
    return must_have(plan->program, pid_string_format(&error, "%s/%s", plan->run, name), &error);
}

char *plan_folder(const struct plan *plan)
{
    return join(plan, plan->folder);
}

char *plan_part(const struct plan *plan, uint64_t shard)
{
    char name[64];
    snprintf(name, sizeof name, "part-%05" PRIu64 "-of-%05" PRIu64 ".mp", shard, plan->shards);
    return join(plan, name);
}

void plan_release(struct plan *plan)
{
    for (size_t i = 0; i < plan->need_count; i++) free(plan->needs[i].path);
    free(plan->needs);
    free(plan->folder);
    free(plan->command);
}

/* The path in the shards' folder of a file that a need names. */
static char *need_place(const struct plan *plan, const struct need *need)
{
    struct pid_error error;
    if (need->path[0] == '/') return must_have(plan->program, pid_string_copy(need->path, &error), &error);
    char *folder = plan_folder(plan);
    char *place = must_have(plan->program, pid_string_format(&error, "%s/%s", folder, need->path), &error);
    free(folder);
    return place;
}

static void measure(const struct pid_program *program, const char *path, uint64_t *bytes, uint32_t *crc)
{
    enum { BLOCK_BYTES = 1 << 18 };
    struct pid_error error;
    unsigned char *block = must_have(program, pid_array_new(BLOCK_BYTES, 1, &error), &error);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail_errno(program, path);
    *bytes = 0;
    *crc = 0;
    for (ssize_t got; (got = read(fd, block, BLOCK_BYTES)) != 0;) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail_errno(program, path);
        *crc = pid_crc32(*crc, block, (size_t)got);
        *bytes += (uint64_t)got;
    }
    close(fd);
    free(block);
}

void plan_check_needs(const struct plan *plan)
{
    for (size_t i = 0; i < plan->need_count; i++) {
        const struct need *need = &plan->needs[i];
        char *place = need_place(plan, need);
        uint64_t bytes;
        uint32_t crc;
        measure(plan->program, place, &bytes, &crc);
        if (bytes != need->bytes || crc != need->crc32)
            fail_data(plan->program, place, "is not the file that the run was planned with: its shards would not go together; plan a new run");
        free(place);
    }
}

/* From `run` to where we are: up to what both paths begin with, then down. */
static char *relative_folder(const struct pid_program *program, const char *run)
{
    struct pid_error error;
    char here[PATH_MAX], there[PATH_MAX];
    if (!getcwd(here, sizeof here)) fail_errno(program, "the present folder");
    if (!realpath(run, there)) fail_errno(program, run);
    size_t same = 0; /* length of the common beginning that ends at a slash or an end */
    for (size_t i = 0;; i++) {
        bool ends = (!here[i] || here[i] == '/') && (!there[i] || there[i] == '/');
        if (ends) same = i;
        if (here[i] != there[i] || !here[i]) break;
    }
    size_t ups = 0;
    for (const char *c = there + same; *c; c++) ups += *c == '/' && c[1];
    char *folder = must_have(program, pid_array_new(3 * ups + strlen(here + same) + 3, 1, &error), &error);
    strcpy(folder, ".");
    for (size_t i = 0; i < ups; i++) strcat(folder, "/..");
    return strcat(folder, here + same);
}

static void make_folders(const struct pid_program *program, const char *path)
{
    struct pid_error error;
    char *copy = must_have(program, pid_string_copy(path, &error), &error);
    for (char *c = copy + 1; *c; c++) {
        if (*c != '/') continue;
        *c = 0;
        if (mkdir(copy, 0777) && errno != EEXIST) fail_errno(program, copy);
        *c = '/';
    }
    if (mkdir(copy, 0777) && errno != EEXIST) fail_errno(program, copy);
    free(copy);
}

void plan_make(struct plan *plan, const struct pid_program *program, const char *run, uint64_t shards, const char *command,
               size_t need_count, const char *const *needs)
{
    struct pid_error error;
    *plan = (struct plan){.program = program, .run = run, .shards = shards, .need_count = need_count};
    plan->command = must_have(program, pid_string_copy(command, &error), &error);
    plan->needs = must_have(program, pid_array_new(need_count, sizeof *plan->needs, &error), &error);
    for (size_t i = 0; i < need_count; i++) {
        plan->needs[i].path = must_have(program, pid_string_copy(needs[i], &error), &error);
        measure(program, needs[i], &plan->needs[i].bytes, &plan->needs[i].crc32);
    }
    make_folders(program, run);
    plan->folder = relative_folder(program, run);
}

/* Its text: the same plan gives the same bytes. */
static char *plan_text(const struct plan *plan)
{
    struct pid_error error;
    json_t *needs = json_array();
    for (size_t i = 0; i < plan->need_count; i++) {
        const struct need *need = &plan->needs[i];
        json_array_append_new(needs, json_pack("{s:s, s:I, s:I}", "file", need->path, "bytes", (json_int_t)need->bytes, "crc32", (json_int_t)need->crc32));
    }
    json_t *root = json_pack("{s:i, s:I, s:s, s:s, s:o}", "pid-shard", PLAN_VERSION, "shards", (json_int_t)plan->shards, "folder", plan->folder,
                             "command", plan->command, "needs", needs);
    char *text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
    json_decref(root);
    if (!text) {
        pid_error_set(&error, PID_ERROR_DATA, "the plan cannot be written: command and file names must be UTF-8");
        pid_program_fail(plan->program, &error);
    }
    return text;
}

void plan_read(struct plan *plan, const struct pid_program *program, const char *run)
{
    struct pid_error error;
    json_error_t where;
    *plan = (struct plan){.program = program, .run = run};
    char *path = join(plan, "plan.json");
    if (access(path, R_OK)) fail_errno(program, path);
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &where), *needs;
    const char *folder, *command;
    json_int_t shards;
    int version;
    if (!root || json_unpack(root, "{s:i, s:I, s:s, s:s, s:o}", "pid-shard", &version, "shards", &shards, "folder", &folder, "command", &command,
                             "needs", &needs) || !json_is_array(needs) || shards < 1 || shards > PID_SHARDS_MAX)
        fail_data(program, path, "is not a plan of pid-shard");
    if (version != PLAN_VERSION) fail_data(program, path, "is a plan of another version of pid-shard");
    plan->shards = (uint64_t)shards;
    plan->folder = must_have(program, pid_string_copy(folder, &error), &error);
    plan->command = must_have(program, pid_string_copy(command, &error), &error);
    plan->needs = must_have(program, pid_array_new(json_array_size(needs), sizeof *plan->needs, &error), &error);
    for (size_t i = 0; i < json_array_size(needs); i++) {
        const char *name;
        json_int_t bytes, crc;
        if (json_unpack(json_array_get(needs, i), "{s:s, s:I, s:I}", "file", &name, "bytes", &bytes, "crc32", &crc))
            fail_data(program, path, "is not a plan of pid-shard");
        plan->needs[i] = (struct need){must_have(program, pid_string_copy(name, &error), &error), (uint64_t)bytes, (uint32_t)crc};
        plan->need_count++;
    }
    json_decref(root);
    free(path);
}

void plan_write(const struct plan *plan)
{
    char *path = join(plan, "plan.json"), *text = plan_text(plan);
    if (access(path, F_OK) == 0) {
        struct plan old;
        plan_read(&old, plan->program, plan->run);
        char *before = plan_text(&old);
        if (strcmp(before, text)) fail_data(plan->program, path, "is another plan: remove the folder, or plan in a new one");
        free(before);
        plan_release(&old);
    } else {
        struct pid_program to = *plan->program;
        struct pid_output *output;
        to.output = path;
        FILE *file = pid_text_output_open(&to, &output);
        fprintf(file, "%s\n", text);
        pid_text_output_finish(&to, file, output);
    }
    free(text);
    free(path);
}

char *plan_command(const struct plan *plan, uint64_t shard)
{
    struct pid_error error;
    const struct { const char *name; uint64_t value; } numbers[] = {{"{index}", shard}, {"{shards}", plan->shards}, {"{jobs}", plan->program->jobs}};
    char *text = NULL, value[48];
    size_t length;
    FILE *file = open_memstream(&text, &length);
    if (!file) fail_errno(plan->program, "the command");
    for (const char *c = plan->command; *c;) {
        size_t taken = 0;
        if (!strncmp(c, "{shard}", 7)) {
            snprintf(value, sizeof value, "%" PRIu64 "/%" PRIu64, shard, plan->shards);
            taken = 7;
        }
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers && !taken; i++) {
            if (strncmp(c, numbers[i].name, strlen(numbers[i].name))) continue;
            snprintf(value, sizeof value, "%" PRIu64, numbers[i].value);
            taken = strlen(numbers[i].name);
        }
        if (taken) fputs(value, file);
        else putc(*c, file);
        c += taken ? taken : 1;
    }
    if (fclose(file)) {
        pid_error_errno(&error, "the command");
        pid_program_fail(plan->program, &error);
    }
    return text;
}
