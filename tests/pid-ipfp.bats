bats_require_minimum_version 1.5.0
# pid-ipfp: decompositions with a proof.  Closed forms: Bertschinger et al. 2014; tests/unit/decomposition.c has the hard tables.

setup() { cd "$BATS_TEST_TMPDIR"; }

# value NAME: of the last record of the stream on standard input
value() { pid-cat -f json | jq --arg name "$1" -s '[.[] | select(.values)][-1].values[$name]'; }

# near A B TOLERANCE
near() { awk -v a="$1" -v b="$2" -v t="$3" 'BEGIN { d = a - b; exit !(d <= t && d >= -t) }' || { echo "got $1, expected $2"; return 1; }; }

@test "every gate of pid-synth has the atoms of its truth, within its gap" {
    pid-synth --list | cut -f1 | cut -d' ' -f1 | cut -d: -f1 >all
    [ "$(wc -l <all)" -gt 10 ]
    for gate in and or xor unq unq1 rdn rdnxor rdnunqxor xorand sum copy:3,5; do
        pid-synth "$gate" | pid-ipfp >solved.mp
        pid-synth --truth "$gate" >truth.tsv
        for atom in redundant unique:x1 unique:x2 synergy total; do
            expected=$(awk -F'\t' -v atom="$atom" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == atom) c = i } NR == 2 { print $c }' truth.tsv)
            near "$(value "$atom" <solved.mp)" "$expected" 1e-6
        done
        near "$(value gap <solved.mp)" 0 1e-6
    done
}

@test "the names of the two unique informations are not swapped: Y = X1, Y = X2" {
    printf 'a\tb\ty\n0\t0\t0\n0\t1\t0\n1\t0\t1\n1\t1\t1\n' | pid-joint --table - --sources a,b --target y | pid-ipfp >a.mp
    near "$(value unique:a <a.mp)" 1 1e-9
    near "$(value unique:b <a.mp)" 0 1e-9
    near "$(value share:a <a.mp)" 1 1e-6
    printf 'a\tb\ty\n0\t0\t0\n0\t1\t1\n1\t0\t0\n1\t1\t1\n' | pid-joint --table - --sources a,b --target y | pid-ipfp >b.mp
    near "$(value unique:a <b.mp)" 0 1e-9
    near "$(value unique:b <b.mp)" 1 1e-9
}

@test "the redundancy of and is not that of I(X1;Y) + I(X2;Y) - I(X1;X2)" {
    near "$(pid-synth and | pid-ipfp | value redundant)" 0.311278124459133 1e-8
}

@test "a share is undefined where nothing is unique, and a note says why" {
    pid-synth xor | pid-ipfp | pid-cat -f json | jq -s -e '.[1].values["share:x1"] == null and (.[1].notes[0] | contains("do not exceed"))'
}

@test "a share is undefined where there are no more samples than clusters" {
    pid-synth unq --kind labels -n 2 | pid-joint | pid-ipfp | pid-cat -f json |
        jq -s -e '.[1].values["share:x1"] == null and (.[1].notes[0] | contains("2 samples"))'
}

@test "records keep their order and their bytes for any number of threads" {
    pid-synth and or xor sum rdnunqxor unq copy:4,4 >joint.mp
    for i in $(seq 40); do echo joint.mp; done | xargs pid-cat >many.mp
    pid-ipfp -j 1 many.mp >one.mp
    pid-ipfp -j 3 <many.mp >three.mp
    cmp one.mp three.mp
    [ "$(pid-cat -f tsv one.mp | awk 'NR > 1 { print $1 }' | head -8 | tr '\n' ' ')" = "and or xor sum rdnunqxor unq copy:4,4 and " ]
}

@test "--strict tells a missed tolerance by status 3, with the results written" {
    pid-synth --kind joint -n 300 --seed 5 rdnunqxor >joint.mp
    run -3 --separate-stderr pid-ipfp --solver ipfp --max-iterations 1 --strict joint.mp -o solved.mp
    [[ "$stderr" == *"1 of 1 tables miss the tolerance of 1e-09 bits; the largest gap is "* ]]
    pid-cat --check solved.mp
    pid-cat -f json solved.mp | jq -s -e '.[1].text.status == "iteration-limit" and .[1].values.gap > 1e-9'
}

@test "--coupling writes a distribution with the table's marginals" {
    pid-synth and | pid-ipfp --coupling --coupling-threshold 0 | pid-cat -f json >out
    jq -s -e '.[1].arrays | [.["coupling:cells"], .["coupling:weights"]] | transpose |
        (map(.[1]) | add - 1 | fabs < 1e-12) and
        (map(select(.[0][0] == 1 and .[0][2] == 0) | .[1]) | add - 0.25 | fabs < 1e-9)' out
}

@test "--potentials writes one table a source" {
    pid-synth and | pid-ipfp --potentials | pid-cat -f json |
        jq -s -e '.[1].arrays | (.["potential:x1"] | length == 2 and (.[0] | length == 2)) and has("potential:x2")'
}

@test "one source is refused with what to do" {
    printf 'a\ty\n0\t0\n1\t1\n' | pid-joint --table - --sources a --target y >joint.mp
    run pid-ipfp joint.mp
    [ "$status" -eq 1 ]
    [[ "$output" == *"has 1 source and 1 target, not two or more and 1: pid-joint --sources A,B --target Y selects them"* ]]
}

# rows: 200 rows of three sources that overlap and a target, by a fixed rule
rows() { awk 'BEGIN { print "a\tb\tc\ty"; for (i = 0; i < 200; i++) { a = i % 3; b = int(i / 2) % 4; c = (i * i) % 5 % 3; print a "\t" b "\t" c "\t" (a + b * (i % 7 > 2) + c) % 4 } }'; }

@test "three sources: what each tells that the others together do not, in any order of the sources" {
    rows >rows.tsv
    for order in a,b,c c,a,b b,c,a; do
        pid-joint --table rows.tsv --sources $order --target y | pid-ipfp >$order.mp
        for name in unique:a unique:b unique:c mi:a total remainder o-information redundant:a synergy:b; do
            near "$(value $name <$order.mp)" "$(value $name <a,b,c.mp)" 1.1e-9
        done
    done
    # The others merged by hand.
    awk -F'\t' -v OFS='\t' '{ print $1, NR == 1 ? "bc" : $2 "/" $3, $4 }' rows.tsv >merged.tsv
    pid-joint --table merged.tsv --sources a,bc --target y | pid-ipfp >merged.mp
    near "$(value unique:a <a,b,c.mp)" "$(value unique:a <merged.mp)" 1.1e-9
    near "$(value synergy:a <a,b,c.mp)" "$(value synergy <merged.mp)" 1.1e-9
    pid-joint --table rows.tsv --sources a,c --target y | pid-ipfp >pair.mp
    near "$(value redundant:a+c <a,b,c.mp)" "$(value redundant <pair.mp)" 1.1e-9
    pid-cat -f json a,b,c.mp | jq -s -e '.[1].values | (.["unique:a"] + .["unique:b"] + .["unique:c"] + .remainder - .total | fabs < 1e-12) and
        (.["share:a"] + .["share:b"] + .["share:c"] - 1 | fabs < 1e-12)'
}

@test "two of three sources give the answer of a table of two, bit for bit" {
    rows >rows.tsv
    pid-joint --table rows.tsv --sources a,b --target y | pid-ipfp | pid-cat -f tsv >two.tsv
    cut -f1,2,4 rows.tsv | pid-joint --table - --sources a,b --target y | pid-ipfp | pid-cat -f tsv | diff two.tsv -
}

@test "--potentials and --coupling are refused for three sources" {
    rows | pid-joint --table - --sources a,b,c --target y >joint.mp
    run -2 --separate-stderr pid-ipfp --potentials joint.mp
    [[ $stderr = *"for two sources; here are 3"* ]]
}

@test "labels are refused by their kind" {
    pid-synth and --kind labels -n 10 >labels.mp
    run pid-ipfp labels.mp
    [ "$status" -eq 1 ]
    [ "$output" = "pid-ipfp: labels.mp: holds labels, not joint" ]
}

@test "an empty table is refused with its record" {
    printf 'a\tb\ty\tp\n0\t0\t0\t0\n' >zero.tsv
    run bash -c 'pid-joint --table zero.tsv --sources a,b --target y --weight p | pid-ipfp; exit ${PIPESTATUS[1]}'
    [ "$status" -eq 1 ]
}

@test "tolerances out of range are wrong use" {
    run pid-ipfp --tolerance -1
    [ "$status" -eq 2 ]
    [[ "${lines[0]}" == "pid-ipfp: --tolerance: '-1' is not a number from 0 to 1" ]]
    run pid-ipfp --tolerance 1e-9x
    [ "$status" -eq 2 ]
}

@test "replicates are solved as far as chance moves them, the data to the tolerance; both can be told" {
    pid-synth unq --kind labels -n 500 --seed 3 | pid-joint --bootstrap 3 --permute 2 --subsample 0.5 >j.mp
    gaps() { pid-cat -f json - | jq -r 'select(.values) | [.replicate.type // "data", .values.gap] | @tsv'; }
    command -v jq >/dev/null || skip "jq is not installed"
    pid-ipfp j.mp | gaps >loose
    # 4 x 4 symbols: chance is 1/sqrt(n) or c/n bits; data are always exact
    awk '$1 == "data" && $2 > 1e-9 || $1 != "data" && $2 > 0.01 * 8 / 250 { exit 1 }' loose
    [ "$(wc -l <loose)" -eq 8 ]
    pid-ipfp --replicate-tolerance 1e-10 j.mp | gaps >tight
    awk '$2 > 1e-9 { exit 1 }' tight
    pid-ipfp --tolerance 1e-3 --replicate-tolerance 1e-9 j.mp | gaps >even
    [ "$(pid-ipfp --tolerance 1e-3 j.mp | gaps)" = "$(cat even)" ]
    run pid-ipfp --replicate-tolerance 2 j.mp
    [ "$status" -eq 2 ]
}
