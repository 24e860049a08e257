lib_libpid_a_SOURCES += lib/statistics/statistics.c lib/statistics/statistics.h
