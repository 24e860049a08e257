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

# Replicate and number, key and weights, as awk sees them.
replicates() { pid-cat --codes -f json "$@" | sed '1d;$d'; }

@test "replicates follow their table: data, bootstraps, permutations, subsamples" {
  pid-synth --kind labels -n 500 and xor | pid-joint --bootstrap 2 --permute 1 --subsample 0.25x1,0.5 2> err -o joint || true
  grep -q "not a number of subsamples" err
  pid-synth --kind labels -n 500 and xor | pid-joint --bootstrap 2 --permute 1 --subsample 0.25,0.5 -o joint
  [ "$(replicates joint | grep -o '"type":"[a-z]*","index":[0-9]*' | tr -d '"' | sed 's/type://; s/,index:/ /' | tr '\n' ';')" = \
    "$(for g in 1 2; do printf 'data 0;bootstrap 0;bootstrap 1;permutation 0;subsample 0;subsample 1;subsample 0;subsample 1;subsample 2;subsample 3;'; done)" ]
  [ "$(replicates joint | grep -c '"fraction":0.25')" -eq 8 ]
}

@test "the data table does not depend on the replicates, nor a replicate on the others" {
  pid-synth --kind labels -n 2000 noisy:0.1,0.3 -o labels
  pid-joint labels | replicates | grep data > data
  pid-joint --bootstrap 5 labels | replicates | grep bootstrap > five
  pid-joint --bootstrap 9 --permute 3 --subsample 0.5 labels | replicates > all
  grep '"data"' all | cmp - data
  grep bootstrap all | head -n 5 | cmp - five
  [ "$(sort -u five | wc -l)" -eq 5 ]
  pid-joint --bootstrap 5 --seed 2 labels | replicates | grep bootstrap > other
  ! cmp -s five other
}

@test "replicates are the same bytes whatever the threads" {
  pid-synth --kind labels -n 5000 noisy:0.1,0.3 copy:5,7 -o labels
  pid-joint --bootstrap 20 --permute 20 --subsample 0.5,0.1x20 -j 1 labels -o one
  for j in 2 3 7; do pid-joint --bootstrap 20 --permute 20 --subsample 0.5,0.1x20 -j $j labels | cmp - one; done
}

@test "replicates of merged shards are those of the whole, byte for byte" {
  pid-synth --kind labels -n 7000 noisy:0.1,0.3 copy:20,7 -o whole
  pid-joint --bootstrap 7 --subsample 0.5,0.3 --permute 3 whole | replicates > expected
  for n in 1 2 7 35; do
    parts=()
    for ((i = 0; i < n; i++)); do
      pid-synth --kind labels --first $((7000 / n * i)) -n $((7000 / n)) noisy:0.1,0.3 copy:20,7 |
        pid-joint --bootstrap 7 --subsample 0.5,0.3 -o part-$i
      parts=(part-$i "${parts[@]}")
    done
    pid-joint --merge --permute 3 "${parts[@]}" | replicates | cmp - expected
  done
}

@test "a replicate without rows is left out with a warning, in shards and in the whole" {
  pid-synth --kind labels -n 2 xor | pid-joint --bootstrap 100 2> err | replicates > whole
  grep -q "gate=xor: [0-9]* of 100 bootstrap replicates have no rows" err
  n=$(wc -l < whole)
  [ "$n" -gt 50 ]
  [ "$n" -lt 101 ]
  ! grep '"samples":0' whole
  for i in 0 1; do pid-synth --kind labels --first $i -n 1 xor | pid-joint -q --bootstrap 100 -o part-$i; done
  pid-joint --merge part-0 part-1 | replicates | cmp - whole
}

@test "permutations keep sources and target and nothing else" {
  pid-synth --kind labels -n 3000 copy:3,4 | pid-joint --permute 4 -o joint
  # x1 x2 and y have as many rows in each replicate as in the data, 12 x 12 cells are occupied instead of 12.
  pid-cat --codes -f json joint | grep -c '"cells"' | grep -qx 5
  pid-cat --codes -f tsv joint | awk -F '\t' '
    NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    { r = $at["replicate"]; x[$at["x1"] "," $at["x2"] " " r] += $at["weight"]; y[$at["y"] " " r] += $at["weight"]; cells[r]++; seen[r] = 1 }
    END {
      for (r in seen) {
        n++
        for (i = 0; i < 12; i++) {
          if (x[int(i / 4) "," i % 4 " " r] != x[int(i / 4) "," i % 4 " data"] || y[i " " r] != y[i " data"]) exit 1
        }
        if (cells[r] != (r == "data" ? 12 : 144)) exit 1
      }
      if (n != 5) exit 1
    }'
}

@test "permuting within a variable that tells the target changes nothing, within a key it is done for each value" {
  pid-synth --kind labels -n 2000 unq1 -o labels
  pid-joint --sources x2 --target x1 --permute 2 --permute-within y labels | replicates | sed 's/.*"samples"//' > told
  [ "$(sort -u told | wc -l)" -eq 1 ]
  pid-joint --sources x2 --target x1 --permute 8 labels | replicates | sed 's/.*"samples"//' > untold
  [ "$(sort -u untold | wc -l)" -gt 4 ] # two of them may be alike by chance
  # Two keys as one table: their own targets differ (and: 1/4, or: 3/4), so free permutation makes them independent of the key.
  pid-synth --kind labels -n 2000 unq1 unq2 -o two
  pid-joint --per '' --permute 3 --permute-within gate two > within
  pid-joint --per '' --permute 3 two > free
  ! cmp -s within free
  pid-joint --per '' --permute 3 --permute-within gate -j 2 two | cmp - within
}

@test "rows of a cluster stay together" {
  # Each gate is a cluster of 300 rows, so that counts are multiples of that.
  pid-synth --kind labels -n 300 and or xor unq1 unq2 sum rdn diff -o labels
  pid-joint --per '' --cluster gate --bootstrap 20 labels | replicates | grep bootstrap | grep -o '"samples":[0-9]*' | cut -d : -f 2 > sizes
  awk '$1 % 300 { exit 1 } { seen[$1] } END { if (NR != 20 || length(seen) < 4) exit 1 }' sizes
  pid-joint --per '' --bootstrap 20 labels | replicates | grep bootstrap | grep -o '"samples":[0-9]*' | cut -d : -f 2 > rows
  awk '$1 % 300 { other = 1 } END { exit !other }' rows
}

@test "replicates: what cannot be drawn is refused" {
  pid-synth --kind labels -n 100 and or -o labels
  pid-synth and -o exact
  run -1 --separate-stderr pid-joint --bootstrap 3 labels labels
  [[ "$stderr" == *"row number 0 comes twice"* ]]
  run -1 --separate-stderr pid-joint --merge --permute 3 exact
  [[ "$stderr" == *"only counts of samples"* ]]
  pid-joint --permute 2 labels -o permuted
  run -1 --separate-stderr pid-joint --merge permuted permuted
  [[ "$stderr" == *"permutations of parts"* ]]
  run -1 --separate-stderr pid-joint --permute 2 --permute-within layer labels
  [[ "$stderr" == *"labels: record 1: has neither a variable nor a key 'layer'"* ]]
  run -1 --separate-stderr pid-joint --bootstrap 2 --cluster layer labels
  [[ "$stderr" == *"labels: record 1: has no key 'layer'"* ]]
  run -1 --separate-stderr pid-joint --bootstrap 2 --cluster gate labels
  [[ "$stderr" == *"leave it out of --per"* ]]
  for wrong in "--bootstrap -1" "--bootstrap x" "--subsample 0" "--subsample 2" "--subsample 0.5,0.5" "--subsample 0.5x0" "--subsample ," \
               "--cluster gate" "--permute-within x1" "--permute 1 --permute-within y" "--merge --bootstrap 2" "--merge --subsample 0.5"; do
    run -2 --separate-stderr pid-joint $wrong labels
    [ -z "$output" ]
    [[ "$stderr" == "pid-joint: "* ]]
  done
}

@test "a distribution from text is that of the gate" {
  pid-synth noisy:0.1,0.3 -o exact
  { printf 'x1\tx2\ty\tp\n'; cells exact | cut -d ' ' -f 2- | tr ' ' '\t'; } > table.tsv
  pid-joint --table table.tsv --sources x1,x2 --target y --weight p -o joint
  cells joint | cmp - <(cells exact | cut -d ' ' -f 2-)
  pid-cat -f json joint | grep -q '"samples":0,'
  pid-joint --table - --sources x1,x2 --target y --weight p < table.tsv | cells | cmp - <(cells joint)
  gzip -k table.tsv
  pid-joint --table table.tsv.gz --sources x1,x2 --target y --weight p | cells | cmp - <(cells joint)
}

@test "rows from text: names, order, other delimiters, quotes" {
  printf 'who,"a, b",c,d\nann,red,10,yes\nbob,"blue ""x""",9,no\nann,red,10,yes\nann,red,9,yes\n' > rows.csv
  run -0 pid-cat -f json <(pid-joint --table rows.csv --sources c,'d' --target 'who')
  [[ "${lines[0]}" == *'"name":"c","role":"source","type":"category","levels":["9","10"]'*'"name":"who","role":"target"'*'["ann","bob"]'* ]]
  [[ "${lines[1]}" == *'"samples":4,"shape":[2,2,2],"cells":[["9","no","bob"],["9","yes","ann"],["10","yes","ann"]],"weights":[1,1,2]'* ]]
  tac rows.csv > turned
  { head -n 1 rows.csv; head -n 4 turned; } | pid-joint --table - --sources c,d --target who | cells | cmp - <(pid-joint --table rows.csv --sources c,d --target who | cells)
}

@test "text: rows that name one cell add up, cells of weight zero go" {
  printf 'x;y;p;n\na;1;0.25;3\nb;1;0;0\na;1;0.5;4\nb;2;0.25;1\n' > t
  run -0 cells <(pid-joint --table t --sources x --target y --weight p)
  [ "$output" = "$(printf '0 0 0.75\n1 1 0.25')" ]
  run -0 cells <(pid-joint --table t --sources x --target y --count n)
  [ "$output" = "$(printf '0 0 7\n1 1 1')" ]
  pid-joint --table t --sources x --target y --count n --permute 2 | pid-cat -f json | grep -c '"samples":8' | grep -qx 3
}

@test "text: columns as keys, and a column to permute within" {
  pid-synth --kind labels -n 300 and xor copy:10,2 -o labels
  pid-cat -f tsv labels > t
  pid-joint --per gate --table t --sources x1,x2 --target y | cells | cmp - <(pid-joint labels | cells)
  pid-joint --table t --sources x1,x2 --target y --permute 3 --permute-within gate --bootstrap 2 | replicates | sed 's/"key":{[^}]*}//' > within
  pid-joint --per '' labels --permute 3 --permute-within gate | replicates | sed 's/"key":{[^}]*}//' > expected
  grep -v bootstrap within | cmp - expected
  pid-joint --per gate --cluster x1 --bootstrap 3 --table t --sources x1,x2 --target y -j 1 | replicates > one
  pid-joint --per gate --cluster x1 --bootstrap 3 --table t --sources x1,x2 --target y -j 3 | replicates | cmp - one
}

@test "text: what is wrong is told with its line, and nothing is written" {
  table() { printf "$1" > t; run -1 --separate-stderr pid-joint --table t --sources x --target y "${@:2}" -o out; [ -z "$output" ]; [ ! -e out ]; }
  table 'x\ty\tp\na\tb\t0.5\na\tc\t-0.5\n' --weight p
  [ "$stderr" = "pid-joint: t: line 3: column 'p': '-0.5' is not a finite number of at least 0" ]
  for number in nan inf 1e999 '' '1,5' 0x1; do
    table "x\ty\tp\na\tb\t$number\n" --weight p
    [[ "$stderr" == "pid-joint: t: line 2: column 'p': '"* ]]
  done
  for number in 1.5 -1 1e16 x; do
    table "x\ty\tn\na\tb\t$number\n" --count n
    [[ "$stderr" == "pid-joint: t: line 2: column 'n': '"*"is not a whole number"* ]]
  done
  table 'x\ty\na\tb\na\n'
  [[ "$stderr" == "pid-joint: t: line 3: "* ]]
  table 'x\ty\n'
  [[ "$stderr" == *"has no rows"* ]]
  table ''
  [[ "$stderr" == "pid-joint: t: is empty"* ]]
  table 'x\tz\na\tb\n'
  [[ "$stderr" == "pid-joint: t: "*"'y'"* ]]
  table 'x\ty\tp\na\tb\t0\n' --weight p
  [[ "$stderr" == *"all weights are 0" ]]
  table 'x\ty\tp\na\tb\t1e308\na\tb\t1e308\n' --weight p
  [[ "$stderr" == *"more than a double can hold" ]]
  table 'x\ty\tn\na\tb\t9007199254740992\na\tb\t1\n' --count n
  [[ "$stderr" == *"more than 2^53" ]]
  run -1 --separate-stderr pid-joint --table missing --sources x --target y
  [[ "$stderr" == "pid-joint: missing: "* ]]
}

@test "text: wrong use" {
  printf 'x\ty\tp\na\tb\t1\n' > t
  for wrong in "--sources x" "--target y" "--sources x --target x" "--sources x --target y more" "--sources x --target y --merge" \
               "--sources x --target y --weight y" "--sources x --target y --weight p --bootstrap 2" "--sources x --target y --weight p --permute 2" \
               "--sources x --target y --weight p --count p" "--sources x --target y --count p --bootstrap 2"; do
    run -2 --separate-stderr pid-joint --table t $wrong
    [ -z "$output" ]
    [[ "$stderr" == "pid-joint: "* ]]
  done
  run -2 --separate-stderr pid-joint --weight p t
}

@test "--expect takes the whole set of shards and nothing else" {
  pid-synth --kind labels -n 1000 noisy:0.1,0.3 | pid-cat -f tsv > rows.tsv
  extract() { pid-extract "$@" --source x1=rows.tsv:x1 --source x2=rows.tsv:x2 --target y=rows.tsv:y; }
  for k in 0 1 2; do extract --shard $k/3 | pid-joint --bootstrap 3 -o part-$k; done
  pid-joint --merge --expect 3 part-2 part-0 part-1 | cmp - <(extract | pid-joint --bootstrap 3)
  pid-joint --merge --expect 1 <(extract | pid-joint) > whole
  for wrong in "part-0 part-1" "part-0 part-1 part-2 part-1" "part-0" "whole" "whole whole whole" "part-0 part-1 whole"; do
    run -1 --separate-stderr pid-joint --merge --expect 3 $wrong
    [ -z "$output" ]
    [[ "$stderr" == "pid-joint: "* ]]
  done
  run -1 --separate-stderr pid-joint --merge --expect 4 part-0 part-1 part-2
  [[ "$stderr" == *"a set of 3 shards, not of 4 as --expect says" ]]
  run -2 --separate-stderr pid-joint --expect 3 part-0
}

@test "an output that cannot be written is told before the input is read" {
    pid-synth and --kind labels -n 100 >labels.mp
    pid-joint labels.mp >joint.mp
    for program in "pid-joint" "pid-sample -n 10"; do
        # The reader must not wait for the rest of the stream, which never comes.
        mkfifo pipe
        { head -c 700 labels.mp; exec sleep 60; } >pipe 2>/dev/null 3>&- &
        writer=$!
        run timeout 20 $program -o nowhere/out.mp <pipe
        kill "$writer" 2>/dev/null || true
        rm pipe
        [ "$status" -eq 1 ]
        [[ "$output" =~ "nowhere/out.mp" ]]
    done
    run pid-joint --merge -o nowhere/out.mp joint.mp
    [ "$status" -eq 1 ]
}
