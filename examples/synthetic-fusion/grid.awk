# The truth of pid-synth and a report for each point of the grid (ROWS-DIM-NOISE.tsv) -> one line a point and number of
# clusters: each quantity as estimated, as corrected for its bias (. where it is not), and what is true.
BEGIN {
    FS = OFS = "\t"
    count = split("redundant unique:x1 unique:x2 synergy share:x1", name, " ")
    printf "rows\tdim\tnoise\tk"
    for (i = 1; i <= count; i++) printf "\t%s\t%s:corrected\t%s:true", name[i], name[i], name[i]
    print ""
}
FNR == 1 {
    file++
    split(FILENAME, path, "/")
    for (i = 1; i in path; i++) base = path[i]
    delete path
    sub(/\.tsv$/, "", base)
    split(base, point, "-")
    delete at
    for (i = 1; i <= NF; i++) at[$i] = i
    next
}
file == 1 {
    for (i = 1; i <= count; i++) truth[$(at["gate"]), i] = $(at[name[i]])
    next
}
{
    printf "%s\t%s\t%s\t%s", point[1], point[2], point[3], $(at["k"])
    for (i = 1; i <= count; i++) printf "\t%s\t%s\t%s", $(at[name[i]]), $(at[name[i] ":corrected"]), truth[$(at["gate"]), i]
    print ""
}
