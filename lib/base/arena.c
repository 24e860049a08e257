#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { FIRST_BLOCK_BYTES = 4096 };

struct pid_arena_block {
    struct pid_arena_block *next;
    size_t size, used;
    _Alignas(PID_ALIGNMENT_BYTES) unsigned char bytes[];
};

static struct pid_arena_block *push(struct pid_arena *arena, size_t size, struct pid_error *error)
{
    struct pid_arena_block *block = NULL;
    size_t total = sizeof *block + size;
    if (total > size && total <= PTRDIFF_MAX) block = aligned_alloc(PID_ALIGNMENT_BYTES, total);
    if (!block) {
        pid_error_set(error, PID_ERROR_MEMORY, "cannot allocate %zu bytes: out of memory", size);
        return NULL;
    }
    *block = (struct pid_arena_block){.next = arena->blocks, .size = size};
    arena->blocks = block;
    return block;
}

void pid_arena_release(struct pid_arena *arena)
{
    while (arena->blocks) {
        struct pid_arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}

void pid_arena_reset(struct pid_arena *arena)
{
    struct pid_arena_block *block = arena->blocks;
    if (!block) return;
    if (!block->next) {
        block->used = 0;
        return;
    }
    size_t total = 0;
    for (; block; block = block->next) total += block->size;
    pid_arena_release(arena);
    struct pid_error ignored;
    /* A failure here is not lost: the next allocation meets it. */
    push(arena, total, &ignored);
}

void *pid_arena_array(struct pid_arena *arena, size_t count, size_t size, struct pid_error *error)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > PTRDIFF_MAX - PID_ALIGNMENT_BYTES) {
        pid_error_set(error, PID_ERROR_MEMORY, "cannot allocate %zu elements of %zu bytes: too large", count, size);
        return NULL;
    }
    bytes = (bytes + PID_ALIGNMENT_BYTES - 1) / PID_ALIGNMENT_BYTES * PID_ALIGNMENT_BYTES;
    struct pid_arena_block *block = arena->blocks;
    if (!block || block->size - block->used < bytes) {
        size_t wanted = block ? 2 * block->size : FIRST_BLOCK_BYTES;
        /* Large pieces get a block of their own size, so that a bad size never asks for twice as much. */
        block = push(arena, wanted > bytes && wanted <= (1u << 20) ? wanted : bytes, error);
        if (!block) return NULL;
    }
    void *piece = block->bytes + block->used;
    block->used += bytes;
    return piece;
}

char *pid_arena_string(struct pid_arena *arena, const char *text, size_t length, struct pid_error *error)
{
    char *copy = pid_arena_array(arena, length + 1, 1, error);
    if (!copy) return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}
