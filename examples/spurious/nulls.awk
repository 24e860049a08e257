# Two reports of one table, the target permuted among all rows and within types -> one line a quantity.
BEGIN { FS = "\t"; quantities = split("redundant unique:object unique:question synergy total", name, " ") }
FNR == 1 { file++; for (i = 1; i <= NF; i++) at[$i] = i; next }
{
    for (i = 1; i <= quantities; i++) {
        value[i] = $(at[name[i]])
        null[file, i] = $(at[name[i] ":null"])
        p[file, i] = $(at[name[i] ":p"])
    }
}
END {
    print "What an object (colour and shape) and a question tell about the answer, in bits; mean and p-value of the null.\n"
    printf "%-16s %8s   %22s   %22s\n", "", "", "permuted anywhere", "permuted within type"
    printf "%-16s %8s   %12s %9s   %12s %9s\n", "", "estimate", "null", "p", "null", "p"
    for (i = 1; i <= quantities; i++)
        printf "%-16s %8.4f   %12.4f %9.3f   %12.4f %9.3f\n", name[i], value[i], null[1, i], p[1, i], null[2, i], p[2, i]
    printf "\nOf the %.3f bits that only the question tells, the null within types has %.3f: %.0f %% is no more than its type.\n",
        value[3], null[2, 3], 100 * null[2, 3] / value[3]
}
