# pid-cat: joins, checks and shows streams.

setup() {
    cd "$BATS_TEST_TMPDIR"
    pid-synth and -o and.mp
    pid-synth and --kind labels -n 100 -o labels.mp
    pid-synth and --kind samples -n 7 --dim 3 -o samples.mp
}

@test "a stream passes through unchanged but for nothing" {
    pid-cat samples.mp -o copy.mp
    cmp samples.mp copy.mp
    pid-cat <samples.mp | cmp - samples.mp
}

@test "two streams are joined, and the whole is whole" {
    pid-cat labels.mp labels.mp -o both.mp
    pid-cat --check both.mp
    [ "$(pid-cat -f tsv --codes both.mp | wc -l)" -eq 201 ]
}

@test "gzip is found by content" {
    pid-cat -z samples.mp -o samples.gz
    gzip -t samples.gz
    pid-cat samples.gz | cmp - samples.mp
    gzip -c samples.mp | pid-cat | cmp - samples.mp
}

@test "the same bytes come out each time, compressed or not" {
    pid-cat -z samples.mp >a
    pid-cat -z samples.mp >b
    cmp a b
}

@test "json is one object a line: header, records, trailer" {
    pid-cat -f json and.mp >out
    jq -s -e '.[0].stream == "pid" and .[0].kind == "joint" and (.[1].weights | add) == 1 and .[-1].end' out
}

@test "tsv of a joint stream has a column a variable and the weight" {
    run pid-cat -f tsv and.mp
    [ "$status" -eq 0 ]
    [[ "${lines[0]}" =~ x1$'\t'x2$'\t'y$'\t'weight$'\t'replicate$ ]]
    [ "${#lines[@]}" -eq 5 ]
}

@test "tsv of samples has a column a dimension" {
    run pid-cat -f tsv samples.mp
    [[ "${lines[0]}" =~ x1\.0$'\t'x1\.1$'\t'x1\.2 ]]
    [ "${#lines[@]}" -eq 8 ]
}

@test "--header prints the header alone" {
    pid-cat --header labels.mp | jq -e '.kind == "labels" and .history[0].program == "pid-synth"'
    [ "$(pid-cat --header labels.mp | wc -l)" -eq 1 ]
}

@test "--check prints nothing and tells by its status" {
    run pid-cat --check labels.mp and.mp
    [ "$status" -eq 1 ]
    [[ "$output" == *"and.mp: holds joint, the first stream labels"* ]]
    run pid-cat --check labels.mp
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    head -c -1 labels.mp >cut.mp
    run pid-cat --check cut.mp
    [ "$status" -eq 1 ]
    [[ "$output" == *"cut.mp: record "*"the stream is cut"* ]]
}

@test "joined by cat is refused with the way to do it" {
    cat labels.mp labels.mp >both.mp
    run pid-cat --check both.mp
    [ "$status" -eq 1 ]
    [[ "$output" == *"bytes after the trailer (pid-cat joins streams, cat does not)"* ]]
}

@test "one altered byte in the middle is found" {
    size=$(stat -c %s labels.mp)
    { head -c $((size / 2)) labels.mp; printf '\377'; tail -c +$((size / 2 + 2)) labels.mp; } >bad.mp
    if cmp -s bad.mp labels.mp; then skip "the byte was 255 already"; fi
    run pid-cat --check bad.mp
    [ "$status" -eq 1 ]
}

@test "a record above --max-record is refused, with what to do" {
    pid-synth and --kind samples -n 5000 --dim 8 -o large.mp
    run pid-cat --check --max-record 64K large.mp
    [ "$status" -eq 1 ]
    [[ "$output" == *"above the limit of 65536 (--max-record raises it)"* ]]
}

@test "-o leaves the old file where the input is cut, and no temporary" {
    echo old >out.mp
    head -c 300 samples.mp >cut.mp
    run pid-cat cut.mp -o out.mp
    [ "$status" -eq 1 ]
    [ "$(cat out.mp)" = old ]
    [ "$(find . -name '.*tmp*' | wc -l)" -eq 0 ]
}

@test "a folder as output is refused" {
    run pid-cat labels.mp -o .
    [ "$status" -eq 1 ]
    [[ "$output" == "pid-cat: .: Is a directory" ]]
}

@test "options that exclude each other are wrong use" {
    run pid-cat --check --header labels.mp
    [ "$status" -eq 2 ]
    run pid-cat -f xml labels.mp
    [ "$status" -eq 2 ]
    [[ "${lines[0]}" == *"'xml' is none of stream, json, tsv"* ]]
}

@test "shards are joined only when each is there once, and are then the whole" {
    for k in 0 1 2; do pid-synth and --kind labels -n 100 --shard $k/3 -o part-$k.mp; done
    pid-cat --header part-1.mp | jq -e '.shard == {"index": 1, "of": 3}'
    pid-cat -f tsv labels.mp >one-shot
    pid-cat part-*.mp >joined.mp
    pid-cat -f tsv joined.mp | cmp - one-shot
    pid-cat --header joined.mp | jq -e 'has("shard") | not'
    run pid-cat part-0.mp part-2.mp
    [ "$status" -eq 1 ]
    [[ "$output" == *"pid-cat: 1 of 3 shards is missing: 1" ]]
    run pid-cat part-0.mp part-1.mp part-1.mp part-2.mp
    [ "$status" -eq 1 ]
    [[ "$output" == *"part-1.mp: shard 1 of 3 is there twice" ]]
    run pid-cat part-0.mp labels.mp
    [ "$status" -eq 1 ]
    [[ "$output" == *"labels.mp: is whole, the first stream one of 3 shards" ]]
}

@test "shards with another history are refused, with what differs" {
    pid-synth and --kind labels -n 100 --shard 0/2 -o part-0.mp
    pid-synth and --kind labels -n 100 --seed 2 --shard 1/2 -o part-1.mp
    run pid-cat part-0.mp part-1.mp
    [ "$status" -eq 1 ]
    [[ "$output" == *"part-1.mp: pid-synth had seed 2, in the first stream 1" ]]
}

@test "--shard marks a stream of one's own, and takes the mark away" {
    pid-cat --shard 4/9 labels.mp | pid-cat --header | jq -e '.shard.index == 4'
    pid-cat --shard 4/9 labels.mp | pid-cat --shard 0/1 | cmp - labels.mp
    for wrong in 9/9 1 -1/2 1/0 /2 1/ 1/2/3; do
        run pid-cat --shard "$wrong" labels.mp
        [ "$status" -eq 2 ]
    done
}
