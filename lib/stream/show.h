/* A stream as text: JSON lines and tab-separated tables.  Names from data are escaped in both. */
#ifndef PID_STREAM_SHOW_H
#define PID_STREAM_SHOW_H

#include <stdbool.h>
#include <stdio.h>

#include "stream/header.h"
#include "stream/record.h"

/* One JSON object and a newline.  Undefined values are null.  `names` prints levels by name where they have one. */
void pid_show_header_json(FILE *file, const struct pid_header *header);
void pid_show_record_json(FILE *file, const struct pid_header *header, const struct pid_record *record, bool names);

/* The header's history alone: an array, without a newline. */
void pid_show_history_json(FILE *file, const struct pid_header *header);

/* A JSON string with its quotes; what pid_utf8_steers as \uXXXX, bytes that are not UTF-8 as U+FFFD. */
void pid_show_json_text(FILE *file, const char *text);

/* The shortest decimal number that reads back as the same double; "null" in JSON for NaN is the caller's affair. */
void pid_show_number(FILE *file, double value);
void pid_show_number_f32(FILE *file, float value);

/* A TSV field: tab, newline, carriage return and backslash as \t \n \r \\; the bytes of what else pid_utf8_steers, as \xHH. */
void pid_show_tsv_text(FILE *file, const char *text);

/* A table's column names without the newline (keys, dims and value names come from the record), and a record's lines. */
void pid_show_tsv_columns(FILE *file, const struct pid_header *header, const struct pid_record *first);
void pid_show_tsv_record(FILE *file, const struct pid_header *header, const struct pid_record *record, bool names);

#endif
