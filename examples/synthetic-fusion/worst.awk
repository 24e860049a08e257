# The grid -> two tables of errors (estimated minus true), which doc/validation.md shows.
BEGIN { FS = "\t"; atoms = split("redundant unique:x1 unique:x2 synergy share:x1", name, " ") }
NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
{
    see("rows", $1); see("dim", $2); see("noise", $3); see("k", $4)
    for (i = 1; i <= atoms; i++) {
        truth = $(at[name[i] ":true"]); seen = $(at[name[i]]); mended = $(at[name[i] ":corrected"])
        plain[$1, $2, $3, $4, i] = seen == "." ? "." : seen - truth
        better[$1, $2, $3, $4, i] = mended == "." ? "." : mended - truth
    }
}
function see(axis, value) {
    if ((axis, value) in place) return
    place[axis, value] = ++sizes[axis]
    values[axis, sizes[axis]] = value
}
function show(x) { return x == "." ? "." : sprintf("%+.3f", x) }
END {
    n = values["rows", sizes["rows"]]
    print "How far apart must the states be?  Errors in bits with 8 clusters and " n " rows (share: of 1)."
    print "Two states are sqrt(2 d) apart; `apart` is half of that, in standard deviations of the noise.\n"
    printf "%6s %5s %7s  %9s %9s %9s %9s %9s\n", "noise", "d", "apart", "redundant", "unique x1", "unique x2", "synergy", "share x1"
    for (s = 1; s <= sizes["noise"]; s++) for (d = 1; d <= sizes["dim"]; d++) {
        noise = values["noise", s]; dim = values["dim", d]
        printf "%6s %5s %7.1f ", noise, dim, sqrt(dim / 2) / noise
        for (i = 1; i <= atoms; i++) printf " %9s", show(plain[n, dim, noise, 8, i])
        print ""
    }
    dim = 16; noise = 0.25
    print "\nHow many samples, how many clusters?  Errors with d = 16 and noise 0.25; in brackets, corrected by --subsample 0.5,0.25.\n"
    printf "%6s %3s %8s  %16s  %16s  %16s  %16s  %16s\n", "rows", "k", "rows/k^2", "redundant", "unique x1", "unique x2", "synergy", "share x1"
    for (r = 1; r <= sizes["rows"]; r++) for (c = 1; c <= sizes["k"]; c++) {
        n = values["rows", r]; k = values["k", c]
        printf "%6s %3s %8.1f ", n, k, n / (k * k)
        for (i = 1; i <= atoms; i++) printf "  %16s", show(plain[n, dim, noise, k, i]) " (" show(better[n, dim, noise, k, i]) ")"
        print ""
    }
}
