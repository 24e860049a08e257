# The library: one folder a concern.  Dependencies run one way only:
#   base <- stream, formats, clustering, joint, decomposition, gauss, statistics <- report;  program (start-up, options) is for tools/ alone.
noinst_LIBRARIES += lib/libpid.a
lib_libpid_a_SOURCES =
PID_LIBS = lib/libpid.a $(ZLIB_LIBS) $(MSGPACK_LIBS) $(LIBZIP_LIBS) $(JANSSON_LIBS) $(LIBDEFLATE_LIBS) $(HDF5_LIBS) $(OPENBLAS_LIBS)

EXTRA_DIST += lib/README.md

include lib/base/local.mk
include lib/decomposition/local.mk
include lib/clustering/local.mk
include lib/formats/local.mk
include lib/gauss/local.mk
include lib/joint/local.mk
include lib/stream/local.mk
include lib/statistics/local.mk
include lib/report/local.mk
include lib/program/local.mk
