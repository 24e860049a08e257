# Fuzz targets, linked here with a driver that mutates a corpus blindly; tests/fuzz/run links them with libFuzzer.
fuzz_targets = tests/fuzz/fuzz-stream tests/fuzz/fuzz-records tests/fuzz/fuzz-array tests/fuzz/fuzz-number tests/fuzz/fuzz-tokens tests/fuzz/fuzz-pattern tests/fuzz/fuzz-options
EXTRA_PROGRAMS += $(fuzz_targets)
check_DATA += $(fuzz_targets)
CLEANFILES += $(fuzz_targets)
EXTRA_DIST += tests/fuzz/run tests/fuzz/corpus tests/fuzz/in-process.h

fuzz_common = tests/fuzz/main.c tests/fuzz/file.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_stream_SOURCES = tests/fuzz/stream.c $(fuzz_common)
tests_fuzz_fuzz_stream_LDADD = $(PID_LIBS)
tests_fuzz_fuzz_number_SOURCES = tests/fuzz/number.c $(fuzz_common)
tests_fuzz_fuzz_number_LDADD = $(PID_LIBS)
tests_fuzz_fuzz_array_SOURCES = tests/fuzz/array.c $(fuzz_common)
tests_fuzz_fuzz_array_LDADD = $(PID_LIBS)
tests_fuzz_fuzz_tokens_SOURCES = tests/fuzz/tokens.c $(fuzz_common)
tests_fuzz_fuzz_tokens_LDADD = $(PID_LIBS)
tests_fuzz_fuzz_pattern_SOURCES = tests/fuzz/pattern.c $(fuzz_common)
tests_fuzz_fuzz_pattern_LDADD = $(PID_LIBS)
tests_fuzz_fuzz_records_SOURCES = tests/fuzz/records.c tests/fuzz/process.c tests/fuzz/process.h $(fuzz_common)
tests_fuzz_fuzz_records_LDADD = $(PID_LIBS)
tests_fuzz_fuzz_options_SOURCES = tests/fuzz/options.c tests/fuzz/forms.c tests/fuzz/forms.h tests/fuzz/process.c tests/fuzz/process.h $(fuzz_common)
tests_fuzz_fuzz_options_LDADD = $(PID_LIBS)
