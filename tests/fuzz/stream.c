/* The stream reader, and the printing of what it read. */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "stream/reader.h"
#include "stream/show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *nowhere;
    struct pid_error error = {0};
    struct pid_record record;
    if (!nowhere && !(nowhere = fopen("/dev/null", "w"))) abort();
    struct pid_reader *reader = pid_reader_new(fuzz_file(data, size), "fuzz", 1 << 20, &error);
    if (!reader) {
        if (!*error.message) abort();
        return 0;
    }
    const struct pid_header *header = pid_reader_header(reader);
    pid_show_header_json(nowhere, header);
    enum pid_next next;
    while ((next = pid_reader_next(reader, &record, &error)) == PID_NEXT_RECORD) {
        pid_show_record_json(nowhere, header, &record, true);
        pid_show_tsv_columns(nowhere, header, &record);
        pid_show_tsv_record(nowhere, header, &record, true);
    }
    if (next == PID_NEXT_ERROR && !*error.message) abort();
    pid_reader_free(reader);
    return 0;
}
