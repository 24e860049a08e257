# The manual: every program has a page, the pages are sound, and name each other rightly.

setup() {
    pages=("$top_srcdir"/man/*.[1-9])
}

load programs

@test "man: the pages have no lint" {
    command -v mandoc >/dev/null || skip "mandoc is not installed"
    mandoc -Tlint -W warning "${pages[@]}"
}

@test "man: every program has a page" {
    for program in $(commands); do
        [ -f "$top_srcdir/man/$program.1" ] || { echo "no man/$program.1"; missing=1; }
    done
    [ -z "${missing-}" ]
}

@test "man: every page of section 1 belongs to a program and states its exit statuses" {
    for page in "$top_srcdir"/man/*.1; do
        [ -e "$page" ] || continue
        name=$(basename "$page" .1)
        [ -x "$top_builddir/tools/$name" ] || { echo "$page: no such program"; bad=1; }
        grep -q '^\.S[Hh] "\?EXIT STATUS' "$page" || { echo "$page: no EXIT STATUS"; bad=1; }
    done
    [ -z "${bad-}" ]
}

@test "man: pid-tools(7) names every program" {
    for program in $(commands); do
        grep -q "^\.BR $program (1)" "$top_srcdir/man/pid-tools.7" || { echo "$program"; missing=1; }
    done
    [ -z "${missing-}" ]
}

@test "man: references to other pages of the toolkit lead somewhere" {
    sed -n 's/^\.\(BR\|Xr\) \(pid-[a-z]*\) (\?\([1-9]\))\?.*/\2.\3/p' "${pages[@]}" | sort -u >"$BATS_TEST_TMPDIR/refs"
    [ -s "$BATS_TEST_TMPDIR/refs" ]
    while read -r page; do
        [ -f "$top_srcdir/man/$page" ] || { echo "no man/$page"; missing=1; }
    done <"$BATS_TEST_TMPDIR/refs"
    [ -z "${missing-}" ]
}
