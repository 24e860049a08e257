#!/usr/bin/env bats
# pid-extract: many arrays in one stream (patterns, manifests), raw files, and what becomes of categories.

setup() {
    cd "$BATS_TEST_TMPDIR"
    data=$top_srcdir/tests/data/formats
    for layer in 10 2 1; do
        for model in blip-2 clip; do printf 'x,y\n%s,1\n%s,2\n' "$layer" "$((layer + 1))" >"$model-$layer.csv"; done
    done
    printf 'answer\nno\nyes\n' >answers.csv
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

keys() { pid-cat -f json | jq -c 'select(.key).key'; }

@test "members: every layer that there is, 2 before 10, values as they are" {
    pid-extract --source image=$data/layers.safetensors:layer.{layer}.image --source text=$data/layers.safetensors:layer.{layer}.text \
        --target y=$data/layers.safetensors:answer >s
    pid-cat --check s
    [ "$(keys <s)" = "$(printf '{"layer":%s}\n' 1 2 10)" ]
    for layer in 1 2 10; do
        pid-extract --key layer=$layer --source image=$data/layers.safetensors:layer.$layer.image \
            --source text=$data/layers.safetensors:layer.$layer.text --target y=$data/layers.safetensors:answer | pid-cat -f tsv | tail -n +2
    done >one-by-one
    pid-cat -f tsv s | tail -n +2 | cmp - one-by-one
}

@test "file names and folders: several names, the first takes as much as it can" {
    pid-extract --source x={model}-{layer}.csv:x --source y={model}-{layer}.csv:y --target a=answers.csv:answer >s
    [ "$(keys <s)" = "$(for m in blip-2 clip; do printf '{"model":"'$m'","layer":%s}\n' 1 2 10; done)" ]
    [ "$(pid-cat -f tsv s | cut -f 1,2,4 | tail -n 2)" = "$(printf 'clip\t10\t10\nclip\t10\t11')" ]
    mkdir -p runs/b runs/a runs/.hidden
    for folder in a b .hidden; do cp clip-1.csv runs/$folder/x.csv; done
    [ "$(pid-extract --source x=runs/{run}/x.csv:{column} --target a=answers.csv:answer --key seed=3 | keys)" = \
        "$(printf '{"seed":3,"run":"%s","column":"%s"}\n' a x a y b x b y)" ]
    pid-extract --source x="$PWD/{model}-10.csv:x" --target a=answers.csv:answer | keys | grep -c model | grep -qx 2
}

@test "a file whose name has braces is that file" {
    cp clip-1.csv '{model}.csv'
    pid-extract --source x='{model}.csv:x' --target a=answers.csv:answer | keys | grep -qx '{}'
}

@test "what only one variable has is left out and told" {
    rm blip-2-10.csv
    cp clip-1.csv other-7.csv
    pid-extract --source x={model}-{layer}.csv:x --source y=clip-{layer}.csv:y --target a=answers.csv:answer >s 2>err
    [ "$(keys <s | wc -l)" -eq 5 ]
    grep -q '^pid-extract: x: 1 of 6 arrays are left out.*other-7.csv:x' err
}

@test "levels are those of all groups, widths may differ" {
    mkdir d1 d2
    printf 'x0,x1,y\n1,2,b\n3,4,c\n' >d1/t.csv
    printf 'x0,x1,x2,y\n5,6,7,a\n8,9,10,c\n11,12,13,b\n' >d2/t.csv
    pid-extract --source x={set}/t.csv:x0.. --target y={set}/t.csv:y 2>err || grep -q "not a number" err
    pid-extract --source x={set}/t.csv:x0..x1 --target y={set}/t.csv:y >s
    [ "$(pid-cat -f tsv s | cut -f 1,5)" = "$(printf 'set\ty\nd1\tb\nd1\tc\nd2\ta\nd2\tc\nd2\tb')" ]
    pid-cat --header s | jq -e '.variables[1].levels == ["a", "b", "c"]'
    cp d1/t.csv d1/w.csv; cut -d, -f 1-3 d2/t.csv | sed '1s/.*/x0,x1,x2/' >d2/w.csv
    sed 's/,[a-z]$//' d1/w.csv >tmp && mv tmp d1/w.csv
    pid-extract --source x={set}/w.csv:x0.. --target y={set}/t.csv:y >s
    pid-cat --check s
    pid-cat --header s | jq -e '.variables[0].dim == 0'
}

@test "manifest: lines with their places and keys, patterns in them" {
    printf 'model\tx\tnote\nsecond\tclip-{layer}.csv:x\tn\nfirst\tblip-2-2.csv:x\tm\n' >runs.tsv
    pid-extract --manifest runs.tsv --source x --target a=answers.csv:answer >s
    [ "$(keys <s)" = "$(printf '%s\n' '{"model":"first","note":"m"}' '{"model":"second","note":"n","layer":1}' '{"model":"second","note":"n","layer":2}' \
        '{"model":"second","note":"n","layer":10}')" ]
    printf 'model,size\nclip,10\nblip-2,2\n' >runs.csv
    pid-extract --source x={model}-{size}.csv:x --target a=answers.csv:answer --manifest runs.csv | pid-cat -f tsv | cut -f 1,2,4 >got
    [ "$(sed -n 2p got)" = "$(printf 'blip-2\t2\t2')" ]
    [ "$(wc -l <got)" -eq 5 ]
    pid-extract --source x={model}-{size}.csv:x --target a=answers.csv:answer --manifest <(cat runs.csv) | pid-cat -f tsv | cut -f 1,2,4 | cmp - got
}

@test "manifests and patterns that say nothing sensible" {
    refuses "no file fits 'nothing-{layer}.csv'" 1 --source x=nothing-{layer}.csv:x
    refuses "nothing fits 'clip-1.csv:z{layer}'" 1 --source x=clip-1.csv:z{layer}
    refuses "has {layer} twice" 1 --source x={layer}-{layer}.csv:x
    refuses "needs a text between" 1 --source x={model}{layer}.csv:x
    refuses "set by {layer} too" 2 --source x=clip-{layer}.csv:x --key layer=3
    refuses "no array of 'y' has the same keys" 1 --source x=clip-{layer}.csv:x --source y=$data/layers.safetensors:layer.1{layer}.text
    refuses "clip-10.csv: column 'x': has 2 rows, but" 1 --source l=$data/labels.npy --source x=clip-10.csv:x
    refuses "is not NAME=FILE[:MEMBER]" 2 --source x
    printf 'model\tx\na\tclip-1.csv:x\na\tclip-2.csv:x\n' >double.tsv
    refuses "two groups have the key model=a" 1 --manifest double.tsv --source x
    printf 'model\tx\na\t\n' >hole.tsv
    refuses "hole.tsv: line 2: the manifest names no file for 'x'" 1 --manifest hole.tsv --source x
    refuses "names no file for 'y'" 1 --manifest double.tsv --source y
    printf 'model\tx\n' >none.tsv
    refuses "no line behind its header" 1 --manifest none.tsv --source x
    refuses "nothing.tsv: cannot open it" 1 --manifest nothing.tsv --source x
    printf 'model\tx\na\tb\tc\n' >ragged.tsv
    refuses "ragged.tsv: line 2" 1 --manifest ragged.tsv --source x
    printf 'x,y\n1.5,1\n2,2\n' >clip-3.csv
    refuses "say which by --type x=" 1 --source x=clip-{layer}.csv:x --source a=answers.csv:answer
}

@test "rows, limit and shards hold for each group" {
    place=(--source x={model}-{layer}.csv:x --target a=answers.csv:answer)
    [ "$(pid-extract "${place[@]}" --limit 1 | pid-cat -f tsv | wc -l)" -eq 7 ]
    [ "$(pid-extract "${place[@]}" --rows 1: | pid-cat -f tsv | cut -f 3 | sort | uniq -c | tr -s ' ' | tr '\n' ,)" = ' 6 1, 1 row,' ]
    pid-extract "${place[@]}" | pid-cat -f tsv | sort >whole
    for k in 0 1; do pid-extract "${place[@]}" --shard $k/2 -o $k.mp; done
    pid-cat 0.mp 1.mp | pid-cat -f tsv | sort | cmp - whole
}

@test "more arrays than stay open" {
    for i in $(seq 40); do cp clip-1.csv many-$i.csv; done
    [ "$(pid-extract --source x=many-{i}.csv:x --source y=many-{i}.csv:y --target z=many-{i}.csv:y | keys | tail -n 1)" = '{"i":40}' ]
    (ulimit -n 20 && pid-extract --source x=many-{i}.csv:x --source y=many-{i}.csv:y --target z=many-{i}.csv:y) | pid-cat --check
}

@test "raw float32 by its shape" {
    pid-extract --source x=$data/raw.f4 --shape x=4 | pid-cat -f tsv >got
    [ "$(sed -n 2p got)" = "$(printf '0\t-2.5\t-2\t-1.5\t-1')" ]
    pid-extract --shape x=2x2 --source x=<(cat $data/raw.f4) | pid-cat -f tsv | cmp - got
    refuses "no whole number of rows" 1 --source x=$data/raw.f4 --shape x=5
    refuses "--shape" 2 --source x=$data/raw.f4 --shape x=2x0
    refuses "--shape" 2 --source x=$data/raw.f4 --shape x=
    refuses "no variable 'y'" 2 --source x=$data/raw.f4 --shape y=4
    refuses "has no members" 1 --source x=$data/raw.f4:a --shape x=4
}

@test "top: the most frequent levels, the rest as one" {
    printf 'a\nz\nb\nb\nz\nc\na\nd\nz\n' | sed '1i word' >words.csv
    pid-extract --target w=words.csv:word --top 2 >s
    pid-cat --header s | jq -e '.variables[0].levels == ["a", "z", "(other)"]'
    [ "$(pid-cat -f tsv s | tail -n +2 | cut -f 2 | tr '\n' ' ')" = 'a z (other) (other) z (other) a (other) z ' ]
    pid-extract --target w=words.csv:word --source v=words.csv:word --top 9 --top w=1 | pid-cat --header | jq -e '[.variables[].levels | length] == [2, 5]'
    # over all groups
    printf 'word\nb\nb\n' >more-words.csv
    pid-extract --target w={set}words.csv:word 2>err || grep -q 'two groups\|no file' err
    cp words.csv 1-words.csv; cp more-words.csv 2-words.csv
    pid-extract --target w={set}-words.csv:word --top 1 | pid-cat --header | jq -e '.variables[0].levels == ["b", "(other)"]'
    refuses "--top" 2 --target w=words.csv:word --top 0
    refuses "no variable 'v'" 2 --target w=words.csv:word --top v=3
    printf 'word\n(other)\na\nb\n' >other.csv
    refuses "is named (other) already" 1 --target w=other.csv:word --top 2
}

@test "argmax: the place of the largest of a row, all places are levels" {
    pid-extract -q --target y=$data/tokens.npz:logits --type y=argmax --nan=drop >s
    pid-cat --header s | jq -e '.variables[0].levels == ["0", "1", "2", "3"] and .variables[0].type == "category"'
    awk 'BEGIN { for (s = 0; s < 100; s++) { if (s == 7) continue; best = -1; for (c = 0; c < 4; c++) if ((s * (c + 2)) % 5 > best) { best = (s * (c + 2)) % 5; at = c }
        print s "\t" at } }' >expected
    pid-cat -f tsv s | tail -n +2 | cmp - expected
    refuses "row 7: the category is missing" 1 --target y=$data/tokens.npz:logits --type y=argmax
    refuses "one value a row" 1 --target y=$data/labels.npy --type y=argmax
    refuses "holds text" 1 --target y=$data/words.npy --type y=argmax
}

@test "levels from a stream: shards are what they are without it, and look at their own rows alone" {
    printf 'a\nz\nb\nb\nz\nc\na\nd\nz\n' | sed '1i word' >words.csv
    jq -Rc 'select(. != "word") | {word: .}' words.csv >words.jsonl
    /usr/bin/python3 -c 'import numpy; w = open("words.csv").read().split()[1:]; numpy.save("words.npy", w); numpy.save("numbers.npy", [ord(x) - 99 for x in w])' ||
        skip "python3-numpy is not installed"
    for place in words.csv:word words.jsonl:word words.npy numbers.npy; do
        for top in "" "--top 2" "--top 9"; do
            pid-extract --target w=$place $top --limit 0 -o levels.mp
            for k in 0 1 2 3; do
                pid-extract --target w=$place $top --shard $k/4 -o without.mp
                pid-extract --target w=$place $top --shard $k/4 --levels levels.mp | cmp - without.mp
            done
        done
    done
    # of 9 rows, row 8 is in the last of 4 shards
    for format in csv jsonl; do sed '$s/z/new/' words.$format >new.$format; done
    /usr/bin/python3 -c 'import numpy; w = numpy.load("words.npy").astype("U3"); w[8] = "new"; numpy.save("new.npy", w)'
    for place in new.csv:word new.jsonl:word new.npy; do
        pid-extract --target w=words.csv:word --limit 0 -o levels.mp
        for k in 0 1 2; do pid-extract --target w=$place --levels levels.mp --shard $k/4 | pid-cat --check; done
        refuses "'new' is none of the levels that were given" 1 --target w=$place --levels levels.mp --shard 3/4
        pid-extract --target w=words.csv:word --top 2 --limit 0 -o levels.mp
        pid-extract --target w=$place --top 2 --levels levels.mp --shard 3/4 | pid-cat -f tsv | tail -n 1 | grep -qx '8	(other)'
    done
}

@test "levels from a stream: of several arrays, of the places of largest values; a codebook knows them" {
    place=(--source x={model}-{layer}.csv:x --target a=answers.csv:answer)
    pid-extract "${place[@]}" | pid-kmeans -k 1 --save-codebook codebook.mp >labels.mp
    for k in 0 1; do
        pid-extract "${place[@]}" --shard $k/2 >without.mp
        pid-extract "${place[@]}" --shard $k/2 --levels codebook.mp | cmp - without.mp
    done
    largest=(--target y=$data/tokens.npz:logits --type y=argmax --nan=drop -q)
    pid-extract "${largest[@]}" --limit 0 -o levels.mp
    for k in 0 1 2; do
        pid-extract "${largest[@]}" --shard $k/3 >without.mp
        pid-extract "${largest[@]}" --shard $k/3 --levels levels.mp | cmp - without.mp
    done
    # the places are known without it: the row without a largest value is in shard 0, and no other looks at it
    pid-extract --target y=$data/tokens.npz:logits --type y=argmax --shard 1/3 | pid-cat --check
}

@test "levels that do not fit are refused" {
    printf 'word\na\nb\n' >words.csv
    pid-extract --target w=words.csv:word --limit 0 -o levels.mp
    refuses "levels.mp: tells no levels of 'v'" 1 --target v=words.csv:word --levels levels.mp
    refuses "was not made with the --top of 'w'" 1 --target w=words.csv:word --top 1 --levels levels.mp
    refuses "nowhere.mp: No such file" 1 --target w=words.csv:word --levels nowhere.mp
    head -c 60 levels.mp >cut.mp
    refuses "cut.mp: " 1 --target w=words.csv:word --levels cut.mp
    pid-synth and --kind labels -n 5 -o numbered.mp
    refuses "numbered.mp: tells no levels of 'y'" 1 --target y=words.csv:word --levels numbered.mp
}
