bats_require_minimum_version 1.5.0
# The page of pid-report in a browser: what a reader finds there, that nothing goes wrong, and that it is whole without scripts.

setup() {
    cd "$BATS_TEST_TMPDIR"
    browser=$(command -v chromium || command -v chromium-browser) || skip "chromium is not installed"
    export HOME=$BATS_TEST_TMPDIR
}

# dom PAGE [OPTION...]: the page as the browser has it after its scripts; what it has to say goes to the file console
dom() {
    timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --user-data-dir="$BATS_TEST_TMPDIR/profile" --enable-logging=stderr "${@:2}" --dump-dom "file://$PWD/$1" >dom 2>messages
    grep CONSOLE messages >console || true
    grep -q '</html>' dom || skip "chromium does not run here"
}

# 3 models, 2 data sets, 4 layers
make_page() {
    awk 'BEGIN { OFS = "\t"; print "model", "set", "layer", "<b>image", "text", "y"
        for (m = 0; m < 3; m++) for (s = 0; s < 2; s++) for (l = 0; l < 4; l++) for (i = 0; i < 40; i++)
            print "m" m, "s" s, l, (i + (i % (l + 2) == 0)) % 2, (i + (i % 3 == 0)) % 2, i % 2 }' |
        pid-joint --table - --sources '<b>image,text' --target y --per model,set,layer --bootstrap 20 >joint
    pid-ipfp joint | pid-report -f html >page.html
}

@test "the page has its figures, its table and a way to sort it, and nothing goes wrong" {
    make_page
    dom page.html
    [ ! -s console ] || { cat console; return 1; }
    [ "$(grep -o '<svg' dom | wc -l)" -eq 12 ]
    [ "$(grep -o '<tr>' dom | wc -l)" -eq 25 ]
    grep -q '<th[^>]*><button type="button">redundant</button></th>' dom # made by the script
    grep -q 'download="decomposition.csv"' dom
    grep -q '&lt;b&gt;image' dom
    run ! grep -q '<b>image' dom
}

@test "a press on a heading sorts, another one the other way" {
    make_page
    # what a reader would do, done by a script behind the page's own
    sed 's#</body>#<script>var b = [].filter.call(document.querySelectorAll("th button"), function (e) { return e.textContent === "total" })[0]; b.focus(); b.click(); function v() { return [].map.call(document.querySelectorAll("tbody tr"), function (r) { return Number(r.cells[b.parentNode.cellIndex].getAttribute("data-v")) }) } function up(x) { return x.every(function (n, i) { return !i || x[i - 1] <= n }) } var first = up(v()); b.click(); document.title = "sorted " + first + " " + up(v().reverse()) + " " + (document.activeElement === b)</script></body>#' page.html >pressed.html
    dom pressed.html
    [ ! -s console ] || { cat console; return 1; }
    grep -q '<title>sorted true true true</title>' dom
}

@test "joint tables: three heat maps with their largest cells" {
    make_page
    pid-cat -f stream joint | pid-report -f html >tables.html
    dom tables.html
    [ ! -s console ] || { cat console; return 1; }
    [ "$(grep -o '<figure>' dom | wc -l)" -eq 36 ] # of the first 12 tables
    [ "$(grep -o 'class="heat"' dom | wc -l)" -eq $((36 * 8)) ]
    grep -q 'The first 12 tables are drawn' dom
}

# A name for each way out of the place it stands in: text, an attribute in either quotes, the title, the style, a comment.
@test "hostile names: no script of theirs runs, nothing is fetched, they are read as text" {
    cat >names <<'NAMES'
</script><script>document.title="made"</script>
<img src="http://made.invalid/a" onerror='document.title="made"'>
" onload="document.title='made'" style="background:url(http://made.invalid/b)
' onmouseover='document.title="made"' autofocus onfocus='document.title="made"
</title><svg/onload=document.title="made"><iframe src="http://made.invalid/c">
</style><link rel=stylesheet href=http://made.invalid/d><meta http-equiv=refresh content="0;url=http://made.invalid/e">
--><body onload=document.title="made">&lt;script&gt;
NAMES
    awk -F'\n' '{ gsub(/"/, "\"\""); name[NR] = "\"" $0 "\"" } END { OFS = "\t"; print name[1], name[2], name[3], name[4]
        for (i = 1; i <= NR; i++) for (c = 0; c < 4; c++) print name[i], name[1 + (i + c % 2) % NR], name[1 + (i + 2 * int(c / 2)) % NR], name[1 + (i + c) % NR] }' names >rows.tsv
    sed '1s/.*/k\ta\tb\ty/' rows.tsv >plain.tsv
    keys=()
    while IFS= read -r name; do keys+=(--key "k${#keys[@]}=$name"); done <names
    pid-extract --source a=plain.tsv:a --source b=plain.tsv:b --target y=plain.tsv:y "${keys[@]}" |
        pid-kmeans | pid-joint | pid-ipfp | pid-report -f html >history.html # which has names in the arguments of its history
    pid-joint --table - --sources "$(sed -n 2p names),$(sed -n 3p names)" --target "$(sed -n 4p names)" --per "$(sed -n 1p names)" <rows.tsv >joint
    pid-report -f html joint >tables.html
    pid-ipfp joint | pid-report -f html >page.html
    for page in history tables page; do
        dom $page.html --log-net-log="$PWD/net.json"
        [ ! -s console ] || { cat console; return 1; }
        run ! grep -E '<title>[^<]*made</title>|<title>made' dom
        [ "$(grep -o '<script' dom | wc -l)" -eq 1 ]
        run ! grep -qE '<(img|iframe|link|meta http-equiv="?refresh)' dom
        run ! grep -q 'made\.invalid' net.json
    done
    while IFS= read -r name; do # as it is written back by the browser: in the page's table
        name=$(sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g' <<<"$name")
        grep -qF ">$name<" dom || { echo "$name is not there"; return 1; }
    done <names
    # what would be found if one came through
    sed '/Content-Security-Policy/d; s#</body>#<img src="http://made.invalid/a"><script>document.title="made"</script></body>#' page.html >open.html
    dom open.html --log-net-log="$PWD/net.json"
    grep -q '<title>made</title>' dom
    grep -q 'made\.invalid' net.json
}
