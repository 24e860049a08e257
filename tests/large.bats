#!/usr/bin/env bats
# Sizes beyond 32 bits and streams of many groups: the quick part.  All of it is make check-torture PARTS='large groups growth'.

bats_require_minimum_version 1.5.0

setup() {
    T="$(mktemp -d)"
    cd "$T" || return 1
    built=$top_builddir/tests/torture
}
teardown() { rm -rf "$T"; }

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
    { printf '\x93NUMPY\x01\x00\x76\x00'; printf '%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': ($rows,), }"; } >long.npy
    truncate -s $((128 + 4 * rows)) long.npy
    printf '\0\0\200\77' | dd of=long.npy bs=1 seek=$((128 + 4 * (rows - 1))) conv=notrunc status=none # 1.0
    pid-extract --shard 99999/100000 --type a=vector --type y=vector --source a=long.npy --source b=long.npy --type b=vector --target y=long.npy | pid-cat --shard 0/1 -o end
    pid-cat -f tsv end | tail -n 2 >lines
    [ "$(cut -f1 lines)" = "$(printf '%s\n' $((rows - 2)) $((rows - 1)))" ]
    [ "$(sed -n 1p lines | cut -f2-)" = "$(printf '0\t0\t0')" ]
    [ "$(sed -n 2p lines | cut -f2-)" = "$(printf '1\t1\t1')" ]
}

# kib N COMMAND...: its peak memory on N groups
kib() { "$built/peak" kib "${@:2}" <"in.$1" >out || return 1; cat kib; }

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
