# Unit tests are C programs that print TAP (tests/unit/tap.h); program tests are bats files.  Both run under automake's TAP driver.
TEST_EXTENSIONS = .bats .unit
BATS_LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
BATS_LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/run-bats
UNIT_LOG_DRIVER = $(BATS_LOG_DRIVER)
EXTRA_DIST += tests/run-bats $(dist_bats_tests)
TESTS += $(check_PROGRAMS) $(dist_bats_tests)
dist_bats_tests =

AM_TESTS_ENVIRONMENT = \
  PATH='$(abs_top_builddir)/tools':"$$PATH"; export PATH; \
  top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
  top_builddir='$(abs_top_builddir)'; export top_builddir; \
  PYTHONPATH='$(abs_top_srcdir)/tools'; export PYTHONPATH; \
  PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE;

include tests/unit/local.mk
include tests/faults/local.mk
include tests/fuzz/local.mk
include tests/torture/local.mk
dist_bats_tests += tests/damage.bats
dist_bats_tests += tests/pid-synth.bats
dist_bats_tests += tests/pid-kmeans.bats
dist_bats_tests += tests/pid-cat.bats
dist_bats_tests += tests/pid-extract-torch.bats tests/pid-extract-torch-hf.bats
dist_bats_tests += tests/pid-ipfp.bats
dist_bats_tests += tests/pid-joint.bats
dist_bats_tests += tests/pid-local.bats tests/pid-gauss.bats
dist_bats_tests += tests/pid-report.bats
include tests/data/local.mk
dist_bats_tests += tests/pid-extract.bats tests/pid-extract-groups.bats tests/pid-extract-tokens.bats tests/pid-extract-hdf5.bats tests/pid-extract-examples.bats
dist_bats_tests += tests/pid-shard.bats tests/pid-slurm.bats
EXTRA_DIST += tests/cluster.bash tests/shards.bash tests/private-slurm
dist_bats_tests += tests/pid-sample.bats
dist_bats_tests += tests/contract.bats tests/pipeline.bats tests/examples.bats tests/man.bats tests/faults.bats tests/large.bats
EXTRA_DIST += doc/reliability.md doc/memory.svg tests/programs.bash tests/example-files tests/fixtures/e.npz tests/fixtures/feats.safetensors tests/fixtures/answers.npy

# Statistics where the truth is known, on what bench/statistics/draws draws.
dist_bats_tests += tests/known-answers.bats tests/browser.bats tests/names.bats tests/small-files.bats
check_DATA += bench/statistics/draws
