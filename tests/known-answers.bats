bats_require_minimum_version 1.5.0
# What pid-report makes of samples, where the truth is known: the distribution of tests/data/known, solved exactly, and data in
# which the target has nothing to do with the sources.  These are the first draws of what bench/statistics runs at length.

setup() {
    cd "$BATS_TEST_TMPDIR"
    table=$top_srcdir/tests/data/known/known-32x32x8.tsv
    draws=$top_builddir/bench/statistics/draws
}

# known N DRAWS [OPTION...]: the summary of so many data sets of N samples
known() {
    pid-joint --table "$table" --sources x1,x2 --target y --weight p | pid-ipfp | pid-report -f tsv >truth
    "$draws" "$table" "$1" "$2" | pid-joint --table - --sources x1,x2 --target y --per draw --subsample 0.5,0.25x8 "${@:3}" |
        pid-ipfp | pid-report -f tsv >estimates
    awk -f "$top_srcdir/bench/statistics/summary.awk" truth estimates >summary
}

# bias and error of a column: counted bias, counted error, corrected bias, corrected error, held
row() { tr -d '%' <summary | awk -v name="$1" '$1 == name { print $3, $4, $5, $6, $7 }'; }

@test "the known distribution has the atoms that were published for it" {
    pid-joint --table "$table" --sources x1,x2 --target y --weight p | pid-ipfp | pid-report -f tsv |
        awk -F'\t' 'NR == 2 { split(".3958 .3818 .1118 .6210", known, " "); for (i = 1; i <= 4; i++) if (($i - known[i]) ^ 2 > 1e-8) exit 1 }'
}

# At 10,000 samples a third of the bias of C1 is a quarter of a per cent, which shows in 200 draws only: with PID_TORTURE.
@test "500, 2,000 and 10,000 samples: the correction takes off two thirds of the bias of C1, most of that of S, and lowers the error" {
    while read -r n count shares; do
        [ -z "${PID_TORTURE-}" ] || { count=200 shares=shares; }
        known "$n" "$count"
        [ -z "$shares" ] || row share:x1 | awk '{ exit !($3 ^ 2 <= ($1 / 3) ^ 2 && $4 < $2) }' || { cat summary; return 1; }
        row synergy | awk '{ exit !($3 ^ 2 <= ($1 / 2) ^ 2 && $4 < $2) }' || { cat summary; return 1; }
        row redundant | awk '{ exit !($3 ^ 2 <= ($1 / 2) ^ 2 && $4 < $2) }' || { cat summary; return 1; }
    done <<END
500 50 shares
2000 100 shares
10000 20
END
}

@test "1,000 samples: of the 95 % intervals of the corrected C1 90 to 98 % hold the truth" {
    known 1000 40 --bootstrap 40
    row share:x1 | awk '{ exit !($5 >= 90 && $5 <= 98) }' || { cat summary; return 1; }
}

@test "p-values of what has nothing to do with the target are uniform (Kolmogorov-Smirnov, 500 draws)" {
    # x2 repeats x1 half of the time, y is drawn apart: 4 x 4 x 3 symbols
    awk 'BEGIN { print "x1\tx2\ty\tp"; for (a = 0; a < 4; a++) for (b = 0; b < 4; b++) for (y = 0; y < 3; y++) print a "\t" b "\t" y "\t" (a == b ? 5 : 1) * (y + 1) }' >apart.tsv
    "$draws" apart.tsv 150 500 | pid-joint --table - --sources x1,x2 --target y --per draw --permute 99 | pid-ipfp | pid-report -f tsv >t
    for name in redundant unique:x1 unique:x2 synergy total mi:x1 mi:x2 share:x1; do
        # values are on a grid of hundredths: the distance is taken at its points; 1.63 / sqrt(n) is the 1 % point
        awk -F'\t' -v name="$name:p" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next } $c != "." { print $c }' t | sort -g |
            awk -v name="$name" '{ p[NR] = $1 } END {
                for (i = 1; i <= NR; i++) if (i == NR || p[i + 1] > p[i]) { d = i / NR - p[i]; if (d < 0) d = -d; if (d > most) most = d }
                if (NR < 400 || most > 1.63 / sqrt(NR)) { print name, NR, most; exit 1 } }'
    done
}
