# The tab-separated report -> what its numbers mean, in words.  One row with two sources; columns are found by name.
BEGIN { FS = "\t" }
/^#/ { next }
!header {
    header = 1
    for (i = 1; i <= NF; i++) {
        at[$i] = i
        if ($i ~ /^unique:[^:]*$/) source[++sources] = substr($i, 8)
    }
    next
}
{
    a = source[1]; b = source[2]
    total = value("total")
    printf "\nTogether %s and %s tell %.3f bits of the target: %s alone %.3f, %s alone %.3f.\n",
        a, b, total, a, value("mi:" a), b, value("mi:" b)
    if (total <= 0) next
    printf "Of what they tell together, %s is in either one, %s only in %s, %s only in %s, and %s appears only when both are seen.\n",
        part("redundant"), part("unique:" a), a, part("unique:" b), b, part("synergy")
    share = $(at["share:" a])
    if (share == ".") {
        print "Neither tells anything that the other does not, so no share can be given."
        next
    }
    big = share >= 0.5 ? a : b
    small = share >= 0.5 ? b : a
    share = share >= 0.5 ? share : 1 - share
    printf "Of what only one of them tells, %s gives %.1f %%: %s.\n", big, 100 * share, verdict(share)
    printf "Every figure is certified to within %.1g bits.\n", value("gap") + 0
}
function value(name) { return $(at[name]) }
function part(name,    percent) {
    percent = 100 * value(name) / total
    return percent < 0.05 ? "nothing" : sprintf("%.1f %%", percent)
}
function verdict(share) {
    if (share > 0.9) return "whoever has " big " misses next to nothing that " small " alone would add"
    if (share > 0.65) return big " brings more of its own than " small ", but both bring something"
    return "both bring about as much of their own"
}
