#include "program/choices.h"

#include <string.h>

/* How much of the item is a variable's name; 0 where it holds for all. */
static size_t name_length(const char *item)
{
    const char *equals = strchr(item, '=');
    return equals ? (size_t)(equals - item) : 0;
}

struct pid_choices pid_choices_open(const struct pid_program *program, int option, const char *text,
                                    void (*check)(const struct pid_program *program, int option, const char *value))
{
    struct pid_choices choices = {.program = program, .option = option};
    const char *name = program->options[option].name;
    if (!text) return choices;
    choices.items = pid_program_list(program, option, text, &choices.count);
    if (!choices.count) pid_program_usage(program, "--%s: '' says nothing", name);
    for (size_t i = 0; i < choices.count; i++) {
        size_t length = name_length(choices.items[i]);
        if (choices.items[i][0] == '=') pid_program_usage(program, "--%s: '%s' has no name before the =", name, choices.items[i]);
        check(program, option, choices.items[i] + length + (length > 0));
        for (size_t j = 0; j < i; j++) {
            if (name_length(choices.items[j]) != length || memcmp(choices.items[i], choices.items[j], length)) continue;
            if (length) pid_program_usage(program, "--%s: '%.*s' is named twice", name, (int)length, choices.items[i]);
            pid_program_usage(program, "--%s: both '%s' and '%s' are for all", name, choices.items[j], choices.items[i]);
        }
    }
    return choices;
}

void pid_choices_close(struct pid_choices *choices)
{
    pid_program_list_free(choices->items, choices->count);
    choices->items = NULL;
    choices->count = 0;
}

const char *pid_choices_find(const struct pid_choices *choices, const char *variable)
{
    const char *for_all = NULL;
    for (size_t i = 0; i < choices->count; i++) {
        const char *item = choices->items[i];
        size_t length = name_length(item);
        if (!length) for_all = item;
        else if (length == strlen(variable) && !memcmp(item, variable, length)) return item + length + 1;
    }
    return for_all;
}

void pid_choices_check(const struct pid_choices *choices, const struct pid_header *header)
{
    for (size_t i = 0; i < choices->count; i++) {
        size_t length = name_length(choices->items[i]), v = 0;
        if (!length) continue;
        while (v < header->variable_count && (strlen(header->variables[v].name) != length || memcmp(header->variables[v].name, choices->items[i], length))) v++;
        if (v == header->variable_count || header->variables[v].type != PID_TYPE_VECTOR)
            pid_program_usage(choices->program, "--%s: the input has no vector '%.*s'", choices->program->options[choices->option].name, (int)length, choices->items[i]);
    }
}
