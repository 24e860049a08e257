#include "formats/names.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

void pid_names_release(struct pid_names *names)
{
    for (size_t i = 0; i < names->count; i++) free(names->names[i]);
    free(names->names);
    *names = (struct pid_names){0};
}

enum pid_status pid_names_add(struct pid_names *names, const char *name, size_t length, struct pid_error *error)
{
    void *grown = names->names;
    enum pid_status status = pid_array_grow(&grown, &names->capacity, names->count + 1, sizeof *names->names, error);
    names->names = grown;
    if (status != PID_OK) return status;
    char *copy = pid_string_copy_n(name, length, error);
    if (!copy) return error->status;
    names->names[names->count++] = copy;
    return PID_OK;
}

const char *pid_names_list(const struct pid_names *names, char *text, size_t capacity)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < names->count && used < capacity; i++)
        used += (size_t)snprintf(text + used, capacity - used, "%s%s", i ? ", " : "", names->names[i]);
    return text;
}
