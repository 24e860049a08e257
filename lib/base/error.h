/* Errors: every function of the library that can fail returns an enum pid_status and fills a caller's
 * struct pid_error.  The library never prints and never exits; programs print error.message.
 */
#ifndef PID_BASE_ERROR_H
#define PID_BASE_ERROR_H

enum pid_status {
    PID_OK = 0,
    PID_ERROR_DATA,      /* the input is wrong: cut, corrupt, inconsistent, out of range */
    PID_ERROR_SYSTEM,    /* the system refused: open, read, write, disk full */
    PID_ERROR_MEMORY,    /* an allocation failed, or a stated limit would be passed */
    PID_ERROR_ARGUMENT,  /* the caller asked for something that has no meaning (k = 0, unknown column) */
};

enum { PID_ERROR_MESSAGE_BYTES = 1024 };

struct pid_error {
    enum pid_status status;
    char message[PID_ERROR_MESSAGE_BYTES]; /* one line, no newline, no control characters; names the place and the remedy */
};

#define PID_MUST_CHECK __attribute__((warn_unused_result))
#define PID_PRINTF(text, first) __attribute__((format(printf, text, first)))

/* Fills `error` and returns `status`, so that a caller can write `return pid_error_set(error, ...)`.
 * Control characters that come with data (a file name, a category) are replaced by '?'; a message that is too long is cut. */
enum pid_status pid_error_set(struct pid_error *error, enum pid_status status, const char *format, ...) PID_PRINTF(3, 4);

/* As pid_error_set with PID_ERROR_SYSTEM, and ": " and the text of errno at the end.  */
enum pid_status pid_error_errno(struct pid_error *error, const char *format, ...) PID_PRINTF(2, 3);

/* Puts "prefix: " before the message that is there already; returns error->status. */
enum pid_status pid_error_prefix(struct pid_error *error, const char *format, ...) PID_PRINTF(2, 3);

#endif
