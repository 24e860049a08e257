/* The parts of a page that do not depend on what it reports. */
#ifndef PID_REPORT_HTML_H
#define PID_REPORT_HTML_H

#include <stdio.h>

#include "stream/header.h"

/* The page up to its title, which the caller writes, as text; then up to the text of its first heading, which the caller ends.
 * The style is light, dark, narrow and printed; the page is whole without its script, which sorts tables. */
void pid_html_begin(FILE *file);
void pid_html_begin_body(FILE *file);
void pid_html_end(FILE *file);

/* How the stream was made: the pipeline as it would be typed, and the programs' versions. */
void pid_html_history(FILE *file, const struct pid_header *header);

#endif
