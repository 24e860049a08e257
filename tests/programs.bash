# What the tests that loop over all programs share: which programs there are, and for each a small run that works.
# make_inputs writes what these runs read to the folder $F.

# All commands; and those that are programs on pid_program_start, which scripts around another
# system (Slurm, torch) are not; those have the like in tests of their own.
commands() { find "$top_builddir/tools" -maxdepth 1 -type f -perm -u+x -name 'pid-*' ! -name '*.*' -printf '%f\n' | sort; }
programs() { commands | grep -vx -e pid-slurm -e pid-extract-torch; }

# The commands that can say what they are on this machine: pid-extract-torch needs Python for that (its own tests are
# then skipped by name).
speaking() { if command -v python3 >/dev/null; then commands; else commands | grep -vx pid-extract-torch; fi; }

make_inputs() {
    pid-synth and >"$F/joint"
    pid-synth and --kind labels -n 300 --seed 1 >"$F/labels"
    pid-synth and --kind samples -n 200 --dim 3 --noise .1 --seed 1 >"$F/samples"
    pid-ipfp "$F/joint" >"$F/decomposition"
    pid-joint "$F/labels" | pid-ipfp --potentials >"$F/potentials"
    awk 'BEGIN { srand(1); print "a\tb\ty"; for (i = 0; i < 60; i++) { y = rand(); print y + rand() "\t" y - rand() "\t" y } }' >"$F/vectors.tsv"
    pid-extract --source "a=$F/vectors.tsv:a" --source "b=$F/vectors.tsv:b" --target "y=$F/vectors.tsv:y" >"$F/vectors"
    pid-shard plan "$F/run" -n 3 'pid-extract --shard {shard} --source x=x.npy --target y=y.npy'
    printf 'x1\tx2\ty\n0\t0\t0\n0\t1\t0\n1\t0\t0\n1\t1\t1\n' >"$F/rows.tsv"
}

# good PROGRAM: sets `args` and `in` (what it reads on standard input; empty: it reads nothing there) to a run that works
good() {
    in=
    case $1 in
    pid-extract) args=(--source "x1=$F/rows.tsv:x1" --source "x2=$F/rows.tsv:x2" --target "y=$F/rows.tsv:y") ;;
    pid-kmeans) args=(-k 2) in=$F/samples ;;
    pid-sample) args=(-n 50) in=$F/samples ;;
    pid-joint) args=() in=$F/labels ;;
    pid-ipfp) args=() in=$F/joint ;;
    pid-local) args=(-d "$F/potentials") in=$F/labels ;;
    pid-gauss) args=(--draws 4) in=$F/vectors ;;
    pid-report) args=() in=$F/decomposition ;;
    pid-cat) args=(-f stream) in=$F/joint ;;
    pid-synth) args=(and) ;;
    pid-shard) args=(missing "$F/run") ;;
    *) echo "programs.bash: how is $1 run? add it to good()"; return 1 ;;
    esac
}

# The programs that read a stream, and whether the output of a program's run is one.
readers() { for p in $(programs); do good "$p" && [ -n "$in" ] && echo "$p"; done; }
writes_stream() { [ "$1" != pid-report ] && [ "$1" != pid-local ] && [ "$1" != pid-shard ]; }

# seal FILE: gives an uncompressed stream whose bytes were changed, but not their number, a trailer with the right checksum.
seal() {
    local body end crc
    body=$(LC_ALL=C grep -abo $'\x84\xa3end\xc3' "$1" | tail -n 1 | cut -d: -f1)
    end=$(LC_ALL=C grep -abo $'\xa5crc32' "$1" | tail -n 1 | cut -d: -f1)
    crc=$(head -c "$body" "$1" | gzip -1c | tail -c 8 | od -An -tx1 -N4) # gzip's own, lowest byte first
    set -- "$1" $crc
    { head -c $((end + 6)) "$1"; printf "\\xce\\x$5\\x$4\\x$3\\x$2"; } >"$1.sealed"
    mv "$1.sealed" "$1"
}
