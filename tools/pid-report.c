/* pid-report: decompositions as tables, pages and figures. */
#include <stdlib.h>
#include <unistd.h>

#include "program/input.h"
#include "program/output.h"
#include "program/program.h"
#include "report/format.h"
#include "report/report.h"
#include "report/tables.h"

enum { OPTION_FORMAT, OPTION_ACROSS, OPTION_UNITS, OPTION_CI };
static const struct pid_option options[] = {
    [OPTION_FORMAT] = {"format", 'f', "FORMAT", "text (default), tsv, csv, json, markdown, latex, html, svg, gnuplot", true},
    [OPTION_ACROSS] = {"across", 0, "KEY", "text, markdown, latex: the values of this key side by side, as in models x datasets", true},
    [OPTION_UNITS] = {"units", 0, "UNIT", "bits (default) or nats", true},
    [OPTION_CI] = {"ci", 0, "P", "coverage of the intervals, above 0 and below 1; default: 0.95", true},
};

enum format { FORMAT_TEXT, FORMAT_TSV, FORMAT_CSV, FORMAT_JSON, FORMAT_MARKDOWN, FORMAT_LATEX, FORMAT_HTML, FORMAT_SVG, FORMAT_GNUPLOT };
static const char *const formats[] = {"text", "tsv", "csv", "json", "markdown", "latex", "html", "svg", "gnuplot", NULL};
static const char *const units[] = {"bits", "nats", NULL};

/* A joint stream as a page. */
static void draw_tables(struct pid_input *input, FILE *file)
{
    const struct pid_program *program = input->program;
    struct pid_tables tables;
    struct pid_record record;
    struct pid_error error;
    if (pid_tables_init(&tables, &input->header, &error)) pid_program_fail(program, &error);
    while (pid_input_next(input, &record)) {
        if (pid_tables_add(&tables, &record, &error)) pid_input_fail(input, &error);
        pid_program_progress(program, "%llu tables read", (unsigned long long)pid_reader_record_number(input->reader));
    }
    pid_tables_html(file, &tables);
    pid_tables_release(&tables);
}

/* All of the stream, in memory but for the replicates' tables: nothing is printed of a stream that turns out to be cut. */
static void collect(struct pid_input *input, struct pid_report *report, double confidence)
{
    const struct pid_program *program = input->program;
    struct pid_record record;
    struct pid_error error;
    if (pid_report_init(report, &input->header, &error)) pid_program_fail(program, &error);
    while (pid_input_next(input, &record)) {
        if (pid_report_add(report, &record, &error)) pid_input_fail(input, &error);
        pid_program_progress(program, "%llu decompositions read", (unsigned long long)pid_reader_record_number(input->reader));
    }
    if (pid_report_finish(report, confidence, &error)) pid_program_fail(program, &error);
}

/* What draws each decomposition is too large to look at long before it is too large to write. */
static void check_drawn(const struct pid_program *program, const struct pid_report *report, enum format format)
{
    enum { MOST = 10000 };
    struct pid_error error;
    if ((format != FORMAT_HTML && format != FORMAT_SVG && format != FORMAT_GNUPLOT) || report->row_count <= MOST) return;
    pid_error_set(&error, PID_ERROR_DATA, "-f %s draws up to %d decompositions, here are %zu: -f tsv, csv and json take any number", formats[format],
                  MOST, report->row_count);
    pid_program_fail(program, &error);
}

static enum pid_status write_report(FILE *file, const struct pid_report *report, const struct pid_report_style *style, enum format format,
                                    struct pid_error *error)
{
    switch (format) {
    case FORMAT_TEXT: return pid_report_text(file, report, style, error);
    case FORMAT_TSV: return pid_report_delimited(file, report, style, false, error);
    case FORMAT_CSV: return pid_report_delimited(file, report, style, true, error);
    case FORMAT_JSON: return pid_report_json(file, report, style, error);
    case FORMAT_MARKDOWN: return pid_report_markdown(file, report, style, error);
    case FORMAT_LATEX: return pid_report_latex(file, report, style, error);
    case FORMAT_SVG: return pid_report_svg(file, report, style, error);
    case FORMAT_GNUPLOT: return pid_report_gnuplot(file, report, style, error);
    case FORMAT_HTML: return pid_report_html(file, report, style, error);
    }
    abort();
}

int main(int argc, char **argv)
{
    struct pid_program program = {
        .name = "pid-report",
        .summary = "Prints decompositions: the FILEs named, or standard input.  With -f html also draws joint tables.",
        .operands = "[FILE...]",
        .examples = "  pid-synth and | pid-ipfp | pid-report\n  pid-report -f tsv decomposition.mp | cut -f1,2\n"
                    "  pid-report -f json decomposition.mp | jq '.rows[].estimates.redundant.value'\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
    };
    enum format format = FORMAT_TEXT;
    struct pid_report_style style = {.confidence = 0.95};
    struct pid_report report;
    struct pid_input input;
    struct pid_output *output;
    struct pid_error error;
    const char *argument;
    pid_program_start(&program, argc, argv);
    for (int option; (option = pid_program_option(&program, &argument)) >= 0;) {
        switch (option) {
        case OPTION_FORMAT: format = (enum format)pid_program_choice(&program, option, argument, formats); break;
        case OPTION_ACROSS: style.across = argument; break;
        case OPTION_UNITS: style.nats = pid_program_choice(&program, option, argument, units) == 1; break;
        case OPTION_CI: style.confidence = pid_program_real(&program, option, argument, 0.01, 0.999999); break;
        }
    }
    if (style.across && format != FORMAT_TEXT && format != FORMAT_MARKDOWN && format != FORMAT_LATEX)
        pid_program_usage(&program, "--across: only text, markdown and latex have columns side by side, not %s", formats[format]);
    const char *plain = getenv("NO_COLOR");
    style.color = !program.output && isatty(STDOUT_FILENO) && !(plain && *plain);
    FILE *file = pid_text_output_open(&program, &output);
    pid_input_open(&input, &program, 1u << PID_KIND_DECOMPOSITION | (format == FORMAT_HTML ? 1u << PID_KIND_JOINT : 0));
    pid_input_refuse_shard(&input);
    if (input.header.kind == PID_KIND_JOINT) draw_tables(&input, file);
    else {
        collect(&input, &report, style.confidence);
        check_drawn(&program, &report, format);
        if (write_report(file, &report, &style, format, &error)) pid_program_fail(&program, &error);
        pid_report_release(&report);
    }
    pid_input_close(&input);
    pid_text_output_finish(&program, file, output);
    return pid_program_end(&program);
}
