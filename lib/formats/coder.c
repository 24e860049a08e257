#include "formats/coder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

enum { KNOWN_INTEGERS = 1 << 12, INTEGERS = 512 /* taken at a time */ };

/* The codes of integers seen lately, so that most elements cost no hashing of text. */
struct pid_known_integer { int64_t value; uint32_t code; bool set; };

enum pid_status pid_coder_init(struct pid_coder *coder, struct pid_scalar element, struct pid_levels *levels, struct pid_error *error)
{
    *coder = (struct pid_coder){.levels = levels};
    coder->known = pid_array_new(KNOWN_INTEGERS, sizeof *coder->known, error);
    coder->text = coder->known ? pid_array_new(element.size + 1, 1, error) : NULL;
    return coder->text ? PID_OK : error->status;
}

void pid_coder_release(struct pid_coder *coder)
{
    free(coder->known);
    free(coder->text);
    *coder = (struct pid_coder){0};
}

static enum pid_status integer_codes(struct pid_coder *coder, struct pid_scalar element, const char *raw, size_t count, uint32_t *codes,
                                     size_t *done, struct pid_error *error)
{
    int64_t values[INTEGERS];
    for (*done = 0; *done < count;) {
        size_t part = count - *done < INTEGERS ? count - *done : INTEGERS;
        pid_scalar_to_integers(element, raw + *done * element.size, part, values);
        for (size_t i = 0; i < part; i++, ++*done) {
            struct pid_known_integer *slot = &coder->known[(uint64_t)values[i] % KNOWN_INTEGERS];
            if (!slot->set || slot->value != values[i]) {
                if (pid_levels_add_integer(coder->levels, values[i], element.kind == PID_SCALAR_UNSIGNED, &slot->code, error)) return error->status;
                slot->value = values[i];
                slot->set = true;
            }
            codes[*done] = slot->code;
        }
    }
    return PID_OK;
}

/* Whole numbers as integers, so that labels saved as floats meet those saved as integers. */
static enum pid_status real_code(struct pid_coder *coder, double value, bool wide, uint32_t *code, struct pid_error *error)
{
    *code = UINT32_MAX;
    if (!isfinite(value)) return PID_OK;
    if (value == floor(value) && fabs(value) < 0x1p63) return pid_levels_add_integer(coder->levels, (int64_t)value, false, code, error);
    /* The shortest text that reads back as the same number. */
    char text[32];
    int length = 0;
    for (int digits = 6; digits <= 17; digits++) {
        length = snprintf(text, sizeof text, "%.*g", digits, value);
        double again = strtod(text, NULL);
        if (again == value || (!wide && (float)again == (float)value)) break;
    }
    return pid_levels_add(coder->levels, text, (size_t)length, code, error);
}

static enum pid_status text_code(struct pid_coder *coder, struct pid_scalar element, const void *raw, uint32_t *code, struct pid_error *error)
{
    int64_t length = pid_scalar_to_text(element, raw, coder->text, element.size + 1);
    if (length < 0) return pid_error_set(error, PID_ERROR_DATA, "its text is not valid Unicode (UTF-8): decode it before saving");
    return pid_levels_add(coder->levels, coder->text, (size_t)length, code, error);
}

enum pid_status pid_coder_codes(struct pid_coder *coder, struct pid_scalar element, const void *raw, size_t count, uint32_t *codes,
                                size_t *done, struct pid_error *error)
{
    enum pid_status status = PID_OK;
    const char *at = raw;
    if (pid_scalar_is_whole(element) && element.kind != PID_SCALAR_BOOLEAN)
        return integer_codes(coder, element, raw, count, codes, done, error);
    for (*done = 0; *done < count && status == PID_OK; at += element.size, *done += status == PID_OK) {
        uint32_t *code = &codes[*done];
        if (pid_scalar_is_text(element)) status = text_code(coder, element, at, code, error);
        else if (element.kind == PID_SCALAR_BOOLEAN)
            status = *at ? pid_levels_add(coder->levels, "true", 4, code, error) : pid_levels_add(coder->levels, "false", 5, code, error);
        else status = real_code(coder, pid_scalar_to_double(element, at), element.size == 8, code, error);
    }
    return status;
}
