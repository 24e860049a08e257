# The questions, and the local values of the same rows -> whether what the Makefile expects holds; fails where it does not.
BEGIN { FS = "\t" }
FNR == 1 {
    file++
    split("", at)
    for (i = 1; i <= NF; i++) at[$i] = i
    next
}
file == 1 {
    row = FNR - 2
    object[row] = $(at["object"]); question[row] = $(at["question"]); answer[row] = $(at["answer"]); type[row] = $(at["type"])
    with_object[object[row], answer[row]]
    with_question[question[row], answer[row]]
    answers[answer[row]]
    rows++
    next
}
{
    row = $(at["row"])
    synergy = $(at["synergy"]) + 0
    if (object[row] != $(at["object"]) || question[row] != $(at["question"]) || answer[row] != $(at["answer"])) fail("row " row " is another one")
    met++
    pair = object[row] SUBSEP question[row]
    if (!(pair in shared)) {
        shared[pair] = 0
        for (a in answers) shared[pair] += ((object[row], a) in with_object) && ((question[row], a) in with_question)
    }
    if (shared[pair] == 1) {
        single++
        single_type[type[row]]++
        if (single == 1 || synergy > single_most) single_most = synergy
        if (synergy > 1e-8 || synergy < -1e-8) single_wrong++
    } else {
        several++
        several_type[type[row]]++
        if (several == 1 || synergy < several_least) several_least = synergy
        if (synergy < 1e-3) several_wrong++
        if (answer[row] == (type[row] == "presence" ? "yes" : "no")) {
            if (!unlikely++ || synergy < unlikely_least) unlikely_least = synergy
        } else if (!likely++ || synergy > likely_most) likely_most = synergy
    }
}
END {
    if (failed) exit 1
    if (met != rows) fail(rows " questions, but local values of " met)
    print "\nWas it as expected?"
    printf "1. The lists share one answer: %d samples (%s); local synergy at most %.2g bits\n", single, types(single_type), single_most
    printf "2. They share more: %d samples (%s); local synergy at least %.3f bits\n", several, types(several_type), several_least
    printf "3. Of these, %d have the unlikely answer, with at least %.3f bits; the other %d have at most %.3f\n", unlikely, unlikely_least, likely, likely_most
    if (!single || single_wrong) fail("1. does not hold: for " single_wrong + 0 " of " single + 0 " samples")
    if (!several || several_wrong) fail("2. does not hold: for " several_wrong + 0 " of " several + 0 " samples")
    if (!unlikely || !likely || likely_most >= unlikely_least) fail("3. does not hold")
    if ("presence" in single_type || "absence" in single_type || "colour" in several_type || "shape" in several_type) fail("the types are others")
}
function types(counts,    name, count, i, list) {
    count = split("presence absence colour shape", name, " ")
    for (i = 1; i <= count; i++) if (name[i] in counts) list = list (list ? ", " : "") name[i]
    return list
}
function fail(text) {
    print "check.awk: " text >"/dev/stderr"
    failed = 1
    exit 1
}
