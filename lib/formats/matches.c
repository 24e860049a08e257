/* What there is that fits a pattern: files, or members of one. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "formats/pattern.h"

void pid_matches_release(struct pid_matches *matches)
{
    for (size_t i = 0; i < matches->count; i++) {
        free(matches->matches[i].text);
        pid_bindings_release(&matches->matches[i].bindings);
    }
    free(matches->matches);
    *matches = (struct pid_matches){0};
}

static enum pid_status add(struct pid_matches *matches, const char *text, const struct pid_bindings *bindings, struct pid_error *error)
{
    void *grown = matches->matches;
    enum pid_status status = pid_array_grow(&grown, &matches->capacity, matches->count + 1, sizeof *matches->matches, error);
    matches->matches = grown;
    if (status != PID_OK) return status;
    struct pid_match *match = &matches->matches[matches->count];
    match->text = pid_string_copy(text, error);
    if (!match->text) return error->status;
    status = pid_bindings_copy(&match->bindings, bindings, error);
    if (status != PID_OK) free(match->text);
    else matches->count++;
    return status;
}

static enum pid_status walk(const char *prefix, const char *pattern, const struct pid_bindings *bindings, struct pid_matches *matches,
                            struct pid_error *error);

/* The entry `name` of a folder, if it fits the component; the rest of the pattern is looked for below it. */
static enum pid_status try_entry(const char *prefix, const char *component, const char *name, const char *rest,
                                 const struct pid_bindings *bindings, struct pid_matches *matches, struct pid_error *error)
{
    struct pid_bindings found = {0};
    bool fits = false;
    if (*name == '.' && *component != '.') return PID_OK;
    enum pid_status status = pid_bindings_copy(&found, bindings, error);
    if (status == PID_OK) status = pid_pattern_match(component, name, "/", &found, &fits, error);
    if (status == PID_OK && fits) {
        char *path = pid_string_format(error, "%s%s", prefix, name);
        status = path ? walk(path, rest, &found, matches, error) : error->status;
        free(path);
    }
    pid_bindings_release(&found);
    return status;
}

static enum pid_status walk_folder(const char *prefix, const char *component, const char *rest, const struct pid_bindings *bindings,
                                   struct pid_matches *matches, struct pid_error *error)
{
    DIR *folder = opendir(*prefix ? prefix : ".");
    if (!folder)
        return errno == ENOENT || errno == ENOTDIR ? PID_OK : pid_error_errno(error, "cannot look into '%s'", *prefix ? prefix : ".");
    enum pid_status status = PID_OK;
    struct dirent *entry;
    while (status == PID_OK && (errno = 0, entry = readdir(folder)))
        status = try_entry(prefix, component, entry->d_name, rest, bindings, matches, error);
    if (status == PID_OK && errno) status = pid_error_errno(error, "cannot look into '%s'", *prefix ? prefix : ".");
    closedir(folder);
    return status;
}

/* `pattern` is what follows behind the path `prefix`, in which nothing is open any more. */
static enum pid_status walk(const char *prefix, const char *pattern, const struct pid_bindings *bindings, struct pid_matches *matches,
                            struct pid_error *error)
{
    char *rest = pid_pattern_fill(pattern, bindings, error);
    if (!rest) return error->status;
    enum pid_status status = PID_OK;
    /* Everything up to the component that holds the next name is a path as it stands. */
    size_t fixed = 0, slash = 0;
    for (;;) {
        size_t next = slash + strcspn(rest + slash, "/");
        char after = rest[next];
        rest[next] = '\0';
        bool open = pid_pattern_is(rest + slash);
        rest[next] = after;
        if (open) break;
        fixed = after ? next + 1 : next;
        if (!after) break;
        slash = next + 1;
    }
    char *path = pid_string_format(error, "%s%.*s", prefix, (int)fixed, rest);
    if (!path) status = error->status;
    else if (!rest[fixed]) status = access(path, F_OK) == 0 ? add(matches, path, bindings, error) : PID_OK;
    else {
        size_t length = strcspn(rest + fixed, "/");
        char *component = pid_string_copy_n(rest + fixed, length, error);
        status = component ? walk_folder(path, component, rest + fixed + length, bindings, matches, error) : error->status;
        free(component);
    }
    free(path);
    free(rest);
    return status;
}

enum pid_status pid_pattern_files(const char *pattern, struct pid_matches *matches, struct pid_error *error)
{
    static const struct pid_bindings none = {0};
    if (access(pattern, F_OK) == 0) return add(matches, pattern, &none, error);
    return walk("", pattern, &none, matches, error);
}

enum pid_status pid_pattern_names(const char *pattern, char *const *names, size_t count, struct pid_matches *matches, struct pid_error *error)
{
    static const struct pid_bindings none = {0};
    for (size_t i = 0; i < count; i++)
        if (!strcmp(pattern, names[i])) return add(matches, pattern, &none, error);
    enum pid_status status = PID_OK;
    for (size_t i = 0; i < count && status == PID_OK; i++) {
        struct pid_bindings found = {0};
        bool fits;
        status = pid_pattern_match(pattern, names[i], "./", &found, &fits, error);
        if (status == PID_OK && fits) status = add(matches, names[i], &found, error);
        pid_bindings_release(&found);
    }
    return status;
}
