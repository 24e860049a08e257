#include "stream/key.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/number.h"

void pid_key_release(struct pid_key *key)
{
    for (size_t i = 0; i < key->count; i++) {
        free(key->pairs[i].name);
        free(key->pairs[i].text);
    }
    key->count = 0;
}

enum pid_status pid_key_copy(struct pid_key *to, const struct pid_key *from, struct pid_error *error)
{
    for (to->count = 0; to->count < from->count;) {
        const struct pid_key_pair *pair = &from->pairs[to->count];
        struct pid_key_pair *copy = &to->pairs[to->count];
        *copy = (struct pid_key_pair){.integer = pair->integer};
        copy->name = pid_string_copy(pair->name, error);
        if (copy->name && pair->text) copy->text = pid_string_copy(pair->text, error);
        to->count++;
        if (!copy->name || (pair->text && !copy->text)) {
            pid_key_release(to);
            return error->status;
        }
    }
    return PID_OK;
}

static enum pid_status set(struct pid_key *key, const char *name, const char *text, int64_t integer, struct pid_error *error)
{
    struct pid_key_pair *pair = NULL;
    for (size_t i = 0; i < key->count; i++)
        if (!strcmp(key->pairs[i].name, name)) pair = &key->pairs[i];
    if (!pair && key->count == PID_KEY_MAX)
        return pid_error_set(error, PID_ERROR_ARGUMENT, "key '%s': a key has at most %d names", name, PID_KEY_MAX);
    char *copy = NULL;
    if (text && !(copy = pid_string_copy(text, error))) return error->status;
    if (!pair) {
        char *name_copy = pid_string_copy(name, error);
        if (!name_copy) {
            free(copy);
            return error->status;
        }
        pair = &key->pairs[key->count++];
        *pair = (struct pid_key_pair){.name = name_copy};
    }
    free(pair->text);
    pair->text = copy;
    pair->integer = integer;
    return PID_OK;
}

enum pid_status pid_key_set_integer(struct pid_key *key, const char *name, int64_t value, struct pid_error *error)
{
    return set(key, name, NULL, value, error);
}

enum pid_status pid_key_set_text(struct pid_key *key, const char *name, const char *value, struct pid_error *error)
{
    int64_t integer;
    char printed[24];
    if (pid_number_integer(value, INT64_MIN, INT64_MAX, &integer)) {
        snprintf(printed, sizeof printed, "%" PRId64, integer);
        if (!strcmp(printed, value)) return set(key, name, NULL, integer, error);
    }
    return set(key, name, value, 0, error);
}

const struct pid_key_pair *pid_key_find(const struct pid_key *key, const char *name)
{
    for (size_t i = 0; i < key->count; i++)
        if (!strcmp(key->pairs[i].name, name)) return &key->pairs[i];
    return NULL;
}

struct pid_key pid_key_view(const struct pid_key *key, const char *const *names, size_t count, bool keep)
{
    struct pid_key view = {0};
    for (size_t i = 0; i < key->count; i++) {
        bool named = false;
        for (size_t j = 0; j < count; j++) named |= !strcmp(key->pairs[i].name, names[j]);
        if (named == keep) view.pairs[view.count++] = key->pairs[i];
    }
    return view;
}

static bool same_value(const struct pid_key_pair *a, const struct pid_key_pair *b)
{
    if (!a->text || !b->text) return !a->text && !b->text && a->integer == b->integer;
    return !strcmp(a->text, b->text);
}

bool pid_key_equal(const struct pid_key *a, const struct pid_key *b)
{
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        /* Nearly always the order is the same, so the search is the exception. */
        const struct pid_key_pair *other = &b->pairs[i];
        if (strcmp(other->name, a->pairs[i].name)) other = pid_key_find(b, a->pairs[i].name);
        if (!other || !same_value(&a->pairs[i], other)) return false;
    }
    return true;
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++) hash = (hash ^ at[i]) * 0x100000001b3; /* FNV-1a */
    return hash;
}

static uint64_t pair_hash(const struct pid_key_pair *pair)
{
    uint64_t hash = mix(0xcbf29ce484222325, pair->name, strlen(pair->name) + 1);
    return pair->text ? mix(hash, pair->text, strlen(pair->text)) : mix(hash ^ 1, &pair->integer, sizeof pair->integer);
}

uint64_t pid_key_hash(const struct pid_key *key)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < key->count; i++) {
        uint64_t hash = pair_hash(&key->pairs[i]);
        sum += hash ^ hash >> 29;
    }
    return sum;
}

/* The pair with the largest integer, of several the one whose name is first; NULL where there are texts alone. */
static const struct pid_key_pair *largest_integer(const struct pid_key *key)
{
    const struct pid_key_pair *largest = NULL;
    for (size_t i = 0; i < key->count; i++) {
        const struct pid_key_pair *pair = &key->pairs[i];
        if (pair->text || (largest && pair->integer < largest->integer)) continue;
        if (!largest || pair->integer > largest->integer || strcmp(pair->name, largest->name) < 0) largest = pair;
    }
    return largest;
}

/* Without the mixing, FNV's hash of an integer is nearly linear in it, and sums of two meet as soon as the integers' do. */
uint64_t pid_key_digest(const struct pid_key *key, unsigned *bit)
{
    const struct pid_key_pair *largest = largest_integer(key);
    uint64_t sum = 0;
    *bit = largest ? (unsigned)(largest->integer & 63) : 0;
    for (size_t i = 0; i < key->count; i++) {
        struct pid_key_pair pair = key->pairs[i];
        bool divided = &key->pairs[i] == largest;
        if (divided) pair.integer >>= 6;
        uint64_t hash = pid_hash_bits(pair_hash(&pair));
        sum += divided ? pid_hash_bits(hash + 1) : hash; /* 130 divided is not 2 */
    }
    return sum;
}

int pid_natural_compare(const char *a, const char *b)
{
    while (*a && *b) {
        size_t digits_a = strspn(a, "0123456789"), digits_b = strspn(b, "0123456789");
        if (digits_a && digits_b) {
            size_t zeros_a = strspn(a, "0"), zeros_b = strspn(b, "0");
            size_t length_a = digits_a - (zeros_a < digits_a ? zeros_a : digits_a);
            size_t length_b = digits_b - (zeros_b < digits_b ? zeros_b : digits_b);
            if (length_a != length_b) return length_a < length_b ? -1 : 1;
            int order = strncmp(a + digits_a - length_a, b + digits_b - length_b, length_a);
            if (order) return order;
            if (digits_a != digits_b) return digits_a < digits_b ? -1 : 1;
            a += digits_a;
            b += digits_b;
        } else {
            if (*a != *b) return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
            a++;
            b++;
        }
    }
    return (*a != 0) - (*b != 0);
}

int pid_key_compare(const struct pid_key *a, const struct pid_key *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        const struct pid_key_pair *x = &a->pairs[i], *y = pid_key_find(b, x->name);
        if (!y) return strcmp(x->name, b->pairs[i].name);
        if (!x->text != !y->text) return x->text ? 1 : -1;
        int order = x->text ? pid_natural_compare(x->text, y->text) : (x->integer > y->integer) - (x->integer < y->integer);
        if (order) return order;
    }
    return (a->count > b->count) - (a->count < b->count);
}

const char *pid_key_format(const struct pid_key *key, char *buffer, size_t size)
{
    size_t used = 0;
    snprintf(buffer, size, "(no key)");
    for (size_t i = 0; i < key->count && used < size; i++) {
        const struct pid_key_pair *pair = &key->pairs[i];
        int length = pair->text ? snprintf(buffer + used, size - used, "%s%s=%s", i ? " " : "", pair->name, pair->text)
                                : snprintf(buffer + used, size - used, "%s%s=%" PRId64, i ? " " : "", pair->name, pair->integer);
        if (length < 0) break;
        used += (size_t)length;
    }
    return buffer;
}
