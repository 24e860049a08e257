/* Distributions whose decomposition is known exactly: the gates of the literature on partial information. */
#ifndef PID_JOINT_GATES_H
#define PID_JOINT_GATES_H

#include "joint/table.h"

enum { PID_GATE_SOURCES = 2, PID_GATE_VARIABLES = 3 };

/* What the decomposition of Bertschinger, Rauh, Olbrich, Jost and Ay (2014) is, in bits. */
struct pid_gate_truth {
    double redundant, unique[PID_GATE_SOURCES], synergy;
    double total;                           /* I(Y; X1 X2), the sum of the four */
    double information[PID_GATE_SOURCES];   /* I(Y; Xi) = redundant + unique i */
};

/* One kind of gate; a list of them is ended by a NULL name. */
struct pid_gate {
    const char *name, *parameters, *summary; /* parameters: "" or, say, ":M,N", as the user writes them after the name */
};
extern const struct pid_gate pid_gate_list[];

/* The exact distribution of the gate that `text` names ("and", "copy:3,5", "imperfect-rdn:0.1"): variables x1, x2, y.
 * PID_ERROR_ARGUMENT for an unknown name or a parameter out of range.  `truth` may be NULL. */
enum pid_status pid_gate_table(const char *text, struct pid_joint *table, struct pid_gate_truth *truth,
                               struct pid_error *error) PID_MUST_CHECK;

/* Draws rows first .. first + rows - 1 of the endless sequence of samples that `seed` stands for: labels[v * rows + r]. */
enum pid_status pid_gate_sample(const struct pid_joint *table, uint64_t seed, uint64_t first, size_t rows, uint32_t *labels,
                                struct pid_error *error) PID_MUST_CHECK;

/* Noisy vectors for the labels (below `levels`) of one variable: each level has a random vector of independent standard normal
 * components, the same for every row, and each row adds its own normal noise of standard deviation `noise` to each component.
 * `first` is the number of the first row in the sequence; vectors has rows x dim floats. */
enum pid_status pid_gate_embed(const uint32_t *labels, size_t rows, size_t variable, uint32_t levels, size_t dim, double noise,
                               uint64_t seed, uint64_t first, float *vectors, struct pid_error *error) PID_MUST_CHECK;

#endif
