lib_libpid_a_SOURCES += \
  lib/stream/shard.c lib/stream/shard.h \
  lib/stream/key.c lib/stream/key.h \
  lib/stream/header.c lib/stream/header.h \
  lib/stream/record.c lib/stream/record.h \
  lib/stream/source.c lib/stream/source.h \
  lib/stream/scan.c lib/stream/scan.h \
  lib/stream/decode.h lib/stream/decode_header.c lib/stream/decode_record.c \
  lib/stream/ended.c lib/stream/ended.h \
  lib/stream/reader.c lib/stream/reader.h \
  lib/stream/show.c lib/stream/show.h \
  lib/stream/skim.c lib/stream/skim.h \
  lib/stream/sink.c lib/stream/sink.h \
  lib/stream/writer.c lib/stream/writer.h
