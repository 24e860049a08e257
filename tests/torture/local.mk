# The long campaigns: make check-torture, or some of them alone: make check-torture PARTS='kills faults damage statistics variants
# threads large groups growth fuzz'.
torture_programs = tests/torture/again$(EXEEXT)
EXTRA_PROGRAMS += $(torture_programs)
check_DATA += $(torture_programs)
CLEANFILES += $(torture_programs)
tests_torture_again_SOURCES = tests/torture/again.c
tests_torture_again_LDADD = $(PID_LIBS)
EXTRA_DIST += tests/torture/run tests/torture/experiment tests/torture/compare tests/torture/variants tests/torture/threads tests/torture/source \
  tests/torture/growth tests/torture/growth.gp tests/torture/large tests/torture/groups
.PHONY: check-torture
check-torture: all $(check_DATA)
	@$(AM_TESTS_ENVIRONMENT) $(SHELL) $(srcdir)/tests/torture/run $(PARTS)
clean-local:
	rm -rf torture
