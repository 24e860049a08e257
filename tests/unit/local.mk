# One program a module.  The .unit suffix selects the TAP driver.
check_PROGRAMS += tests/unit/base.unit
tests_unit_base_unit_SOURCES = tests/unit/base.c tests/unit/tap.c tests/unit/tap.h
tests_unit_base_unit_LDADD = $(PID_LIBS)
