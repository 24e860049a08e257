# Reports with keys variant, layer and k -> the parts as they depend on the number of clusters.
BEGIN { FS = "\t" }
FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
{
    line = sprintf("%-19s %5s", $(at["variant"]), $(at["layer"])); k = $(at["k"])
    if (!(line in lines)) { lines[line]; order[++count] = line }
    if (!(k in ks)) { ks[k]; sizes[++widths] = k }
    cell[line, k] = sprintf("%.3f %.3f %.3f %.3f", $(at["redundant"]), $(at["unique:image"]), $(at["unique:text"]), $(at["synergy"]))
    mended[line, k] = $(at["synergy:corrected"]) == "." ? "." : sprintf("%.3f", $(at["synergy:corrected"]))
}
END {
    print "How many clusters?  About the model's answer: R, U image, U text, S; in brackets S corrected for its bias.\n"
    printf "%-19s %5s", "variant", "layer"
    for (w = 1; w <= widths; w++) printf "  %-31s", "k = " sizes[w]
    print ""
    for (n = 1; n <= count; n++) {
        printf "%s", order[n]
        for (w = 1; w <= widths; w++) printf "  %-31s", cell[order[n], sizes[w]] " (" mended[order[n], sizes[w]] ")"
        print ""
    }
}
