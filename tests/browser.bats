bats_require_minimum_version 1.5.0
# The page of pid-report in a browser: what a reader finds there, that nothing goes wrong, and that it is whole without scripts.

setup() {
    cd "$BATS_TEST_TMPDIR"
    browser=$(command -v chromium || command -v chromium-browser) || skip "chromium is not installed"
    export HOME=$BATS_TEST_TMPDIR
}

# dom PAGE: the page as the browser has it after its scripts; what it has to say goes to the file console
dom() {
    timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --user-data-dir="$BATS_TEST_TMPDIR/profile" --enable-logging=stderr --dump-dom "file://$PWD/$1" >dom 2>messages
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
