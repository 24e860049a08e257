lib_libpid_a_SOURCES += \
  lib/joint/bias.c lib/joint/bias.h \
  lib/joint/counter.c lib/joint/counter.h \
  lib/joint/gates.c lib/joint/gates.h \
  lib/joint/hypergeometric.c lib/joint/hypergeometric.h \
  lib/joint/information.c lib/joint/information.h \
  lib/joint/permutation.c lib/joint/permutation.h \
  lib/joint/radix.c lib/joint/radix.h \
  lib/joint/sample.c lib/joint/sample.h \
  lib/joint/table.c lib/joint/table.h \
  lib/joint/wide.c lib/joint/wide.h
