# What is timed, against what: one command each, e.g. make bench-clustering.  Python and the packages compared with are
# needed for these alone; what is not installed is left out by name.
EXTRA_PROGRAMS += bench/clustering/lloyd
bench_clustering_lloyd_SOURCES = bench/clustering/lloyd.c
bench_clustering_lloyd_LDADD = $(PID_LIBS)
EXTRA_DIST += bench/clustering/run.py bench/clustering/figures.gp bench/clustering/README.md
CLEANFILES += bench/clustering/lloyd

.PHONY: bench-clustering
bench-clustering: bench/clustering/lloyd $(bin_PROGRAMS)
	/usr/bin/python3 $(srcdir)/bench/clustering/run.py --build=. --out=bench/clustering/out
	-gnuplot -e "out='bench/clustering/out'" $(srcdir)/bench/clustering/figures.gp

EXTRA_DIST += bench/pipeline/run.py bench/pipeline/plain.py bench/pipeline/rows.py bench/pipeline/README.md
.PHONY: bench-pipeline
bench-pipeline: $(bin_PROGRAMS)
	/usr/bin/python3 $(srcdir)/bench/pipeline/run.py --build=. --out=bench/pipeline/out

# The solver on ten thousand tables made from a seed; one table of any size, timed; and beside other ways to solve it.
EXTRA_PROGRAMS += bench/solver/battery bench/solver/timing
bench_solver_battery_SOURCES = bench/solver/battery.c bench/solver/battery.h bench/solver/tables.c
bench_solver_battery_LDADD = $(PID_LIBS)
bench_solver_timing_SOURCES = bench/solver/timing.c bench/solver/flops.c bench/solver/flops.h
bench_solver_timing_LDADD = $(PID_LIBS)
bench_solver_timing_LDFLAGS = $(AM_LDFLAGS) \
  -Wl,--wrap=cblas_dgemm,--wrap=cblas_sgemm,--wrap=cblas_dsyrk,--wrap=cblas_dsyr2k,--wrap=cblas_dtrsm,--wrap=cblas_dtrmm \
  -Wl,--wrap=cblas_dgemv,--wrap=cblas_dsymv,--wrap=cblas_dtrsv,--wrap=cblas_dger,--wrap=dpotrf_
CLEANFILES += bench/solver/battery bench/solver/timing

EXTRA_DIST += bench/solver/run.py bench/solver/rivals.py bench/solver/figures.gp bench/solver/README.md

.PHONY: bench-solver
bench-solver: bench/solver/timing $(bin_PROGRAMS)
	/usr/bin/python3 $(srcdir)/bench/solver/run.py --build=. --out=bench/solver/out
	-gnuplot -e "out='bench/solver/out'" $(srcdir)/bench/solver/figures.gp

.PHONY: bench-battery
bench-battery: bench/solver/battery
	bench/solver/battery

# What sharding costs and gains: bench/shards [ROWS].
EXTRA_DIST += bench/shards doc/scale-out.md doc/speed.md

# Draws from a known distribution: what the choice of corrections and intervals was made on.
EXTRA_PROGRAMS += bench/statistics/draws
bench_statistics_draws_SOURCES = bench/statistics/draws.c
bench_statistics_draws_LDADD = $(PID_LIBS)
CLEANFILES += bench/statistics/draws
EXTRA_DIST += bench/statistics/run bench/statistics/scenarios.py bench/statistics/summary.awk doc/statistics.md

.PHONY: bench-statistics
bench-statistics: bench/statistics/draws $(bin_PROGRAMS)
	$(srcdir)/bench/statistics/run

# Every layer of a model from one safetensors file: all values compared, rates beside NumPy's.
EXTRA_DIST += bench/formats/run.py bench/formats/matio.py bench/formats/README.md
.PHONY: bench-formats
bench-formats: $(bin_PROGRAMS)
	/usr/bin/python3 $(srcdir)/bench/formats/run.py --build=. --out=bench/formats/out

# Clusters of Gaussian samples beside the Gaussian's exact decomposition, as rows and clusters grow.
EXTRA_DIST += bench/gauss/run.py bench/gauss/figures.gp bench/gauss/README.md
.PHONY: bench-gauss
bench-gauss: $(bin_PROGRAMS)
	/usr/bin/python3 $(srcdir)/bench/gauss/run.py --build=. --out=bench/gauss/out
	-gnuplot -e "out='bench/gauss/out'" $(srcdir)/bench/gauss/figures.gp
