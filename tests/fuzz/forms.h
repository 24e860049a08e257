/* What each program's manual page says about the form of its options' arguments: the independent word that the target `options`
 * holds against what the programs accept. */
#ifndef PID_TESTS_FUZZ_FORMS_H
#define PID_TESTS_FUZZ_FORMS_H

/* `value`: an extended regular expression of the whole argument; NULL for an option that takes none. */
struct form { const char *name; char letter; const char *value; };

enum { FORMS_MAX = 32 };
struct program_forms {
    const char *name;
    const char *input;             /* the file that it gets as standard input */
    struct form forms[FORMS_MAX];  /* up to the first without a name */
};

extern const struct program_forms program_forms[]; /* up to the first without a name */
extern const struct form common_forms[];           /* likewise; of all programs */

#endif
