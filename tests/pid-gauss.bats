bats_require_minimum_version 1.5.0
# pid-gauss: closed forms, replicates, and its answer beside that of clusters.  lib/gauss has tests of its own.

setup() { cd "$BATS_TEST_TMPDIR"; }

value() { pid-cat -f json | jq --arg name "$1" -s '[.[] | select(.values)][-1].values[$name]'; }
near() { awk -v a="$1" -v b="$2" -v t="$3" 'BEGIN { d = a - b; exit !(d <= t && d >= -t) }' || { echo "got $1, expected $2"; return 1; }; }

# samples N [LAYERS]: y, and two noisy views of it: x1 of both columns, x2 of the first
samples() {
    awk -v n="$1" -v layers="${2-1}" 'function normal() { return sqrt(-2 * log(1 - rand())) * cos(6.283185307179586 * rand()) }
        BEGIN { srand(3); OFS = "\t"; print "layer", "a0", "a1", "b0", "y0", "y1"
            for (l = 0; l < layers; l++) for (i = 0; i < n; i++) { u = normal(); v = normal(); print l, u + normal(), v + normal(), u + normal() * 2, u, v } }' >rows.tsv
    pid-extract --source a=rows.tsv:a0,a1 --source b=rows.tsv:b0 --target y=rows.tsv:y0,y1
}

@test "a covariance by hand: two noisy views of a scalar" {
    printf 'x1\tx2\ty\n2\t1\t1\n1\t5\t1\n1\t1\t1\n' >c.tsv
    pid-gauss --covariance c.tsv --sources x1,x2 --target y >s.mp
    near "$(value redundant <s.mp)" 0.16096404744368118 1e-12
    near "$(value unique:x1 <s.mp)" 0.33903595255631882 1e-12
    near "$(value unique:x2 <s.mp)" 0 1e-12
    near "$(value total <s.mp)" 0.58496250072115619 1e-12
    near "$(value share:x1 <s.mp)" 1 1e-9
    near "$(value mmi:redundant <s.mp)" "$(value redundant <s.mp)" 1e-12
    pid-report s.mp | grep -q 'method=gauss: x1 leads'
    pid-gauss --covariance c.tsv --sources x2,x1 --target y >t.mp
    near "$(value unique:x1 <t.mp)" "$(value unique:x1 <s.mp)" 1e-12
}

@test "columns of vectors go by their names; extra columns are left" {
    printf 'y.0,a,b.1,b.0,z\n1,1,0,1,9\n1,2,0,1,0\n0,0,3,0,0\n1,1,0,3,0\n9,0,0,0,99\n' >c.csv
    pid-gauss --covariance c.csv --sources a,b --target y >s.mp
    [ "$(value dim:b <s.mp)" = 2 ]
    near "$(value mi:a <s.mp)" 0.5 1e-12
    near "$(value mi:b <s.mp)" 0.29248125036057804 1e-12
}

@test "samples come near their truth, with bias, intervals and p-values" {
    samples 2000 >samples.mp
    pid-gauss --bootstrap 60 --permute 40 samples.mp >s.mp
    # x2 tells of y0 alone, and less than x1: I(y0;x2) = log2(1 + 1/4) / 2 is redundant, the rest of a's two half bits is its own.
    pid-report -f json s.mp >r.json
    for expected in redundant:0.160964 unique:a:0.839036 unique:b:0 mi:a:1 mi:b:0.160964; do
        name=${expected%:*}
        near "$(jq --arg n "$name" '.rows[0].estimates[$n].corrected' r.json)" "${expected##*:}" 0.06
    done
    jq -e '.rows[0].estimates | (.redundant.lo < 0.17 and .redundant.hi > 0.15) and (.total.p < 0.03) and (.total.null < 0.01) and
        (.["mi:a"].value > .["mi:a"].corrected)' r.json
    jq -e '.rows[0].key == {"method": "gauss"} and .rows[0].solver == "gauss" and .rows[0].status == "converged"' r.json
    cmp s.mp <(pid-gauss -j 1 --bootstrap 60 --permute 40 samples.mp)
}

@test "--pca keeps what is asked for and says how much that is" {
    samples 500 >samples.mp
    pid-gauss --pca a=1,y=1 samples.mp >s.mp
    [ "$(value dim:a <s.mp)" = 1 ] && [ "$(value dim:b <s.mp)" = 1 ] && [ "$(value dim:y <s.mp)" = 1 ]
    awk -v v="$(value variance:a <s.mp)" 'BEGIN { exit !(v > 0.4 && v < 0.7) }'
    # A target of one column: MMI is the answer.
    near "$(value redundant <s.mp)" "$(value mmi:redundant <s.mp)" 1e-9
    near "$(value unique:a <s.mp)" "$(value mmi:unique:a <s.mp)" 1e-9
    pid-gauss --pca 9 samples.mp >wide.mp
    near "$(value total <wide.mp)" "$(pid-gauss samples.mp | value total)" 1e-12
    run -2 pid-gauss --pca c=2 samples.mp
}

@test "pid-report sets clusters and Gaussians side by side and says where they disagree" {
    samples 1500 >samples.mp
    pid-gauss samples.mp -o gauss.mp
    pid-kmeans -k 6 samples.mp | pid-joint | pid-ipfp -o clusters.mp
    pid-report clusters.mp gauss.mp >t
    grep -q '^Clusters and Gaussians agree on which source leads in 1 of 1\.$' t
    grep -qE '^clusters .* %' t && grep -qE '^gauss .* agree' t
    # b's own part hides from the covariance: its square tells of y1
    awk 'BEGIN { FS = OFS = "\t" } NR == 1 { print $0, "b1"; next } { print $0, ($6 > 0 ? $6 : -$6) * 3 }' rows.tsv >folded.tsv
    pid-extract --source a=rows.tsv:b0 --source b=folded.tsv:b1 --target y=rows.tsv:y0,y1 -o folded.mp
    pid-kmeans -k 12 folded.mp | pid-joint | pid-ipfp -o clusters.mp
    pid-gauss folded.mp -o gauss.mp
    pid-report clusters.mp gauss.mp >t
    grep -q '^THE METHODS DISAGREE on which source leads: by clusters b (.*), by Gaussians a (.*)\.$' t
    pid-report -f html clusters.mp gauss.mp | grep -q 'With and without clusters'
    # With --sweep each number of clusters stands beside the one Gaussian answer.
    pid-kmeans --sweep 4,8 samples.mp | pid-joint | pid-ipfp -o clusters.mp
    pid-gauss samples.mp -o gauss.mp
    pid-report clusters.mp gauss.mp | grep -q 'in 2 of 2\.$'
}

@test "three sources" {
    samples 800 >/dev/null
    pid-extract --source a=rows.tsv:a0 --source b=rows.tsv:b0 --source c=rows.tsv:a1 --target y=rows.tsv:y0,y1 >samples.mp
    pid-gauss samples.mp >s.mp
    pid-cat -f json s.mp | jq -s -e '.[1].values | (.["unique:a"] + .["unique:b"] + .["unique:c"] + .remainder - .total | fabs < 1e-9) and has("redundant:a+c")'
    pid-report s.mp | grep -q 'b with all others'
}

@test "a target that the sources determine has infinite synergy, and a note" {
    samples 300 >/dev/null
    awk 'BEGIN { FS = OFS = "\t" } NR == 1 { print "a", "b", "y"; next } { print $2, $4, $2 }' rows.tsv >linear.tsv
    pid-extract --source a=linear.tsv:a --source b=linear.tsv:b --target y=linear.tsv:y | pid-gauss >s.mp
    [ "$(value total <s.mp)" = null ]
    pid-report s.mp | grep -q 'linear function'
}

# bench/gauss has the same for more rows, clusters and Gaussians.
@test "clusters come to the exact answer of the Gaussian that samples were drawn from" {
    # x1 = y + noise of variance 1, x2 = y + noise of variance 4
    printf 'x1\tx2\ty\n2\t1\t1\n1\t5\t1\n1\t1\t1\n' >c.tsv
    pid-gauss --covariance c.tsv --sources x1,x2 --target y | pid-report -q -f tsv >exact.tsv
    awk 'function normal() { return sqrt(-2 * log(1 - rand())) * cos(6.283185307179586 * rand()) }
        BEGIN { srand(5); OFS = "\t"; print "x1", "x2", "y"
            for (i = 0; i < 40000; i++) { y = normal(); print y + normal(), y + 2 * normal(), y } }' >rows.tsv
    pid-extract --source x1=rows.tsv:x1 --source x2=rows.tsv:x2 --target y=rows.tsv:y |
        pid-kmeans -q --sweep 2,4,8,16 | pid-joint --subsample 0.5,0.25x4 | pid-ipfp -t 1e-6 | pid-report -q -f tsv >clusters.tsv
    awk -F'\t' 'function size(x) { return x < 0 ? -x : x }
        FNR == 1 { file++; split("", at); for (i = 1; i <= NF; i++) at[$i] = i; next }
        file == 1 { for (name in at) exact[name] = $at[name]; next }
        { k = $at["k"]; rows++
          for (name in exact) {
              if (name !~ /^(redundant|unique:x1|synergy|total|mi:x1|mi:x2)$/) continue
              error = size($at[name ":corrected"] - exact[name])
              if (k > 2 && error > .75 * last[name] && error > .015) { print name, "K = " k, error, last[name]; bad = 1 }
              if (k == 16 && error > .06 * exact["total"]) { print name, error; bad = 1 }
              last[name] = error
          }
          if (size($at["unique:x2:corrected"]) > .01) { print "unique:x2", "K = " k; bad = 1 } }
        END { exit bad || rows != 4 }' exact.tsv clusters.tsv
}

@test "what cannot be decomposed is refused with what to do" {
    pid-synth --kind samples -n 50 --dim 3 and >category.mp
    run -1 --separate-stderr pid-gauss category.mp
    [[ $stderr = *"'y' is a category"*"pid-kmeans"* ]]
    samples 5 >few.mp
    run -1 --separate-stderr pid-gauss few.mp
    [[ $stderr = *"5 samples for 5 dimensions"*"--pca"* ]]
    samples 50 >samples.mp
    run -1 --separate-stderr pid-gauss --sources a samples.mp
    [[ $stderr = *"1 sources"* ]]
    run -2 --separate-stderr pid-gauss --covariance c.tsv samples.mp
    printf 'x1\tx2\ty\n2\t1\t1\n0\t5\t1\n1\t1\t1\n' >c.tsv
    run -1 --separate-stderr pid-gauss --covariance c.tsv --sources x1,x2 --target y
    [[ $stderr = *"not symmetric"* ]]
    printf 'x1\tx2\ty\n2\t1\t1\n1\t5\t1\n' >c.tsv
    run -1 --separate-stderr pid-gauss --covariance c.tsv --sources x1,x2 --target y
    [[ $stderr = *"2 lines for 3 columns"* ]]
    printf 'x1\tx2\ty\n2\t1\tz\n1\t5\t1\n1\t1\t1\n' >c.tsv
    run -1 --separate-stderr pid-gauss --covariance c.tsv --sources x1,x2 --target y
    [[ $stderr = *"'z' is not a number"* ]]
    run -1 --separate-stderr pid-gauss --covariance c.tsv --sources x1,w --target y
    [[ $stderr = *"no column is named w"* ]]
}
