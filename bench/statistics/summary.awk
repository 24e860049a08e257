# Truth and estimates: awk -f summary.awk TRUTH.tsv ESTIMATES.tsv, both from pid-report -f tsv, the latter one line a draw.
# Prints, for each column, the truth, the mean error, and the mean absolute error, as counted and corrected, and how many
# per cent of the intervals hold the truth; in thousandths of a bit, shares in per cent.
BEGIN { FS = "\t" }
FNR == 1 { for (i = 1; i <= NF; i++) name[NR == FNR, i] = $i; for (i = 1; i <= NF; i++) at[NR == FNR, $i] = i; next }
NR == FNR { for (i = 1; i <= NF; i++) truth[name[1, i]] = $i; next }
function add(c, v, kind,  d) { if (v == ".") return; d = v - truth[c]; n[c, kind]++; sum[c, kind] += d; absolute[c, kind] += d < 0 ? -d : d }
{
    for (k = 1; k <= columns_of(); k++) {
        c = column[k]
        add(c, $at[0, c], "counted")
        if ((0, c ":corrected") in at) add(c, $at[0, c ":corrected"], "corrected")
        if ((0, c ":lo") in at && $at[0, c ":lo"] != ".") { intervals[c]++; held[c] += $at[0, c ":lo"] <= truth[c] + 1e-9 && truth[c] - 1e-9 <= $at[0, c ":hi"] }
    }
}
function columns_of() { return split("redundant unique:x1 unique:x2 synergy total mi:x1 mi:x2 share:x1", column, " ") }
function show(c, kind, scale) { return n[c, kind] ? sprintf("%+7.1f %6.1f", scale * sum[c, kind] / n[c, kind], scale * absolute[c, kind] / n[c, kind]) : "      .      ." }
END {
    printf "%-10s %7s  %14s  %14s  %6s\n", "", "truth", "as counted", "corrected", "held"
    for (k = 1; k <= columns_of(); k++) {
        c = column[k]
        scale = c ~ /^share/ ? 100 : 1000
        if (truth[c] == ".") continue
        printf "%-10s %7.1f  %s  %s  %s\n", c, scale * truth[c], show(c, "counted", scale), show(c, "corrected", scale), intervals[c] ? sprintf("%5.1f%%", 100 * held[c] / intervals[c]) : "."
    }
}
