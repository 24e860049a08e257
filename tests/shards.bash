# What the tests of pid-shard and pid-slurm share: a pipeline on real data, its codebook, and its answer in one run.
data="--source image=$top_srcdir/examples/data/wikipedia/wikipedia.npz:image --source text=$top_srcdir/examples/data/wikipedia/wikipedia.npz:text \
--target category=$top_srcdir/examples/data/wikipedia/wikipedia.npz:category"
counting="pid-joint --bootstrap 100 --subsample 0.5,0.25x2"

make_codebook() { pid-extract $data | pid-kmeans -k 6 --save-codebook codebook.mp >labels.all; }

# pipeline [OPTION...]: the command of a shard, with these options of pid-extract
pipeline() { echo "pid-extract --shard {shard} $* $data | pid-kmeans -j 1 --codebook codebook.mp | $counting"; }

report() { pid-ipfp -j 1 | pid-report -f tsv; }

# one_shot [OPTION...]: the same without shards
one_shot() {
    pid-extract "$@" $data | pid-kmeans --codebook codebook.mp | $counting >one-shot.mp
    report <one-shot.mp >one-shot.tsv
}
