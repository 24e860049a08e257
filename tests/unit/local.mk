# One program a module.  The .unit suffix selects the TAP driver.
check_PROGRAMS += tests/unit/base.unit
tests_unit_base_unit_SOURCES = tests/unit/base.c tests/unit/tap.c tests/unit/tap.h
tests_unit_base_unit_LDADD = $(PID_LIBS)

check_PROGRAMS += tests/unit/joint.unit
tests_unit_joint_unit_SOURCES = tests/unit/joint.c tests/unit/tap.c tests/unit/tap.h
tests_unit_joint_unit_LDADD = $(PID_LIBS)

check_PROGRAMS += tests/unit/gates.unit
tests_unit_gates_unit_SOURCES = tests/unit/gates.c tests/unit/tap.c tests/unit/tap.h
tests_unit_gates_unit_LDADD = $(PID_LIBS)

check_PROGRAMS += tests/unit/stream.unit
tests_unit_stream_unit_SOURCES = tests/unit/stream.c tests/unit/tap.c tests/unit/tap.h
tests_unit_stream_unit_LDADD = $(PID_LIBS)

check_PROGRAMS += tests/unit/clustering.unit
tests_unit_clustering_unit_SOURCES = tests/unit/clustering.c tests/unit/tap.c tests/unit/tap.h
tests_unit_clustering_unit_LDADD = $(PID_LIBS)

check_PROGRAMS += tests/unit/resample.unit
tests_unit_resample_unit_SOURCES = tests/unit/resample.c tests/unit/tap.c tests/unit/tap.h
tests_unit_resample_unit_LDADD = $(PID_LIBS)

check_PROGRAMS += tests/unit/transform.unit
tests_unit_transform_unit_SOURCES = tests/unit/transform.c tests/unit/tap.c tests/unit/tap.h
tests_unit_transform_unit_LDADD = $(PID_LIBS)
check_PROGRAMS += tests/unit/decomposition.unit
tests_unit_decomposition_unit_SOURCES = tests/unit/decomposition.c tests/unit/tap.c tests/unit/tap.h
tests_unit_decomposition_unit_LDADD = $(PID_LIBS)

check_PROGRAMS += tests/unit/shard.unit
tests_unit_shard_unit_SOURCES = tests/unit/shard.c tests/unit/tap.c tests/unit/tap.h
tests_unit_shard_unit_LDADD = $(PID_LIBS)
check_PROGRAMS += tests/unit/formats.unit
tests_unit_formats_unit_SOURCES = tests/unit/formats.c tests/unit/tap.c tests/unit/tap.h
tests_unit_formats_unit_LDADD = $(PID_LIBS)

check_PROGRAMS += tests/unit/tables.unit
tests_unit_tables_unit_SOURCES = tests/unit/tables.c tests/unit/tap.c tests/unit/tap.h
tests_unit_tables_unit_LDADD = $(PID_LIBS)

check_PROGRAMS += tests/unit/local.unit
tests_unit_local_unit_SOURCES = tests/unit/local.c tests/unit/tap.c tests/unit/tap.h bench/solver/battery.h bench/solver/tables.c
tests_unit_local_unit_LDADD = $(PID_LIBS)

check_PROGRAMS += tests/unit/sources.unit
tests_unit_sources_unit_SOURCES = tests/unit/sources.c tests/unit/tap.c tests/unit/tap.h
tests_unit_sources_unit_LDADD = $(PID_LIBS)

check_PROGRAMS += tests/unit/gauss.unit
tests_unit_gauss_unit_SOURCES = tests/unit/gauss.c tests/unit/tap.c tests/unit/tap.h
tests_unit_gauss_unit_LDADD = $(PID_LIBS)

check_PROGRAMS += tests/unit/battery.unit
tests_unit_battery_unit_SOURCES = tests/unit/battery.c bench/solver/tables.c bench/solver/battery.h tests/unit/tap.c tests/unit/tap.h
tests_unit_battery_unit_LDADD = $(PID_LIBS)

check_PROGRAMS += tests/unit/large.unit
tests_unit_large_unit_SOURCES = tests/unit/large.c tests/unit/tap.c tests/unit/tap.h
tests_unit_large_unit_LDADD = $(PID_LIBS)

check_PROGRAMS += tests/unit/eigen.unit
tests_unit_eigen_unit_SOURCES = tests/unit/eigen.c tests/unit/tap.c tests/unit/tap.h
tests_unit_eigen_unit_LDADD = $(PID_LIBS)

check_PROGRAMS += tests/unit/products.unit
tests_unit_products_unit_SOURCES = tests/unit/products.c tests/unit/tap.c tests/unit/tap.h
tests_unit_products_unit_LDADD = $(PID_LIBS)

check_PROGRAMS += tests/unit/skim.unit
tests_unit_skim_unit_SOURCES = tests/unit/skim.c tests/unit/tap.c tests/unit/tap.h
tests_unit_skim_unit_LDADD = $(PID_LIBS)
