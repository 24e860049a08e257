lib_libpid_a_SOURCES += \
  lib/base/blas.c lib/base/blas.h \
  lib/base/codes.c lib/base/codes.h \
  lib/base/crc.c lib/base/crc.h \
  lib/base/arena.c lib/base/arena.h \
  lib/base/error.c lib/base/error.h \
  lib/base/finite.c lib/base/finite.h \
  lib/base/memory.c lib/base/memory.h \
  lib/base/number.c lib/base/number.h \
  lib/base/hash.h \
  lib/base/random.c lib/base/random.h \
  lib/base/read.c lib/base/read.h \
  lib/base/sum.h \
  lib/base/utf8.c lib/base/utf8.h \
  lib/base/workers.c lib/base/workers.h
