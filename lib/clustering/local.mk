lib_libpid_a_SOURCES += \
  lib/clustering/bins.c lib/clustering/bins.h \
  lib/clustering/eigen.c lib/clustering/eigen.h lib/clustering/eigen.inc \
  lib/clustering/kmeans.c lib/clustering/kmeans.h \
  lib/clustering/lloyd.c lib/clustering/lloyd.h \
  lib/clustering/lloyd_pass.c lib/clustering/lloyd_pass.h \
  lib/clustering/lloyd_update.c lib/clustering/lloyd_update.h \
  lib/clustering/panels.c lib/clustering/panels.h lib/clustering/tile.inc \
  lib/clustering/products.c lib/clustering/products.h lib/clustering/products.inc \
  lib/clustering/rows.c lib/clustering/rows.h \
  lib/clustering/seeding.c lib/clustering/seeding.h \
  lib/clustering/transform.c lib/clustering/transform.h \
  lib/clustering/transform_fit.c lib/clustering/transform_internal.h
