bats_require_minimum_version 1.5.0
# Names come from data, and data from strangers: what a name may hold to steer a terminal, a spreadsheet, TeX, a browser, gnuplot
# or a shell goes through every program and every format, and stays a name.  (In a browser: tests/browser.bats.)

setup_file() {
    . "$top_srcdir/tests/programs.bash"
    cd "$BATS_FILE_TMPDIR"
    make_streams
}

setup() {
    . "$top_srcdir/tests/programs.bash"
    cp -r "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR/streams"
    cd "$BATS_TEST_TMPDIR/streams"
}

# At least four bytes each.
hostile=(
    $'\e]0;made\a\e[31m\e[2J'                     # a terminal: title, colour, an empty screen
    $'\302\2331;31m\302\205'                      # the same by a control character of the second set
    $'a\tb\nc\rd\\e'                              # columns and lines
    "=cmd|' /C calc'!A0" '+1+1' '-1+1' '@SUM(A1)' # formulas
    $'\357\274\2351+1'                            # one in full width
    '\input{/etc/passwd}%#&_$^~{}|<>"' '[1cm]*--' # TeX
    '</script><script>document.title="made"</script>' '" onload="document.title=1' "' onload='document.title=1" '<img src="x:" onerror="document.title=1">'
    '--><svg/onload=document.title=1>]]>' '</title></style></svg>' '&lt;script>' 'javascript:alert(1)' '[a](http://example.org/)' '| a | b |' "\`touch made\`\$(touch made)"
    END_OF_DATA "system 'touch made'" '#gone' "quote'" 'quote"' 'slash\' # gnuplot
    $'\342\200\256exe.txt\342\201\246\342\200\250\342\200\217\330\234' # marks of direction, a line separator
    $'\377\376\303(\355\240\200\365\300\257'      # bytes that are not UTF-8
    $'\357\277\277\357\277\276\357\273\277'       # code points that XML has not
)

# What stands for the name number $1 until it is in a stream: as long, and harmless.
standin() {
    local LC_ALL=C name=${hostile[$1]} text
    printf -v text 'Q%02dz' "$1"
    while [ ${#text} -lt ${#name} ]; do text+=z; done
    printf '%s' "$text"
}

# arm FILE: the names instead of their stand-ins, in a whole uncompressed stream
arm() {
    local i name
    for i in "${!hostile[@]}"; do
        name=${hostile[i]//\\/\\\\}
        name=${name//&/\\&}
        name=${name//\//\\\/}
        printf 's/%s/%s/g\n' "$(standin "$i")" "${name//$'\n'/\\n}"
    done >arms.sed
    LC_ALL=C sed -i -f arms.sed "$1"
    seal "$1"
}

# A stream of each kind in which everything that has a name has a hostile one: joint, decomposition, labels, samples, codebook.
make_streams() {
    local i n=${#hostile[@]} key a b y
    key=$(standin 0) a=$(standin 10) b=$(standin 3) y=$(standin 11)
    printf '%s\t%s\t%s\t%s\n' "$key" "$a" "$b" "$y" >rows.tsv
    for ((i = 0; i < n; i++)); do
        for cell in '0 0 0' '0 1 1' '1 0 1' '1 1 1' '1 1 0'; do
            set -- $cell
            printf '%s\t%s\t%s\t%s\n' "$(standin "$i")" "$(standin $(((i + $1) % n)))" "$(standin $(((i + 2 * $2) % n)))" "$(standin $(((i + 3 * $3) % n)))"
        done
    done >>rows.tsv
    pid-joint --table rows.tsv --sources "$a,$b" --target "$y" --per "$key" --bootstrap 3 >joint
    pid-extract --source "$a=rows.tsv:$a" --source "$b=rows.tsv:$b" --target "$y=rows.tsv:$y" --key "$key=$(standin 1)" >extracted
    pid-kmeans extracted >labels
    awk 'BEGIN { srand(1); for (i = 0; i < 40; i++) print rand() "\t" rand() "\t" rand() }' | sed '1i u\tv\tw' >vectors.tsv
    pid-extract --source "$a=vectors.tsv:u" --source "$b=vectors.tsv:v" --target "$y=vectors.tsv:w" --key "$key=$(standin 2)" >samples
    pid-kmeans -k 2 --save-codebook codebook samples >/dev/null
    cp joint harmless
    for stream in joint labels samples codebook extracted; do arm $stream; done
    pid-ipfp --potentials joint >decomposition
    pid-joint labels | pid-ipfp --potentials >potentials
}

# plain FILE [TAB]: text in UTF-8 without control characters but the ends of lines (and tabs), nor marks of direction
plain() {
    local bad=$'[\x01-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xd8\x9c|\xef\xbf[\xbe\xbf]'
    iconv -f UTF-8 -t UTF-8 "$1" >/dev/null || { echo "$1 is not UTF-8"; return 1; }
    ! LC_ALL=C grep -nE "$bad" "$1" >found || { echo "$1 has control characters:"; cat -v found | head -n 3; return 1; }
    [ -n "${2-}" ] || ! grep -q $'\t' "$1" || { echo "$1 has a tab"; return 1; }
}

@test "the streams of these tests have the names as they are" {
    for stream in joint labels samples codebook decomposition potentials; do pid-cat --check $stream; done
    for name in "${hostile[@]:0:2}" $'\377\376\303('; do LC_ALL=C grep -qaF "$name" joint; done
    run ! plain joint
}

@test "pid-report: no format of any kind of stream lets a control character through" {
    for format in text tsv csv json markdown latex html svg gnuplot; do
        pid-report -f $format decomposition >report.$format
        [ $format = csv ] || plain report.$format $([ $format != tsv ] && [ $format != gnuplot ] || echo tab)
    done
    LC_ALL=C sed $'s/[\t\r]//g' report.csv >cells # they stay within quotes
    plain cells
    pid-report -f html joint >joint.html
    plain joint.html
    pid-local -d potentials --aggregate "" --top 3 labels >means
    pid-report -f html means >means.html
    plain means.html
}

@test "tables: as many fields in each line, none of them a formula, and JSON has the very names" {
    n=${#hostile[@]}
    pid-report -q -f tsv decomposition >t
    awk -F'\t' -v n=$((n + 1)) 'NR == 1 { fields = NF } NF != fields { exit 1 } END { exit NR != n }' t
    pid-report -q -f markdown decomposition | grep '^|' | sed 's/\\.//g' | awk -F'|' -v n=$((n + 2)) 'NR == 1 { fields = NF } NF != fields { exit 1 } END { exit NR != n }'
    for stream in joint labels samples extracted; do
        pid-cat -f tsv $stream >t
        plain t tab
        awk -F'\t' 'NR == 1 { fields = NF } NF != fields { exit 1 }' t
    done
    command -v jq >/dev/null || skip "jq is not installed"
    for stream in joint labels samples codebook decomposition; do
        pid-cat -f json $stream >t
        plain t
        jq -e . t >/dev/null
    done
    pid-report -f json decomposition | jq -j '.rows[].key[] + "\u0000"' | sort -z >names
    printf '%s\0' "${hostile[@]}" | LC_ALL=C sed -z 's/^\xff.*/\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd/' | sort -z >wanted
    cmp names wanted
    /usr/bin/python3 -c 'import csv' 2>/dev/null || skip "no Python to read CSV"
    pid-report -f csv decomposition >report.csv
    /usr/bin/python3 - $((n + 1)) <<'PYTHON'
import csv, sys
rows = list(csv.reader(open("report.csv", newline="", encoding="utf-8")))
assert len(rows) == int(sys.argv[1]) and len({len(row) for row in rows}) == 1
for cell in sum(rows, []):
    if cell and cell[0] in "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20": float(cell)
PYTHON
}

@test "html and svg: the elements and attributes that a page with harmless names has" {
    /usr/bin/python3 -c 'import html.parser' 2>/dev/null || skip "no Python to read HTML"
    pid-report -f html joint >hostile.joint.html
    pid-report -f html harmless >harmless.joint.html
    for names in hostile harmless; do
        [ $names = hostile ] || pid-ipfp harmless >decomposition
        pid-report -f html decomposition >$names.html
        pid-report -f svg decomposition >$names.svg
    done
    /usr/bin/python3 - <<'PYTHON'
import collections, html.parser, xml.dom.minidom
class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.elements, self.text = collections.Counter(), ""
        self.feed(open(path, encoding="utf-8").read())
    def handle_starttag(self, tag, attributes):
        self.elements[tag, tuple(name for name, _ in attributes)] += 1
        for name, value in attributes:
            assert name not in ("href", "src") or value.startswith("data:text/csv;base64,"), (tag, name, value)
    def handle_data(self, data): self.text += data
    def handle_comment(self, data): raise AssertionError(data)
for kind in ("", ".joint"):
    page = Page("hostile%s.html" % kind)
    assert page.elements == Page("harmless%s.html" % kind).elements, kind
    assert '</script><script>document.title="made"</script>' in page.text
def drawn(path):
    return collections.Counter((e.tagName, tuple(e.attributes.keys())) for e in xml.dom.minidom.parse(path).getElementsByTagName("*"))
assert drawn("hostile.svg") == drawn("harmless.svg")
PYTHON
}

@test "latex: no command of a name's, and pdflatex takes it" {
    pid-report -f latex decomposition >hostile.tex
    run ! grep -F '\input' hostile.tex
    grep -qF '\textbackslash{}input\{/etc/passwd\}\%\#\&\_\$\textasciicircum{}\textasciitilde{}\{\}' hostile.tex
    command -v pdflatex >/dev/null || skip "pdflatex is not installed"
    kpsewhich booktabs.sty >/dev/null || skip "booktabs.sty is not installed"
    sed 's/[^ -~]/?/g' hostile.tex >table.tex # characters that its fonts lack are its user's affair
    printf '%s\n' '\documentclass{article}\usepackage{booktabs,graphicx,longtable}\begin{document}\input{table}\end{document}' >paper.tex
    pdflatex -interaction=nonstopmode -halt-on-error -no-shell-escape paper.tex >log || { tail -n 30 log; return 1; }
}

@test "gnuplot: all rows are drawn and nothing else is done" {
    command -v gnuplot >/dev/null || skip "gnuplot is not installed"
    pid-report -f gnuplot decomposition >f.gp
    gnuplot -e "set terminal svg; set output 'f.svg'" f.gp 2>messages
    [ ! -s messages ] || { cat messages; return 1; }
    [ ! -e made ]
    for name in END_OF_DATA "system 'touch made'" '#gone' "quote'" 'slash\'; do grep -qF ">$name<" f.svg || { echo "$name is not drawn"; return 1; }; done
}

# talks COMMAND...: it may end in any way; each line that it says on standard error is its own, and plain
talks() {
    local status=0
    "$@" >out 2>err </dev/null || status=$?
    [ $status -lt 126 ]
    plain err
    ! grep -vE "^($1: |Try ')" err || { echo "$*: a line that is not its own"; cat err; return 1; }
    lines=$((lines + $(wc -l <err)))
}

@test "messages: names of variables, keys, levels, files and options do not reach the terminal as they are" {
    lines=0
    name=$(printf %s "${hostile[@]:0:3}" "${hostile[@]:26:3}") # what a terminal heeds
    file=${name//\//_}
    head -c 150 joint >"$file"
    for program in $(programs); do
        talks "$program" "$file.none"
        talks "$program" "--$name"
        talks "$program" -o "$file.none/out" "$file"
        talks "$program" --seed "$name"
    done
    talks pid-slurm submit "$file.none"
    talks pid-slurm "--$name"
    for program in $(readers); do talks "$program" "$file"; done
    talks pid-extract --source "$name=$file" --target y=vectors.tsv:w
    talks pid-extract --source "a=vectors.tsv:$name" --target y=vectors.tsv:w
    talks pid-extract --source "a=$file.none:$name" --target y=vectors.tsv:w
    talks pid-joint --sources "$name,b" labels
    talks pid-joint --per "$name" --target "$name" labels
    talks pid-joint --table vectors.tsv --sources "$name,v" --target w
    talks pid-kmeans -k "$name=3" samples
    talks pid-kmeans --codebook "$file" samples
    talks pid-local -d decomposition --by "$name" labels
    talks pid-report --across "$name" decomposition
    talks pid-report -f "$name" decomposition
    for stream in joint decomposition labels samples codebook extracted potentials; do
        for program in $(programs); do talks "$program" -v --progress $stream; done
        talks pid-joint --merge -v $stream
        talks pid-kmeans -v -k 2 --progress $stream
        talks pid-kmeans -v --codebook codebook $stream
        talks pid-local -v -d potentials $stream
        talks pid-local -v -d decomposition $stream
        talks pid-gauss -v $stream joint
        talks pid-cat -f stream $stream samples
    done
    [ $lines -gt 200 ]
}
