/* What joint tables look like: each pair of variables as a heat map, for a page.  Replicates are left out. */
#ifndef PID_REPORT_TABLES_H
#define PID_REPORT_TABLES_H

#include <stdio.h>

#include "base/error.h"
#include "stream/header.h"
#include "stream/record.h"

enum {
    PID_TABLES_DRAWN = 12,    /* tables that a page draws; of others it gives the number */
    PID_TABLES_SIDE = 64,     /* rows and columns of a heat map; of more levels several share one */
    PID_TABLES_NAMED = 5,     /* largest cells that are named */
};

/* Two variables of one table. */
struct pid_tables_pair {
    size_t variable[2];
    size_t levels[2], shown[2];       /* levels, and rows and columns they are drawn in */
    double *shares;                   /* shown[0] x shown[1], part of all samples */
    double information;               /* of one about the other, bits */
    size_t cells, named;              /* occupied */
    struct { uint32_t level[2]; double share; } largest[PID_TABLES_NAMED];
};

struct pid_tables_table {
    struct pid_key key;
    uint64_t samples;
    double *alphabet;                 /* 2^H of each variable: how many equally likely levels would be as uncertain */
    size_t pair_count;
    struct pid_tables_pair *pairs;
};

struct pid_tables {
    struct pid_header header;
    size_t count, replicates, left_out;
    struct pid_tables_table tables[PID_TABLES_DRAWN];
};

/* {0} then init; release is allowed after an error. */
enum pid_status pid_tables_init(struct pid_tables *tables, const struct pid_header *header, struct pid_error *error) PID_MUST_CHECK;
enum pid_status pid_tables_add(struct pid_tables *tables, const struct pid_record *record, struct pid_error *error) PID_MUST_CHECK;
void pid_tables_release(struct pid_tables *tables);

void pid_tables_html(FILE *file, const struct pid_tables *tables);

#endif
