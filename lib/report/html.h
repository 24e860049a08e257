/* The parts of a page that do not depend on the data. */
#ifndef PID_REPORT_HTML_H
#define PID_REPORT_HTML_H

extern const char pid_html_style[];  /* CSS: light, dark, narrow, printed */
extern const char pid_html_script[]; /* sorts the table; the page is whole without it */

#endif
