# A report with a row for each type of question -> a table, and the mean over the types.
BEGIN { FS = "\t"; quantities = split("redundant unique:object unique:question synergy total", name, " ") }
NR == 1 {
    for (i = 1; i <= NF; i++) at[$i] = i
    print "Inside each type of question, in bits:\n"
    printf "%-10s %6s", "type", "rows"
    for (i = 1; i <= quantities; i++) printf "  %15s", name[i]
    print ""
    next
}
{
    n = $(at["n"])
    printf "%-10s %6d", $(at["type"]), n
    rows += n
    for (i = 1; i <= quantities; i++) {
        sum[i] += n * $(at[name[i]])
        printf "  %15.4f", $(at[name[i]])
    }
    print ""
}
END {
    printf "%-10s %6d", "mean", rows
    for (i = 1; i <= quantities; i++) printf "  %15.4f", sum[i] / rows
    print ""
}
