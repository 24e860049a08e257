# CREMA-D's summary of votes -> a table for pid-joint: what was heard, what was seen, what both together gave, what the actor intended.
# No field of this file holds a comma or a quote, so commas separate them.
BEGIN { FS = ","; OFS = "\t"; print "voice", "face", "both", "intended" }
NR == 1 { next }
{
    gsub(/"/, "")
    if ($3 ~ /:/ || $5 ~ /:/ || $7 ~ /:/) next # a tie
    split($2, name, "_")
    print $3, $5, $7, name[3]
}
