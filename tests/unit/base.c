#include "tap.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/crc.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/random.h"
#include "base/utf8.h"
#include "base/workers.h"

static void test_errors(void)
{
    struct pid_error error;
    tap_ok(pid_error_set(&error, PID_ERROR_DATA, "cell %d of '%s'", 3, "a\nb") == PID_ERROR_DATA, "the status is returned");
    tap_ok(!strcmp(error.message, "cell 3 of 'a?b'"), "control characters are replaced");
    pid_error_prefix(&error, "x.mp");
    tap_ok(!strcmp(error.message, "x.mp: cell 3 of 'a?b'"), "a prefix is put in front");
    errno = ENOENT;
    pid_error_errno(&error, "y.mp");
    tap_ok(error.status == PID_ERROR_SYSTEM && !strcmp(error.message, "y.mp: No such file or directory"), "errno is told");
}

static void test_utf8(void)
{
    static const struct { const char *text, *clean; } texts[] = {
        {"plain \303\244 \342\202\254 \360\237\230\200", "plain \303\244 \342\202\254 \360\237\230\200"}, {"", ""},
        {"\033[31m\177\r", "?[31m??"}, {"\302\233m\302\240", "?m\302\240"}, {"\342\200\256x\342\201\246\342\200\250\330\234", "?x???"},
        {"\377\300\257\355\240\200\364\220\200\200", "??????????"}, {"cut \342\202", "cut ??"}, {"\357\277\276\357\277\275", "?\357\277\275"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[64];
        strcpy(text, texts[i].text);
        pid_utf8_clean(text);
        tap_ok(!strcmp(text, texts[i].clean), "text %zu is cleaned", i);
    }
    size_t length;
    tap_ok(pid_utf8_next("\342\202\254", 3, &length) == 0x20ac && length == 3, "a code point");
    tap_ok(pid_utf8_next("\342\202\254", 2, &length) == PID_UTF8_NONE && length == 1, "nothing is read beyond the end");
}

static void test_memory(void)
{
    struct pid_error error = {0};
    tap_ok(!pid_array_new(SIZE_MAX / 2, 4, &error) && error.status == PID_ERROR_MEMORY, "an overflowing size is refused");
    void *array = NULL;
    size_t capacity = 0;
    bool ok = true;
    for (uint32_t i = 0; i < 1000; i++) {
        ok &= pid_array_grow(&array, &capacity, i + 1, sizeof i, &error) == PID_OK;
        ((uint32_t *)array)[i] = i;
    }
    for (uint32_t i = 0; i < 1000; i++) ok &= ((uint32_t *)array)[i] == i;
    tap_ok(ok && (uintptr_t)array % PID_ALIGNMENT_BYTES == 0, "growing keeps the content and the alignment");
    free(array);
}

static void test_crc(void)
{
    enum { LONGEST = 1400, LONG = 1 << 20 };
    unsigned char *bytes = malloc(LONG);
    uint32_t state = 1;
    bool right = bytes;
    for (size_t i = 0; i < LONG && right; i++) bytes[i] = (unsigned char)((state = state * 1664525u + 1013904223u) >> 24);
    for (size_t count = 0; count <= LONGEST && right; count++)
        for (size_t first = 0; first < 3; first++)
            right &= pid_crc32(state + (uint32_t)count, bytes + first, count) == crc32(state + count, bytes + first, (uInt)count);
    tap_ok(right, "checksums of all lengths are those of zlib");
    tap_ok(right && pid_crc32(0, bytes, LONG) == crc32(0, bytes, LONG) && pid_crc32(pid_crc32(0, bytes, 1000), bytes + 1000, LONG - 1000) == crc32(0, bytes, LONG),
           "a long one, whole and in two parts");
    free(bytes);
}

static void test_numbers(void)
{
    static const char *wrong[] = {"", " 1", "1 ", "1x", "nan", "inf", "0x10", "1e999", "--1", "+", "1,5"};
    double real;
    int64_t integer;
    uint64_t size;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        tap_ok(!pid_number_real(wrong[i], -DBL_MAX, DBL_MAX, &real) && !pid_number_integer(wrong[i], INT64_MIN, INT64_MAX, &integer),
               "'%s' is not a number", wrong[i]);
    tap_ok(pid_number_real("1e-310", 0, 1, &real) && real > 0, "a subnormal is a number");
    tap_ok(pid_number_real("-.5", -1, 1, &real) && real == -0.5, "-.5 is a number");
    tap_ok(!pid_number_integer("9223372036854775808", INT64_MIN, INT64_MAX, &integer), "2^63 does not fit");
    tap_ok(!pid_number_unsigned("-1", 0, UINT64_MAX, &size), "-1 is not unsigned");
    tap_ok(pid_number_bytes("3K", 0, UINT64_MAX, &size) && size == 3072, "3K is 3072 bytes");
    tap_ok(!pid_number_bytes("99999999999T", 0, UINT64_MAX, &size), "too many bytes are refused");
}

static void test_random(void)
{
    double sum = 0, square = 0;
    enum { N = 100000 };
    for (uint64_t i = 0; i < N; i++) {
        double x = pid_random_normal(1, pid_random_stream(PID_RANDOM_TEST, 0), i);
        sum += x;
        square += x * x;
    }
    /* Five standard errors. */
    tap_near(sum / N, 0, 5 / sqrt(N), "normal draws have mean 0");
    tap_near(square / N, 1, 5 * sqrt(2.0 / N), "and variance 1");
    tap_ok(pid_random_bits(1, 2, 3) != pid_random_bits(1, 3, 3) && pid_random_bits(1, 2, 3) != pid_random_bits(2, 2, 3),
           "stream and seed change the draw");
}

struct loop { unsigned char *seen; size_t fail_from; };

static enum pid_status mark(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct loop *loop = context;
    (void)worker;
    loop->seen[task]++;
    return task < loop->fail_from ? PID_OK : pid_error_set(error, PID_ERROR_DATA, "task %zu", task);
}

static void test_workers(void)
{
    struct pid_error error = {0};
    for (size_t size = 1; size <= 4; size++) {
        struct pid_workers *workers = pid_workers_new(size, &error);
        unsigned char seen[1000];
        bool ok = workers != NULL;
        for (int round = 0; ok && round < 50; round++) {
            struct loop loop = {memset(seen, 0, sizeof seen), 1000};
            ok = pid_workers_run(workers, 1000, mark, &loop, &error) == PID_OK;
            for (size_t i = 0; i < 1000; i++) ok &= seen[i] == 1;
        }
        tap_ok(ok, "%zu workers do each task once", size);
        struct loop loop = {memset(seen, 0, sizeof seen), 300};
        tap_ok(ok && pid_workers_run(workers, 1000, mark, &loop, &error) == PID_ERROR_DATA && !strcmp(error.message, "task 300"),
               "%zu workers report the first failure", size);
        pid_workers_free(workers);
    }
}

struct signals { pthread_barrier_t both; bool blocked[2]; };

static enum pid_status see_signals(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct signals *signals = context;
    sigset_t set;
    (void)task, (void)error;
    pthread_sigmask(SIG_SETMASK, NULL, &set);
    signals->blocked[worker] = sigismember(&set, SIGTERM) && sigismember(&set, SIGINT) && sigismember(&set, SIGHUP);
    pthread_barrier_wait(&signals->both); /* neither thread does both tasks */
    return PID_OK;
}

static void test_signals(void)
{
    struct pid_error error = {0};
    struct signals signals = {.blocked = {true, false}};
    struct pid_workers *workers = pid_workers_new(2, &error);
    pthread_barrier_init(&signals.both, NULL, 2);
    bool ok = workers && pid_workers_run(workers, 2, see_signals, &signals, &error) == PID_OK;
    tap_ok(ok && !signals.blocked[0] && signals.blocked[1], "signals that end the process go to the caller's thread");
    pthread_barrier_destroy(&signals.both);
    pid_workers_free(workers);
}

int main(void)
{
    test_errors();
    test_utf8();
    test_memory();
    test_crc();
    test_numbers();
    test_random();
    test_workers();
    test_signals();
    return tap_done();
}
