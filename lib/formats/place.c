#include "formats/place.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

enum pid_status pid_place_split(const char *place, char **path, char **member, struct pid_error *error)
{
    *member = NULL;
    *path = pid_string_copy(place, error);
    if (!*path) return error->status;
    if (access(place, F_OK) == 0) return PID_OK;
    char *colon = *path + strlen(place), *last = NULL;
    while ((colon = memrchr(*path, ':', (size_t)(colon - *path)))) {
        *colon = '\0';
        bool exists = !strcmp(*path, "-") || access(*path, F_OK) == 0;
        if (exists || !memchr(*path, ':', (size_t)(colon - *path))) last = colon;
        if (exists) break;
        *colon = ':';
    }
    if (!last) return PID_OK;
    *last = '\0';
    *member = pid_string_copy(last + 1, error);
    if (*member) return PID_OK;
    free(*path);
    return error->status;
}
