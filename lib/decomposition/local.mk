lib_libpid_a_SOURCES += \
  lib/decomposition/cells.c lib/decomposition/cells.h \
  lib/decomposition/certificate.c lib/decomposition/certificate.h \
  lib/decomposition/tiled.c lib/decomposition/tiled.h \
  lib/decomposition/decomposition.c lib/decomposition/decomposition.h \
  lib/decomposition/ipfp.c \
  lib/decomposition/kernels.c lib/decomposition/kernels.h lib/decomposition/kernels.inc lib/decomposition/kernels_matrix.inc \
  lib/decomposition/local.c lib/decomposition/local.h \
  lib/decomposition/margin.c lib/decomposition/margin.h \
  lib/decomposition/newton.c lib/decomposition/newton.h lib/decomposition/newton_pairs.c \
  lib/decomposition/newton_step.c lib/decomposition/newton_system.c \
  lib/decomposition/problem.c lib/decomposition/problem.h \
  lib/decomposition/products.c lib/decomposition/products.h \
  lib/decomposition/reduce.c \
  lib/decomposition/sources.c lib/decomposition/sources.h \
  lib/decomposition/solve.c lib/decomposition/solve.h \
  lib/decomposition/team.c lib/decomposition/team.h \
  lib/decomposition/wide.c lib/decomposition/wide.h
