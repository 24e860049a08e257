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
    set -- joint joints labels unpacked samples
    if [ -n "${PID_TORTURE-}" ]; then
        pid-synth xor --kind labels -n 100000 >many
        pid-synth xor --kind samples -n 10000 --dim 16 --noise .2 >large
        set -- "$@" many large
    fi
    "$top_builddir/tests/faults/mangle" "$@" >report || { cat report; return 1; }
    tell report
    [ "$(grep -c '^ok' report)" -eq $# ]
}

# fuzzed TARGET: mutations of the corpus, the same ones each time; a crash is a finding
fuzzed() {
    "$top_builddir/tests/fuzz/fuzz-$1" "${PID_TORTURE:+100}3000" 1 "$top_srcdir/tests/fuzz/corpus/$1"/* >report
    tell report
}

@test "fuzz: mutated streams" { fuzzed stream; }
@test "fuzz: numbers" { fuzzed number; }
