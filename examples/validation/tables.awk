# A page -> the same page, with what the file NAME below `root` holds now in the block behind each line <!-- NAME -->.
/^<!-- [^ ]+ -->$/ {
    print
    file = root "/" $2
    lines = 0
    while ((got = (getline text <file)) > 0) line[++lines] = text
    if (got < 0 || !lines) fail(file " cannot be read or is empty")
    close(file)
    if ((getline text) <= 0 || text != "```text") fail("line " NR ": no block behind the name of a file")
    print text
    for (i = 1; i <= lines; i++) print line[i]
    while ((got = (getline text)) > 0 && text != "```") { }
    if (got <= 0) fail("a block does not end")
    print text
    next
}
{ print }
function fail(text) {
    print "tables.awk: " text >"/dev/stderr"
    exit 1
}
