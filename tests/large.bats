#!/usr/bin/env bats
# Sizes beyond 32 bits and streams of many groups: the quick part.  All of it is make check-torture PARTS='large groups growth'.

bats_require_minimum_version 1.5.0

setup() {
    T="$(mktemp -d)"
    cd "$T" || return 1
    built=$top_builddir/tests/torture
}
teardown() { rm -rf "$T"; }

# npy FILE TYPE SHAPE BYTES: an array of zeros, nearly all of it a hole
npy() {
    { printf '\x93NUMPY\x01\x00\x76\x00'; printf '%-117s\n' "{'descr': '$2', 'fortran_order': False, 'shape': $3, }"; } >"$1"
    truncate -s $((128 + $4)) "$1"
}
# put FILE OFFSET BYTES
# shellcheck disable=SC2059 # the bytes are a format
put() { printf "$3" | dd of="$1" bs=1 seek=$((128 + $2)) conv=notrunc status=none; }

@test "counts of more than 2^32 and totals of more than 2^33 are exact, and give what small ones give" {
    pid-synth -n 1000 fusion:0.05,0.2,0.1,0.15 -o small
    for factor in $(((1 << 33) + 1)) 9007199254740; do
        pid-cat -f tsv small | awk -F'\t' -v f=$factor 'NR > 1 { OFS = FS; $5 = sprintf("%.0f", $5 * f) } { print }' >text
        pid-joint --table text --sources x1,x2 --target y --count weight -o large
        pid-cat -f tsv small | awk -F'\t' -v f=$factor 'NR > 1 { printf "%s %s %s %.0f\n", $2, $3, $4, $5 * f }' >wanted
        pid-cat -f tsv large | awk -F'\t' 'NR > 1 { printf "%s %s %s %.0f\n", $1, $2, $3, $4 }' | cmp - wanted
        pid-report -f json <(pid-ipfp large) | jq -e ".rows[0].n == $factor * 1000"
        for file in small large; do pid-ipfp $file | pid-report -f json | jq '.rows[0].estimates[].value' >$file.numbers; done
        paste small.numbers large.numbers | awk '{ d = $1 - $2; if (d > 2e-9 || d < -2e-9) bad = 1 } END { exit bad || NR < 9 }'
    done
    # 2^53 + 1 is no double.
    printf 'x1\tx2\ty\tn\n0\t0\t0\t9007199254740992\n1\t0\t1\t1\n' >text
    run -1 pid-joint --table text --sources x1,x2 --target y --count n -o beyond
    [[ "$output" == *"2^53"* ]]
    [ ! -e beyond ]
}

@test "rows have numbers of 64 bits" {
    pid-synth --kind labels -n 100 --first $(((1 << 40) + 5)) and -o late
    [ "$(pid-cat -f json late | jq 'select(.row != null) | .row' | head -n 1)" = $(((1 << 40) + 5)) ]
    pid-joint --bootstrap 2 late | pid-cat --check
}

@test "the end of an array of 8 GiB and more than 2^31 rows" {
    rows=$(((1 << 31) + 1000))
    npy long.npy '<f4' "($rows,)" $((4 * rows))
    put long.npy $((4 * (rows - 1))) '\0\0\200\77' # 1.0
    pid-extract --shard 99999/100000 --type a=vector --type y=vector --source a=long.npy --source b=long.npy --type b=vector --target y=long.npy | pid-cat --shard 0/1 -o end
    pid-cat -f tsv end | tail -n 2 >lines
    [ "$(cut -f1 lines)" = "$(printf '%s\n' $((rows - 2)) $((rows - 1)))" ]
    [ "$(sed -n 1p lines | cut -f2-)" = "$(printf '0\t0\t0')" ]
    [ "$(sed -n 2p lines | cut -f2-)" = "$(printf '1\t1\t1')" ]
}

@test "the categories of a long array are read twice, not held" {
    rows=$(((1 << 25) + 1000))
    npy a.npy '|u1' "($rows,)" $rows
    put a.npy 5 '\7\2'
    put a.npy $((rows - 2)) '\11\2'
    extract() { "$top_builddir/tests/faults/peak" 0 kib pid-extract --source x1=a.npy --source x2=a.npy --target y=a.npy "$@"; }
    extract | pid-joint -o whole
    if ! grep -q 'fsanitize' "$top_builddir/config.status"; then [ "$(cat kib)" -lt 65536 ]; fi
    pid-cat -f tsv whole | cut -f1-4 | tail -n +2 >cells
    [ "$(cat cells)" = "$(printf '0\t0\t0\t%d\n2\t2\t2\t2\n7\t7\t7\t1\n9\t9\t9\t1\n' $((rows - 4)))" ]
    # Of a half the first array is short enough to be held.
    for k in 0 1; do extract --shard $k/2 | pid-joint -o half.$k; done
    pid-joint --merge half.0 half.1 | cmp - whole
    # What is left over by --top, and levels that are given.
    extract --top 2 | pid-joint | pid-cat -f tsv | cut -f1-4 | tail -n +2 >cells
    [ "$(cat cells)" = "$(printf '0\t0\t0\t%d\n2\t2\t2\t2\n(other)\t(other)\t(other)\t2\n' $((rows - 4)))" ]
    extract --limit 10 -o levels.mp
    extract --levels levels.mp | pid-joint | pid-cat -f tsv | cut -f1-4 | tail -n +2 >cells
    [ "$(sed -n 4p cells)" = "$(printf '9\t9\t9\t1')" ]
}

@test "the categories of many arrays are held up to a number in all" {
    rows=$((1 << 22))
    for layer in 1 2 3 4; do
        npy $layer.npy '|u1' "($rows,)" $rows
        put $layer.npy $((rows - 1)) "\\$layer"
    done
    "$top_builddir/tests/faults/peak" 0 kib pid-extract --source x1={layer}.npy --source x2={layer}.npy --target y={layer}.npy | pid-joint -o whole
    if ! grep -q 'fsanitize' "$top_builddir/config.status"; then [ "$(cat kib)" -lt 147456 ]; fi # 2^25 codes and a little more
    pid-cat -f tsv whole | cut -f1-5 | tail -n +2 >cells
    [ "$(cat cells)" = "$(for layer in 1 2 3 4; do printf '%s\t0\t0\t0\t%d\n%s\t%s\t%s\t%s\t1\n' $layer $((rows - 1)) $layer $layer $layer $layer; done)" ]
}

# kib N COMMAND...: its peak memory on N groups
kib() { "$top_builddir/tests/faults/peak" 0 kib "${@:2}" <"in.$1" >out || return 1; cat kib; }

@test "memory does not grow with the groups of a stream where there is no need to keep them" {
    if grep -q 'fsanitize' "$top_builddir/config.status"; then skip "a sanitizer keeps memory of its own"; fi
    grow() { # MOST-KIB COMMAND...: of ten times as many groups
        local few many
        few=$(kib 2000 "${@:2}")
        many=$(kib 20000 "${@:2}")
        echo "$2: $few KiB with 2,000 groups, $many with 20,000"
        [ $((many - few)) -le "$1" ]
    }
    pid-synth and -o table
    pid-synth --kind labels -n 50 and -o labels
    for n in 2000 20000; do "$built/again" table $n group >in.$n; done
    grow 1024 pid-cat
    grow 2048 pid-ipfp -j 2 -t 1e-3
    for n in 2000 20000; do "$built/again" labels $n group >in.$n; done
    grow 1024 pid-cat -z
    # Tables come in the order of their keys, which is known at the end: 3 KiB each of cells and key.
    grow $((3 * 18000)) pid-joint
}
