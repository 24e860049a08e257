#!/usr/bin/env bats
# pid-extract: arrays in files become a samples stream.

setup() {
    cd "$BATS_TEST_TMPDIR"
    data=$top_srcdir/tests/data/formats
    printf 'x,y,label,word\n1,2.5,10,b\n3,4.5,2,a\n5,6.5,10,"b"\n' >table.csv
}

# One line on standard error that holds these words (a second one points to --help), this status, nothing on standard output.
refuses() {
    local status words=$1 expected=$2
    shift 2
    status=0
    pid-extract "$@" >out 2>err || status=$?
    cat err
    [ "$status" -eq "$expected" ] && [ ! -s out ] && [ "$(grep -vc "^Try '" err)" -eq 1 ] && grep -qF -- "$words" err
}

@test "vectors and categories from an archive" {
    pid-extract --source image=$data/deflated.npz:image --source text=$data/stored.npz:text --target label=$data/stored.npz:label >s
    pid-cat --check s
    pid-cat --header s | jq -e '[.variables[] | [.name, .role, .type, .dim, .levels]] ==
        [["image", "source", "vector", 4, null], ["text", "source", "vector", 4, null], ["label", "target", "category", null, ["-1", "2", "10"]]]'
    [ "$(pid-cat -f tsv s | sed -n 3p)" = "$(printf '1\t4\t5\t6\t7\t-1\t0\t1\t2\t2')" ]
}

@test "columns of a table, one as they are and several as a vector" {
    pid-extract --source x=table.csv:x..y --source word=table.csv:word --target label=table.csv:label >s
    [ "$(pid-cat -f tsv s)" = "$(printf 'row\tx.0\tx.1\tword\tlabel\n0\t1\t2.5\tb\t10\n1\t3\t4.5\ta\t2\n2\t5\t6.5\tb\t10')" ]
    [ "$(pid-cat -f tsv --codes s | cut -f 4,5)" = "$(printf 'word\tlabel\n1\t1\n0\t0\n1\t1')" ]
}

@test "a column of fractions is a vector of one, and --type decides otherwise" {
    pid-extract --source y=table.csv:y --source x=table.csv:x --type x=vector --target l=table.csv:y --type l=category >s
    pid-cat --header s | jq -e '[.variables[] | .type, .dim, .levels] == ["vector", 1, null, "vector", 1, null, "category", null, ["2.5", "4.5", "6.5"]]'
}

@test "keys: integers where they are written as such" {
    pid-extract --source x=table.csv:x --key model=blip --key layer=12 >s
    pid-cat -f json s | jq -s -e '.[1].key == {"model": "blip", "layer": 12}'
}

@test "the same from a file, a pipe, standard input for several variables, and gzip" {
    pid-extract --source x=table.csv:x..y --target l=table.csv:label | pid-cat -f tsv >expected
    pid-extract --source x=<(cat table.csv):x..y --target l=<(cat table.csv):label | pid-cat -f tsv | cmp - expected
    pid-extract --source x=-:x..y --target l=-:label <table.csv | pid-cat -f tsv | cmp - expected
    cat table.csv | pid-extract --source x=-:x..y --target l=-:label | pid-cat -f tsv | cmp - expected
    gzip -k table.csv
    pid-extract --source x=table.csv.gz:x..y --target l=table.csv.gz:label | pid-cat -f tsv | cmp - expected
}

@test "a name with colons in it" {
    cp table.csv a:b.csv
    pid-extract --source x=a:b.csv:x | pid-cat --check
    refuses "No such file" 1 --source x=a:c.csv
}

@test "rows and limit" {
    [ "$(pid-extract --source x=table.csv:x --rows 1:3 | pid-cat -f tsv | cut -f 1,2 | tail -n +2)" = "$(printf '1\t3\n2\t5')" ]
    [ "$(pid-extract --source x=table.csv:x --rows :2 --limit 1 | pid-cat -f tsv | tail -n +2 | wc -l)" -eq 1 ]
    [ "$(pid-extract --source x=table.csv:x --rows 2: | pid-cat -f tsv | tail -n +2 | wc -l)" -eq 1 ]
    run --separate-stderr bash -c 'pid-extract --source x=table.csv:x --rows 7:9 | pid-cat --check'
    [ "$status" -eq 0 ] && [ "$stderr" = "pid-extract: no rows: the output is empty" ]
}

@test "parts put together are the whole, with the same levels in each" {
    awk 'BEGIN { print "x,y"; for (i = 0; i < 300000; i++) print i % 977 / 8 "," i % 13 }' >large.csv
    pid-extract --source x=large.csv:x --target y=large.csv:y | pid-cat -f tsv >whole
    for part in 0:3 3:250001 250001:; do pid-extract --source x=large.csv:x --target y=large.csv:y --rows $part -o part-$part.mp; done
    pid-cat part-0:3.mp part-3:250001.mp part-250001:.mp | pid-cat -f tsv | cmp - whole
    [ "$(wc -l <whole)" -eq 300001 ]
}

@test "NaN and infinity: refused with the row, dropped, or zero" {
    refuses "bad.npy: row 1: NaN or infinity" 1 --source x=$data/bad.npy
    pid-extract --source x=$data/bad.npy --nan=drop >s 2>err
    [ "$(pid-cat -f tsv s)" = "$(printf 'row\tx.0\tx.1\n0\t1\t2\n3\t5\t6')" ]
    grep -q '2 rows .* dropped' err
    pid-extract --source x=$data/bad.npy --nan=zero >s 2>err
    [ "$(pid-cat -f tsv s)" = "$(printf 'row\tx.0\tx.1\n0\t1\t2\n1\t3\t0\n2\t0\t4\n3\t5\t6')" ]
    grep -q '2 rows .* zeros' err
    [ "$(pid-extract -q --source x=$data/bad.npy --nan=drop --limit 2 | pid-cat -f tsv | tail -n 1)" = "$(printf '3\t5\t6')" ]
    refuses "beyond.npy: row 1" 1 --source x=$data/beyond.npy
    refuses "float-labels.npy: row 3: the category is missing" 1 --source x=$data/float-labels.npy --type x=category
    refuses "row 3: the category is missing" 1 --source x=$data/float-labels.npy --type x=category --nan=zero
    pid-extract -q --source x=$data/float-labels.npy --type x=category --nan=drop | pid-cat --check
}

@test "wrong data: one line, status 1, nothing written" {
    refuses "deflated.npz: member 'image.npy': has 3 rows, but" 1 --source x=$data/labels.npy --source y=$data/deflated.npz:image
    refuses "objects" 1 --source x=$data/objects.npy
    refuses "there are: image, text, label, word" 1 --source x=$data/stored.npz:picture
    refuses "there are: x, y, label, word" 1 --source x=table.csv:z
    refuses "can be a category only" 1 --source x=table.csv:word --type x=vector
    refuses "a category needs one" 1 --source x=$data/cube-c.npy --type x=category
    refuses "No such file" 1 --source x=nothing.npy
    head -c 170 $data/f4-le-c.npy >cut.npy
    refuses "it is cut" 1 --source x=cut.npy
    refuses "it is cut" 1 --source x=<(head -c 170 $data/f4-le-c.npy)
}

@test "wrong use: one line, status 2" {
    refuses "no variables" 2
    refuses "is not NAME=FILE[:MEMBER]" 2 --source x
    refuses "is not NAME=FILE[:MEMBER]" 2 --source =x
    refuses "two variables are named 'x'" 2 --source x=table.csv:x --target x=table.csv:y
    refuses "there is no variable 'z'" 2 --source x=table.csv:x --type z=vector
    refuses "--type" 2 --source x=table.csv:x --type x=number
    refuses "is not A:B" 2 --source x=table.csv:x --rows 5
    refuses "--rows" 2 --source x=table.csv:x --rows 5:2
    refuses "--limit" 2 --source x=table.csv:x --limit many
    refuses "--nan" 2 --source x=table.csv:x --nan=ignore
    refuses "given twice" 2 --source x=table.csv:x --key a=1 --key a=2
    refuses "unexpected operand" 2 table.csv
}

@test "a failure in the middle leaves no file and no trailer" {
    { echo x; seq 1 2000000; echo; } >late.csv
    ! pid-extract --source x=late.csv:x --type x=vector -o late.mp 2>err
    grep -q 'row 2000000' err
    [ ! -e late.mp ]
    pid-extract --source x=late.csv:x --type x=vector >late.mp 2>err || true
    [ -s late.mp ]
    ! pid-cat --check late.mp 2>err
}

@test "an array without rows is a whole stream without rows" {
    pid-extract --source x=$data/empty.npy >s
    pid-cat --check s
    pid-cat --header s | jq -e '.variables[0].dim == 4'
    pid-cat -f json s | jq -s -e 'length == 2 and .[-1].end and .[-1].records == 0'
}

@test "memory does not grow with the array" {
    ! grep -q 'fsanitize=' "$top_builddir/config.status" || skip "the sanitizers need address space"
    { printf '\223NUMPY\1\0v\0'; printf '%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (400000, 128), }"; head -c 204800000 /dev/zero; } >large.npy
    (ulimit -v 60000 && pid-extract --source x=large.npy >large.mp)
    pid-cat --check large.mp
    rm large.npy large.mp
}
