# Whole pipelines, as a user types them.
bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR"
    data=$top_srcdir/examples/data
}

# field NAME [FILE]: that column of every row of a tsv report
field() {
    awk -F'\t' -v name="$1" '/^#/ { next } !at { for (i = 1; i <= NF; i++) if ($i == name) at = i; if (!at) exit 1; next } { print $at }' "${2:-out.tsv}"
}

# near NAME VALUE [TOLERANCE]: the column of the only row
near() {
    local got
    got=$(field "$1") || { echo "no column $1 in:"; cat out.tsv; return 1; }
    [ "$(wc -l <<<"$got")" -eq 1 ] && [ "$got" != . ] &&
        awk -v got="$got" -v want="$2" -v tolerance="${3:-1e-6}" \
            'BEGIN { d = got - want; if (d < 0) d = -d; exit !(got == got + 0 && d <= tolerance) }' ||
        { echo "$1: got $got, expected $2"; return 1; }
}

# atoms REDUNDANT UNIQUE1 UNIQUE2 SYNERGY of sources $a and $b
atoms() {
    near redundant "$1" && near "unique:$a" "$2" && near "unique:$b" "$3" && near synergy "$4" &&
        near total "$(awk -v r="$1" -v u="$2" -v v="$3" -v s="$4" 'BEGIN { printf "%.9f", r + u + v + s }')" 3e-6 &&
        near gap 0 1e-6
}

gate() {
    a=x1 b=x2
    pid-synth "$1" | pid-ipfp | pid-report -f tsv >out.tsv && shift && atoms "$@"
}

@test "gates: and" { gate and .311278124 0 0 .5; }
@test "gates: or" { gate or .311278124 0 0 .5; }
@test "gates: xor" { gate xor 0 0 0 1; }
@test "gates: unq" { gate unq 0 1 1 0; }
@test "gates: rdn" { gate rdn 1 0 0 0; }
@test "gates: sum" { gate sum .5 0 0 1; }
@test "gates: xorand" { gate xorand .5 0 0 1; }
@test "gates: rdnxor" { gate rdnxor 1 0 0 1; }
@test "gates: rdnunqxor" { gate rdnunqxor 1 1 1 1; }
@test "gates: copy" { gate copy:2,2 0 1 1 0; }

@test "tables: a distribution of one's own, typed in" {
    a=x1 b=x2
    printf 'x1\tx2\ty\tp\n0\t0\t0\t.25\n0\t1\t0\t.25\n1\t0\t0\t.25\n1\t1\t1\t.25\n' |
        pid-joint --table - --sources x1,x2 --target y --weight p | pid-ipfp | pid-report -f tsv >out.tsv
    atoms .311278124 0 0 .5
}

@test "tables: an explicit zero changes nothing" {
    a=x1 b=x2
    printf 'x1\tx2\ty\tp\n0\t0\t0\t.25\n0\t1\t1\t.25\n1\t0\t1\t.25\n1\t1\t0\t.25\n1\t1\t1\t0\n' |
        pid-joint --table - --sources x1,x2 --target y --weight p | pid-ipfp | pid-report -f tsv >out.tsv
    atoms 0 0 0 1
}

@test "tables: Y = X1 is unique to x1, and swapped it is unique to x2" {
    a=x1 b=x2
    rows='x1\tx2\ty\na\tc\tno\na\td\tno\nb\tc\tyes\nb\td\tyes\n'
    printf "$rows" | pid-joint --table - --sources x1,x2 --target y | pid-ipfp | pid-report -f tsv >out.tsv
    atoms 0 1 0 0
    printf "$rows" | sed '1s/x1\tx2/x2\tx1/' | pid-joint --table - --sources x1,x2 --target y | pid-ipfp | pid-report -f tsv >out.tsv
    atoms 0 0 1 0
}

@test "tables: redundancy that fails one time in a thousand" {
    a=x1 b=x2
    printf 'x1\tx2\ty\tp\n0\t0\t0\t.499\n0\t1\t0\t.001\n1\t1\t1\t.5\n' |
        pid-joint --table - --sources x1,x2 --target y --weight p | pid-ipfp | pid-report -f tsv >out.tsv
    atoms .9895901 .0104099 0 0
}

@test "crema-d: voice and face against the intended emotion" {
    awk -f "$top_srcdir/examples/data/crema-d/votes.awk" "$data/crema-d/summaryTable.csv" >votes.tsv
    pid-joint --table votes.tsv --sources voice,face --target intended | pid-ipfp | pid-report -f tsv >out.tsv
    near n 6042 0
    near mi:voice .6498 5e-5
    near mi:face 1.4214 5e-5
    near total 1.5940 5e-5
    near redundant .6304 5e-5
    near unique:voice .0194 5e-5
    near unique:face .7910 5e-5
    near synergy .1532 5e-5
    near share:face .976 5e-4
    near gap 0 1e-6
}

@test "wikipedia: the text's share is far above the image's" {
    w=$data/wikipedia/wikipedia.npz
    pid-extract --source image=$w:image --source text=$w:text --target category=$w:category |
        pid-kmeans -k 16 | pid-joint | pid-ipfp | pid-report -f tsv >out.tsv
    near n 2866 0
    [ "$(awk -v t="$(field share:text)" -v i="$(field share:image)" 'BEGIN { print (t > 4 * i) }')" = 1 ]
}

@test "noisy vectors: the way from samples to a table" {
    pid-synth xor --kind samples -n 4000 --dim 3 --noise 0.05 --seed 7 |
        pid-kmeans -k 2 --seed 3 | pid-joint | pid-ipfp | pid-report -f tsv >out.tsv
    near synergy 1 .02
    near redundant 0 .02
}

# cut BYTES: a pipeline whose first arrow is cut there
cut() {
    pid-synth and --kind samples -n 3000 --dim 8 --noise .1 --seed 1 2>err0 | head -c "$1" | pid-kmeans -k 4 2>err1 | pid-joint 2>err2 |
        pid-ipfp 2>err3 | pid-report >table 2>err4
}

@test "cut: no table, one message from each program that met the cut, and a failure" {
    pid-synth and --kind samples -n 3000 --dim 8 --noise .1 --seed 1 >whole
    size=$(stat -c %s whole)
    for bytes in 0 1 2 50 $((size / 3)) $((size / 2)) $((size - 1)); do
        ! cut $bytes || { echo "cut at $bytes: status 0"; return 1; }
        [ ! -s table ] || { echo "cut at $bytes: a table"; return 1; }
        for i in 1 2 3 4; do
            [ "$(wc -l <err$i)" -eq 1 ] || { echo "cut at $bytes, program $i:"; cat err$i; return 1; }
        done
    done
    cut "$size"
    [ -s table ]
    cat err?
    [ ! -s err1 ] && [ ! -s err2 ] && [ ! -s err3 ] && [ ! -s err4 ]
}

@test "cut: real data, in the first arrow" {
    w=$data/wikipedia/wikipedia.npz
    run ! --separate-stderr bash -c "pid-extract --source image=$w:image --source text=$w:text --target category=$w:category |
        head -c 100000 | pid-kmeans -k 8 | pid-joint | pid-ipfp | pid-report"
    [ -z "$output" ]
    for program in kmeans joint ipfp report; do
        [ "$(grep -c "^pid-$program: " <<<"$stderr")" -eq 1 ] || { echo "$stderr"; return 1; }
    done
    [ "$(wc -l <<<"$stderr")" -eq 4 ]
}

@test "same bytes with 1 and 2 jobs, through files and pipes" {
    w=$data/wikipedia/wikipedia.npz
    extract=(pid-extract --source image=$w:image --source text=$w:text --target category=$w:category)
    "${extract[@]}" -j1 -o s1 && "${extract[@]}" -j2 | cat >s2
    cmp s1 s2
    pid-kmeans -k 8 --seed 5 -j1 -o l1 s1 && cat s2 | pid-kmeans -k 8 --seed 5 -j2 | cat >l2
    cmp l1 l2
    pid-joint -j1 -o j1 l1 && cat l2 | pid-joint -j2 | cat >j2
    cmp j1 j2
    pid-ipfp -j1 -o d1 j1 && cat j2 | pid-ipfp -j2 | cat >d2
    cmp d1 d2
    pid-report -j1 -o r1 d1 && cat d2 | pid-report -j2 | cat >r2
    cmp r1 r2
    [ -s r1 ]
}

@test "same bytes whether an arrow is compressed or not" {
    pid-synth rdnxor --kind labels -n 500 --seed 2 >plain
    pid-synth rdnxor --kind labels -n 500 --seed 2 -z >small
    gzip -t small
    pid-joint plain >a
    pid-joint small >b
    cmp a b
    gzip <a | pid-ipfp >c
    pid-ipfp a >d
    cmp c d
}

@test "wrong requests: one clear line, no output file" {
    pid-synth and --kind samples -n 100 --dim 2 --noise .1 >s
    pid-synth and >j
    w=$data/wikipedia/wikipedia.npz
    printf 'a\tb\n1\t2\n3\t4\n' >two.tsv
    printf 'a\tb\n1\t2\n3\t4\n5\t6\n' >three.tsv
    refused() { # STATUS PATTERN COMMAND...
        local status=$1 pattern=$2
        shift 2
        rm -f o
        run -"$status" --separate-stderr "$@" -o o
        [ ! -e o ] || { echo "$*: left an output file"; return 1; }
        [ "$(wc -l <<<"$stderr")" -le 2 ] && grep -Eq -- "$pattern" <<<"$stderr" || { echo "$*: $stderr"; return 1; }
    }
    refused 1 'row' pid-kmeans -k 101 s
    refused 2 '0' pid-kmeans -k 0 s
    refused 1 'nosuch' pid-joint --table two.tsv --sources a,nosuch --target b
    refused 1 'nosuch' pid-extract --source a=two.tsv:nosuch --target b=two.tsv:b
    refused 1 'rows' pid-extract --source a=two.tsv:a --source b=two.tsv:b --target c=three.tsv:b
    refused 1 'rows' pid-extract --source image=$w:image --source b=two.tsv:b --target c=$w:category
    refused 1 'nosuch' pid-ipfp nosuch
    refused 1 'joint|samples' pid-ipfp s
    refused 1 'joint|decomposition' pid-report j
}
