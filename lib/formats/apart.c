#include "formats/apart.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "formats/apart_internal.h"

enum {
    ROWS_BYTES = 1 << 20,      /* asked for at a time */
    NAME_BYTES_MOST = 1 << 26, /* the longest text that is believed */
};

struct apart {
    int channel;
    pid_t process;
    char *name;
};

static enum pid_status crashed(const char *name, struct pid_error *error)
{
    return pid_error_set(error, PID_ERROR_DATA, "%s: the library that reads it crashed or hung: it is cut or corrupt", name);
}

static enum pid_status begin(struct apart *apart, const struct pid_apart *what, bool names_only, struct pid_error *error)
{
    int channels[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channels) < 0) return pid_error_errno(error, "%s: cannot begin another process", what->name);
    apart->process = fork();
    if (apart->process == 0) pid_apart_serve(channels[1], what, names_only);
    close(channels[1]);
    apart->channel = channels[0];
    if (apart->process > 0) return PID_OK;
    pid_error_errno(error, "%s: cannot begin another process", what->name);
    close(channels[0]);
    return error->status;
}

/* The process ends when its channel does. */
static void end(const struct apart *apart)
{
    close(apart->channel);
    while (waitpid(apart->process, NULL, 0) < 0 && errno == EINTR) continue;
}

static enum pid_status receive_reply(const struct apart *apart, uint64_t *bytes, struct pid_error *error)
{
    struct pid_apart_reply reply;
    if (!pid_apart_receive(apart->channel, &reply, sizeof reply)) return crashed(apart->name, error);
    *bytes = reply.bytes;
    reply.message[sizeof reply.message - 1] = '\0';
    return reply.status == PID_OK ? PID_OK : pid_error_set(error, reply.status, "%s", reply.message);
}

static enum pid_status ask(const struct apart *apart, struct pid_apart_request request, uint64_t *bytes, struct pid_error *error)
{
    if (!pid_apart_send(apart->channel, &request, sizeof request)) return crashed(apart->name, error);
    return receive_reply(apart, bytes, error);
}

/* A reply of just this size. */
static enum pid_status ask_for(const struct apart *apart, struct pid_apart_request request, void *out, size_t size, struct pid_error *error)
{
    uint64_t bytes;
    enum pid_status status = ask(apart, request, &bytes, error);
    if (status != PID_OK) return status;
    return bytes == size && pid_apart_receive(apart->channel, out, size) ? PID_OK : crashed(apart->name, error);
}

static enum pid_status receive_names(const struct apart *apart, uint64_t count, struct pid_names *names, struct pid_error *error)
{
    enum pid_status status = PID_OK;
    for (uint64_t i = 0; i < count && status == PID_OK; i++) {
        uint64_t length;
        if (!pid_apart_receive(apart->channel, &length, sizeof length) || length > NAME_BYTES_MOST) return crashed(apart->name, error);
        char *text = pid_array_new((size_t)length, 1, error);
        if (!text) return error->status;
        status = pid_apart_receive(apart->channel, text, (size_t)length) ? pid_names_add(names, text, (size_t)length, error)
                                                                         : crashed(apart->name, error);
        free(text);
    }
    return status;
}

static enum pid_status apart_rows(struct pid_array *array, uint64_t first, size_t count, float *out, struct pid_error *error)
{
    const struct apart *apart = array->state;
    size_t row = (size_t)array->width * sizeof *out, room = row < ROWS_BYTES ? ROWS_BYTES / row : 1;
    enum pid_status status = PID_OK;
    for (size_t done = 0; done < count && status == PID_OK; done += room) {
        size_t part = count - done < room ? count - done : room;
        status = ask_for(apart, (struct pid_apart_request){PID_APART_ROWS, first + done, part}, out + done * array->width, part * row, error);
    }
    return status;
}

static enum pid_status apart_codes(struct pid_array *array, uint64_t first, size_t count, struct pid_levels *levels, uint32_t *codes,
                                   struct pid_error *error)
{
    const struct apart *apart = array->state;
    struct pid_names texts = {0};
    uint64_t names;
    enum pid_status status = ask(apart, (struct pid_apart_request){PID_APART_CODES, first, count}, &names, error);
    if (status == PID_OK) status = receive_names(apart, names, &texts, error);
    if (status == PID_OK && !pid_apart_receive(apart->channel, codes, count * sizeof *codes)) status = crashed(apart->name, error);
    uint32_t *known = status == PID_OK ? pid_array_new(texts.count, sizeof *known, error) : NULL;
    if (status == PID_OK && !known) status = error->status;
    for (size_t i = 0; i < texts.count && status == PID_OK; i++)
        if (pid_levels_add(levels, texts.names[i], strlen(texts.names[i]), &known[i], error) != PID_OK)
            status = pid_error_prefix(error, "%s", array->name);
    for (size_t row = 0; row < count && status == PID_OK; row++) {
        if (codes[row] == PID_ARRAY_MISSING) continue;
        if (codes[row] >= texts.count) status = crashed(apart->name, error);
        else codes[row] = known[codes[row]];
    }
    free(known);
    pid_names_release(&texts);
    return status;
}

static enum pid_status apart_integers(struct pid_array *array, int64_t *out, struct pid_error *error)
{
    return ask_for(array->state, (struct pid_apart_request){.what = PID_APART_INTEGERS}, out, array->rows * sizeof *out, error);
}

static void apart_free(struct pid_array *array)
{
    struct apart *apart = array->state;
    if (!apart) return;
    end(apart);
    free(apart->name);
    free(apart);
}

/* The array as the other process describes it, of which nothing is believed that this one can check. */
static struct pid_array *receive_array(const struct apart *apart, struct pid_error *error)
{
    static const struct pid_array_methods methods = {apart_rows, apart_codes, apart_free, apart_integers};
    struct pid_array there;
    uint64_t bytes;
    if (receive_reply(apart, &bytes, error) != PID_OK) return NULL;
    if (bytes != sizeof there || !pid_apart_receive(apart->channel, &there, sizeof there) || there.axes > PID_ARRAY_AXES) {
        crashed(apart->name, error);
        return NULL;
    }
    struct pid_array *array = pid_array_new_shape(apart->name, there.axes, there.shape, error);
    if (!array) return NULL;
    array->methods = &methods;
    array->kind = there.kind <= PID_ARRAY_TEXT ? there.kind : PID_ARRAY_REAL;
    array->by_column = there.by_column;
    return array;
}

struct pid_array *pid_apart_open(const struct pid_apart *what, struct pid_error *error)
{
    struct apart *apart = pid_array_new(1, sizeof *apart, error);
    char *name = apart ? pid_string_copy(what->name, error) : NULL;
    if (!name || begin(apart, what, false, error) != PID_OK) {
        free(name);
        free(apart);
        return NULL;
    }
    apart->name = name;
    struct pid_array *array = receive_array(apart, error);
    if (array) {
        array->state = apart;
        return array;
    }
    end(apart);
    free(name);
    free(apart);
    return NULL;
}

enum pid_status pid_apart_names(const struct pid_apart *what, struct pid_names *names, struct pid_error *error)
{
    struct apart apart = {0};
    uint64_t count;
    enum pid_status status = begin(&apart, what, true, error);
    if (status != PID_OK) return status;
    apart.name = pid_string_copy(what->name, error);
    status = apart.name ? receive_reply(&apart, &count, error) : error->status;
    if (status == PID_OK) status = receive_names(&apart, count, names, error);
    end(&apart);
    free(apart.name);
    return status;
}
