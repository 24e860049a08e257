#include "program/choices.h"

#include <stdio.h>
#include <string.h>

bool pid_choices_next(const char **at, char *item, size_t size)
{
    if (!**at) return false;
    size_t length = strcspn(*at, ",");
    snprintf(item, size, "%.*s", (int)length, *at);
    *at += length;
    if (**at == ',') (*at)++;
    return true;
}

bool pid_choices_find(const struct pid_choices *choices, const char *variable, char *value, size_t size)
{
    char item[400];
    bool found = false, named = false;
    for (const char *at = choices->text ? choices->text : ""; pid_choices_next(&at, item, sizeof item);) {
        char *equals = strchr(item, '=');
        bool mine = equals && (size_t)(equals - item) == strlen(variable) && !strncmp(item, variable, strlen(variable));
        if ((equals && !mine) || (!equals && named)) continue;
        snprintf(value, size, "%s", equals ? equals + 1 : item);
        found = true;
        named |= mine;
    }
    return found;
}

void pid_choices_check(const struct pid_choices *choices, const struct pid_header *header)
{
    char item[400];
    for (const char *at = choices->text ? choices->text : ""; pid_choices_next(&at, item, sizeof item);) {
        char *equals = strchr(item, '=');
        if (!equals) continue;
        *equals = '\0';
        ptrdiff_t v = pid_header_find(header, item);
        if (v < 0 || header->variables[v].type != PID_TYPE_VECTOR)
            pid_program_usage(choices->program, "--%s: the input has no vector '%s'", choices->program->options[choices->option].name, item);
    }
}
