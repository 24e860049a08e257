#!/usr/bin/env bats
# examples/black-box and examples/audio-image run as they stand, and print what is known of their data.
bats_require_minimum_version 1.5.0

setup() { cd "$BATS_TEST_TMPDIR"; }

try() { make --no-print-directory -s -f "$top_srcdir/examples/$1/Makefile" "${@:2}"; }

# value FILE COLUMN [ROW]
value() { awk -F'\t' -v name="$2" -v row="${3:-2}" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i } NR == row { print $at }' "$1"; }

@test "black-box: three answers a sample, and the same figures from the votes themselves" {
    try black-box permutations=20 >table
    grep -q '^What voice and face tell about both' table
    [ "$(wc -l <out/answers.jsonl)" -eq 6042 ]
    pid-report -f tsv out/decomposition.mp >report
    # the three answers as a table that no reader of arrays has seen
    awk -F'"' 'BEGIN { print "voice\tface\tboth" } { print $8 "\t" $12 "\t" $16 }' out/answers.jsonl >votes.tsv
    pid-joint --table votes.tsv --sources voice,face --target both | pid-ipfp | pid-report -f tsv >votes
    for part in redundant unique:voice unique:face synergy total; do
        a=$(value report "$part") b=$(value votes "$part")
        awk -v a="$a" -v b="$b" 'BEGIN { exit !(a != "" && (a - b) ^ 2 < 1e-18) }' || { echo "$part $a $b"; return 1; }
    done
}

@test "black-box: answers of one's own" {
    for i in $(seq 40); do printf '{"image": "%s", "text": "%s", "joint": "%s"}\n' $((i % 2)) $((i / 2 % 2)) $((i % 2 * (i / 2 % 2))); done >mine.jsonl
    try black-box answers=mine.jsonl sources='image text' target=joint permutations=0 >table
    pid-report -f tsv out/decomposition.mp >report
    awk -v r="$(value report redundant)" -v s="$(value report synergy)" 'BEGIN { exit !((r - .311278) ^ 2 < 1e-10 && (s - .5) ^ 2 < 1e-10) }'
}

@test "audio-image: a table for each pool" {
    try audio-image >table
    for pool in mean max last; do grep -q "^$pool " table; done
    pid-report -f tsv out/decomposition.mp >report
    # a part of a digit's entropy, log2(10), and not all
    for row in 2 3 4; do awk -v t="$(value report total $row)" 'BEGIN { exit !(t > 2 && t < 3.3219) }'; done
}
