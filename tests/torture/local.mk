# The long campaigns: make check-torture, or some of them alone: make check-torture PARTS='kills faults damage statistics variants
# threads fuzz'.
EXTRA_PROGRAMS += tests/torture/again
tests_torture_again_SOURCES = tests/torture/again.c
tests_torture_again_LDADD = $(PID_LIBS)
check_DATA += tests/torture/again$(EXEEXT)
CLEANFILES += tests/torture/again$(EXEEXT)
EXTRA_DIST += tests/torture/run tests/torture/experiment tests/torture/compare tests/torture/variants tests/torture/threads tests/torture/source \
  tests/torture/growth tests/torture/growth.gp
.PHONY: check-torture
check-torture: all $(check_DATA)
	@$(AM_TESTS_ENVIRONMENT) $(SHELL) $(srcdir)/tests/torture/run $(PARTS)
clean-local:
	rm -rf torture
