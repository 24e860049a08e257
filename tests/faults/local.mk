# Damage and faults: a program that mangles streams, and a library to preload that makes calls fail.  A quick part runs
# with `make check`, all of it with `make check-torture`.
EXTRA_PROGRAMS = tests/faults/mangle
tests_faults_mangle_SOURCES = tests/faults/mangle.c
tests_faults_mangle_LDADD = $(PID_LIBS)
check_DATA = tests/faults/mangle$(EXEEXT) tests/faults/faults.so
CLEANFILES += $(check_DATA)
EXTRA_DIST += tests/faults/drive tests/faults/kill-make tests/faults/faults.c

tests/faults/faults.so: tests/faults/faults.c
	$(AM_V_CC)$(MKDIR_P) tests/faults && $(CC) -D_GNU_SOURCE $(CPPFLAGS) -O1 -shared -fPIC -o $@ $(srcdir)/tests/faults/faults.c
EXTRA_PROGRAMS += tests/faults/peak
check_DATA += tests/faults/peak
CLEANFILES += tests/faults/peak
tests_faults_peak_SOURCES = tests/faults/peak.c
