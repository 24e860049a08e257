# Adds Gaussian noise to the columns of one source, `percent` of each column's standard deviation.  Reads its file twice.
# Random numbers of its own (Park and Miller 1988, doi:10.1145/63039.63042), so that every awk gives the same rows.
function uniform() { state = state * 16807 % 2147483647; return state / 2147483647 }
function gauss(  r) { r = sqrt(-2 * log(uniform())); return r * cos(6.283185307179586 * uniform()) }
BEGIN { FS = OFS = "\t"; state = 20180 + percent; CONVFMT = OFMT = "%.9g" }
FNR == 1 {
    pass++
    for (i = 1; i <= NF; i++) noisy[i] = index($i, source ".") == 1
    if (pass == 2) print
    next
}
pass == 1 { rows++; for (i = 1; i <= NF; i++) if (noisy[i]) { sum[i] += $i; square[i] += $i * $i }; next }
{
    for (i = 1; i <= NF; i++)
        if (noisy[i]) { variance = square[i] / rows - (sum[i] / rows) ^ 2; $i += percent / 100 * sqrt(variance > 0 ? variance : 0) * gauss() }
    print
}
