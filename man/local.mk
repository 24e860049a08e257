dist_man_MANS += man/pid-kmeans.1
# One page a program, pid-stream(5) for the format, pid-tools(7) for the whole.
dist_man_MANS += man/pid-cat.1
dist_man_MANS += man/pid-stream.5
dist_man_MANS += man/pid-tools.7
dist_man_MANS += man/pid-synth.1
dist_man_MANS += man/pid-joint.1
dist_man_MANS += man/pid-ipfp.1
dist_man_MANS += man/pid-report.1
dist_man_MANS += man/pid-local.1 man/pid-gauss.1
dist_man_MANS += man/pid-extract.1
dist_man_MANS += man/pid-shard.1
dist_man_MANS += man/pid-slurm.1
dist_man_MANS += man/pid-sample.1
dist_man_MANS += man/pid-extract-torch.1
