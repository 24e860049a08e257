/* Arguments as they may stand on a command line, to each program.  The first byte of an input chooses the program, the rest are
 * its arguments, each ended by a zero byte.  It runs in a folder with a few small files, from which no name leads out.  Where a
 * number is large the files are of the same kinds but have no rows, so that only the arguments are work.
 *
 * Whatever was said, the program ends well or says in one line why not.  What it took must have the form that its manual gives
 * (forms.c); where it refused, no file is new or changed, and no whole stream was written. */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <getopt.h>
#include <limits.h>
#include <regex.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"
#include "forms.h"
#include "fuzz.h"
#include "process.h"
#include "stream/reader.h"
#include "stream/writer.h"

enum { ARGUMENTS = 24, FILES_MAX = 16, TEXT = 4096, FIRST_VALUE = 1000 };

static const struct { const char *name, *argv[14]; } made[] = {
    {"joint", {"pid-synth", "xor", "-o", "joint"}},
    {"labels", {"pid-synth", "--kind=labels", "-n", "12", "xor", "-o", "labels"}},
    {"samples", {"pid-synth", "--kind=samples", "-n", "20", "--dim=2", "xor", "-o", "samples"}},
    {"vectors", {"pid-extract", "--source=a=rows.tsv:a,b", "--source=b=rows.tsv:b", "--target=y=rows.tsv:y", "--type=y=vector", "-o", "vectors"}},
    {"codebook", {"pid-kmeans", "-k", "2", "--save-codebook", "codebook", "-o", "unused", "samples"}},
    {"counted", {"pid-joint", "labels", "-o", "counted"}},
    {"decomposition", {"pid-ipfp", "--potentials", "counted", "-o", "decomposition"}},
    {"run", {"pid-shard", "plan", "run", "-n", "3", "true {shard}"}},
};
enum { MADE = sizeof made / sizeof *made };
static const char rows_tsv[] = "a\tb\ty\tc\n0.5\t1\t2\tno\n1.5\t0\t1\tyes\n2.5\t2\t0\tno\n0.25\t3\t3\tyes\n";
static const char covariance_tsv[] = "a\tb\ty\n1\t0.1\t0.5\n0.1\t1\t0.25\n0.5\t0.25\t1\n";

/* The files of the folder, as they must be after each run. */
static struct file { char name[64]; uint8_t *data; size_t size; } files[2][FILES_MAX];
static size_t file_count[2];
static char folders[2][PATH_MAX];
static int output_fd = -1;

static void put(const char *name, const void *data, size_t size)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd)) abort();
}

static void keep(size_t folder, const char *name)
{
    struct stat status;
    struct file *file = &files[folder][file_count[folder]++];
    int fd = open(name, O_RDONLY);
    if (fd < 0 || fstat(fd, &status) || file_count[folder] > FILES_MAX) abort();
    snprintf(file->name, sizeof file->name, "%s", name);
    file->size = (size_t)status.st_size;
    file->data = malloc(file->size + 1);
    if (!file->data || read(fd, file->data, file->size + 1) != (ssize_t)file->size || close(fd)) abort();
}

/* The stream without its records. */
static void write_empty(const char *from, const char *to)
{
    struct pid_error error;
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    struct pid_reader *reader = pid_reader_new(in, from, 0, &error);
    struct pid_writer *writer = reader ? pid_writer_new(out, to, pid_reader_header(reader), false, &error) : NULL;
    if (!writer || pid_writer_finish(writer, &error) || close(out)) abort();
    pid_reader_free(reader);
}

static int start(const char *const *arguments, const char *input, char message[FUZZ_MESSAGE_BYTES])
{
    char *argv[ARGUMENTS + 2] = {0}, *copies[ARGUMENTS + 2] = {0}; /* which the program may put in another order */
    for (size_t i = 0; arguments[i]; i++)
        if (!(argv[i] = copies[i] = strdup(arguments[i]))) abort();
    int in = open(input, O_RDONLY);
    if (in < 0 || dup2(in, STDIN_FILENO) < 0 || close(in) || ftruncate(output_fd, 0) || lseek(output_fd, 0, SEEK_SET)) abort();
    int status = fuzz_process(argv, output_fd, message);
    for (size_t i = 0; copies[i]; i++) free(copies[i]);
    return status;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void)status, (void)type, (void)ftw;
    return remove(path);
}

static void remove_folders(void)
{
    if (chdir("/")) abort();
    for (size_t i = 0; i < 2; i++) nftw(folders[i], remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void make_run(void)
{
    char message[FUZZ_MESSAGE_BYTES];
    nftw("run", remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    if (start(made[MADE - 1].argv, "/dev/null", message)) abort();
}

static void make_folders(void)
{
    const char *parent = getenv("TMPDIR");
    char message[FUZZ_MESSAGE_BYTES], path[2 * PATH_MAX];
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    sched_setaffinity(0, sizeof one, &one); /* one thread, unless the arguments ask for more */
    output_fd = memfd_create("output", 0);
    for (size_t i = 0; i < 2; i++) {
        snprintf(folders[i], sizeof folders[i], "%s/fuzz-options-XXXXXX", parent && *parent ? parent : "/tmp");
        if (!mkdtemp(folders[i])) abort();
    }
    atexit(remove_folders);
    if (chdir(folders[0])) abort();
    put("rows.tsv", rows_tsv, strlen(rows_tsv));
    put("covariance", covariance_tsv, strlen(covariance_tsv));
    for (size_t i = 0; i < MADE; i++) {
        if (start(made[i].argv, "/dev/null", message)) {
            fprintf(stderr, "options: %s: %s\n", made[i].name, message);
            abort();
        }
        if (i == MADE - 1) continue;
        snprintf(path, sizeof path, "%s/%s", folders[1], made[i].name);
        write_empty(made[i].name, path);
        keep(0, made[i].name);
    }
    if (unlink("unused")) abort();
    keep(0, "rows.tsv");
    keep(0, "covariance");
    if (chdir(folders[1])) abort();
    put("rows.tsv", rows_tsv, strcspn(rows_tsv, "\n") + 1);
    put("covariance", covariance_tsv, strlen(covariance_tsv));
    make_run();
    for (size_t i = 0; i < file_count[0]; i++) keep(1, files[0][i].name);
}

static bool is_same(const struct file *file)
{
    static uint8_t data[1 << 16];
    int fd = open(file->name, O_RDONLY);
    if (fd < 0) return false;
    ssize_t size = read(fd, data, sizeof data);
    close(fd);
    return size == (ssize_t)file->size && !memcmp(data, file->data, file->size);
}

/* Puts the folder back as it was; returns the name of an entry that was not as it was, or NULL. */
static const char *restore(size_t folder)
{
    static char changed[NAME_MAX + 1];
    struct dirent *entry;
    *changed = '\0';
    DIR *dir = opendir(".");
    if (!dir) abort();
    while ((entry = readdir(dir))) {
        size_t i = 0;
        while (i < file_count[folder] && strcmp(files[folder][i].name, entry->d_name)) i++;
        if (i < file_count[folder] || !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") || !strcmp(entry->d_name, "run")) continue;
        snprintf(changed, sizeof changed, "%s", entry->d_name);
        nftw(entry->d_name, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    }
    closedir(dir);
    for (size_t i = 0; i < file_count[folder]; i++) {
        const struct file *file = &files[folder][i];
        if (is_same(file)) continue;
        snprintf(changed, sizeof changed, "%s", file->name);
        put(file->name, file->data, file->size);
    }
    return *changed ? changed : NULL;
}

static bool is_whole(void)
{
    struct pid_error error;
    struct pid_record record;
    enum pid_next next = PID_NEXT_ERROR;
    int own = dup(output_fd);
    if (own < 0 || lseek(own, 0, SEEK_SET)) abort();
    struct pid_reader *reader = pid_reader_new(own, "output", 0, &error);
    while (reader && (next = pid_reader_next(reader, &record, &error)) == PID_NEXT_RECORD) continue;
    pid_reader_free(reader);
    return next == PID_NEXT_END;
}

static bool fits(const char *form, const char *text)
{
    char whole[600];
    regex_t regex;
    snprintf(whole, sizeof whole, "^(%s)$", form);
    if (regcomp(&regex, whole, REG_EXTENDED | REG_NOSUB)) abort();
    int status = regexec(&regex, text, 0, NULL, 0);
    regfree(&regex);
    return !status;
}

/* What the arguments say by the manual: whether help or the version is asked for, whether more than one line may be said, and
 * what has no form, or NULL. */
struct meaning { bool help, talkative; const char *wrong; };

static struct meaning read_arguments(const struct program_forms *program, int argc, const char *const *argv)
{
    struct meaning meaning = {0};
    struct option longs[2 * FORMS_MAX] = {{0}};
    const struct form *forms[2 * FORMS_MAX];
    char letters[4 * FORMS_MAX] = ":", *copy[ARGUMENTS + 2] = {0}, *copies[ARGUMENTS + 2] = {0};
    int count = 0;
    for (int i = 0; i < argc; i++)
        if (!(copy[i] = copies[i] = strdup(argv[i]))) abort();
    for (int set = 0; set < 2; set++)
        for (const struct form *form = set ? common_forms : program->forms; form->name; form++) {
            longs[count] = (struct option){form->name, form->value ? required_argument : no_argument, NULL, FIRST_VALUE + count};
            forms[count++] = form;
            if (form->letter) sprintf(letters + strlen(letters), "%c%s", form->letter, form->value ? ":" : "");
        }
    optind = 0;
    opterr = 0;
    for (int value; (value = getopt_long(argc, copy, letters, longs, NULL)) != -1;) {
        int at = value - FIRST_VALUE;
        if (value == '?' || value == ':') {
            meaning.wrong = meaning.wrong ? meaning.wrong : "an unknown option, or one without its argument";
            break;
        }
        if (value < FIRST_VALUE)
            for (at = 0; forms[at]->letter != value; at++) continue;
        const char *name = forms[at]->name;
        if (!strcmp(name, "help") || !strcmp(name, "version")) {
            meaning.help = true;
            break;
        }
        if (!strcmp(name, "progress") || !strcmp(name, "verbose")) meaning.talkative = true;
        if (forms[at]->value && !fits(forms[at]->value, optarg)) meaning.wrong = name;
    }
    for (int i = 0; i < argc; i++) free(copies[i]);
    return meaning;
}

static void find(const char *what, int status, const char *const *argv, const char *message)
{
    fprintf(stderr, "options: %s; status %d:", what, status);
    for (int i = 0; argv[i]; i++) fprintf(stderr, " '%s'", argv[i]);
    fprintf(stderr, "\n%s\n", message);
    abort();
}

/* One line that begins with the program's name; wrong use has one more, that names the help. */
static void check_message(const char *name, const struct meaning *meaning, int status, const char *const *argv, const char *message)
{
    char text[FUZZ_MESSAGE_BYTES], line_start[64], *save = NULL;
    int lines = 0;
    snprintf(text, sizeof text, "%s", message);
    snprintf(line_start, sizeof line_start, "%s: ", name);
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save), lines++) {
        char clean[FUZZ_MESSAGE_BYTES];
        snprintf(clean, sizeof clean, "%s", line);
        pid_utf8_clean(clean);
        if (strcmp(clean, line)) find("a message that could steer a terminal", status, argv, message);
        bool hint = status == 2 && lines && !strncmp(line, "Try '", 5);
        if (!hint && strncmp(line, line_start, strlen(line_start))) find("a line without the program's name", status, argv, message);
    }
    bool many = meaning->talkative || (status == 1 && !strcmp(name, "pid-shard")); /* whose shards speak for themselves */
    if (!many && strlen(message) < FUZZ_MESSAGE_BYTES - 1 && ((status == 1 && lines != 1) || (status == 2 && lines != 2)))
        find("not one line", status, argv, message);
}

/* Whether digits say more than 99, or an exponent does. */
static bool has_large_number(const char *text)
{
    for (size_t i = 0; text[i]; i++)
        if (isdigit((unsigned char)text[i]) && (tolower((unsigned char)text[i + 1]) == 'e' || (i > 1 && isdigit((unsigned char)text[i - 1]) && isdigit((unsigned char)text[i - 2]))))
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[TEXT + 1];
    char message[FUZZ_MESSAGE_BYTES];
    const char *argv[ARGUMENTS + 2];
    size_t programs = 0, large = 0;
    int argc = 0;
    if (output_fd < 0) make_folders();
    if (!size || size > TEXT) return 0;
    while (program_forms[programs].name) programs++;
    const struct program_forms *program = &program_forms[data[0] % programs];
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    for (size_t i = 0; i < size; i++) /* a slash stays where it stands between numbers, as in a shard */
        if (text[i] == '/' && (!i || !isdigit((unsigned char)text[i - 1]) || !isdigit((unsigned char)text[i + 1]))) text[i] = '|';
    argv[argc++] = program->name;
    if (!strcmp(program->name, "pid-ipfp")) argv[argc++] = "--max-iterations=50"; /* unless more are asked for, which is a large number */
    for (size_t at = 0; at + 1 < size && argc <= ARGUMENTS; at += strlen(text + at) + 1) {
        argv[argc++] = text + at;
        large |= has_large_number(text + at);
    }
    argv[argc] = NULL;
    bool synth = !strcmp(program->name, "pid-synth"), shard = !strcmp(program->name, "pid-shard");
    if (synth && large) { /* rows out of nothing: only their number is read */
        if (argc > ARGUMENTS) return 0;
        memmove(argv + 2, argv + 1, (size_t)argc * sizeof *argv);
        argv[1] = "--truth";
        argc++;
    }
    struct meaning meaning = read_arguments(program, argc, argv);
    if (chdir(folders[large])) abort();
    int status = start(argv, program->input, message);
    if (getenv("FUZZ_TELL")) fprintf(stderr, "%s: %d %s\n", program->name, status, message);
    const char *changed = restore(large);
    if (shard) make_run();
    if (status > 3) find("a status that no program has", status, argv, message);
    check_message(program->name, &meaning, status, argv, message);
    if (status == 0 && meaning.wrong && !meaning.help) find(meaning.wrong, status, argv, "accepted");
    if (status && status != 3 && changed && !(shard && status == 1)) find(changed, status, argv, "a file was made or changed");
    if (status && status != 3 && !shard && is_whole()) find("refused, but written", status, argv, message);
    return 0;
}
