#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

enum pid_status pid_error_set(struct pid_error *error, enum pid_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    pid_utf8_clean(error->message); /* names from data must not drive a terminal */
    error->status = status;
    return status;
}

enum pid_status pid_error_errno(struct pid_error *error, const char *format, ...)
{
    int number = errno;
    char text[PID_ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return pid_error_set(error, PID_ERROR_SYSTEM, "%s: %s", text, strerror(number));
}

enum pid_status pid_error_prefix(struct pid_error *error, const char *format, ...)
{
    char prefix[PID_ERROR_MESSAGE_BYTES], rest[PID_ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(prefix, sizeof prefix, format, arguments);
    va_end(arguments);
    memcpy(rest, error->message, sizeof rest);
    return pid_error_set(error, error->status, "%s: %s", prefix, rest);
}
