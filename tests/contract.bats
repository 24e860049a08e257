# What every program promises, whatever it does.  Each test loops over all programs of the build (programs.bash).
bats_require_minimum_version 1.5.0

load programs

setup_file() {
    export F=$BATS_FILE_TMPDIR
    make_inputs
}

setup() { cd "$BATS_TEST_TMPDIR"; }

# A stream's trailer is the only place that holds this word, as a msgpack string.
has_trailer() { tail -c 200 "$1" | grep -aq $'\xa3end'; }

# fails PROGRAM STATUS FILE-STDERR FILE-STDOUT: the run that gave these failed as it should
failed_well() {
    local program=$1 status=$2
    [ "$status" -eq 1 ] || { echo "$program ($what): exit status $status"; return 1; }
    [ "$(wc -l <err)" -eq 1 ] && grep -q "^$program: ." err || { echo "$program ($what): not one line on standard error:"; cat err; return 1; }
    ! has_trailer out || { echo "$program ($what): wrote a trailer"; return 1; }
    if ! writes_stream "$program"; then
        [ ! -s out ] || { echo "$program ($what): printed a result"; return 1; }
    fi
}

# refuses PROGRAM FILE: the program, reading this, fails well, to standard output and with -o
refuses() {
    local status=0
    good "$1"
    "$1" "${args[@]}" <"$2" >out 2>err || status=$?
    failed_well "$1" $status || return 1
    status=0
    "$1" "${args[@]}" -o result <"$2" >out 2>err || status=$?
    failed_well "$1" $status || return 1
    [ -z "$(ls -A | grep -vx 'err\|out\|cut\|input')" ] || { echo "$1 ($what): left a file: $(ls -A)"; return 1; }
}

@test "contract: the programs of the toolkit are built" {
    for p in pid-cat pid-extract pid-ipfp pid-joint pid-kmeans pid-report pid-shard pid-synth; do
        programs | grep -qx $p
    done
}

@test "contract: each program's example run works" {
    for p in $(programs); do
        good "$p"
        "$p" "${args[@]}" <"${in:-/dev/null}" >out 2>err || { echo "$p:"; cat err; return 1; }
        [ -s out ] && [ ! -s err ] || { echo "$p:"; cat err; return 1; }
        ! writes_stream "$p" || has_trailer out || { echo "$p: no trailer"; return 1; }
    done
}

@test "contract: --help and -h print a usage, --version and -V name and version" {
    for p in $(speaking); do
        "$p" --help >long 2>err && "$p" -h >short 2>>err && cmp long short && [ ! -s err ] || { echo "$p --help"; return 1; }
        grep -qi "^usage: $p" long || { echo "$p: no usage line"; return 1; }
        [ "$(awk '{ if (length($0) > 120) n++ } END { print n + 0 }' long)" -eq 0 ] || { echo "$p: --help is wider than 120 columns"; return 1; }
        "$p" --version >long 2>err && "$p" -V >short 2>>err && cmp long short && [ ! -s err ] || { echo "$p --version"; return 1; }
        grep -q "^$p .*[0-9]\.[0-9]" long || { echo "$p: --version says $(cat long)"; return 1; }
    done
}

@test "contract: an unknown option or a missing argument is a usage error" {
    for p in $(programs); do
        good "$p"
        for wrong in --no-such-option -! --seed=x --seed= --seed --jobs=0 --jobs=-1 --jobs=1x; do
            status=0
            "$p" "${args[@]}" $wrong <"${in:-/dev/null}" >out 2>err || status=$?
            [ $status -eq 2 ] || { echo "$p $wrong: exit status $status"; return 1; }
            [ ! -s out ] && grep -q "^$p: " err && [ "$(wc -l <err)" -le 2 ] || { echo "$p $wrong:"; cat out err; return 1; }
        done
    done
}

@test "contract: a list with an empty item, or with one twice, is a usage error; what is long is not cut" {
    while read -r p options; do
        good "$p"
        for option in $options; do
            for wrong in , ,x x, x,,y x,x 'x,y,x'; do
                status=0
                "$p" "${args[@]}" "$option" "$wrong" <"${in:-/dev/null}" >out 2>err || status=$?
                [ $status -eq 2 ] && [ ! -s out ] && grep -q "^$p: $option: " err || { echo "$p $option $wrong: exit status $status"; cat err; return 1; }
            done
        done
    done <<'END'
pid-kmeans --per --clusters --method --pca
pid-joint --per --sources --target
pid-gauss --per --sources --target --pca
pid-sample --per
pid-local --aggregate
pid-extract --pool
END
    for wrong in '' 3,4 x1=3,x1=4 =3 x1= nosuch=3; do
        run -2 --separate-stderr pid-kmeans --clusters "$wrong" "$F/samples"
        [[ $stderr == "pid-kmeans: --clusters: "* ]] && [ -z "$output" ]
    done
    run -2 --separate-stderr pid-kmeans --clusters x1=2,x2=3z --method x2=argmax "$F/samples" # also where it is not used
    [[ $stderr == "pid-kmeans: --clusters: '3z' is not "* ]] && [ -z "$output" ]
    long=$(printf '%0500d' 3)
    pid-kmeans -k "$long" "$F/samples" | pid-cat -f tsv >long
    pid-kmeans -k 3 "$F/samples" | pid-cat -f tsv | cmp - long
    pid-kmeans --sweep "$long" "$F/samples" | pid-cat -f tsv >long
    pid-kmeans --sweep 3 "$F/samples" | pid-cat -f tsv | cmp - long
}

@test "contract: --help and --version tell of a full disk, whatever --output says" {
    [ -c /dev/full ] || skip "/dev/full is not there"
    for p in $(programs); do
        for option in --help --version; do
            status=0
            "$p" -o nothing $option >/dev/full 2>err || status=$?
            [ $status -eq 1 ] && grep -q "^$p: standard output: " err || { echo "$p $option: exit status $status"; return 1; }
        done
    done
}

# Options as --help lists them, and as the OPTIONS of the page do (bold lines that begin with one, roff's escapes taken away).
help_options() { "$1" --help | grep -oE '^ +(-[A-Za-z], )?--[a-z][a-z0-9-]*' | grep -oE -- '--[a-z].*' | sort -u; }
page_options() {
    sed -n '/^\.SH "\?OPTIONS/,/^\.SH "\?EXIT/p' "$top_srcdir/man/$1.1" | grep -E '^\.(B|BR|BI) "?\\-' |
        sed -e 's/\\-/-/g' -e 's/\\f[A-Z]//g' | grep -oE -- '(^| |")--[a-z][a-z0-9-]*' | tr -d ' "' | sort -u
}

@test "contract: each option of --help is in the man page, and the other way round" {
    for p in $(speaking); do
        diff <(help_options "$p") <(page_options "$p") >difference || { echo "$p: < only in --help, > only in the page"; cat difference; return 1; }
    done
}

@test "contract: each option of --help is known to the program" {
    for p in $(speaking); do
        [ "$(help_options "$p" | wc -l)" -ge 4 ] || { echo "$p: hardly any options in --help"; return 1; }
        for option in $(help_options "$p"); do
            "$p" "$option" </dev/null >out 2>err || true
            ! grep -qiE 'unrecognized|unknown option|invalid option' err || { echo "$p $option:"; cat err; return 1; }
        done
    done
}

@test "contract: a full disk is found and reported" {
    [ -c /dev/full ] || skip "/dev/full is not there"
    for p in $(programs); do
        good "$p"
        for run in "" --help --version; do
            status=0
            if [ -n "$run" ]; then "$p" $run >/dev/full 2>err || status=$?
            else "$p" "${args[@]}" <"${in:-/dev/null}" >/dev/full 2>err || status=$?; fi
            [ $status -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] && grep -q "^$p: .*[Nn]o space" err || { echo "$p $run: status $status"; cat err; return 1; }
        done
    done
}

@test "contract: a closed standard output is found and reported" {
    for p in $(programs); do
        good "$p"
        status=0
        "$p" "${args[@]}" <"${in:-/dev/null}" >&- 2>err || status=$?
        [ $status -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] && grep -q "^$p: standard output: .*Bad file descriptor" err || { echo "$p: status $status"; cat err; return 1; }
    done
}

@test "contract: a file that may not grow any more is found and reported" {
    mkdir folder
    for p in $(programs); do
        good "$p"
        { (ulimit -f 0 && exec "$p" "${args[@]}" -o folder/result <"${in:-/dev/null}") 2>&1 || echo "status $?"; } | cat >err
        [ "$(tail -n 1 err)" = "status 1" ] && [ "$(wc -l <err)" -eq 2 ] && grep -q "^$p: .*File too large" err || { echo "$p:"; cat err; return 1; }
        [ -z "$(ls -A folder)" ] || { echo "$p: left $(ls -A folder)"; return 1; }
    done
}

@test "contract: a closed standard input is an error, not a hang or another file" {
    for p in $(readers); do
        good "$p"
        status=0
        "$p" "${args[@]}" <&- >out 2>err || status=$?
        what="closed standard input" failed_well "$p" $status
    done
}

@test "contract: a reader that goes away ends the writer quietly, also where SIGPIPE was ignored" {
    for p in $(programs); do
        good "$p"
        # The reader is gone before the writer starts.
        for ignore in "" "trap '' PIPE;"; do
            mkfifo pipe
            bash -c ': <pipe' &
            bash -c "$ignore exec >pipe; wait; sleep .05; "'"$@"; exit $?' - "$p" "${args[@]}" <"${in:-/dev/null}" 2>err && status=0 || status=$?
            wait
            rm pipe
            [ $status -ne 0 ] && [ ! -s err ] || { echo "$p ($ignore): status $status"; cat err; return 1; }
        done
    done
}

@test "contract: empty input is refused" {
    : >input
    for p in $(readers); do what="empty input" refuses "$p" input; done
}

@test "contract: input cut anywhere is refused" {
    for p in $(readers); do
        good "$p"
        size=$(stat -c %s "$in")
        step=$((size / 40 + 1))
        for at in 1 2 3 5 8 $(seq 13 $step $((size - 1))) $((size - 20)) $((size - 5)) $((size - 2)) $((size - 1)); do
            head -c "$at" "$in" >cut
            what="cut at $at of $size" refuses "$p" cut
        done
    done
}

@test "contract: compressed input cut anywhere is refused" {
    for p in $(readers); do
        good "$p"
        gzip -n <"$in" >input
        size=$(stat -c %s input)
        for at in 1 2 10 $((size / 3)) $((size / 2)) $((size - 9)) $((size - 8)) $((size - 4)) $((size - 1)); do
            head -c "$at" input >cut
            what="gzip cut at $at of $size" refuses "$p" cut
        done
    done
}

@test "contract: a byte too many is refused" {
    for p in $(readers); do
        good "$p"
        for byte in '\000' '\n' '\300' '\200'; do
            { cat "$in"; printf "$byte"; } >input
            what="a byte $byte after the end" refuses "$p" input
        done
        cat "$in" "$in" >input
        what="two streams one after the other" refuses "$p" input
    done
}

@test "contract: a flipped bit is refused" {
    for p in $(readers); do
        good "$p"
        size=$(stat -c %s "$in")
        for at in $(seq 3 $((size / 25 + 1)) $((size - 1))); do
            byte=$(od -An -tu1 -j "$at" -N 1 "$in")
            { head -c "$at" "$in"; printf "\\$(printf %03o $((byte ^ (1 << (at % 8)))))"; tail -c +$((at + 2)) "$in"; } >input
            [ "$(stat -c %s input)" -eq "$size" ]
            what="bit $((at % 8)) of byte $at flipped" refuses "$p" input
        done
    done
}

# Sizes are announced before the bytes that would fill them: a program must not believe them.
@test "contract: a hostile header takes no memory" {
    for p in $(readers); do
        for bytes in '\335\377\377\377\377' '\337\377\377\377\377' '\333\377\377\377\377' '\306\377\377\377\377' \
            '\201\246stream\333\377\377\377\377' '\202\246stream\243pid\251variables\335\377\377\377\377' \
            "$(printf '\\221%.0s' $(seq 200))" '\377\377\377\377' '\301' 'not a stream at all' '\037\213' '\037\213\010\000\000'; do
            printf "$bytes" >input
            what="header $bytes" limited refuses "$p" input
        done
    done
}

# With the address space held to 512 MiB, except under the sanitizers, which need more by themselves.
limited() {
    if grep -q 'fsanitize=address' "$top_builddir/config.status"; then "$@"; else (ulimit -v 524288; OPENBLAS_NUM_THREADS=1 "$@"); fi
}

# with PATTERN REPLACEMENT FILE: the header's bytes, changed (same length, so that nothing but the meaning is wrong)
with() { LC_ALL=C sed "1,\$s/$1/$2/" "$3"; }

@test "contract: an unknown kind, another format and a newer version are named" {
    for p in $(readers); do
        good "$p"
        kind=$(LC_ALL=C grep -aoE 'kind.(samples|labels|joint|decomposition|codebook)' "$in" | head -n 1 | tail -c +6)
        with "$kind" "$(tr a-z q <<<"$kind")" "$in" >input
        what="unknown kind" refuses "$p" input
        grep -q "kind" err || { echo "$p: $(cat err)"; return 1; }
        LC_ALL=C sed "s/version$(printf '\001')/version$(printf '\002')/" "$in" >input
        ! cmp -s input "$in"
        what="newer version" refuses "$p" input
        grep -q "version" err || { echo "$p: $(cat err)"; return 1; }
        with 'stream\(.\)pid' 'stream\1dip' "$in" >input
        ! cmp -s input "$in"
        what="another format" refuses "$p" input
    done
}

@test "contract: a stream of a kind that the program does not read is refused" {
    for p in $(readers); do
        [ "$p" != pid-cat ] || continue
        good "$p"
        for other in samples labels joint decomposition; do
            [ "$F/$other" != "$in" ] || continue
            case $p.$other in pid-kmeans.labels | pid-sample.labels) continue ;; esac # categories pass through
            what="a $other stream" refuses "$p" "$F/$other"
        done
    done
}

@test "contract: a file that is not there, a folder, and an output that cannot be written" {
    for p in $(programs); do
        good "$p"
        for out in no/such/folder/result .; do
            status=0
            "$p" "${args[@]}" -o "$out" <"${in:-/dev/null}" >out 2>err || status=$?
            [ $status -eq 1 ] && grep -q "^$p: " err && [ "$(wc -l <err)" -eq 1 ] || { echo "$p -o $out: status $status"; cat err; return 1; }
        done
        [ -n "$in" ] || continue
        for file in no-such-file "$F"; do
            status=0
            "$p" "${args[@]}" "$file" </dev/null >out 2>err || status=$?
            what="file $file" failed_well "$p" $status
        done
        status=0
        "$p" "${args[@]}" "" </dev/null >out 2>err || status=$?
        [ $status -eq 2 ] && [ ! -s out ] && grep -q "^$p: a file name among the operands is empty" err || { echo "$p '': status $status"; cat err; return 1; }
    done
}

@test "contract: -o gives the same bytes as standard output, and replaces a file at once" {
    for p in $(programs); do
        good "$p"
        echo old >result
        ln -f result before
        "$p" "${args[@]}" -o result <"${in:-/dev/null}" >out
        [ ! -s out ]
        "$p" "${args[@]}" <"${in:-/dev/null}" >out
        cmp out result || { echo "$p"; return 1; }
        [ "$(cat before)" = old ] || { echo "$p: wrote into the old file"; return 1; }
        [ "$(stat -c %a result)" = "$(printf %o $((0666 & ~$(umask))))" ] || { echo "$p: mode $(stat -c %a result)"; return 1; }
        rm -f result before out
        [ -z "$(ls -A)" ] || { echo "$p: left $(ls -A)"; return 1; }
    done
}

@test "contract: a failed run leaves the old output file as it was" {
    for p in $(readers); do
        good "$p"
        head -c 60 "$in" >cut
        echo old >result
        ! "$p" "${args[@]}" -o result <cut 2>err
        [ "$(cat result)" = old ] && [ "$(ls -A | wc -l)" -eq 3 ] || { echo "$p: $(ls -A)"; return 1; }
    done
}

@test "contract: the same bytes with 1 and 2 jobs, from a file or a pipe" {
    for p in $(programs); do
        good "$p"
        "$p" "${args[@]}" -j 1 <"${in:-/dev/null}" >one
        "$p" "${args[@]}" --jobs=2 <"${in:-/dev/null}" >two
        cmp one two || { echo "$p"; return 1; }
        [ -n "$in" ] || continue
        cat "$in" | "$p" "${args[@]}" -j 2 | cat >two
        cmp one two || { echo "$p, pipe"; return 1; }
        "$p" "${args[@]}" "$in" >two </dev/null
        cmp one two || { echo "$p, named file"; return 1; }
    done
}

@test "contract: the output does not depend on the locale, the time zone or the current folder" {
    for p in $(programs); do
        good "$p"
        "$p" "${args[@]}" <"${in:-/dev/null}" >one
        (cd / && LC_ALL=de_DE.UTF-8 LANG=de_DE.UTF-8 TZ=Asia/Tokyo "$p" "${args[@]}" <"${in:-/dev/null}") >two
        cmp one two || { echo "$p"; return 1; }
    done
}

@test "contract: a compressed stream holds the same as a plain one" {
    for p in $(programs); do
        writes_stream "$p" || continue
        good "$p"
        "$p" "${args[@]}" <"${in:-/dev/null}" >plain
        "$p" "${args[@]}" -z <"${in:-/dev/null}" >small
        gzip -dc small | cmp - plain || { echo "$p"; return 1; }
    done
}

@test "contract: no stream is written to a terminal" {
    script --version >/dev/null 2>&1 || skip "script (bsdutils) is not installed"
    for p in $(programs); do
        writes_stream "$p" || continue
        good "$p"
        printf '"%s" ' "$p" "${args[@]}" >command
        echo "<${in:-/dev/null}; echo status=\$?" >>command
        script -qec "$(cat command)" /dev/null </dev/null >out 2>&1
        ! has_trailer out && grep -q 'status=[12]' out && grep -q "$p: .*terminal" out || { echo "$p:"; cat -v out; return 1; }
    done
}

@test "contract: a link to an output that has lost its name is written through, not replaced" {
    exec 7<>lost
    rm lost
    ln -s /proc/self/fd/7 link
    pid-synth and -o link
    [ -L link ]
    cat /proc/self/fd/7 | pid-cat --check
    exec 7>&-
}
