# Fuzz targets, linked here with a driver that mutates a corpus blindly; tests/fuzz/run links them with libFuzzer.
fuzz_targets = tests/fuzz/fuzz-stream
EXTRA_PROGRAMS += $(fuzz_targets)
check_DATA += $(fuzz_targets)
CLEANFILES += $(fuzz_targets)
EXTRA_DIST += tests/fuzz/run tests/fuzz/corpus

fuzz_common = tests/fuzz/main.c tests/fuzz/file.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_stream_SOURCES = tests/fuzz/stream.c $(fuzz_common)
tests_fuzz_fuzz_stream_LDADD = $(PID_LIBS)
