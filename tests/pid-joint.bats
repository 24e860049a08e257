#!/usr/bin/env bats
# pid-joint: labels to tables, tables from text, tables added up.

bats_require_minimum_version 1.5.0

setup() {
  cd "$BATS_TEST_TMPDIR"
}

# Cells as "key... x1 x2 y weight", without header and without the column of replicates.
cells() {
  pid-cat --codes -f tsv "$@" | awk -F '\t' '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == "replicate") drop = i; next }
    { line = ""; for (i = 1; i <= NF; i++) if (i != drop) line = line (line == "" ? "" : " ") $i; print line }'
}

# The same table from labels by awk: keys and labels are the columns but `row`.
counted() {
  pid-cat --codes -f tsv "$@" | awk -F '\t' 'NR > 1 { n[$1 " " $3 " " $4 " " $5]++ } END { for (c in n) print c, n[c] }' | sort
}

@test "a table is what counting by hand gives" {
  pid-synth --kind labels -n 5000 noisy:0.1,0.3 -o labels
  pid-joint labels | cells | sort | cmp - <(counted labels)
}

@test "cells are in order, samples and shape are told" {
  run -0 pid-cat -f json <(pid-synth --kind labels -n 1000 and | pid-joint)
  [[ "${lines[1]}" == *'"samples":1000,"shape":[2,2,2],"cells":[[0,0,0],[0,1,0],[1,0,0],[1,1,1]],'* ]]
}

@test "each key has its table, in natural order" {
  pid-synth --kind labels -n 300 copy:10,2 xor copy:9,2 -o labels
  pid-joint labels -o joint
  [ "$(cells joint | cut -d ' ' -f 1 | uniq | tr '\n' ' ')" = "copy:9,2 copy:10,2 xor " ]
  cells joint | sort | cmp - <(counted labels)
}

@test "--per '' is one table for all, and levels that differ take the larger shape" {
  pid-synth --kind labels -n 300 and unq copy:3,2 | pid-joint --per '' | pid-cat -f json > out
  [ "$(grep -c samples out)" -eq 1 ]
  grep -q '"key":{},.*"samples":900,"shape":\[3,2,6\]' out
}

@test "--sources and --target choose variables, roles and order" {
  pid-synth --kind labels -n 1000 unq1 -o labels
  pid-joint --sources y,x2 --target x1 labels > joint
  pid-cat --header joint | grep -q '"name":"y","role":"source".*"name":"x2","role":"source".*"name":"x1","role":"target"'
  cells joint | awk '{ print $1, $4, $3, $2, $5 }' | sort | cmp - <(pid-joint labels | cells | sort)
  pid-joint --target x2 labels | pid-cat --header | grep -q '"name":"x1","role":"source".*"name":"x2","role":"target"'
}

@test "categories of samples are counted too, vectors are refused" {
  pid-synth --kind samples -n 100 and -o samples
  run -1 --separate-stderr pid-joint samples
  [ -z "$output" ]
  [[ "$stderr" == "pid-joint: variable 'x1' is a vector"* ]]
}

@test "the same rows in other batches, files and with more threads are the same bytes" {
  pid-synth --kind labels -n 400000 noisy:0.1,0.3 -o whole
  pid-joint whole > a
  pid-joint -j 2 < whole > b
  cmp a b
  gzip -c whole | pid-joint > b
  cmp a b
}

@test "merging adds cell by cell and can be merged again" {
  pid-synth --kind labels -n 1000 --seed 1 xor copy:2,3 -o l1
  pid-synth --kind labels -n 2000 --seed 2 xor copy:2,3 -o l2
  for l in l1 l2; do pid-joint $l -o j${l#l}; done
  pid-joint --merge j1 j2 | cells > merged
  pid-joint l1 l2 | cells | cmp - merged
  pid-joint --merge j2 j1 | cells | cmp - merged
  pid-joint --merge <(pid-joint --merge j2) <(pid-joint --merge j1) | cells | cmp - merged
}

@test "merging can drop a key" {
  pid-synth --kind labels -n 1000 and or xor -o labels
  pid-joint --per '' labels | cells > expected
  pid-joint labels | pid-joint --merge --per '' | cells | cmp - expected
}

@test "merging an exact distribution keeps it, and refuses to add it to counts" {
  pid-synth noisy:0.1,0.3 -o exact
  pid-joint --merge exact | cells | cmp - <(cells exact)
  pid-joint --merge exact | pid-cat -f json | grep -q '"samples":0'
  pid-synth -n 100 noisy:0.1,0.3 -o counts
  run -1 --separate-stderr pid-joint --merge exact counts
  [ -z "$output" ]
  [[ "$stderr" == *"counts: record 1: an exact distribution cannot be added to counts"* ]]
}

@test "merging refuses other variables and other levels" {
  pid-synth -n 100 and -o a
  pid-synth -n 100 unq -o b
  run -1 --separate-stderr pid-joint --merge a b
  [ -z "$output" ]
  [[ "$stderr" == "pid-joint: b: "* ]]
  pid-synth --kind labels -n 100 and | pid-joint --sources x2 --target y -o c
  run -1 --separate-stderr pid-joint --merge a c
  [[ "$stderr" == "pid-joint: c: "* ]]
}

@test "a cut stream gives no table" {
  pid-synth --kind labels -n 1000 and -o labels
  for bytes in 0 10 500 $(($(stat -c %s labels) - 1)); do
    run -1 --separate-stderr pid-joint -o out <(head -c $bytes labels)
    [[ "$stderr" == "pid-joint: "* ]]
    [ ! -e out ]
    head -c $bytes labels > cut
    run -1 pid-joint --merge -o out cut
    [ ! -e out ]
  done
}

@test "wrong use and wrong names: one line, no output" {
  pid-synth --kind labels -n 10 and -o labels
  run -1 --separate-stderr pid-joint --sources x1,x3 labels
  [ "$stderr" = "pid-joint: the input has no variable 'x3'" ]
  [ -z "$output" ]
  run -1 --separate-stderr pid-joint --per layer labels
  [ "$stderr" = "pid-joint: labels: record 1: has no key 'layer', which --per asks for" ]
  run -2 --separate-stderr pid-joint --sources x1,x1 --target y labels
  run -2 --separate-stderr pid-joint --sources x1,,x2 labels
  run -2 --separate-stderr pid-joint --merge --sources x1 labels
  run -1 --separate-stderr pid-joint --sources y labels
  run -1 --separate-stderr pid-joint --merge labels
  [ "$stderr" = "pid-joint: labels: holds labels, not joint" ]
  run -1 --separate-stderr pid-joint missing
  [[ "$stderr" == "pid-joint: missing: "* ]]
}
