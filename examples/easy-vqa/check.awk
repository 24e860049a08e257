# Expectations, and a report for each target (TARGET.tsv) -> what came out beside each, whether it is as expected, and how many are.
#
# A row of expectations.tsv: target, variant, layer (a number, or all), quantity, relation, value, reason.
#     least V   the whole interval is at least V          below OTHER   the interval ends below where that of OTHER begins,
#     most V    the whole interval is at most V                         another variant or another layer (as in "layer 0")
#     zero      the interval reaches down to 0 (three decimals)
BEGIN { FS = "\t" }
FILENAME != file {
    file = FILENAME
    files++
    header = 0
    count = split(file, path, "/")
    target = path[count]
    sub(/\.tsv$/, "", target)
}
/^#/ { next }
!header {
    header = 1
    split("", at)
    for (i = 1; i <= NF; i++) at[$i] = i
    next
}
files == 1 {
    for (i in at) asked[$0, i] = $(at[i])
    line[++lines] = $0
    next
}
{
    for (i in at) if ((i ":lo") in at) {
        key = target SUBSEP $(at["variant"]) SUBSEP $(at["layer"]) SUBSEP i
        value[key] = $(at[i]); low[key] = $(at[i ":lo"]); high[key] = $(at[i ":hi"])
    }
    layers[$(at["layer"])]
}
function held(key, relation, bound, other) {
    if (!(key in value) || low[key] == "." || high[key] == "") return "none"
    if (relation == "least") return low[key] >= bound + 0 ? "yes" : "NO"
    if (relation == "most") return high[key] <= bound + 0 ? "yes" : "NO"
    if (relation == "zero") return low[key] < .0005 ? "yes" : "NO"
    if (relation == "below") return !(other in value) || low[other] == "." ? "none" : high[key] < low[other] ? "yes" : "NO"
    print "check.awk: no relation '" relation "'" >"/dev/stderr"
    wrong = 1
    exit 1
}
function show(key,    text) {
    if (!(key in value) || low[key] == ".") return "."
    text = sprintf("%.3f  %.3f to %.3f", value[key], low[key], high[key])
    gsub(/-0\.000/, "0.000", text)
    return text
}
END {
    if (wrong) exit 1
    print "Is it as expected, before anything was run?\n"
    printf "%-4s  %-10s  %-19s %-5s  %-13s  %-24s  %s\n", "held", "about", "variant", "layer", "quantity", "expected", "came out, and its interval"
    for (n = 1; n <= lines; n++) {
        all = line[n]
        about = asked[all, "target"]; variant = asked[all, "variant"]; quantity = asked[all, "quantity"]
        relation = asked[all, "relation"]; bound = asked[all, "value"]
        for (layer = 0; layer < 100; layer++) {
            if (asked[all, "layer"] != "all" ? asked[all, "layer"] != layer : !(layer in layers)) continue
            key = about SUBSEP variant SUBSEP layer SUBSEP quantity
            other = bound ~ /^layer / ? variant SUBSEP substr(bound, 7) : bound SUBSEP layer
            answer = held(key, relation, bound, about SUBSEP other SUBSEP quantity)
            if (wrong) exit 1
            yes += answer == "yes"
            asked_for++
            printf "%-4s  %-10s  %-19s %-5s  %-13s  %-24s  %s\n", answer, about, variant, layer, quantity, relation (relation == "zero" ? "" : " " bound), show(key)
            if (answer == "NO") missed[++misses] = variant " layer " layer ": " asked[all, "reason"]
        }
    }
    printf "\n%d of %d expectations held.\n", yes, asked_for
    for (n = 1; n <= misses; n++) print "expected but not so: " missed[n]
}
