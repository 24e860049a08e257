/* Finds where a msgpack object ends, before anything is allocated for it. */
#ifndef PID_STREAM_SCAN_H
#define PID_STREAM_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PID_SCAN_DEPTH_MAX = 8 };            /* nested maps and arrays */
enum { PID_SCAN_OBJECTS_MAX = 1 << 22 };    /* objects in one record */

enum pid_scan {
    PID_SCAN_WHOLE,   /* *bytes is the object's length */
    PID_SCAN_MORE,    /* at least *bytes bytes are needed to tell */
    PID_SCAN_DEEP,    /* nested deeper than PID_SCAN_DEPTH_MAX */
    PID_SCAN_MANY,    /* more than PID_SCAN_OBJECTS_MAX objects */
    PID_SCAN_INVALID, /* a byte that starts no object */
};

/* The first bytes of an object: what they say of the rest. */
struct pid_scan_head {
    unsigned bytes;    /* of the head, up to PID_SCAN_HEAD_BYTES_MAX */
    bool binary;
    uint64_t payload;  /* bytes that follow it and belong to the object; */
    uint64_t children; /* of an array or a map: objects that follow it instead */
};
enum { PID_SCAN_HEAD_BYTES_MAX = 5 };

/* Reads a head at data[0 .. have-1]: PID_SCAN_WHOLE; PID_SCAN_MORE with head->bytes, the least that is needed; or PID_SCAN_INVALID. */
enum pid_scan pid_scan_head(const uint8_t *data, size_t have, struct pid_scan_head *head);

/* How far a walk over the heads of an object has come; it begins with {.open = {1}}. */
struct pid_scan_walk {
    uint64_t open[PID_SCAN_DEPTH_MAX + 1]; /* objects still to come at each depth */
    unsigned depth;
    uint64_t objects;
};

/* Goes over one head: PID_SCAN_MORE where others follow it, PID_SCAN_WHOLE where it was the last; or PID_SCAN_DEEP, PID_SCAN_MANY. */
enum pid_scan pid_scan_step(struct pid_scan_walk *walk, const struct pid_scan_head *head);

/* Scans the object that starts at data[0 .. have-1].  Because each element takes at least one byte, a whole object is
 * never followed by an allocation of more than a constant factor of its length. */
enum pid_scan pid_scan_object(const uint8_t *data, size_t have, uint64_t *bytes);

#endif
