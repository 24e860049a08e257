# One C file a program.
bin_PROGRAMS += tools/pid-cat
tools_pid_cat_SOURCES = tools/pid-cat.c
tools_pid_cat_LDADD = $(PID_LIBS)
