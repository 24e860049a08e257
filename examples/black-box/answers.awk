# CREMA-D's summary of votes -> JSON Lines: the answer to the voice, to the face, to both.
# No field of this file holds a comma or a quote, so commas separate them.
BEGIN { FS = "," }
NR == 1 { next }
{
    gsub(/"/, "")
    if ($3 ~ /:/ || $5 ~ /:/ || $7 ~ /:/) next # a tie is no answer
    printf "{\"sample\": \"%s\", \"voice\": \"%s\", \"face\": \"%s\", \"both\": \"%s\"}\n", $2, $3, $5, $7
}
