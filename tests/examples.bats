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

# Recipes on standard input whose output goes to the target under its own name; the settings, compared at each make, may.
half_made() { grep -nE $'^\t.*>[[:space:]]*["\']?\\$([({]@[)}]|@)(["\';|&[:space:]]|$)' | grep -vE 'cmp -s - \$@ \|\| echo .* >\$@$'; }

@test "a file that has its name is complete: no recipe of the examples writes to it by hand" {
    cd "$BATS_TEST_TMPDIR"
    for bad in 'awk 1 $< >$@' 'awk 1 $< > $(@)' 'sort $< >>$@; true' 'sort $< | awk 1 >"$@"'; do printf '\t%s\n' "$bad" | half_made >/dev/null; done
    printf '\tawk 1 $< >$@.part\n\tmv $@.part $@\n' | run ! half_made
    seen=0
    for makefile in "$top_srcdir"/examples/*/Makefile; do
        half_made <"$makefile" >found && { echo "$makefile:"; cat found; return 1; }
        seen=$((seen + $(grep -c '>\$@\.part$' "$makefile" || true)))
    done
    [ $seen -ge 15 ]
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
    # one sample of a question of colour with synergy, and make has no result, however often it is asked
    awk -F'\t' -v OFS='\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "synergy") c = i }
        !done && $3 ~ /^what colou?r/ { $c = .5; done = 1 } 1' out/rows.tsv >rows.tsv
    cp rows.tsv out/rows.tsv
    for again in 1 2; do
        run ! which
        [[ $output = *"1. does not hold: for 1 of 10168 samples"* ]]
        [ ! out/checked -nt out/rows.tsv ] # the earlier one, if any
    done
}

# What examples/easy-vqa needs: a Python that has torch.
with_torch() {
    /usr/bin/python3 -c 'import torch, numpy' 2>/dev/null || skip "python3-torch is not installed"
    export PYTHONPATH=$top_srcdir/examples/easy-vqa:$PYTHONPATH OMP_NUM_THREADS=1
}

@test "easy-VQA: the variants are wired as their names say" {
    with_torch
    cd "$BATS_TEST_TMPDIR"
    cat >wired.py <<'END'
import torch, vqa
data = vqa.Data("test")
inputs, _ = data.batch(torch.arange(6))
# every question with every image, so that either can be changed while the other stays
pairs = [(image, question) for image in range(6) for question in range(8)]
which = torch.tensor([image for image, _ in pairs])
chosen = torch.tensor([question for _, question in pairs])
inputs = {"images": inputs["images"], "which": which, "tokens": inputs["tokens"][chosen], "attention_mask": inputs["attention_mask"][chosen]}
assert len(inputs["tokens"].unique(dim=0)) > 5

def depends(states):
    """On the image, on the question: whether the states differ where only that differs."""
    states = states.reshape(6, 8, -1)
    return not torch.allclose(states, states[:1], atol=1e-6), not torch.allclose(states, states[:, :1], atol=1e-6)

for variant, (attends, reads) in vqa.VARIANTS.items():
    torch.manual_seed(1)
    model = vqa.new_model(variant).eval()
    found = {}
    for number, layer in enumerate(model.layers):
        for name in ("image", "text"):
            getattr(layer, name).register_forward_hook(lambda module, given, out, key=(name, number): found.__setitem__(key, out))
    with torch.no_grad():
        logits = model(**inputs)
    mask = inputs["attention_mask"].unsqueeze(-1)
    for (name, number), states in found.items():
        pooled = states.mean(1) if name == "image" else (states * mask).sum(1) / mask.sum(1)
        reached = number > 0 and name in attends.split()
        assert depends(pooled) == ((True, reached) if name == "image" else (reached, True)), (variant, name, number)
    assert len(found) == 2 * (vqa.LAYERS + 1)
    assert depends(logits) == (variant != "image-cut-off", variant != "text-cut-off"), variant
    table = logits.reshape(6, 8, -1)
    apart = table - table[:1] - table[:, :1] + table[:1, :1] # 0 where logits are a sum of what each says
    assert (apart.abs().max() < 1e-5) == (reads == "sum" or variant.endswith("cut-off")), variant
END
    /usr/bin/python3 wired.py
}

@test "easy-VQA: a training that was interrupted comes to the same model, another seed to another" {
    with_torch
    cd "$BATS_TEST_TMPDIR"
    train() { exec /usr/bin/python3 "$top_srcdir/examples/easy-vqa/train.py" text-attends-image "$1" 40 "$2" 32; }
    (train whole.pt 1) >whole 2>/dev/null
    train cut.pt 1 >cut 2>/dev/null 3>&- &
    pid=$!
    until [ -e cut.pt.part ] || [ -e cut.pt ]; do sleep .02; done
    kill -KILL $pid
    wait $pid || true
    [ ! -e cut.pt ] # or it was too fast to be interrupted
    (train cut.pt 1) >cut 2>steps
    ! grep -q 'epoch 1 of' steps
    diff whole cut
    (train other.pt 2) >/dev/null 2>&1
    /usr/bin/python3 -c 'import torch
whole, cut, other = (torch.load(name)["model"] for name in ("whole.pt", "cut.pt", "other.pt"))
assert all(torch.equal(whole[name], cut[name]) for name in whole)
assert not torch.equal(whole["words.weight"], other["words.weight"])'
    [ ! -e cut.pt.part ]
}

@test "easy-VQA: expectations are held against intervals, and one that fails is told with its reason" {
    cd "$BATS_TEST_TMPDIR"
    check() { awk -f "$top_srcdir/examples/easy-vqa/check.awk" "$@"; }
    printf '# a comment\ntarget\tvariant\tlayer\tquantity\trelation\tvalue\treason\n' >wanted.tsv
    printf 'answer\tone\t%s\tsynergy\t%s\t%s\tso it is made\n' all most .3 0 least .15 0 least .05 1 zero '' 0 zero '' 1 below 'layer 0' 0 below two >>wanted.tsv
    printf 'answer\tone\t1\tshare:x\tzero\t\tso it is made\noutput\tone\t0\tsynergy\tleast\t.5\tso it is made\n' >>wanted.tsv
    head='variant\tlayer\tsynergy\tsynergy:lo\tsynergy:hi\tshare:x\tshare:x:lo\tshare:x:hi\n'
    printf "$head"'one\t0\t.2\t.1\t.3\t.5\t.4\t.6\none\t1\t.01\t0\t.02\t.\t.\t.\ntwo\t0\t.4\t.25\t.5\t.5\t.4\t.6\n' >answer.tsv
    printf "$head"'one\t0\t.7\t.6\t.8\t.5\t.4\t.6\n' >output.tsv
    check wanted.tsv answer.tsv output.tsv >got
    awk '$1 ~ /^(yes|NO|none)$/ { print $1 }' got | tr '\n' ' ' >answers
    [ "$(cat answers)" = 'yes yes NO yes yes NO yes NO none yes ' ]
    grep -q '^6 of 10 expectations held' got
    [ "$(grep -c '^expected but not so: one layer 0: so it is made$' got)" -eq 3 ]
    # a report that is not there answers nothing
    check wanted.tsv answer.tsv >got
    grep -q '^5 of 10 expectations held' got
    printf 'answer\tone\t0\tsynergy\tabout\t1\tno such relation\n' >>wanted.tsv
    run ! check wanted.tsv answer.tsv
}

@test "easy-VQA: each expectation names a target, variant and relation that there are" {
    awk -F'\t' '/^#/ || $1 == "target" { next }
        NF != 7 || $1 !~ /^(prediction|answer|output)$/ || $3 !~ /^([0-3]|all)$/ || $4 !~ /^(redundant|unique:(image|text)|synergy|total|share:(image|text))$/ ||
        $5 !~ /^(least|most|below|zero)$/ || $7 == "" { print; wrong = 1 } { rows++; met[$2] } END { for (v in met) variants++; exit wrong || rows < 40 || variants != 7 }' \
        "$top_srcdir/examples/easy-vqa/expectations.tsv"
}

@test "validation: the page has what the examples print; a table that is missing is told and nothing is written" {
    cd "$BATS_TEST_TMPDIR"
    mkdir -p root/spurious
    (cd root/spurious && make --no-print-directory -s -f "$top_srcdir/examples/spurious/Makefile" out/types.table)
    awk '/^<!-- spurious\/out\/types.table -->$/ { found = 1 } found { print } found && $0 == "```" { exit }' "$top_srcdir/doc/validation.md" >part
    [ "$(wc -l <part)" -gt 8 ]
    fill() { awk -v root=root -f "$top_srcdir/examples/validation/tables.awk" "$@"; }
    fill part >same
    diff part same
    sed 's/[0-9]/0/g' part >other
    ! diff -q part other
    fill other >same
    diff part same
    grep '^<!--' "$top_srcdir/doc/validation.md" | wc -l >blocks
    [ "$(cat blocks)" -ge 7 ]
    run ! fill "$top_srcdir/doc/validation.md"
    [[ $output = *"cannot be read or is empty"* ]]
    printf '<!-- spurious/out/types.table -->\ntext\n' >none
    run ! fill none
    [[ $output = *"no block behind"* ]]
}
