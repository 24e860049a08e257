# Damaged and hostile input.  Here is a part that is quick; `make check-torture` sets PID_TORTURE and does much more.
bats_require_minimum_version 1.5.0

setup() { cd "$BATS_TEST_TMPDIR"; }

tell() { [ -z "${PID_TORTURE-}" ] || sed 's/^/# /' "$1" >&3; }

@test "damage: no cut, flipped or rearranged stream is read to its end" {
    pid-synth and >joint
    pid-synth and or xor >joints
    pid-synth and or --kind labels -n 100 >labels
    pid-synth xor --kind labels -n 100 -z >packed
    gzip -dc packed >unpacked
    pid-synth xor --kind samples -n 60 --dim 2 --noise .2 >samples
    pid-ipfp --potentials joints >decomposition
    pid-kmeans -k 3 --save-codebook codebook samples >/dev/null
    set -- joint joints labels unpacked samples decomposition codebook
    if [ -n "${PID_TORTURE-}" ]; then
        pid-synth xor --kind labels -n 100000 >many
        pid-synth xor --kind samples -n 10000 --dim 16 --noise .2 >large
        set -- "$@" many large
    fi
    "$top_builddir/tests/faults/mangle" "$@" >report || { cat report; return 1; }
    tell report
    [ "$(grep -c '^ok' report)" -eq $# ]
}

# Where few of a file's rows are learnt from, pid-kmeans reads them first and the file after.
@test "damage: a file that is read while it is labelled gives its labels or none" {
    pid-synth xor --kind samples -n 60 --dim 2 --noise .2 >samples
    pid-kmeans -k 2 --train-rows 9 samples >right
    pid-kmeans -k 2 --train-rows 9 <samples | cmp - right
    cat samples | pid-kmeans -k 2 --train-rows 9 | cmp - right
    size=$(stat -c %s samples) step=23
    [ -z "${PID_TORTURE-}" ] || step=1
    for ((at = 0; at < size; at += step)); do
        head -c $at samples >cut
        run -1 --separate-stderr pid-kmeans -k 2 --train-rows 9 cut -o labels
        [[ $stderr == "pid-kmeans: cut"* && $stderr != *$'\n'* && ! -e labels ]]
        { head -c $at samples; tail -c +$((at + 1)) samples | head -c 1 | tr '\000-\377' '\001-\377\000'; tail -c +$((at + 2)) samples; } >changed
        ! cmp -s samples changed
        run -1 --separate-stderr pid-kmeans -k 2 --train-rows 9 changed -o labels
        [[ $stderr == "pid-kmeans: changed"* && $stderr != *$'\n'* && ! -e labels ]]
    done
}

# fuzzed TARGET: mutations of the corpus, the same ones each time; a crash is a finding
fuzzed() {
    "$top_builddir/tests/fuzz/fuzz-$1" "${PID_TORTURE:+100}3000" 1 "$top_srcdir/tests/fuzz/corpus/$1"/* >report
    tell report
}

@test "fuzz: mutated streams" { fuzzed stream; }
@test "fuzz: mutated records, whole, through the programs" {
    "$top_builddir/tests/fuzz/fuzz-records" ${PID_TORTURE:+20}300 1 "$top_srcdir"/tests/fuzz/corpus/records/* >report
    tell report
}
@test "fuzz: numbers" { fuzzed number; }

# A quarter of a gigabyte that comes as a few hundred kilobytes, behind a sound header and an announcement of 4 GiB.
@test "damage: a compressed bomb is stopped by the limit of a record" {
    ! grep -q 'fsanitize=' "$top_builddir/config.status" || skip "the sanitizers take more memory than this test allows"
    pid-synth and >joint
    start=$(LC_ALL=C grep -abo $'\xa3key' joint | head -n 1 | cut -d: -f1)
    { head -c $((start - 1)) joint; printf '\203\243key\200\245cells\306\377\377\377\377'; head -c 250000000 /dev/zero; } | gzip -1 >bomb
    { head -c $((start - 1)) joint; printf '\203\243key\200\245cells\306\017\377\377\377'; head -c 250000000 /dev/zero; } | gzip -1 >smaller
    for bomb in bomb smaller; do
        for program in "pid-cat --check" pid-joint\ --merge pid-ipfp; do
            command -v ${program%% *} >/dev/null || continue
            run -1 --separate-stderr bash -c "ulimit -v 524288; OPENBLAS_NUM_THREADS=1 $program <$bomb"
            [ -z "$output" ]
            [[ $stderr == *"--max-record"* ]] || { echo "$program: $stderr"; return 1; }
        done
    done
}
@test "fuzz: mutated arrays" { fuzzed array; }
@test "fuzz: mutated tokens" { fuzzed tokens; }
@test "fuzz: mutated patterns" { fuzzed pattern; }
@test "fuzz: mutated arguments, to each program" {
    "$top_builddir/tests/fuzz/fuzz-options" ${PID_TORTURE:+40}500 1 "$top_srcdir"/tests/fuzz/corpus/options/* >report
    tell report
}
