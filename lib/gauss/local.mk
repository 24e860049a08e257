lib_libpid_a_SOURCES += \
  lib/gauss/covariance.c lib/gauss/covariance.h \
  lib/gauss/gauss.c lib/gauss/gauss.h \
  lib/gauss/linear.c lib/gauss/linear.h \
  lib/gauss/wishart.c lib/gauss/wishart.h
