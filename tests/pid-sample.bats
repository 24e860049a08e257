# pid-sample: a uniform sample that shards can draw.
bats_require_minimum_version 1.5.0

load shards

setup() { cd "$BATS_TEST_TMPDIR"; }

@test "the sample of the samples of 1, 2, 7 and 64 shards is the sample of the whole, and so is the codebook" {
    pid-extract $data | pid-sample -n 500 -o whole.mp
    pid-kmeans -k 8 --train-rows all --save-codebook whole.codebook whole.mp >labels
    for n in 1 2 7 64; do
        pid-shard plan train-$n -n $n "pid-extract --shard {shard} $data | pid-sample -n 500"
        pid-shard run train-$n 0-$((n - 1))
        pid-shard merge train-$n | pid-sample -n 500 -o merged.mp
        cmp merged.mp whole.mp
        pid-kmeans -k 8 --train-rows all --save-codebook merged.codebook merged.mp >labels
        cmp merged.codebook whole.codebook
    done
    pid-sample -n 500 train-7/part-*.mp | cmp - whole.mp
}

@test "as many rows as asked for, of each key; the order of reading does not matter" {
    pid-synth --kind labels -n 1000 and xor or -o labels.mp
    pid-sample -n 30 labels.mp | pid-cat -f tsv >some
    [ "$(tail -n +2 some | cut -f 1 | sort | uniq -c | awk '{ printf "%s ", $1 }')" = "30 30 30 " ]
    [ "$(pid-sample -n 30 --per '' labels.mp | pid-cat -f tsv | tail -n +2 | wc -l)" -eq 30 ]
    for gate in or and xor; do pid-synth --kind labels -n 1000 $gate | pid-cat --shard 0/1 -o $gate.mp; done
    pid-sample -n 30 xor.mp or.mp and.mp | pid-cat -f tsv --codes | cut -f 1-5 | cmp - <(pid-sample -n 30 labels.mp | pid-cat -f tsv --codes | cut -f 1-5)
    # The rows are those of the input.
    pid-cat -f tsv labels.mp | sort >all
    [ "$(tail -n +2 some | sort | comm -23 - all | wc -l)" -eq 0 ]
}

@test "fewer rows than asked for are all kept; none give an empty stream" {
    pid-synth --kind labels -n 20 and -o labels.mp
    [ "$(pid-sample -n 100 labels.mp | pid-cat -f tsv | tail -n +2 | wc -l)" -eq 20 ]
    pid-extract $data --rows 5:5 | pid-sample -n 3 | pid-cat --check
}

@test "every row is equally likely" {
    pid-synth --kind labels -n 50 and -o labels.mp
    for seed in {1..400}; do pid-sample -n 10 --seed $seed labels.mp | pid-cat -f tsv | tail -n +2 | cut -f 2; done | sort -n | uniq -c >counts
    [ "$(wc -l <counts)" -eq 50 ]
    # Binomial of 400 draws with 1/5: mean 80, deviation 8.
    awk '$1 < 48 || $1 > 112 { print; bad = 1 } END { exit bad }' counts
}

@test "another seed gives other rows; wrong use is refused" {
    pid-synth --kind labels -n 1000 and -o labels.mp
    pid-sample -n 10 --seed 1 labels.mp | pid-cat -f tsv >a
    pid-sample -n 10 --seed 2 labels.mp | pid-cat -f tsv >b
    run ! cmp -s a b
    for wrong in "" "-n 0" "-n x"; do run -2 pid-sample $wrong labels.mp; done
    pid-synth and -o joint.mp
    run -1 pid-sample -n 3 joint.mp
    [ "$output" = "pid-sample: joint.mp: holds joint, not samples or labels" ]
    run -1 pid-sample -n 3 --per layer labels.mp
    [ "$output" = "pid-sample: labels.mp: record 1: has no key 'layer', which --per asks for" ]
}
