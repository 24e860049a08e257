lib_libpid_a_SOURCES += \
  lib/formats/apart.c lib/formats/apart.h lib/formats/apart_internal.h lib/formats/apart_serve.c \
  lib/formats/array.c lib/formats/array.h \
  lib/formats/bytes.c lib/formats/bytes.h \
  lib/formats/coder.c lib/formats/coder.h \
  lib/formats/column.c \
  lib/formats/decimal.c lib/formats/decimal.h \
  lib/formats/dense.c lib/formats/dense.h \
  lib/formats/file.c lib/formats/file.h \
  lib/formats/gzip.c \
  lib/formats/hdf5.c lib/formats/hdf5.h lib/formats/hdf5_dataset.c lib/formats/hdf5_storage.c lib/formats/hdf5_internal.h \
  lib/formats/jsonl.c lib/formats/jsonl.h \
  lib/formats/levels.c lib/formats/levels.h \
  lib/formats/matches.c \
  lib/formats/names.c lib/formats/names.h \
  lib/formats/npy.c lib/formats/npy.h \
  lib/formats/open.c \
  lib/formats/pattern.c lib/formats/pattern.h \
  lib/formats/place.c lib/formats/place.h \
  lib/formats/pool.c \
  lib/formats/safetensors.c lib/formats/safetensors.h \
  lib/formats/scalar.c lib/formats/scalar.h \
  lib/formats/settle.c \
  lib/formats/table.c lib/formats/table.h \
  lib/formats/text.c lib/formats/text.h \
  lib/formats/tokens.c lib/formats/tokens.h \
  lib/formats/zip.c lib/formats/zip.h
