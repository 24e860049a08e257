#include "stream/scan.h"

/* What the first byte of an object says: how many bytes of length follow, and what the length counts. */
struct form { uint8_t length_bytes; uint64_t fixed; unsigned children; };

static uint64_t big_endian(const uint8_t *at, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++) value = value << 8 | at[i];
    return value;
}

/* Fills *form: length_bytes of big-endian length, `fixed` payload bytes besides, children 1 (array), 2 (map) or 0
 * (the length counts payload bytes).  Returns 0 for the one byte that is never used. */
static int form_of(uint8_t first, struct form *form)
{
    static const struct form forms[32] = {
        [0x00] = {0, 0, 0}, [0x02] = {0, 0, 0}, [0x03] = {0, 0, 0},                  /* nil, false, true */
        [0x04] = {1, 0, 0}, [0x05] = {2, 0, 0}, [0x06] = {4, 0, 0},                  /* bin */
        [0x07] = {1, 1, 0}, [0x08] = {2, 1, 0}, [0x09] = {4, 1, 0},                  /* ext */
        [0x0a] = {0, 4, 0}, [0x0b] = {0, 8, 0},                                      /* float */
        [0x0c] = {0, 1, 0}, [0x0d] = {0, 2, 0}, [0x0e] = {0, 4, 0}, [0x0f] = {0, 8, 0}, /* unsigned */
        [0x10] = {0, 1, 0}, [0x11] = {0, 2, 0}, [0x12] = {0, 4, 0}, [0x13] = {0, 8, 0}, /* signed */
        [0x14] = {0, 2, 0}, [0x15] = {0, 3, 0}, [0x16] = {0, 5, 0}, [0x17] = {0, 9, 0}, [0x18] = {0, 17, 0}, /* fixext */
        [0x19] = {1, 0, 0}, [0x1a] = {2, 0, 0}, [0x1b] = {4, 0, 0},                  /* str */
        [0x1c] = {2, 0, 1}, [0x1d] = {4, 0, 1},                                      /* array */
        [0x1e] = {2, 0, 2}, [0x1f] = {4, 0, 2},                                      /* map */
    };
    if (first == 0xc1) return 0;
    *form = first >= 0xc0 && first < 0xe0 ? forms[first - 0xc0] : (struct form){0, 0, 0};
    return 1;
}

enum pid_scan pid_scan_head(const uint8_t *data, size_t have, struct pid_scan_head *head)
{
    struct form form;
    *head = (struct pid_scan_head){.bytes = 1};
    if (have < 1) return PID_SCAN_MORE;
    uint8_t first = data[0];
    if (!form_of(first, &form)) return PID_SCAN_INVALID;
    uint64_t count = 0, children = form.children;
    if (first >= 0x80 && first < 0x90) children = 2, count = first & 0x0f;      /* fixmap */
    else if (first >= 0x90 && first < 0xa0) children = 1, count = first & 0x0f; /* fixarray */
    else if (first >= 0xa0 && first < 0xc0) count = first & 0x1f;               /* fixstr */
    head->bytes += form.length_bytes;
    if (have < head->bytes) return PID_SCAN_MORE;
    if (form.length_bytes) count = big_endian(data + 1, form.length_bytes);
    head->binary = first >= 0xc4 && first <= 0xc6;
    head->children = count * children;
    head->payload = form.fixed + (children ? 0 : count);
    return PID_SCAN_WHOLE;
}

enum pid_scan pid_scan_step(struct pid_scan_walk *walk, const struct pid_scan_head *head)
{
    walk->open[walk->depth]--;
    if (++walk->objects + head->children > PID_SCAN_OBJECTS_MAX) return PID_SCAN_MANY;
    if (head->children) {
        if (walk->depth == PID_SCAN_DEPTH_MAX) return PID_SCAN_DEEP;
        walk->open[++walk->depth] = head->children;
    }
    while (walk->open[walk->depth] == 0)
        if (walk->depth-- == 0) return PID_SCAN_WHOLE;
    return PID_SCAN_MORE;
}

enum pid_scan pid_scan_object(const uint8_t *data, size_t have, uint64_t *bytes)
{
    struct pid_scan_walk walk = {.open = {1}};
    enum pid_scan scan;
    uint64_t at = 0;
    do {
        struct pid_scan_head head;
        scan = pid_scan_head(data + (at < have ? at : have), at < have ? have - at : 0, &head);
        if (scan == PID_SCAN_MORE) *bytes = at + head.bytes;
        if (scan != PID_SCAN_WHOLE) return scan;
        at += head.bytes + head.payload;
        scan = pid_scan_step(&walk, &head);
    } while (scan == PID_SCAN_MORE);
    if (scan != PID_SCAN_WHOLE) return scan;
    *bytes = at;
    return at <= have ? PID_SCAN_WHOLE : PID_SCAN_MORE;
}
