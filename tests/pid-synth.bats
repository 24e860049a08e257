#!/usr/bin/env bats
# pid-synth: known distributions as tables, labels and vectors.

bats_require_minimum_version 1.5.0

# The table without the column that says which replicate a line belongs to.
columns() {
  pid-cat --codes -f tsv "$@" | awk -F '\t' '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == "replicate") drop = i }
    { line = ""; for (i = 1; i <= NF; i++) if (i != drop) line = line (line == "" ? "" : "\t") $i; print line }'
}

@test "the default is the exact distribution, one line a cell" {
  run columns <(pid-synth and)
  [ "$status" -eq 0 ]
  [ "$output" = "$(printf 'gate\tx1\tx2\ty\tweight\nand\t0\t0\t0\t0.25\nand\t0\t1\t0\t0.25\nand\t1\t0\t0\t0.25\nand\t1\t1\t1\t0.25')" ]
}

@test "an exact table says that no samples were counted" {
  pid-synth rdn | pid-cat -f json | grep -q '"samples":0,'
}

@test "several gates are several keys, and their different levels are left open in the header" {
  pid-synth and unq copy:3,5 > "$BATS_TEST_TMPDIR/s"
  [ "$(columns "$BATS_TEST_TMPDIR/s" | cut -f 1 | sort | uniq -c | tr -s ' ')" = "$(printf ' 4 and\n 15 copy:3,5\n 1 gate\n 4 unq')" ]
  pid-cat --header "$BATS_TEST_TMPDIR/s" | grep -v '"levels":2'
}

@test "--truth prints every listed gate" {
  for gate in $(pid-synth --list | cut -f 1 | sed 's/:M,N/:3,5/; s/:ER,E1,E2,ES/:0.1,0.3,0,0.5/; s/:E1,E2/:0.1,0.3/; s/:E$/:0.1/'); do
    pid-synth --truth "$gate" | awk -F '\t' -v gate="$gate" '
      NR == 1 { if ($0 != "gate\tredundant\tunique:x1\tunique:x2\tsynergy\ttotal\tmi:x1\tmi:x2\tshare:x1\tshare:x2") exit 1 }
      NR == 2 { d = $2 + $3 + $4 + $5 - $6; if ($1 != gate || NF != 10 || d > 1e-9 || d < -1e-9) exit 1 }
      END { if (NR != 2) exit 1 }'
  done
}

@test "--truth is right where the literature gives a value" {
  run pid-synth --truth and rdnunqxor reduced-or diff imperfect-rdn:0.1
  [ "$status" -eq 0 ]
  [ "${lines[1]}" = "$(printf 'and\t0.311278124459\t0\t0\t0.5\t0.811278124459\t0.311278124459\t0.311278124459\t.\t.')" ]
  [ "${lines[2]}" = "$(printf 'rdnunqxor\t1\t1\t1\t1\t4\t2\t2\t0.5\t0.5')" ]
  [[ "${lines[3]}" == reduced-or$'\t'0.31127812*$'\t'0$'\t'0$'\t'0.68872187* ]]
  [[ "${lines[4]}" == diff$'\t'0.1225562*$'\t'0.1887218*$'\t'0.1887218*$'\t'0$'\t'* ]]
  [[ "${lines[5]}" == imperfect-rdn:0.1$'\t'0.609986*$'\t'0.390013*$'\t'0$'\t'0$'\t'* ]]
}

@test "labels follow the gate" {
  pid-synth --kind labels -n 500 xor | columns | awk -F '\t' 'NR > 1 { n++; if (($3 + $4) % 2 != $5) bad = 1 } END { exit bad || n != 500 }'
}

@test "more rows begin with the same ones, another seed with others" {
  pid-synth --kind labels -n 50 xor | columns > "$BATS_TEST_TMPDIR/few"
  pid-synth --kind labels -n 200000 xor | columns | head -n 51 | cmp - "$BATS_TEST_TMPDIR/few"
  ! pid-synth --kind labels -n 50 --seed 2 xor | columns | cmp -s - "$BATS_TEST_TMPDIR/few"
}

@test "a shard has the rows of the whole" {
  pid-synth --kind samples -n 300 --noise 1 sum | columns | tail -n +102 > "$BATS_TEST_TMPDIR/whole"
  pid-synth --kind samples --first 100 -n 200 --noise 1 sum | columns | tail -n +2 | cmp - "$BATS_TEST_TMPDIR/whole"
}

@test "a joint table of N rows counts those rows" {
  pid-synth -n 200000 noisy:0.1,0.2 | columns | awk 'NR > 1 { print $2, $3, $4, $5 }' > "$BATS_TEST_TMPDIR/joint"
  pid-synth --kind labels -n 200000 noisy:0.1,0.2 | columns |
    awk 'NR > 1 { n[$3 " " $4 " " $5]++ } END { for (c in n) print c, n[c] }' | sort | cmp - "$BATS_TEST_TMPDIR/joint"
}

@test "without noise a level is a point, with noise it is not" {
  [ "$(pid-synth --kind samples -n 100 --dim 3 unq | columns | cut -f 3-5 | tail -n +2 | sort -u | wc -l)" -eq 2 ]
  [ "$(pid-synth --kind samples -n 100 --dim 3 --noise 0.1 unq | columns | cut -f 3-5 | tail -n +2 | sort -u | wc -l)" -eq 100 ]
}

@test "the same bytes twice" {
  pid-synth --kind samples -n 1000 --noise 1 sum > "$BATS_TEST_TMPDIR/a"
  pid-synth --kind samples -n 1000 --noise 1 -j 2 -o "$BATS_TEST_TMPDIR/b" sum
  cmp "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b"
}

@test "wrong use ends with status 2, one line that says why, and no stream" {
  for wrong in "" "nand" "and and" "--list and" "--list --truth" "copy" "copy:2" "copy:0,2" "imperfect-rdn:0.7" "--dim 3 and" "--rows 0 and" "--noise -1 --kind samples and" "--kind tables and"; do
    run --separate-stderr pid-synth $wrong
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [[ "$stderr" == "pid-synth: "* ]]
  done
}
