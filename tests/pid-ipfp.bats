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

@test "--potentials of three sources lists the others; --coupling is refused" {
    rows | pid-joint --table - --sources a,b,c --target y >joint.mp
    pid-ipfp --potentials joint.mp | pid-cat -f json | jq -s -e '.[1].arrays as $a |
        ($a["potential:b"] | length == 4 and all(length == 4)) and ($a["others:b"] | all(length == 3) and . == sort and . == unique) and
        ($a["others:b"] | length) == ($a["potential:others:b"] | length) and ($a | length == 9)'
    run -2 --separate-stderr pid-ipfp --coupling joint.mp
    [[ $stderr = *"for two sources; here are 3"* ]]
}

@test "labels are refused by their kind" {
    pid-synth and --kind labels -n 10 >labels.mp
    run pid-ipfp labels.mp
    [ "$status" -eq 1 ]
    [ "$output" = "pid-ipfp: labels.mp: holds labels, not joint" ]
}

# reseal EXPRESSION: changes the bytes of the stream on standard input by Perl, with a checksum that is right again.
reseal() {
    perl -0777 -pe 's/(\x84\xa3end.*\xa5crc32\xce).{4}$//s or die; open my $end, ">", "end"; print $end $1; '"$1" >body
    mapfile -t crc < <(gzip -c body | tail -c 8 | head -c 4 | od -An -tx1 -w1 | tr -d ' ')
    cat body end
    printf '%b' "\\x${crc[3]}\\x${crc[2]}\\x${crc[1]}\\x${crc[0]}"
}

# refused TABLE TEXT: pid-ipfp ends with the one line and without a file
refused() {
    run -1 --separate-stderr pid-ipfp -j 2 -o solved.mp "$1"
    [ "$stderr" = "pid-ipfp: $1: $2" ] || { echo "$stderr"; return 1; }
    [ ! -e solved.mp ]
}

@test "negative, NaN, infinite, zero and empty tables are refused with the record's number" {
    pid-synth and xor or >joint.mp
    reseal '' <joint.mp | cmp - joint.mp
    second='(gate\xa3xor.*?weights\xc4\x20)'
    reseal "s/$second.{8}/\$1 . pack('d<', -1)/se" <joint.mp >negative.mp
    reseal "s/$second.{8}/\$1 . pack('Q<', 0x7ff8000000000000)/se" <joint.mp >nan.mp
    reseal "s/$second.{8}/\$1 . pack('d<', 9**9**9)/se" <joint.mp >infinite.mp
    reseal "s/$second.{32}/\$1 . chr(0) x 32/se" <joint.mp >zero.mp
    reseal 's/(gate\xa3xor.*?cells\xc4)\x30.{48}(\xa7weights\xc4)\x20.{32}/$1 . chr(0) . $2 . chr(0)/se' <joint.mp >empty.mp
    for name in negative nan infinite zero empty; do
        run -1 --separate-stderr pid-ipfp -j 2 -o solved.mp $name.mp
        [[ "$stderr" == "pid-ipfp: $name.mp: record 2"*": "* ]] || { echo "$stderr"; return 1; }
        [ "$(wc -l <<<"$stderr")" -eq 1 ]
        [ ! -e solved.mp ]
        run -1 --separate-stderr bash -c "pid-ipfp -q <$name.mp | pid-report"
        [ -z "$output" ]
    done
    refused zero.mp 'record 2: all weights of the table are zero'
    refused empty.mp 'record 2: the table has no cells'
}

# and_of WEIGHTS...: the atoms of the and gate with these weights (by=--count: counts), rounded to 1e-10 bits
and_of() {
    printf 'a\tb\ty\tw\n0\t0\t0\t%s\n0\t1\t0\t%s\n1\t0\t0\t%s\n1\t1\t1\t%s\n' "$@" | pid-joint --table - --sources a,b --target y "${by:---weight}" w |
        pid-ipfp -t 1e-11 | pid-cat -f json | jq -s -c '.[1].values | [.redundant, ."unique:a", ."unique:b", .synergy | . * 1e10 | round]'
}

@test "the scale of the weights does not matter, from the smallest double to the largest" {
    for w in 1 5e-324 1e-310 1e-300 1e-3 1e300 4e307; do
        [ "$(and_of $w $w $w $w)" = '[3112781245,0,0,5000000000]' ] || { echo "$w: $(and_of $w $w $w $w)"; return 1; }
    done
    # a cell of 1e-600 of the whole is as if it were not there
    [ "$(and_of 1e300 1e-300 1e300 1e300)" = "$(and_of 1 0 1 1)" ]
}

@test "counts up to 2^53" {
    by=--count
    quarter=2251799813685248
    [ "$(and_of $quarter $quarter $quarter $quarter)" = '[3112781245,0,0,5000000000]' ]
    printf 'a\tb\ty\tw\n0\t0\t0\t9007199254740991\n1\t1\t1\t1\n' | pid-joint --table - --sources a,b --target y --count w | pid-ipfp >solved.mp
    pid-cat -f json solved.mp | jq -s -e '.[1].samples == 9007199254740992'
    # H(2^-53) = 2^-53 (53 + 1 / ln 2)
    near "$(value redundant <solved.mp)" 6.044351e-15 1e-19
}

@test "a limit of time ends a table with the bounds proved by then" {
    pid-synth --kind joint -n 300 --seed 5 rdnunqxor >joint.mp
    run -3 --separate-stderr pid-ipfp --max-seconds 1e-6 --strict joint.mp -o solved.mp
    [[ "$stderr" == *"1 of 1 tables miss the tolerance of 1e-09 bits"* ]]
    pid-cat -f json solved.mp | jq -s -e '.[1] | .text.status == "time-limit" and (.values | .lower <= .upper and .gap > 1e-9 and .gap < 4)'
    pid-ipfp joint.mp | pid-cat -f json | jq -s -e --argjson lower "$(value lower <solved.mp)" --argjson upper "$(value upper <solved.mp)" \
        '.[1].values.union | . >= $lower and . <= $upper'
}

# hard TABLE: rows of a dense table; with a tolerance of 0 and no limit of steps that matters, IPFP never ends on it
hard() { awk -v t="$1" 'BEGIN { srand(1); for (a = 0; a < 20; a++) for (b = 0; b < 20; b++) for (y = 0; y < 10; y++) printf "%d\t%d\t%d\t%d\t%g\n", t, a, b, y, rand() }'; }
endless=(pid-ipfp --solver ipfp -t 0 --max-iterations 1000000000000)

@test "a long solve tells its progress in each thread; an interrupt leaves no file and no stream that is accepted" {
    { printf 't\ta\tb\ty\tw\n'; hard 1; hard 2; } | pid-joint --table - --per t --sources a,b --target y --weight w >joint.mp
    mkdir out
    for case in 'INT 130 1' 'TERM 143 2' 'HUP 129 2'; do
        read -r signal expected jobs <<<"$case"
        for output in out/solved.mp /dev/stdout; do
            : >progress
            env --default-signal=INT,HUP "${endless[@]}" -j "$jobs" --progress -o "$output" joint.mp 2>progress >stdout 3>&- &
            pid=$!
            until grep -qE "^pid-ipfp: table $jobs: [1-9][0-9]* iterations, gap [0-9.e-]+ bits, [0-9]+ s$" progress; do
                kill -0 $pid
                [ "$(wc -l <progress)" -lt 200 ] || { kill $pid; false; }
                sleep .05
            done
            kill -$signal $pid
            status=0
            wait $pid || status=$?
            [ "$status" -eq "$expected" ]
            [ -z "$(ls -A out)" ]
            run -1 pid-report stdout
        done
    done
}

@test "one table that is refused ends the run although another would take for ever" {
    { printf 't\ta\tb\ty\tw\n'; hard 1; printf '2\t0\t0\t0\t1\n'; } | pid-joint --table - --per t --sources a,b --target y --weight w |
        reseal 's/.*weights\xc4\x08\K.{8}/chr(0) x 8/se' >joint.mp
    run -1 --separate-stderr timeout 60 "${endless[@]}" -j 2 joint.mp -o solved.mp
    [ "$stderr" = "pid-ipfp: joint.mp: record 2: all weights of the table are zero" ]
}

@test "--coupling: what the threshold leaves out is told, and 0 leaves nothing out" {
    pid-synth --kind joint -n 300 --seed 5 rdnunqxor >joint.mp
    pid-ipfp --coupling --coupling-threshold 1e-3 joint.mp | pid-cat -f json >some
    pid-ipfp --coupling --coupling-threshold 0 joint.mp | pid-cat -f json >all
    jq -s -e '.[1] | (.arrays["coupling:weights"] | min >= 1e-3) and .values["coupling:left-out"] > 0 and
        ((.arrays["coupling:weights"] | add) + .values["coupling:left-out"] - 1 | fabs < 1e-12)' some
    jq -s -e '.[1] | .values["coupling:left-out"] == 0 and (.arrays["coupling:weights"] | add - 1 | fabs < 1e-12)' all
    pid-ipfp joint.mp | pid-cat -f json | jq -s -e '.[1].values | has("coupling:left-out") | not'
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
