/* pid-extract: what its parts share.
 *
 *     places     NAME=FILE[:MEMBER] as given, with patterns in it, becomes the fields of each variable
 *     groups     the fields of all variables are put together to groups, one a key, in natural order
 *     fields     opens, describes and closes the array of a field; shapes of all groups
 *     levels     the levels of categories, and the codes of their rows
 *     rows       writes the rows of a group; tokens does where the rows are tokens */
#ifndef PID_EXTRACT_H
#define PID_EXTRACT_H

#include "formats/array.h"
#include "formats/pattern.h"
#include "formats/tokens.h"
#include "program/output.h"
#include "program/program.h"

enum {
    OPTION_SOURCE, OPTION_TARGET, OPTION_TYPE, OPTION_TOP, OPTION_LEVELS, OPTION_SHAPE, OPTION_KEY, OPTION_MANIFEST, OPTION_POOL, OPTION_MASK,
    OPTION_OFFSETS, OPTION_ROWS, OPTION_SHARD, OPTION_LIMIT, OPTION_NAN, OPTIONS,
};

enum nan { NAN_REFUSE, NAN_DROP, NAN_ZERO };

/* What is made of a sample's tokens; POOL_NONE: nothing, or each is a row with --rows tokens. */
enum pool { POOL_NONE = -1, POOL_MEAN, POOL_MAX, POOL_FIRST, POOL_LAST, POOL_ATTENTION_MASK, POOL_ALIGN };

/* One array that a variable is read from: in one group, or in several. */
struct field {
    char *path, *member;          /* member: NULL where there is none */
    struct pid_bindings keys;     /* what the braces of the place stood for */
    size_t part_count;            /* one array a sample: parts[part_count]; path and member are the first one's */
    struct part *parts;           /* in the order of the samples */
    struct pid_token_part *token_parts; /* [part_count], borrowed from the parts */
    /* Known once it was opened. */
    char *name;                   /* for messages */
    uint64_t rows, width;         /* rows: samples */
    bool has_tokens;
    bool is_category;
    uint64_t first;               /* category: the first row that is written */
    uint32_t *codes;              /* category: of the rows that are written, ranked; NULL: so many that they are read again */
    uint64_t *starts;             /* tokens: [rows + 1] */
    /* While it is open. */
    struct pid_array *array;
    struct pid_tokens *tokens;    /* instead, where tokens are rows */
};

struct part { char *path, *member, *sample; };

struct variable {
    char *name;
    enum pid_role role;
    char *place;                  /* FILE[:MEMBER]; NULL: the manifest's column of the variable's name */
    int type;                     /* enum pid_type, -1 before it is known */
    bool largest;                 /* --type argmax */
    uint64_t top;                 /* 0: all levels */
    size_t axes;                  /* --shape: of a row, 0 without */
    uint64_t shape[PID_ARRAY_AXES];
    enum pool pool;
    bool pool_named;              /* --pool NAME=: it must have tokens */
    char *mask, *offsets;         /* places, or NULL */
    struct field *fields;
    size_t field_count, field_capacity;
    uint64_t width;               /* vector: the same in all groups, or 0 */
    struct pid_levels levels;     /* category */
    bool given;                   /* --levels tells them */
    uint64_t *counts;             /* --top: how often each occurs */
    size_t count_room;
    char **level_names;           /* [level_count], borrowed from the levels; in the codes' order */
    size_t level_count;
    char other[8];                /* the name of what --top leaves over */
    float *values;                /* vector: one batch */
    float *sample;                /* tokens: one sample's */
    const uint32_t *codes;        /* category: one batch */
    uint32_t *code_of;            /* category: the code of each level in the order they were met; NULL: the same */
    uint32_t *read_again;         /* category: one batch of codes that are not held */
    uint32_t *sample_codes;       /* category where rows are tokens: a batch of one code */
};

struct group {
    struct pid_key key;
    size_t *fields;               /* [variables]: numbers in each variable's fields */
};

struct extract {
    struct pid_program *program;
    struct pid_files files;
    struct variable *variables;   /* [PID_VARIABLES_MAX] */
    size_t count;
    struct pid_key key;           /* --key */
    const char *manifest;
    const char *levels;           /* --levels */
    struct group *groups;
    size_t group_count, group_capacity;
    bool keep_open;               /* few fields: none is opened twice */
    bool token_rows;
    uint64_t first, end, limit;   /* rows of each group; with token_rows samples */
    struct pid_shard shard;       /* of these rows */
    enum nan nan;
    uint64_t held_rows;           /* of which the codes are in memory */
    uint64_t written, changed;    /* rows of the present group; rows dropped or filled, of all */
};

extern const struct pid_option extract_options[OPTIONS];

/* Ends the program unless the status is PID_OK. */
void must(const struct extract *extract, enum pid_status status, const struct pid_error *error);
void *new_array(const struct extract *extract, size_t count, size_t size);
char *new_text(const struct extract *extract, const char *text);
/* Ends the program with PID_ERROR_DATA. */
_Noreturn void refuse(const struct extract *extract, const char *format, ...) PID_PRINTF(2, 3);

/* places: appends the fields that a place names, of which `known` are the keys so far. */
void add_fields(struct extract *extract, struct variable *variable, const char *place, const struct pid_bindings *known);

/* groups: fills the variables' fields and extract->groups. */
void make_groups(struct extract *extract);

/* fields */
void open_field(struct extract *extract, const struct variable *variable, struct field *field);
void close_field(const struct extract *extract, struct field *field); /* unless extract->keep_open */
void describe_fields(struct extract *extract); /* of all groups: shapes, types; ends the program where they do not fit */

/* levels: of all groups */
void read_categories(struct extract *extract);

/* The codes of a batch of a category whose codes are not held, to variable->codes. */
void read_codes_again(struct extract *extract, struct variable *variable, const struct field *field, uint64_t first, size_t count);

/* rows */
/* Among which of a group's rows those are that are written (--rows, --shard, --limit): first .. end-1. */
void written_rows(const struct extract *extract, uint64_t rows, uint64_t *first, uint64_t *end);
void write_group(struct extract *extract, const struct group *group, struct pid_stream_output *output);
/* Rows from .. from+count-1 of the batch, whose row 0 has this number. */
void write_run(struct extract *extract, const struct group *group, const struct pid_key *key, uint64_t number, size_t from, size_t count,
               struct pid_stream_output *output);
/* All rows of a batch but those that are bad and to be dropped. */
void write_batch(struct extract *extract, const struct group *group, const struct pid_key *key, uint64_t number, size_t count,
                 const bool *bad, struct pid_stream_output *output);
/* Marks in `bad` the rows from .. to-1 of the batch with values that are not finite, and zeros those where it was asked for.
 * `sample` is the number of the batch's first row or, of tokens, that of their sample. */
void check_vectors(struct extract *extract, const struct variable *variable, const struct field *field, uint64_t sample, bool tokens,
                   size_t from, size_t to, bool *bad);
void check_categories(const struct extract *extract, const struct field *field, const uint32_t *codes, uint64_t sample, size_t count,
                      bool *bad);
size_t batch_rows(const struct extract *extract, const struct group *group);

/* tokens: rows begin .. end-1 of a group are samples; each of their tokens becomes a row. */
void write_tokens(struct extract *extract, const struct group *group, uint64_t begin, uint64_t end, struct pid_stream_output *output);

static inline struct field *field_of(const struct extract *extract, const struct group *group, size_t variable)
{
    return &extract->variables[variable].fields[group->fields[variable]];
}

#endif
