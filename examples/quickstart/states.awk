# A report with keys variant and layer -> its main columns, and what changes from the first layer of a variant to its last.
BEGIN { FS = "\t" }
NR == 1 {
    for (i = 1; i <= NF; i++) at[$i] = i
    printf "%-19s %5s  %9s  %12s  %11s  %7s  %11s\n", "variant", "layer", "redundant", "unique:image", "unique:text", "synergy", "share:image"
    next
}
{
    variant = $(at["variant"])
    if (variant != last) order[++count] = last = variant
    share = $(at["share:image"]) == "." ? "." : sprintf("%.1f %%", 100 * $(at["share:image"]))
    printf "%-19s %5s  %9.3f  %12.3f  %11.3f  %7.3f  %11s\n", variant, $(at["layer"]), $(at["redundant"]), $(at["unique:image"]), $(at["unique:text"]), $(at["synergy"]), share
    if (!(variant in first)) { first[variant] = share; both[variant] = $(at["redundant"]) }
    now[variant] = share; end[variant] = $(at["redundant"])
}
END {
    print ""
    for (n = 1; n <= count; n++) {
        variant = order[n]
        printf "%s: from the first layer to the last, what either state tells goes from %.3f to %.3f bits, the image's share from %s to %s.\n", variant, both[variant], end[variant], first[variant], now[variant]
    }
}
