/* From msgpack objects to headers, records and trailers; inside the library only (reader.c). */
#ifndef PID_STREAM_DECODE_H
#define PID_STREAM_DECODE_H

#include <msgpack.h>

#include "base/arena.h"
#include "stream/header.h"
#include "stream/record.h"

/* Says that the stream's numbers are little-endian and so is the machine; bytes are copied as they are. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "pidtools needs a little-endian machine");

struct pid_trailer { uint64_t records, rows; uint32_t crc32; };

/* Whether the map has "end": it is the trailer. */
bool pid_decode_is_trailer(const msgpack_object *object);
enum pid_status pid_decode_trailer(const msgpack_object *object, struct pid_trailer *trailer, struct pid_error *error);

/* `header` is filled with memory of its own. */
enum pid_status pid_decode_header(const msgpack_object *object, struct pid_header *header, struct pid_error *error);

/* How much of samples is looked at: all; all but vectors, whose sizes are checked; or the sizes of all columns. */
enum pid_decode { PID_DECODE_ALL, PID_DECODE_CODES, PID_DECODE_SIZES };

/* `record` points into `arena`. */
enum pid_status pid_decode_record(const msgpack_object *object, const struct pid_header *header, struct pid_arena *arena,
                                  enum pid_decode decode, struct pid_record *record, struct pid_error *error);

/* The value of a text key in a map, or NULL. */
const msgpack_object *pid_decode_field(const msgpack_object *map, const char *name);

/* Each refuses a missing value or one of another type, naming the field. */
enum pid_status pid_decode_unsigned(const msgpack_object *map, const char *name, uint64_t maximum, uint64_t *value, struct pid_error *error);
enum pid_status pid_decode_child(const msgpack_object *map, const char *name, msgpack_object_type type,
                                 const msgpack_object **value, struct pid_error *error);
enum pid_status pid_decode_text(const msgpack_object *value, const char *what, struct pid_arena *arena, char **text, struct pid_error *error);

#endif
