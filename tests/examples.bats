# What README.md and the manual pages show is what happens.
#
# In README.md the lines of a console block that start with "$ " are typed, the lines after them are what is printed.
# In a manual page each line between .nf and .fi of its EXAMPLES is a command, which must work.
bats_require_minimum_version 1.5.0

# Runs the "$ " lines of standard input in this shell and prints what a terminal would show.
replay() {
    local line command
    while IFS= read -r line; do
        case $line in
        '$ '*) commands+=("${line#'$ '}") ;;
        esac
    done
    for command in "${commands[@]}"; do
        printf '$ %s\n' "$command"
        eval "$command" 2>&1
    done
}

# Blocks of README.md opened by ```$1, one file each: block.1 ...
blocks() {
    awk -v kind="$1" -v where="$2" '
        $0 == "```" kind { n++; file = where "/block." n; printf "" >file; inside = 1; next }
        /^```/ { if (inside) close(file); inside = 0; next }
        inside { print >file }' "$top_srcdir/README.md"
}

@test "README: each command prints what is shown" {
    command -v jq >/dev/null || skip "jq is not installed"
    command -v mlr >/dev/null || skip "miller is not installed"
    /usr/bin/python3 -c 'import msgpack' 2>/dev/null || skip "python3-msgpack is not installed"
    cd "$BATS_TEST_TMPDIR"
    blocks python .
    mv block.1 enough.py
    [ "$(wc -l <enough.py)" -eq 10 ]
    python3() { /usr/bin/python3 "$@"; }
    blocks console .
    count=0
    for block in $(ls block.* | sort -t. -k2n); do
        ! grep -q '^\$ \./bootstrap' "$block" || continue
        commands=()
        replay <"$block" >got
        diff "$block" got
        count=$((count + 1))
    done
    [ $count -ge 4 ]
}

@test "README: the demo prints what is shown" {
    cd "$BATS_TEST_TMPDIR"
    blocks text .
    make --no-print-directory -s -f "$top_srcdir/examples/quickstart/Makefile" >got
    diff block.1 got
}

@test "README: the stage in Python refuses a cut stream" {
    /usr/bin/python3 -c 'import msgpack' 2>/dev/null || skip "python3-msgpack is not installed"
    cd "$BATS_TEST_TMPDIR"
    blocks python .
    pid-synth and >joint
    run -1 --separate-stderr bash -c "head -c 300 joint | /usr/bin/python3 block.1 0 | pid-ipfp | pid-report"
    [ -z "$output" ]
}

@test "quickstart: a second make does nothing, another number of clusters repeats only what depends on it" {
    cd "$BATS_TEST_TMPDIR"
    unset MAKEFLAGS # of a make that is silent
    quickstart() { make --no-print-directory -f "$top_srcdir/examples/quickstart/Makefile" "$@"; }
    quickstart -s >first
    quickstart >again
    ! grep -q '^pid-' again
    quickstart -s >/dev/null
    diff first again
    quickstart k_image=8 >other
    grep -q '^pid-kmeans' other
    grep -q '^pid-joint.*wikipedia' other
    ! grep -q '^pid-extract' other
    ! grep -q 'crema-d.*joint' other
}

@test "quickstart: a failing program leaves no file and no table" {
    cd "$BATS_TEST_TMPDIR"
    unset MAKEFLAGS # a parallel make would begin other files before the failure
    run ! make --no-print-directory -s -f "$top_srcdir/examples/quickstart/Makefile" k_image=100000
    [[ $output != *redundant* ]]
    [ -z "$(ls out | grep -v 'samples.mp')" ]
}

@test "manual pages: their examples work" {
    command -v jq >/dev/null || skip "jq is not installed"
    cd "$BATS_TEST_TMPDIR"
    sh "$top_srcdir/tests/example-files"
    tried=0
    for page in "$top_srcdir"/man/*.1; do
        # each line between .nf and .fi, or what a \ at its end makes of several, is a command
        sed -n '/^\.SH EXAMPLE/,/^\.SH [^E]/p' "$page" | sed -n '/^\.nf/,/^\.fi/{/^\.[nf][fi]/d;s/\\-/-/g;s/\\e/\\/g;s/\\(aq/'"'"'/g;s/\\(dq/"/g;s/\\&//g;p}' |
            sed -e ':more' -e '/\\$/{N;s/\\\n//;b more' -e '}' >shown
        # these need a cluster, other machines, torch or a program of the reader's own; their tests run the like
        case $page in */pid-shard.1 | */pid-slurm.1 | */pid-sample.1 | */pid-extract-torch.1) continue ;; esac
        [ -s shown ] || { echo "$page: no example"; return 1; }
        while IFS= read -r command; do
            bash -o pipefail -c "$command" >got 2>err </dev/null || { echo "$(basename "$page"): $command"; head -n 5 err; return 1; }
            tried=$((tried + 1))
        done <shown
    done
    [ $tried -ge 14 ]
}

@test "noise: what the text alone tells goes down as noise is added to it" {
    cd "$BATS_TEST_TMPDIR"
    make --no-print-directory -s -f "$top_srcdir/examples/noise/Makefile" levels='0 400' replicates=20 k=8 >table
    pid-report -f tsv out/decomposition-0.mp out/decomposition-400.mp | awk -F'\t' '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        NR > 1 { text[NR] = $at["mi:text"]; image[NR] = $at["mi:image"]; if ($at["unique:text:lo"] == "" || $at["mi:image:p"] == "") exit 1 }
        END { exit !(text[3] < text[2] / 2 && image[2] == image[3]) }'
    grep -q '<svg' out/report.svg
    grep -q '</html>' out/report.html
}

@test "sensitivity: it is told whether the source that leads stays the same" {
    cd "$BATS_TEST_TMPDIR"
    make --no-print-directory -s -f "$top_srcdir/examples/sensitivity/Makefile" k=4,8 replicates=20 pca='0 4' >table
    [ "$(grep -c 'stable over k: text leads' table)" -eq 4 ]
    grep -q 'stable over pca' table
}

@test "easy-VQA: the decomposition about the true objects is the known one" {
    cd "$BATS_TEST_TMPDIR"
    data=$top_srcdir/examples/data/easy-vqa/train.tsv.gz
    pid-joint --table "$data" --sources object,question --target answer | pid-ipfp | pid-report -q -f tsv >got
    awk -F '\t' 'function off(x, y) { return x < y - 5e-5 || x > y + 5e-5 }
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        NR == 2 { exit off($at["redundant"], .0018) || off($at["unique:object"], .6062) || off($at["unique:question"], 1.3599) ||
                       off($at["synergy"], .4712) || off($at["total"], 2.4391) }' got
}

@test "spurious: what the type of a question tells is in the null within types, not in the null of all rows" {
    cd "$BATS_TEST_TMPDIR"
    make --no-print-directory -s -f "$top_srcdir/examples/spurious/Makefile" replicates=20 >got
    # estimate, null anywhere, p, null within types, p
    awk '$1 == "unique:question" { found = 1; if (!($3 < .2 * $2 && $5 > .9 * $2)) exit 1 }
         $1 == "unique:object" { if (!($5 < .1 * $2)) exit 1 } END { exit !found }' got
}

@test "three modalities: the vote on both tells most that the others do not; the voice nothing" {
    cd "$BATS_TEST_TMPDIR"
    make --no-print-directory -s -f "$top_srcdir/examples/three-modalities/Makefile" replicates=40 permutations=40 >got
    grep -q '^both leads with .* of what only one source tells' got
    grep -q '</html>' out/page.html
    pid-report -q -f tsv out/decomposition.mp >report.tsv
    # the others merged by hand are one source of two
    awk -F'\t' -v OFS='\t' '{ print $1, $2, NR == 1 ? "rest" : $1 $2, $3, $4 }' out/votes.tsv >merged.tsv
    pid-joint --table merged.tsv --sources both,rest --target intended | pid-ipfp | pid-report -q -f tsv >merged.report
    awk -F'\t' 'FNR == 1 { file++; for (i = 1; i <= NF; i++) at[file, $i] = i; next }
        { for (key in at) { split(key, k, SUBSEP); if (k[1] == file) value[key] = $at[key] } }
        function of(name) { return value[1, name] + 0 }
        function near(x, y) { return x < y + 1e-8 && x > y - 1e-8 }
        END { exit !(near(of("unique:both"), value[2, "unique:both"]) && near(of("total"), value[2, "total"]) &&
                     near(of("unique:voice") + of("unique:face") + of("unique:both") + of("remainder"), of("total")) &&
                     of("unique:both:lo") > .05 && of("share:both") > .7 && of("unique:face:lo") < .02 &&
                     of("unique:voice:p") > .05 && of("unique:voice:lo") < 1e-4) }' report.tsv merged.report
}

@test "which samples: local synergy is where neither list of answers settles it; the example's check can fail" {
    cd "$BATS_TEST_TMPDIR"
    which() { make --no-print-directory -s -f "$top_srcdir/examples/which-samples/Makefile" replicates=20 "$@"; }
    which >got
    grep -q '^1\. .* 10168 samples (colour, shape)' got
    grep -q '^2\. .* 28407 samples (presence, absence)' got
    grep -q '^3\. .* 5149 have the unlikely answer' got
    grep -q 'type=presence: the samples with the most synergy' out/page.html
    pid-report -q -f tsv out/types.mp | awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { both = $1 ~ /^(presence|absence)$/; rows++
          if (both ? !($at["synergy:lo"] > .5 && $at["synergy:hi"] < .8) : !($at["synergy:hi"] < 1e-8)) exit 1 } END { exit rows != 4 }'
    # one sample of a question of colour with synergy, and make has no result
    awk -F'\t' -v OFS='\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "synergy") c = i }
        !done && $3 ~ /^what colou?r/ { $c = .5; done = 1 } 1' out/rows.tsv >rows.tsv
    cp rows.tsv out/rows.tsv
    run ! which
    [[ $output = *"1. does not hold: for 1 of 10168 samples"* ]]
    [ ! -e out/checked ]
}
