#include "stream/record.h"

#include <math.h>
#include <string.h>

const char *pid_replicate_name(enum pid_replicate_type type)
{
    static const char *const names[] = {"data", "bootstrap", "permutation", "subsample"};
    return names[type];
}

size_t pid_element_bytes(enum pid_element element)
{
    return element == PID_ELEMENT_F32 || element == PID_ELEMENT_U32 ? 4 : 8;
}

const char *pid_element_name(enum pid_element element)
{
    static const char *const names[] = {"f4", "f8", "u4", "u8"};
    return names[element];
}

double pid_result_value(const struct pid_result_record *result, const char *name)
{
    for (size_t i = 0; i < result->value_count; i++)
        if (!strcmp(result->values[i].name, name)) return result->values[i].value;
    return NAN;
}

const char *pid_result_text(const struct pid_result_record *result, const char *name)
{
    for (size_t i = 0; i < result->text_count; i++)
        if (!strcmp(result->texts[i].name, name)) return result->texts[i].text;
    return NULL;
}

const struct pid_array_field *pid_result_array(const struct pid_result_record *result, const char *name)
{
    for (size_t i = 0; i < result->array_count; i++)
        if (!strcmp(result->arrays[i].name, name)) return &result->arrays[i];
    return NULL;
}
