bats_require_minimum_version 1.5.0
# pid-report: what it prints of a stream, and that it prints nothing of a part of one.

setup() { cd "$BATS_TEST_TMPDIR"; }

# column NAME [ROW]: of the TSV on standard input
column() { awk -F'\t' -v name="$1" -v row="${2:-1}" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; if (!c) exit 1 } NR == row + 1 { print $c }'; }
has_table() { pid-joint --help | grep -q -e --table || skip 'pid-joint has no --table'; }
near() { awk -v a="$1" -v b="$2" -v t="$3" 'BEGIN { d = a - b; exit !(a != "" && d <= t && d >= -t) }' || { echo "got $1, expected $2"; return 1; }; }

# table: x1 x2 y rows with a given name for the first source, as a decomposition
named() { printf '%s\t%s\t%s\n0\t0\t0\n0\t1\t0\n1\t0\t0\n1\t1\t1\n' "$1" "$2" y | pid-joint --table - --sources "$1,$2" --target y | pid-ipfp; }

@test "tsv: the columns scripts rely on, in their order" {
    pid-synth unq | pid-ipfp | pid-report -f tsv >t
    [ "$(head -1 t | cut -f1-16)" = "$(printf 'gate\tredundant\tunique:x1\tunique:x2\tsynergy\ttotal\tmi:x1\tmi:x2\tshare:x1\tshare:x2\tn\tgap\tsolver\titerations\tstatus\tunit')" ]
    [ "$(wc -l <t)" -eq 2 ]
    near "$(column unique:x1 <t)" 1 1e-6
    near "$(column share:x2 <t)" 0.5 1e-6
    [ "$(column unit <t)" = bits ]
    [ "$(column status <t)" = converged ]
}

@test "the gates have their closed forms" {
    while read -r gate r u1 u2 s; do
        pid-synth "$gate" | pid-ipfp | pid-report -f tsv >t
        near "$(column redundant <t)" "$r" 1e-6
        near "$(column unique:x1 <t)" "$u1" 1e-6
        near "$(column unique:x2 <t)" "$u2" 1e-6
        near "$(column synergy <t)" "$s" 1e-6
    done <<END
and 0.3112781244591328 0 0 0.5
xor 0 0 0 1
unq1 0 1 0 0
rdn 1 0 0 0
rdnunqxor 1 1 1 1
sum 0.5 0 0 1
END
}

@test "undefined is a period, null in json" {
    pid-synth xor | pid-ipfp >d.mp
    [ "$(pid-report -f tsv d.mp | column share:x1)" = . ]
    pid-report -f json d.mp | jq -e '.rows[0].estimates["share:x1"].value == null and .unit == "bits" and .sources == ["x1", "x2"] and .target == "y"'
}

@test "nats are bits times ln 2, shares and counts are not touched" {
    pid-synth unq1 | pid-ipfp >d.mp
    pid-report -f tsv --units nats d.mp >t
    near "$(column unique:x1 <t)" 0.69314718 1e-6
    near "$(column share:x1 <t)" 1 1e-6
    [ "$(column unit <t)" = nats ]
    [ "$(column cells:x1 <t)" = "$(pid-report -f tsv d.mp | column cells:x1)" ]
    pid-report --units nats d.mp | grep -q 'in nats'
}

@test "tsv, csv and json hold the same numbers, to the last bit" {
    pid-synth and sum unq rdnunqxor | pid-ipfp >d.mp
    pid-report -f tsv d.mp | cut -f2-9 >tsv
    pid-report -f csv d.mp | tr , '\t' | cut -f2-9 >csv
    cmp tsv csv
    pid-report -f json d.mp | jq -r '.rows[].estimates | [.redundant.value, .["unique:x1"].value, .synergy.value] | map(tostring) | @tsv' >json
    pid-cat -f json d.mp | jq -r 'select(.values) | .values | [.redundant, .["unique:x1"], .synergy] | map(tostring) | @tsv' >stream
    cmp json stream
}

@test "text names the unit, the sources and the one that leads" {
    pid-synth unq1 | pid-ipfp | pid-report >t
    grep -q 'What x1 and x2 tell about y, in bits' t
    grep -q 'x1 leads with 100.0 % of what only one source tells' t
    grep -q '^unique:x2 .*only this source' t
    run ! grep -q $'\033' t
}

@test "a swap of the sources swaps the names" {
    has_table
    pid-synth unq1 | pid-ipfp | pid-report -f tsv >a
    pid-synth unq1 | pid-cat -f tsv | awk -F'\t' -v OFS='\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print "x2", "x1", "y", "p"; next } { print $(at["x1"]), $(at["x2"]), $(at["y"]), $(at["weight"]) }' >swapped.tsv
    pid-joint --table swapped.tsv --sources x1,x2 --target y --weight p | pid-ipfp | pid-report -f tsv >b
    near "$(column unique:x2 <b)" "$(column unique:x1 <a)" 1e-9
    near "$(column share:x2 <b)" 1 1e-9
}

@test "figures run along the layers, though there are more models than layers" {
    has_table
    for model in a b c d; do for layer in 1 2 3; do printf '%s\t%s\t0\t0\t0\n%s\t%s\t1\t0\t1\n' $model $layer $model $layer; done; done >rows
    (printf 'model\tlayer\tx1\tx2\ty\n'; cat rows) | pid-joint --table - --sources x1,x2 --target y --per model,layer | pid-ipfp | pid-report -f svg >f.svg
    grep -q '>model=d<' f.svg
    grep -q '>layer<' f.svg
    ! grep -q '>model<' f.svg
}

@test "many rows are told in groups" {
    has_table
    for layer in $(seq 20); do printf '%s\t0\t0\t0\n%s\t0\t1\t0\n%s\t1\t0\t1\n%s\t1\t1\t1\n' "$layer" "$layer" "$layer" "$layer"; done >rows
    (printf 'layer\tx1\tx2\ty\n'; cat rows) | pid-joint --table - --sources x1,x2 --target y --per layer | pid-ipfp | pid-report >t
    grep -q '^x1 leads at layer 1 to 20 (share 100 to 100 %).$' t
}

@test "names from data reach neither terminal nor spreadsheet as commands" {
    has_table
    printf 'a\tb\ty\n0\t0\t0\n0\t1\t0\n1\t0\t0\n1\t1\t1\n' >rows.tsv
    pid-extract --source $'\033[31mred'=rows.tsv:a --source b=rows.tsv:b --target y=rows.tsv:y | pid-joint | pid-ipfp >d.mp
    pid-report d.mp >t
    run ! grep -q $'\033' t
    grep -q '?\[31mred' t
    pid-report -f tsv d.mp | head -1 | grep -qF '\x1b[31mred'
    named x1 '=1+1' | pid-report -f json | jq -e '.sources[1] == "=1+1"'
    printf 'm\tx1\tx2\ty\n=cmd|x\t0\t0\t0\n=cmd|x\t1\t1\t1\n' | pid-joint --table - --sources x1,x2 --target y --per m | pid-ipfp >e.mp
    pid-report -f csv e.mp | sed -n 2p | grep -q "^\"'=cmd|x\","
}

@test "nothing is printed of a stream without its end" {
    pid-synth and | pid-ipfp >d.mp
    size=$(wc -c <d.mp)
    for cut in 1 5 40 $((size - 1)); do
        head -c $((size - cut)) d.mp >cut.mp
        run -1 --separate-stderr pid-report cut.mp
        [ -z "$output" ]
        [[ $stderr == "pid-report: cut.mp"* ]]
        run -1 pid-report -o out.txt cut.mp
        [ ! -e out.txt ]
    done
}

@test "a key that comes twice is refused, with the record" {
    pid-synth and | pid-ipfp >d.mp
    run -1 --separate-stderr pid-report d.mp d.mp
    [ -z "$output" ]
    [[ $stderr == *"d.mp: record 1: its key was there already"* ]]
}

@test "another kind of stream, a wrong format, unit or coverage are refused" {
    pid-synth and >j.mp
    run -1 pid-report j.mp
    [[ $output == *"holds joint, not decomposition"* ]]
    run -2 pid-report -f xlsx j.mp
    run -2 pid-report --units bytes j.mp
    run -2 pid-report --ci 1 j.mp
    run -2 pid-report --ci nan j.mp
}

@test "a full disk is told" {
    pid-synth and | pid-ipfp >d.mp
    for format in text tsv csv json markdown latex html svg gnuplot; do
        run -1 bash -c "pid-report -f $format d.mp >/dev/full"
        [[ $output == *"No space left"* ]]
    done
}

@test "html: one page without anything from elsewhere, with the names escaped" {
    printf 'm\t<b>x\tx2\ty\n1\t0\t0\t0\n1\t0\t1\t0\n1\t1\t0\t1\n1\t1\t1\t1\n' | pid-joint --table - --sources '<b>x,x2' --target y --per m | pid-ipfp >d.mp
    pid-report -f html d.mp >page.html
    head -1 page.html | grep -qi '^<!doctype html>'
    tail -1 page.html | grep -q '</html>'
    grep -q '<svg' page.html
    grep -q '&lt;b&gt;x' page.html
    run ! grep -q '<b>x' page.html
    run ! grep -qE '(src|href)="?(https?:)?//' page.html
}

@test "replicates: intervals and p-values stand behind the columns" {
    pid-synth unq --kind labels -n 500 --seed 3 | pid-joint --bootstrap 40 --permute 40 | pid-ipfp --tolerance 1e-6 | pid-report -f tsv >t
    [ "$(wc -l <t)" -eq 2 ]
    value=$(column unique:x1 <t) low=$(column unique:x1:lo <t) high=$(column unique:x1:hi <t)
    awk -v v="$value" -v l="$low" -v h="$high" 'BEGIN { exit !(l != "" && h != "" && l <= h && v > 0.9 && l > 0.8 && h < 1.2) }'
    near "$(column unique:x1:p <t)" 0.0243902 0.0001
}

# two models on two data sets, with a name that every format must escape
crossed() {
    for model in 'a_b%&{$#' clip; do
        for set in cub vqa; do
            [ "$model/$set" = clip/vqa ] && [ "${1-}" = hole ] && continue
            for i in 1 2 3 4 5; do printf '%s\t%s\t0\t0\t0\n%s\t%s\t0\t1\t0\n%s\t%s\t1\t0\t1\n%s\t%s\t1\t1\t1\n' "$model" $set "$model" $set "$model" $set "$model" $set; done
        done
    done >rows
    (printf 'model\tset\timage\ttext\ty\n'; cat rows) | pid-joint --table - --sources image,text --target y --per model,set --bootstrap 5 | pid-ipfp >d.mp
}

@test "markdown: a table of as many cells in each line, names escaped" {
    crossed
    pid-report -f markdown d.mp >t
    grep '^|' t | sed 's/\\.//g' | awk -F'|' 'NR == 1 { n = NF } NF != n { exit 1 } END { exit NR != 6 }'
    grep -qF '| a\_b%\&{\$\# |' <(sed 's/\\{/{/' t)
    grep -q '| clip | vqa | 100.0 (' t
    pid-report -f markdown --across set d.mp >t
    grep '^|' t | sed 's/\\.//g' | awk -F'|' 'NR == 1 { n = NF } NF != n { exit 1 } END { exit NR != 4 }'
}

@test "latex: braces and columns fit, names are escaped; pdflatex takes it" {
    crossed hole
    pid-report -f latex d.mp >plain.tex
    pid-report -f latex --across set d.mp >across.tex
    for layer in $(seq 60); do printf '%s\t0\t0\t0\n%s\t0\t1\t0\n%s\t1\t0\t1\n' $layer $layer $layer; done >rows
    (printf 'layer\tx1\tx2\ty\n'; cat rows) | pid-joint --table - --sources x1,x2 --target y --per layer | pid-ipfp | pid-report -f latex >long.tex
    grep -qF 'a\_b\%\&\{\$\#' plain.tex
    grep -qF '\pm' plain.tex
    grep -qF '\multicolumn{6}{c}{cub} & \multicolumn{6}{c}{vqa}' across.tex
    grep -q 'clip .*-- & -- & -- & -- & -- & --' across.tex
    grep -q 'begin{longtable}' long.tex
    for t in plain across long; do
        # as many columns as the table has, in each line of its body
        sed -e 's/\\&//g' $t.tex | awk -F'&' '/midrule/ { body = 1; next } /bottomrule/ { body = 0 } body && /\\\\$/ { if (!n) n = NF; if (NF != n) exit 1 } END { exit !n }'
        [ "$(sed 's/\\[{}]//g' $t.tex | tr -cd '{' | wc -c)" -eq "$(sed 's/\\[{}]//g' $t.tex | tr -cd '}' | wc -c)" ]
    done
    command -v pdflatex >/dev/null || skip "pdflatex is not installed"
    kpsewhich booktabs.sty >/dev/null || skip "booktabs.sty is not installed"
    printf '%s\n' '\documentclass{article}\usepackage{booktabs,graphicx,longtable}\begin{document}' '\input{plain}\input{across}' '\input{long}' '\end{document}' >paper.tex
    for pass in 1 2 3; do pdflatex -interaction=nonstopmode -halt-on-error paper.tex >log || { tail -n 30 log; return 1; }; done
    run ! grep -E 'Overfull|LaTeX Warning' log
}

@test "html of a joint stream: the pairs of variables, the largest cells by name, no other format" {
    printf 'voice\tface\tfelt\nloud\tred\t<angry>\nloud\tred\t<angry>\nlow\tpale\tsad\n' | pid-joint --table - --sources voice,face --target felt --bootstrap 3 >j.mp
    pid-report -f html j.mp >t.html
    [ "$(grep -c '^<figure>' t.html)" -eq 3 ]
    grep -q '<li>voice loud, face red: 66.7&nbsp;% (2)</li>' t.html
    grep -q 'felt &lt;angry&gt;' t.html
    grep -q '3 replicates, which are not drawn' t.html
    run -1 pid-report -f svg j.mp
    run -1 bash -c 'head -c 200 j.mp | pid-report -f html -o cut.html'
    [ ! -e cut.html ]
}

@test "--across: one line for rows that differ in that key; other formats and unknown keys are refused, and nothing is printed" {
    crossed
    pid-report --across set d.mp >t
    [ "$(grep -c '^clip ' t)" -eq 1 ]
    grep -q '^ *cub  *vqa *$' t
    run -1 --separate-stderr pid-report --across layer d.mp
    [ "$stderr" = "pid-report: no decomposition has a key 'layer'" ]
    [ -z "$output" ]
    run -2 pid-report -f tsv --across set d.mp
}

@test "svg: well-formed, of its own, with the names escaped" {
    crossed
    pid-report -f svg d.mp >f.svg
    head -c 40 f.svg | grep -q '^<svg xmlns="http://www.w3.org/2000/svg"'
    grep -qF 'a_b%&amp;{$#' f.svg
    run ! grep -qE '(href|url)' f.svg
    /usr/bin/python3 -c 'import sys, xml.dom.minidom; d = xml.dom.minidom.parse("f.svg"); sys.exit(not d.getElementsByTagName("circle"))' || { command -v python3 >/dev/null && return 1; skip "no Python to parse it"; }
}

@test "gnuplot: the script draws, whatever the names hold" {
    printf 'm\tx1\tx2\ty\n' >rows.tsv
    for m in "it's" '\`touch made\`' '"quoted"' '@x %d \n'; do printf '%s\t0\t0\t0\n%s\t0\t1\t0\n%s\t1\t0\t1\n' "$m" "$m" "$m" >>rows.tsv; done
    sed -i 's/"quoted"/quoted"/' rows.tsv
    pid-joint --table rows.tsv --sources x1,x2 --target y --per m | pid-ipfp | pid-report -f gnuplot >f.gp
    grep -q '^END_OF_DATA$' f.gp
    command -v gnuplot >/dev/null || skip "gnuplot is not installed"
    gnuplot -e "set terminal svg; set output 'f.svg'" f.gp 2>messages
    [ -s f.svg ]
    [ ! -s messages ] || { cat messages; return 1; }
    [ ! -e made ]
    grep -q "it's" f.svg
}

@test "an undecided leader is called undecided" {
    # x1 agrees with y in 17 of 24 rows, x2 in 15
    awk 'BEGIN { OFS = "\t"; print "x1", "x2", "y"; for (i = 0; i < 24; i++) print (i % 2 + (i % 7 > 4 || i == 1)) % 2, (i % 2 + (i % 8 > 4)) % 2, i % 2 }' >rows.tsv
    pid-joint --table rows.tsv --sources x1,x2 --target y --bootstrap 100 | pid-ipfp | pid-report >t
    grep -q 'which source leads is not settled, x[12] has [0-9.]* % ([0-9.]* to [0-9.]*) of what only one source tells' t
}

# three LABELS: three sources, of which a and b carry a bit of their own, all a common one
three() { awk -v n="$1" 'BEGIN { srand(4); print "a\tb\tc\ty"
    for (i = 0; i < n; i++) { g = int(rand() * 2); p = int(rand() * 2); q = int(rand() * 2); print 2 * g + p "\t" 2 * g + q "\t" g "\t" 4 * g + 2 * p + q } }'; }

@test "three sources: every format has what each tells alone, the remainder, the pairs and their intervals" {
    three 400 | pid-joint --table - --sources a,b,c --target y --bootstrap 30 | pid-ipfp >d.mp
    pid-report -f tsv d.mp >t
    near "$(column unique:a <t)" 1 0.05
    near "$(column unique:c <t)" 0 0.01
    near "$(column share:a <t)" 0.5 0.02
    near "$(column remainder <t)" 1 0.05
    near "$(column redundant:a+c <t)" 1 0.05
    for name in unique:a remainder total redundant:a+b synergy:c o-information; do
        awk -v v="$(column $name <t)" -v l="$(column $name:lo <t)" -v h="$(column $name:hi <t)" 'BEGIN { exit !(l != "" && l <= v + 1e-9 && v <= h + 1e-9) }'
    done
    run ! grep -qw synergy <(head -1 t | tr '\t' '\n' | grep -x synergy)
    pid-report -f json d.mp | jq -e '.rows[0].estimates | (.["o-information"].hi != null) and (.["unique:b"].lo > 0.9) and (has("synergy") | not)'
    pid-report d.mp | grep -q '^remainder .*(+)'
    pid-report d.mp | grep -q 'a+b'
    three 400 | pid-joint --table - --sources a,b,c --target y | pid-ipfp | pid-report >text
    grep -q 'a with all others' text
    grep -q '^O-information .* redundancy prevails' text
    pid-report -f html d.mp >page.html
    grep -q 'remainder: several sources' page.html
    grep -q '<th scope="col">o-information</th>' page.html
}

@test "p-values: what may lie to either side of chance is held against both" {
    awk 'BEGIN { print "a\tb\tc\ty"; for (i = 0; i < 400; i++) { a = i % 2; b = int(i / 2) % 2; c = int(i / 4) % 2; print a "\t" b "\t" c "\t" (a + b + c) % 2 } }' |
        pid-joint --table - --sources a,b,c --target y --permute 99 | pid-ipfp >d.mp
    pid-report -f tsv d.mp >t
    awk -v o="$(column o-information <t)" 'BEGIN { exit !(o < -0.9) }'
    near "$(column o-information:p <t)" 0.01 1e-9
    pid-report d.mp | grep -qF 'as much, of a share and o-information as far from that mean'
    # x1 alone tells: its share is far above chance's half, that of x2 as far below
    pid-synth unq1 --kind labels -n 500 | pid-joint --permute 99 | pid-ipfp >d.mp
    pid-report -f tsv d.mp >t
    near "$(column share:x1:p <t)" "$(column share:x2:p <t)" 1e-9
    awk -v p="$(column share:x2:p <t)" 'BEGIN { exit !(p < 1) }'
    pid-report d.mp | grep -qF 'as much, of a share as far from that mean'
}

@test "the page shows the samples that pid-local lists, escaped" {
    printf 'x1\tx2\ty\n<i>\t0\t0\n<i>\t1\t1\nb\t0\t1\nb\t1\t0\n' >rows.tsv
    pid-extract --source x1=rows.tsv:x1 --source x2=rows.tsv:x2 --target y=rows.tsv:y -o labels.mp
    pid-joint labels.mp | pid-ipfp --potentials -o solved.mp
    pid-local -d solved.mp --aggregate y --top 2 --bottom 1 labels.mp | pid-report -f html >page.html
    [ "$(grep -c 'y=[01]: the samples with the most synergy' page.html)" -eq 2 ]
    [ "$(grep -c 'y=[01]: the samples with the least synergy' page.html)" -eq 2 ]
    grep -q '<td class="k">&lt;i&gt;</td>' page.html
    run ! grep -q '<i>' page.html
}

@test "what is drawn has a limit, what is printed has none" {
    pid-synth and -o one.mp
    "$top_builddir/tests/torture/again" one.mp 10001 group | pid-ipfp -t 1e-3 -o many.mp
    for format in html svg gnuplot; do
        run -1 --separate-stderr pid-report -f $format -o page many.mp
        [ "$stderr" = "pid-report: -f $format draws up to 10000 decompositions, here are 10001: -f tsv, csv and json take any number" ]
        [ ! -e page ]
    done
    for format in text tsv csv json markdown latex; do pid-report -f $format many.mp | grep -c 10000 >$format; done
    [ "$(cat tsv)" -eq 1 ]
    "$top_builddir/tests/torture/again" one.mp 10000 group | pid-ipfp -t 1e-3 | pid-report -f svg | grep -q '</svg>'
}
