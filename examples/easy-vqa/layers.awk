# The reports about the model's answer and about the right one -> one table, a line for each variant and layer.
BEGIN { FS = "\t"; atoms = split("redundant unique:image unique:text synergy", name, " ") }
FNR == 1 {
    file++
    for (i = 1; i <= NF; i++) at[$i] = i
    next
}
{
    key = $(at["variant"]) "\t" $(at["layer"])
    if (file == 1) {
        order[++lines] = key
        for (i = 1; i <= atoms; i++) first[key] = first[key] sprintf(" %6.3f (%.3f)", $(at[name[i]]), ($(at[name[i] ":hi"]) - $(at[name[i] ":lo"])) / 2)
        share[key] = $(at["share:image"]) == "." ? "." : sprintf("%.1f %% (%.1f to %.1f)", 100 * $(at["share:image"]), 100 * $(at["share:image:lo"]), 100 * $(at["share:image:hi"]))
        null[key] = sprintf("%.3f", $(at["synergy:null"]))
    } else for (i = 1; i <= atoms; i++) second[key] = second[key] sprintf(" %6.3f", $(at[name[i]]))
}
END {
    print "What the states tell about the model's own answer, and about the right one, in bits.  R redundant, U unique, S synergy;"
    print "in brackets half of the 95 % interval; null: the synergy of answers that were shuffled.\n"
    printf "%-19s %5s  %-59s %-22s %6s  %s\n", "", "", "the model's answer", "image's share", "null", "the right answer"
    printf "%-19s %5s %s %22s %6s %s\n", "variant", "layer", "      R             U image         U text           S       ", "", "of S", "      R  U im.  U text     S"
    for (n = 1; n <= lines; n++) {
        split(order[n], part, "\t")
        if (part[1] != last) print ""
        last = part[1]
        printf "%-19s %5s %s  %-22s %6s %s\n", part[1], part[2], first[order[n]], share[order[n]], null[order[n]], second[order[n]]
    }
}
