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
    for p in $(programs) few; do
        case $p in few) p=pid-kmeans; good $p; args+=(--train-rows 20) ;; *) good "$p" ;; esac # a file is then read in another way
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

@test "faults: what is read again otherwise than before is refused, from a file and from the spool" {
    needs_preload
    pid-synth and --kind samples -n 1000000 --dim 4 -o big.mp
    run_on() { # COUNT|CHANGE fault
        if [ "$1" = file ]; then PID_FAULT=$2 PID_FAULT_LOG=log LD_PRELOAD=$faults pid-kmeans -j 2 -k 5 big.mp -o out.mp
        else cat big.mp | PID_FAULT=$2 PID_FAULT_LOG=log LD_PRELOAD=$faults pid-kmeans -j 2 --memory 1M -k 5 -o out.mp; fi
    }
    run_on file read:0:count
    mv out.mp right.mp
    for how in file pipe; do
        rm -f log out.mp
        run_on $how read:0:count
        cmp out.mp right.mp
        calls=$(cat log) told=0
        [ "$calls" -gt 100 ]
        for ((n = 1; n <= calls; n += calls / 20)); do
            rm -f log out.mp
            run --separate-stderr run_on $how read:$n:change
            [ -s log ] # it has struck
            if [ $how = file ] && [ "$status" -eq 0 ]; then cmp out.mp right.mp; continue; fi # what was looked through is then read
            [ "$status" -eq 1 ]
            [ ! -e out.mp ]
            [[ "$stderr" != *$'\n'* ]]
            case $stderr in *"changed while it was read"* | *"the checksum is wrong"*) told=$((told + 1)) ;; esac
        done
        [ $told -gt 2 ]
    done
}
