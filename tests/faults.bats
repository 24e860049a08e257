# A call that fails gives the right answer or none.  Here is a part that is quick; `make check-torture` sets PID_TORTURE and
# drives every call.
bats_require_minimum_version 1.5.0
load programs

setup_file() {
    export F=$BATS_FILE_TMPDIR
    make_inputs
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    faults=$top_builddir/tests/faults/faults.so
    stride=${PID_TORTURE:+1}
}

needs_preload() {
    [ -f "$faults" ] || skip "the preload library was not built"
    ! grep -q 'fsanitize=' "$top_builddir/config.status" || skip "a preloaded malloc and the sanitizers exclude each other"
}

# all OUT STRIDE: drives every program
all() {
    local bad=0
    for p in $(programs); do
        good "$p"
        "$top_srcdir/tests/faults/drive" "$faults" "$2" "$1" "$(command -v "$p")" "${args[@]}" -j 2 <"${in:-/dev/null}" >report || bad=1
        cat report
        [ -z "${PID_TORTURE-}" ] || sed 's/^/# /' report >&3
    done
    return $bad
}

@test "faults: a failing call never leaves a wrong or partial output file" {
    needs_preload
    all file "${stride:-7}"
}

@test "faults: a failing call never gives a wrong or partial stream" {
    needs_preload
    all pipe "${stride:-11}"
}

@test "faults: a full disk under pid-kmeans's spool is told in one line" {
    needs_preload
    pid-synth and --kind samples -n 100000 --dim 8 -o big.mp
    mkdir spool
    for n in 1 2 5 9; do
        run --separate-stderr -1 bash -c "cat big.mp | TMPDIR=$PWD/spool PID_FAULT=write:$n:ENOSPC LD_PRELOAD=$faults pid-kmeans --memory 1M -k 5 -o out.mp"
        [[ "$stderr" == "pid-kmeans: $PWD/spool (spool of the input): "*"No space left on device; let TMPDIR name "* ]]
        [[ "$stderr" != *$'\n'* ]]
        [ -z "$output$(ls -A spool)" ]
        [ ! -e out.mp ]
    done
}
