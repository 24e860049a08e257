# pid-kmeans: labels from vectors.

setup() {
    cd "$BATS_TEST_TMPDIR"
    pid-synth and --kind samples -n 3000 --dim 8 --noise 0.1 -o samples.mp
}

# The labels of one variable, one a line.
column() { pid-cat -f tsv --codes "$2" | awk -F'\t' -v name="$1" 'NR==1 {for (i=1; i<=NF; i++) if ($i==name) c=i; next} {print $c}'; }

# How often the pairs of labels of two columns occur: a bijection has as many pairs as labels.
pairs() { paste <(column "$1" "$2") <(column "$3" "$4") | sort -u | wc -l; }

@test "clusters are the symbols behind the noise" {
    pid-synth and --kind labels -n 3000 -o truth.mp
    pid-kmeans -k 2 samples.mp -o labels.mp
    [ "$(pairs x1 labels.mp x1 truth.mp)" -eq 2 ]
    [ "$(pairs x2 labels.mp x2 truth.mp)" -eq 2 ]
}

@test "the header tells kind, levels and history; categories pass through" {
    pid-kmeans -k x1=3,x2=2 samples.mp -o labels.mp
    pid-cat --header labels.mp | jq -e '.kind == "labels" and .grouped and .variables[0].levels == 3 and .variables[1].levels == 2
        and .variables[2].levels == 2 and .history[1].program == "pid-kmeans"'
    cmp <(column y samples.mp) <(column y labels.mp)
}

@test "the same bytes for one job and two, through a file and a pipe, in memory and spooled" {
    pid-kmeans -j 1 -k 5 --n-init 3 samples.mp >a
    pid-kmeans -j 2 -k 5 --n-init 3 samples.mp >b
    pid-kmeans -j 2 -k 5 --n-init 3 <samples.mp >c
    cat samples.mp | pid-kmeans -j 2 -k 5 --n-init 3 >d
    cmp a b
    cmp a c
    cmp a d
    pid-synth and --kind samples -n 100000 --dim 8 -o big.mp
    pid-kmeans -j 1 --memory 1M -k 5 big.mp >a
    cat big.mp | pid-kmeans -j 2 --memory 1M -k 5 >b
    cmp a b
}

@test "the spool has no name, and a folder that cannot hold it is told" {
    pid-synth and --kind samples -n 100000 --dim 8 -o big.mp
    mkdir spool
    cat big.mp | TMPDIR=$PWD/spool pid-kmeans --memory 1M -k 5 >out
    [ -z "$(ls -A spool)" ]
    run bash -c 'set -o pipefail; cat big.mp | TMPDIR=/nonexistent/folder pid-kmeans --memory 1M -k 5 -o out.mp'
    [ "$status" -ne 0 ]
    [ ! -e out.mp ]
    [[ "$output" =~ /nonexistent/folder ]]
}

@test "a codebook labels as the run that learnt it" {
    for options in "" "--standardize" "--normalize" "--pca 3" "--pca 3 --whiten --standardize --normalize" "--sweep 3,5 --seeds 2"; do
        k="-k 4"
        [[ "$options" =~ sweep ]] && k=""
        pid-kmeans $k $options samples.mp --save-codebook cb.mp -o learnt.mp
        pid-kmeans --codebook cb.mp samples.mp -o assigned.mp
        pid-cat --check cb.mp
        cmp <(pid-cat -f tsv learnt.mp) <(pid-cat -f tsv assigned.mp)
        cmp <(pid-cat --header learnt.mp | jq .variables) <(pid-cat --header assigned.mp | jq .variables)
    done
}

@test "a codebook holds objective and sizes" {
    pid-kmeans -k 4 samples.mp --save-codebook cb.mp -o labels.mp
    pid-cat -f json cb.mp | jq -s -e '[.[] | select(.values)] | length == 2 and all(.values.objective > 0 and (.arrays.sizes | add) == .values.trained)'
}

@test "progress tells how many rows are labelled, where a file is read once and with a codebook" {
    pid-synth xor --kind samples -n 30000 --dim 2 --noise .2 >samples.mp
    pid-kmeans -k 2 --progress --save-codebook cb.mp samples.mp 2>told >/dev/null
    grep -qE '^pid-kmeans: [1-9][0-9]* rows labelled$' told
    pid-kmeans --codebook cb.mp --progress samples.mp 2>told >/dev/null
    grep -qE '^pid-kmeans: [1-9][0-9]* rows labelled$' told
    pid-kmeans --codebook cb.mp samples.mp 2>told >/dev/null
    [ ! -s told ]
}

@test "a sweep and a single run agree" {
    pid-kmeans --sweep 3,6 samples.mp -o sweep.mp
    pid-kmeans -k 6 --train-rows 1536 samples.mp -o six.mp
    pid-kmeans --sweep 3,6 --train-rows 1536 samples.mp -o sweep.mp
    cmp <(pid-cat -f tsv sweep.mp | awk -F'\t' 'NR==1 {for (i=1;i<=NF;i++) if ($i=="k") c=i} $c==6' | cut -f 3-) <(pid-cat -f tsv six.mp | tail -n +2 | cut -f 2-)
}

@test "seeds are told apart by a key" {
    pid-kmeans -k 3 --seeds 3 --seed 5 samples.mp -o seeds.mp
    [ "$(column seed seeds.mp | sort -u | tr '\n' ' ')" = "5 6 7 " ]
}

@test "argmax, width and quantile" {
    printf 'a,b,c,v,y\n1,5,2,0,0\n9,5,2,1,1\n1,2,3,2,0\n0,0,0,9,1\n' >t.csv
    command -v pid-extract || skip "pid-extract is not built"
    pid-extract --source l=t.csv:a..c --source v=t.csv:v --type v=vector --target y=t.csv:y -o t.mp
    pid-kmeans --method l=argmax,v=width -k v=3 t.mp -o labels.mp
    [ "$(column l labels.mp | tr '\n' ' ')" = "1 0 2 0 " ]
    [ "$(column v labels.mp | tr '\n' ' ')" = "0 0 0 2 " ]
    pid-kmeans --method l=argmax,v=quantile -k v=2 t.mp -o labels.mp
    [ "$(column v labels.mp | tr '\n' ' ')" = "0 0 1 1 " ]
    pid-cat --header labels.mp | jq -e '.variables[0].levels == 3'
}

@test "more clusters than rows, no clusters, none asked for, unknown names" {
    run pid-kmeans -k 3001 --train-rows all samples.mp -o out.mp
    [ "$status" -eq 1 ]
    [[ "$output" =~ "3001 clusters of 3000 rows" ]]
    run pid-kmeans -k 0 samples.mp -o out.mp
    [ "$status" -eq 2 ]
    run pid-kmeans samples.mp -o out.mp
    [ "$status" -eq 2 ]
    [[ "$output" =~ "how many clusters for 'x1'" ]]
    run pid-kmeans -k z=3 samples.mp -o out.mp
    [ "$status" -eq 2 ]
    run pid-kmeans -k 3 --pca 9 samples.mp -o out.mp
    [ "$status" -eq 1 ]
    [[ "$output" =~ "9 principal components of 8 columns" ]]
    run pid-kmeans -k 3 --whiten samples.mp -o out.mp
    [ "$status" -eq 2 ]
    [ ! -e out.mp ]
}

@test "fewer distinct rows than clusters are told" {
    pid-synth and --kind samples -n 100 --dim 2 --noise 0 -o flat.mp
    run pid-kmeans -k 5 flat.mp -o labels.mp
    [ "$status" -eq 0 ]
    [[ "$output" =~ "empty clusters" ]]
    pid-cat --check labels.mp
}

@test "a cut input gives no labels" {
    head -c 20000 samples.mp >cut.mp
    run pid-kmeans -k 2 cut.mp -o out.mp --save-codebook cb.mp
    [ "$status" -eq 1 ]
    [ ! -e out.mp ]
    [ ! -e cb.mp ]
}

@test "a codebook for other data is refused" {
    pid-kmeans -k 2 samples.mp --save-codebook cb.mp -o out.mp
    pid-synth and --kind samples -n 50 --dim 5 -o other.mp
    run pid-kmeans --codebook cb.mp other.mp -o other-labels.mp
    [ "$status" -eq 1 ]
    [[ "$output" =~ "5 columns, but the codebook has 8" ]]
    run pid-kmeans --codebook samples.mp samples.mp -o x.mp
    [ "$status" -eq 1 ]
    [[ "$output" =~ "not a codebook" ]]
    run pid-kmeans --codebook cb.mp -k 3 samples.mp -o x.mp
    [ "$status" -eq 2 ]
}

@test "labels and codebook appear together or not at all" {
    run pid-kmeans -k 2 samples.mp -o /dev/full --save-codebook cb.mp
    [ "$status" -eq 1 ]
    [ ! -e cb.mp ]
    run pid-kmeans -k 2 samples.mp -o both.mp --save-codebook ./both.mp
    [ "$status" -eq 2 ]
    [[ "$output" =~ "are one file" ]]
    [ ! -e both.mp ]
}

@test "NaN and infinity are refused with their row's number, wherever they are" {
    command -v python3 >/dev/null || skip "python3 is not installed"
    # By hand, since pidstream's Writer refuses such values as well.
    write() {
        PYTHONPATH="$top_srcdir/tools" python3 -c '
import array, sys, zlib, pidstream
stream = pidstream.pack({"stream": "pid", "version": 1, "kind": "samples", "grouped": True, "history": [],
                         "variables": [pidstream.vector("v", 3), pidstream.category("y", 2, role="target")]})
for first in range(0, 6000, 1000):
    values = array.array("f", [(i * i) % 97 for i in range(3000)])
    if first == 5000:
        values[3 * 990 + 2] = float(sys.argv[1])
    data = {"v": values.tobytes(), "y": array.array("I", [i % 2 for i in range(1000)]).tobytes()}
    stream += pidstream.pack({"key": {}, "row": first, "rows": 1000, "data": data})
sys.stdout.buffer.write(stream + pidstream.pack({"end": True, "records": 6, "rows": 6000, "crc32": zlib.crc32(stream)}))' "$1"
    }
    write 1 >good.mp
    pid-kmeans -k 2 --save-codebook cb.mp good.mp -o labels.mp
    for bad in nan inf -inf; do
        write $bad >bad.mp
        for options in "-k 2" "-k 2 --seed 3" "-k 2 --train-rows all" "--method argmax" "--codebook cb.mp"; do
            run pid-kmeans $options bad.mp -o out.mp
            [ "$status" -eq 1 ]
            [[ "$output" == "pid-kmeans: bad.mp: record 6: row 5990 of variable 'v' holds NaN or infinity: "* ]]
            [ ! -e out.mp ]
        done
    done
}

@test "labels of one's own for one variable, the others clustered" {
    awk 'BEGIN { print "a\tb\tx\ty"; for (i = 0; i < 200; i++) print i % 5 "\t" i % 3 + .5 "\t" (i * 7) % 4 "\t" i % 2 }' >rows.tsv
    awk 'BEGIN { print "topic\tcode"; for (i = 0; i < 200; i++) print "t" (i * i) % 11 "\t" 10 + i % 6 }' >own.tsv
    pid-extract --source a=rows.tsv:a,b --source x=rows.tsv:x,b --target y=rows.tsv:y -o rows.mp
    pid-kmeans -k 4 rows.mp -o clustered.mp
    pid-kmeans -k 4 --labels a=own.tsv:topic rows.mp -o own.mp
    # The names stay; what is clustered is not moved.
    cmp <(pid-cat -f tsv own.mp | cut -f 2 | tail -n +2) <(tail -n +2 own.tsv | cut -f 1)
    cmp <(column x own.mp) <(column x clustered.mp)
    pid-cat --header own.mp | jq -e '(.variables[0].levels | length) == 6 and .variables[0].type == "category"
        and (.history[-1].arguments | index("--labels=a=own.tsv:topic") and index("--method=kmeans"))'
    # Parts of the data find their own labels, in order and out of it.
    pid-extract --rows 50:170 --source a=rows.tsv:a,b --source x=rows.tsv:x,b --target y=rows.tsv:y |
        pid-kmeans -k 4 --labels a=own.tsv:code --labels x=own.tsv:topic >part.mp
    cmp <(pid-cat -f tsv part.mp | cut -f 2 | tail -n +2) <(tail -n +52 own.tsv | head -n 120 | cut -f 2)
    # With a sweep, and beside a codebook that knows the rest.
    pid-kmeans --sweep 2,3 --labels a=own.tsv:topic rows.mp | pid-cat -f tsv | awk -F'\t' 'NR > 1 { print $1, $3 }' | sort | uniq -c >swept
    [ "$(awk '{ n += $1 } END { print n, NR }' swept)" = "400 12" ]
    pid-kmeans -k 4 --labels a=own.tsv:topic --save-codebook cb.mp rows.mp >/dev/null
    pid-kmeans --codebook cb.mp --labels a=own.tsv:topic rows.mp >again.mp
    cmp <(pid-cat -f tsv own.mp) <(pid-cat -f tsv again.mp)
    run -1 pid-kmeans --codebook cb.mp rows.mp
    # Nothing is left to learn.
    pid-kmeans --labels a=own.tsv:topic --labels x=own.tsv:code rows.mp | pid-cat --header - | jq -e '.history[-1].arguments | index("--method=kmeans") | not'
}

@test "labels of one's own for each value of a key" {
    for layer in 1 2; do
        awk -v l=$layer 'BEGIN { print "v\ty"; for (i = 0; i < 90; i++) print i / l "\t" i % 2 }' >rows-$layer.tsv
        awk -v l=$layer 'BEGIN { print "own"; for (i = 0; i < 90; i++) print l * 100 + i % (l + 2) }' >own-$layer.tsv
    done
    pid-extract --source v=rows-{layer}.tsv:v --type v=vector --target y=rows-1.tsv:y -o rows.mp
    pid-kmeans --labels 'v=own-{layer}.tsv:own' rows.mp -o own.mp
    [ "$(pid-cat -f tsv own.mp | awk -F'\t' 'NR > 1 { n[$1 " " $3]++ } END { print length(n) }')" -eq 7 ]
    run -1 pid-kmeans --labels 'v=own-{model}.tsv:own' rows.mp -o none.mp
    [[ "$output" =~ "own-{model}.tsv" ]]
    [ ! -e none.mp ]
}

@test "labels of one's own that do not fit are refused" {
    printf 'v\ty\n1.5\t0\n2.5\t1\n3.5\t0\n' >rows.tsv
    pid-extract --source v=rows.tsv:v --target y=rows.tsv:y -o rows.mp
    printf 'own\n1\n2\n' >short.tsv
    printf 'own\n1\nNA\n2\n' >missing.tsv
    printf 'own\n1\n2\n2\n3\n' >long.tsv
    refused() {
        local status_wanted=$1 text=$2
        shift 2
        run "-$status_wanted" pid-kmeans "$@" rows.mp -o out.mp
        [[ "$output" == *"$text"* ]]
        [ ! -e out.mp ]
    }
    refused 1 "short.tsv:own: has 2 labels, but the data have a row 2" --labels v=short.tsv:own
    refused 1 "missing.tsv:own: row 1: the label is missing" --labels v=missing.tsv:own
    refused 1 "none.tsv" --labels v=none.tsv
    refused 2 "no vector 'w'" --labels w=short.tsv:own
    refused 2 "no vector 'y'" --labels y=short.tsv:own
    refused 2 "twice" --labels v=long.tsv:own --labels v=long.tsv:own
    refused 2 "NAME=FILE" --labels v
    run -0 pid-kmeans --labels v=long.tsv:own rows.mp -o out.mp
    [[ "$output" == *"long.tsv:own: has 4 labels, but the last row of the data is 2"* ]]
}
