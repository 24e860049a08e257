lib_libpid_a_SOURCES += \
  lib/report/analysis.c lib/report/analysis.h \
  lib/report/delimited.c \
  lib/report/escape.c lib/report/escape.h \
  lib/report/figure.c lib/report/figure.h \
  lib/report/format.h \
  lib/report/gnuplot.c \
  lib/report/grid.c lib/report/grid.h \
  lib/report/group.c lib/report/group.h \
  lib/report/html.c lib/report/html.h lib/report/html_parts.c \
  lib/report/json.c \
  lib/report/latex.c \
  lib/report/layout.c lib/report/layout.h \
  lib/report/markdown.c \
  lib/report/methods.c lib/report/methods.h \
  lib/report/report.c lib/report/report.h \
  lib/report/samples.c lib/report/samples.h \
  lib/report/svg.c \
  lib/report/tables.c lib/report/tables.h lib/report/tables_html.c \
  lib/report/text.c \
  lib/report/words.c lib/report/words.h
