lib_libpid_a_SOURCES += \
  lib/program/internal.h \
  lib/program/choices.c lib/program/choices.h \
  lib/program/input.c lib/program/input.h \
  lib/program/options.c \
  lib/program/output.c lib/program/output.h \
  lib/program/program.c lib/program/program.h
