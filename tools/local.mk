# One C file a program.
bin_PROGRAMS += tools/pid-cat
tools_pid_cat_SOURCES = tools/pid-cat.c
tools_pid_cat_LDADD = $(PID_LIBS)

bin_PROGRAMS += tools/pid-synth
tools_pid_synth_SOURCES = tools/pid-synth.c
tools_pid_synth_LDADD = $(PID_LIBS)

bin_PROGRAMS += tools/pid-joint
tools_pid_joint_SOURCES = \
  tools/pid-joint.c tools/pid-joint.h tools/pid-fractions.c tools/pid-fractions.h tools/pid-joint-count.c tools/pid-joint-groups.c tools/pid-joint-labels.c \
  tools/pid-joint-merge.c tools/pid-joint-replicates.c tools/pid-joint-table.c
tools_pid_joint_LDADD = $(PID_LIBS)

bin_PROGRAMS += tools/pid-ipfp
tools_pid_ipfp_SOURCES = tools/pid-ipfp.c tools/pid-ipfp.h tools/pid-ipfp-job.c tools/pid-ipfp-sources.c
tools_pid_ipfp_LDADD = $(PID_LIBS)
bin_PROGRAMS += tools/pid-extract
tools_pid_extract_SOURCES = tools/pid-extract.c tools/pid-extract.h tools/pid-extract-fields.c tools/pid-extract-groups.c tools/pid-extract-levels.c \
  tools/pid-extract-places.c tools/pid-extract-rows.c tools/pid-extract-tokens.c
tools_pid_extract_LDADD = $(PID_LIBS)

bin_PROGRAMS += tools/pid-kmeans
tools_pid_kmeans_SOURCES = tools/pid-kmeans.c tools/pid-kmeans.h tools/pid-kmeans-assign.c tools/pid-kmeans-codebook.c tools/pid-kmeans-groups.c tools/pid-kmeans-labels.c \
  tools/pid-kmeans-model.c tools/pid-kmeans-skim.c tools/pid-kmeans-store.c tools/pid-kmeans-work.c tools/pid-kmeans-work.h
tools_pid_kmeans_LDADD = $(PID_LIBS)
bin_PROGRAMS += tools/pid-report
tools_pid_report_SOURCES = tools/pid-report.c
tools_pid_report_LDADD = $(PID_LIBS)

bin_PROGRAMS += tools/pid-shard
tools_pid_shard_SOURCES = tools/pid-shard.c tools/pid-shard-plan.c tools/pid-shard-run.c tools/pid-shard.h
tools_pid_shard_LDADD = $(PID_LIBS)

bin_SCRIPTS += tools/pid-slurm
EXTRA_DIST += tools/pid-slurm.in
CLEANFILES += tools/pid-slurm
tools/pid-slurm: $(srcdir)/tools/pid-slurm.in Makefile
	@mkdir -p tools
	$(AM_V_GEN)sed 's|[@]PACKAGE_VERSION[@]|$(PACKAGE_VERSION)|g' $(srcdir)/tools/pid-slurm.in >$@.tmp && chmod +x $@.tmp && mv $@.tmp $@

bin_PROGRAMS += tools/pid-sample
tools_pid_sample_SOURCES = tools/pid-sample.c
tools_pid_sample_LDADD = $(PID_LIBS)
# Python: pid-extract-torch and what it and users' own stages import.  Nothing of it is needed to build or run the rest.
bin_SCRIPTS += tools/pid-extract-torch
dist_pkgdata_DATA += tools/pidstream.py
pidtorchdir = $(pkgdatadir)/pidtorch
dist_pidtorch_DATA = tools/pidtorch/__init__.py tools/pidtorch/errors.py tools/pidtorch/extraction.py tools/pidtorch/family.py \
  tools/pidtorch/hooks.py tools/pidtorch/loading.py tools/pidtorch/modules.py tools/pidtorch/options.py tools/pidtorch/output.py \
  tools/pidtorch/program.py tools/pidtorch/questions.py
EXTRA_DIST += tools/pid-extract-torch.in
CLEANFILES += tools/pid-extract-torch
tools/pid-extract-torch: $(srcdir)/tools/pid-extract-torch.in Makefile
	$(AM_V_GEN)$(MKDIR_P) tools && sed -e 's,@pkgdatadir[@],$(pkgdatadir),' -e 's,@PACKAGE_VERSION[@],$(PACKAGE_VERSION),' \
	  $(srcdir)/tools/pid-extract-torch.in >$@.tmp && chmod a+rx $@.tmp && mv $@.tmp $@

bin_PROGRAMS += tools/pid-local
tools_pid_local_SOURCES = tools/pid-local.c tools/pid-local.h tools/pid-local-aggregate.c tools/pid-local-print.c \
  tools/pid-local-rows.c tools/pid-local-tables.c tools/pid-local-values.c
tools_pid_local_LDADD = $(PID_LIBS)

bin_PROGRAMS += tools/pid-gauss
tools_pid_gauss_SOURCES = tools/pid-gauss.c tools/pid-gauss.h tools/pid-gauss-covariance.c tools/pid-gauss-record.c tools/pid-gauss-rows.c \
  tools/pid-gauss-work.c tools/pid-fractions.c tools/pid-fractions.h
tools_pid_gauss_LDADD = $(PID_LIBS)
