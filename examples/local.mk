EXTRA_DIST += \
  examples/data/wikipedia/LICENSE examples/data/wikipedia/SOURCE \
  examples/data/wikipedia/categories.txt examples/data/wikipedia/wikipedia.npz \
  examples/data/crema-d/LICENSE examples/data/crema-d/NOTICE examples/data/crema-d/summaryTable.csv examples/data/crema-d/votes.awk \
  examples/quickstart/Makefile examples/quickstart/words.awk
EXTRA_DIST += examples/cluster/Makefile
EXTRA_DIST += \
  examples/audio-image/Makefile examples/black-box/Makefile examples/black-box/answers.awk \
  examples/data/fsdd/NOTICE examples/data/fsdd/make-features.py examples/data/fsdd/spoken.npz \
  examples/data/mfeat/LICENSE examples/data/mfeat/SOURCE examples/data/mfeat/digits.npz
EXTRA_DIST += examples/sensitivity/Makefile examples/noise/Makefile examples/noise/noise.awk
EXTRA_DIST += \
  examples/data/easy-vqa/LICENSE examples/data/easy-vqa/SOURCE examples/data/easy-vqa/train.tsv.gz examples/data/easy-vqa/test.tsv.gz \
  examples/data/easy-vqa/images_train.npz examples/data/easy-vqa/images_test.npz \
  examples/spurious/Makefile examples/spurious/nulls.awk examples/spurious/types.awk \
  examples/synthetic-fusion/Makefile examples/synthetic-fusion/fusion.gp examples/synthetic-fusion/grid.awk \
  examples/synthetic-fusion/pure.awk examples/synthetic-fusion/worst.awk
EXTRA_DIST += examples/three-modalities/Makefile examples/which-samples/Makefile examples/which-samples/check.awk
EXTRA_DIST += \
  examples/easy-vqa/Makefile examples/easy-vqa/check.awk examples/easy-vqa/expectations.tsv examples/easy-vqa/layers.awk \
  examples/easy-vqa/pack.py examples/easy-vqa/sweep.awk examples/easy-vqa/train.py examples/easy-vqa/vqa.py \
  examples/data/easy-vqa/states/concatenation.npz examples/data/easy-vqa/states/text-attends-image.npz examples/quickstart/states.awk
EXTRA_DIST += examples/validation/Makefile examples/validation/tables.awk doc/validation.md
