/* Random numbers of the hypergeometric distribution. */
#ifndef PID_JOINT_HYPERGEOMETRIC_H
#define PID_JOINT_HYPERGEOMETRIC_H

#include <stdint.h>

/* How many of `drawn` balls taken without replacement from `total` are marked, if `marked` of the total are; drawn and marked are
 * at most total, total at most 2^53.  `u`, uniform in [0, 1), is turned into the number by adding up probabilities from the mode outwards, in
 * about as many steps as the standard deviation. */
uint64_t pid_hypergeometric(double u, uint64_t total, uint64_t marked, uint64_t drawn);

#endif
