/* pid-kmeans's two ways to work, on an input whose header was read, and what they share. */
#ifndef PID_TOOLS_PID_KMEANS_WORK_H
#define PID_TOOLS_PID_KMEANS_WORK_H

#include <pthread.h>

#include "pid-kmeans.h"

void learn(struct settings *settings, struct pid_input *input);
void assign(struct settings *settings, struct pid_input *input);

/* Records that are labelled together. */
struct batch {
    struct held **items;
    size_t count, made, room; /* those beyond count are kept for their storage */
};

struct work {
    struct settings *s;
    struct pid_input *input;
    const struct pid_header *header;
    struct pid_workers *workers;
    struct engine *engines;        /* one a thread, without threads of its own */
    struct engine team;            /* with all threads */
    struct store *store;
    struct skimmed *skimmed;       /* or NULL */
    struct groups groups;
    struct held **items;           /* being labelled */
    struct batch present, next;    /* of the input */
    struct batch *runs;            /* of a run each */
    size_t runs_made, runs_room, first_run;
    pthread_mutex_t lookup;        /* of groups and of labels that were made elsewhere */
    struct pid_stream_output output, codebook;
    bool input_ended;
    uint64_t sample_bytes, rows, labelled, merged, fits;
};

/* Vectors with NaN or infinity have no nearest centroid. */
enum pid_status work_finite(const struct work *w, const struct pid_record *record, struct pid_error *error);
void work_check_finite(const struct work *w, const struct pid_record *record); /* of the input's last record; ends the program */

/* pid-kmeans-skim.c.  Where the input is one plain file of one group with many more rows than are learnt from: makes the group, its
 * training rows and the runs of the store, and w->skimmed.  Otherwise false, and the input is to be read. */
bool skim_sample(struct work *w);
/* For each record as it is labelled, `first` rows being before it: whether all is as it was.  May be called by several threads at once. */
enum pid_status skim_check(const struct work *w, uint64_t first, const struct pid_record *record, struct pid_error *error);
void skim_end(const struct work *w); /* all was labelled: ends the program unless the checksum is right */
void skim_free(struct skimmed *skimmed); /* NULL is allowed */

/* pid-kmeans-assign.c: labels and writes all that the store holds, and empties it; all of the input. */
void label_store(struct work *w);
void label_input(struct work *w);
void label_release(struct work *w);

#endif
