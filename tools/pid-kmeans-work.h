/* pid-kmeans's two ways to work, on an input whose header was read. */
#ifndef PID_TOOLS_PID_KMEANS_WORK_H
#define PID_TOOLS_PID_KMEANS_WORK_H

#include "pid-kmeans.h"

void learn(struct settings *settings, struct pid_input *input);
void assign(struct settings *settings, struct pid_input *input);

#endif
