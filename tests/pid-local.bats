bats_require_minimum_version 1.5.0
# pid-local: one line a sample, whose means are the atoms.

setup() { cd "$BATS_TEST_TMPDIR"; }

# solve LABELS: the decomposition of the labels in solved.mp
solve() { pid-joint "$1" | pid-ipfp --potentials -o solved.mp; }

# mean COLUMN TSV
mean() { awk -F'\t' -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i } NR > 1 { s += $c; n++ } END { printf "%.15g\n", s / n }' "$2"; }

# atom NAME: of the last record of solved.mp
atom() { pid-cat -f json solved.mp | jq --arg name "$1" -s '[.[] | select(.values)][-1].values[$name]'; }

near() { awk -v a="$1" -v b="$2" -v t="$3" 'BEGIN { d = a - b; exit !(d <= t && d >= -t) }' || { echo "got $1, expected $2"; return 1; }; }

@test "the means over the samples are the atoms, and each row's parts add up" {
    for gate in and xor unq rdnunqxor copy:3,5 imperfect-rdn:0.1; do
        pid-synth --kind labels -n 3000 --seed 3 "$gate" >labels.mp
        solve labels.mp
        pid-local -d solved.mp labels.mp >rows.tsv
        [ "$(wc -l <rows.tsv)" -eq 3001 ]
        for name in redundant unique:x1 unique:x2 synergy total mi:x1 mi:x2; do near "$(mean $name rows.tsv)" "$(atom $name)" 1.1e-9; done
        awk -F'\t' 'NR > 1 { d = $6 + $7 + $8 + $9 - $10; if (d > 1e-12 || d < -1e-12) exit 1 }' rows.tsv
    done
}

@test "each key has its own decomposition; the lines are in the order of the rows" {
    pid-synth --kind labels -n 500 --seed 1 and >and.mp
    pid-synth --kind labels -n 500 --seed 2 or >or.mp
    pid-cat and.mp or.mp >labels.mp
    solve labels.mp
    pid-local -d solved.mp labels.mp >rows.tsv
    [ "$(awk -F'\t' 'NR > 1 { print $1 }' rows.tsv | uniq | tr '\n' ' ')" = "and or " ]
    awk -F'\t' 'NR > 1 && $2 != (NR - 2) % 500 { exit 1 }' rows.tsv
    near "$(grep -v ^and rows.tsv >or.tsv && mean synergy or.tsv)" "$(atom synergy)" 1.1e-9
    ! cut -f3- rows.tsv | grep -q '\.\s*$'
}

@test "--top and --bottom are the rows a sort would put first" {
    pid-synth --kind labels -n 2000 --seed 5 xorand >labels.mp
    solve labels.mp
    pid-local -d solved.mp labels.mp | tail -n +2 >rows.tsv
    for column in 6:redundant 9:synergy 11:mi:x1; do
        pid-local -d solved.mp --top 40 --by "${column#*:}" labels.mp | tail -n +2 | cut -f"${column%%:*}" >got
        sort -t$'\t' -k"${column%%:*}","${column%%:*}"gr rows.tsv | head -n 40 | cut -f"${column%%:*}" >expected
        diff got expected
        pid-local -d solved.mp --bottom 40 --by "${column#*:}" labels.mp | tail -n +2 | cut -f"${column%%:*}" >got
        sort -t$'\t' -k"${column%%:*}","${column%%:*}"g rows.tsv | head -n 40 | cut -f"${column%%:*}" >expected
        diff got expected
    done
    [ "$(pid-local -d solved.mp --top 5000 labels.mp | sort | uniq | wc -l)" -eq 2001 ]
}

@test "--cells counts each combination of labels once" {
    pid-synth --kind labels -n 2000 --seed 5 and >labels.mp
    solve labels.mp
    pid-local -d solved.mp --cells labels.mp >cells.tsv
    [ "$(awk -F'\t' 'NR > 1 { n += $2 } END { print n, NR }' cells.tsv)" = "2000 5" ]
    pid-local -d solved.mp labels.mp | cut -f1,3- | tail -n +2 | sort -u >rows
    tail -n +2 cells.tsv | cut -f1,3- | sort | diff - rows
}

@test "--aggregate gives the means of each value of a variable or key, which pid-report shows with intervals" {
    pid-synth --kind labels -n 2000 --seed 7 rdnunqxor >labels.mp
    solve labels.mp
    pid-local -d solved.mp --aggregate y labels.mp | pid-report -f tsv >parts.tsv
    pid-local -d solved.mp labels.mp >rows.tsv
    for y in 0 7 15; do
        awk -F'\t' -v y=$y 'NR == 1 || $5 == y' rows.tsv >part
        near "$(awk -F'\t' -v y=$y '$2 == y { print $6 }' parts.tsv)" "$(mean synergy part)" 1e-12
    done
    pid-local -d solved.mp --aggregate '' --bootstrap 50 labels.mp >all.mp
    pid-report -f tsv all.mp | awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        NR == 2 { for (name in at) if ((name ":lo") in at && name !~ /share/) { n++; if (!($at[name ":lo"] <= $at[name] && $at[name] <= $at[name ":hi"])) exit 1 } }
        END { exit !(n == 7) }'
    near "$(pid-report -f json all.mp | jq '.rows[0].estimates.synergy.value')" "$(atom synergy)" 1.1e-9
    cmp all.mp <(pid-local -j 1 -d solved.mp --aggregate '' --bootstrap 50 labels.mp)
}

# rows: 600 rows of three sources that overlap and a target
rows() { awk 'BEGIN { srand(7); print "a\tb\tc\ty"; for (i = 0; i < 600; i++) { a = int(rand() * 3); b = int(rand() * 4); c = rand() < .7 ? a : int(rand() * 3)
    print a "\t" b "\t" c "\t" (rand() < .8 ? (a + b + (c > 1)) % 3 : int(rand() * 3)) } }'; }

@test "three sources: the means are the atoms, and each source's values are those against the others merged by hand" {
    rows >rows.txt
    pid-extract --source a=rows.txt:a --source b=rows.txt:b --source c=rows.txt:c --target y=rows.txt:y -o labels.mp
    solve labels.mp
    pid-local -d solved.mp labels.mp >rows.tsv
    [ "$(head -n 1 rows.tsv | tr '\t' ' ')" = "row a b c y unique:a unique:b unique:c remainder total mi:a mi:b mi:c redundant:a redundant:b redundant:c synergy:a synergy:b synergy:c" ]
    for name in $(head -n 1 rows.tsv | cut -f6-); do near "$(mean "$name" rows.tsv)" "$(atom "$name")" 1.1e-9; done
    awk -F'\t' 'NR > 1 { d = $6 + $7 + $8 + $9 - $10; if (d > 1e-12 || d < -1e-12) exit 1 }' rows.tsv
    awk -F'\t' -v OFS='\t' '{ print $2, NR == 1 ? "ac" : $1 $3, $4 }' rows.txt >merged.txt
    pid-extract --source b=merged.txt:b --source ac=merged.txt:ac --target y=merged.txt:y -o merged.mp
    solve merged.mp
    pid-local -d solved.mp merged.mp >merged.tsv
    # the optimum's potentials need not be the only ones, but those of equal tables from one solver are
    paste <(cut -f7,15,18,12 rows.tsv) <(awk -F'\t' -v OFS='\t' '{ print $6, $10, $5, $8 }' merged.tsv) | tail -n +2 |
        awk '{ for (i = 1; i <= 4; i++) if ($i > $(i + 4) + 1e-6 || $i < $(i + 4) - 1e-6) { print NR ": " $0; exit 1 } }'
}

@test "three sources: --top, --aggregate and the report" {
    rows >rows.txt
    pid-extract --source a=rows.txt:a --source b=rows.txt:b --source c=rows.txt:c --target y=rows.txt:y --key layer=1 -o labels.mp
    solve labels.mp
    pid-local -d solved.mp labels.mp | tail -n +2 >rows.tsv
    pid-local -d solved.mp --top 20 labels.mp | tail -n +2 | cut -f10 | diff - <(sort -t$'\t' -k10,10gr rows.tsv | head -n 20 | cut -f10)
    pid-local -d solved.mp --bottom 20 --by synergy:b labels.mp | tail -n +2 | cut -f19 | diff - <(sort -t$'\t' -k19,19g rows.tsv | head -n 20 | cut -f19)
    run -2 --separate-stderr pid-local -d solved.mp --top 3 --by synergy labels.mp
    [[ $stderr = *"no value 'synergy'; there are unique:a, "*"synergy:c"* ]]
    pid-local -d solved.mp --aggregate y --bootstrap 20 --top 2 labels.mp >parts.mp
    pid-report -f tsv parts.mp >parts.tsv
    awk -F'\t' 'NR == FNR { rows++; n[$6]++; s[$6] += $10; next } FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { y = $at["y"]; d = $at["remainder"] - s[y] / n[y]; met++
          if (d > 1e-9 || d < -1e-9 || $at["n"] != n[y] || !($at["remainder:lo"] < $at["remainder:hi"])) exit 1
          d = $at["share:a"] + $at["share:b"] + $at["share:c"] - 1; if (d > 1e-9 || d < -1e-9) exit 1 } END { exit met != 3 }' rows.tsv parts.tsv
    pid-report parts.mp >text
    grep -q 'b with all others' text
    run ! grep -qE 'a\+b|nan|O-information' text
    pid-report -f html parts.mp >page.html
    [ "$(grep -c 'y=[012]: the samples with the most remainder' page.html)" -eq 3 ]
    run ! grep -q 'a+b' page.html
}

@test "the page's lists: labels as they are, values to four decimals" {
    printf 'a,b,y\n1.5,x,1e2\n2.25,x,1e2\n1.5,z,7.0\n2.25,z,1e2\n1.5,x,7.0\n' >rows.csv
    pid-extract --type a=category --type y=category --source a=rows.csv:a --source b=rows.csv:b --target y=rows.csv:y -o labels.mp
    pid-joint labels.mp | pid-ipfp --potentials -o solved.mp
    pid-local -d solved.mp --aggregate b --top 3 labels.mp >parts.mp
    pid-report -f html parts.mp >page.html
    grep '^<tr><td' page.html | grep -E '1\.5|2\.25' | sed 's/<[^>]*>/ /g' >lines
    [ "$(wc -l <lines)" -ge 3 ]
    # row, three labels, the group, then values
    run ! grep -vE '^ +[0-4] +(1\.5|2\.25) +[xz] +(7|100) +[xz]( +-?[0-9]+\.[0-9]{4})+ *$' lines
}

# The interval of a whole atom is that of decomposing each bootstrap replicate anew, to first order.
@test "the bootstrap of local values agrees with decomposing each replicate" {
    pid-synth -n 4000 --seed 11 --kind labels and >labels.mp
    solve labels.mp
    pid-local -d solved.mp --aggregate '' --bootstrap 100 labels.mp | pid-report -f json >local.json
    pid-joint --bootstrap 100 labels.mp | pid-ipfp | pid-report -f json >whole.json
    width() { jq '.rows[0].estimates.'"$1"' | .hi - .lo' "$2"; }
    for name in redundant synergy total; do
        awk -v a="$(width $name local.json)" -v b="$(width $name whole.json)" 'BEGIN { exit !(a > b * .8 && a < b * 1.25) }'
    done
}

@test "labels or potentials that do not belong together are refused" {
    pid-synth --kind labels -n 500 --seed 1 and >labels.mp
    pid-synth --kind labels -n 500 --seed 2 and >other.mp
    pid-synth --kind labels -n 400 --seed 1 and >fewer.mp
    pid-synth --kind labels -n 500 --seed 1 or >or.mp
    solve labels.mp
    run -1 --separate-stderr pid-local -d solved.mp other.mp
    [[ $stderr = *"not the decomposition of these labels"* ]] && [ -z "$output" ]
    run -1 --separate-stderr pid-local -d solved.mp fewer.mp
    [[ $stderr = *"500 samples; the labels have 400"* ]]
    run -1 --separate-stderr pid-local -d solved.mp or.mp
    [[ $stderr = *"gate=or: no decomposition of it"* ]]
    pid-joint labels.mp | pid-ipfp >plain.mp
    run -1 --separate-stderr pid-local -d plain.mp labels.mp
    [[ $stderr = *"pid-ipfp --potentials"* ]]
    pid-synth and | pid-ipfp --potentials >exact.mp
    run -1 --separate-stderr pid-local -d exact.mp labels.mp
    [[ $stderr = *"exact distribution"* ]]
    head -c 300 solved.mp >cut.mp
    run -1 --separate-stderr pid-local -d cut.mp labels.mp
    run -2 --separate-stderr pid-local -d solved.mp --by nothing labels.mp
    [[ $stderr = *"unique:x1"* ]]
    run -2 --separate-stderr pid-local labels.mp
    run -1 --separate-stderr pid-local -d solved.mp --aggregate nothing labels.mp
    [[ $stderr = *"'nothing'"* ]]
    rows | pid-joint --table - --sources a,b,c --target y | pid-ipfp >plain.mp
    rows >rows.txt
    pid-extract --source a=rows.txt:a --source b=rows.txt:b --source c=rows.txt:c --target y=rows.txt:y -o three.mp
    run -1 --separate-stderr pid-local -d plain.mp three.mp
    [[ $stderr = *"pid-ipfp --potentials"* ]]
    # the same table under other numbers of its levels
    printf 'x1\tx2\ty\nb\t0\t0\nb\t1\t1\nc\t0\t1\nc\t1\t0\n' >bc.txt
    sed 's/^b/d/' bc.txt >dc.txt
    for name in bc dc; do pid-extract --source x1=$name.txt:x1 --source x2=$name.txt:x2 --target y=$name.txt:y -o $name.mp; done
    solve bc.mp
    run -1 --separate-stderr pid-local -d solved.mp dc.mp
    [[ $stderr = *"level 0 of 'x1' is 'b' in solved.mp and 'c' in the labels"* ]]
}

@test "--aggregate takes as many names as a key can have, and refuses more" {
    for row in 0 1 1 0 1 0; do
        for v in {1..64}; do printf 'n%d%s' $(((row * v + v / 7) % 2)) "$([ $v = 64 ] || echo ,)"; done
        echo
    done >values
    { seq -s , 64 | sed 's/[0-9]*/v&/g'; cat values; } >wide.csv
    for v in {1..64}; do echo "--source=v$v=wide.csv:v$v"; done | sed '64s/source/target/' | xargs pid-extract -o wide.mp
    pid-joint --sources v1,v2 wide.mp | pid-ipfp --potentials -o wide-solved.mp
    pid-local -d wide-solved.mp --aggregate "$(seq -s , 32 | sed 's/[0-9]*/v&/g')" wide.mp | pid-cat -f json | grep -c '"v32":' >means
    [ "$(cat means)" -eq "$(sort -u values | wc -l)" ]
    run -1 --separate-stderr pid-local -d wide-solved.mp --aggregate "$(seq -s , 64 | sed 's/[0-9]*/v&/g')" wide.mp
    [ "$stderr" = "pid-local: key 'v33': a key has at most 32 names" ]
}
