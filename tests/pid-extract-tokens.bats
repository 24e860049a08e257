#!/usr/bin/env bats
# pid-extract: samples of several tokens.  The fixtures have 100 samples; sample s has 1 + (3 s s + s) mod 7 tokens, whose value
# i is ((7 s + 5 t + 3 i) mod 32 - 11) / 4 for token t: the expectations are worked out from that here.

setup() {
    cd "$BATS_TEST_TMPDIR"
    data=$top_srcdir/tests/data/formats
    flat=(--source x=$data/tokens.npz:flat --offsets x=$data/tokens.npz:offsets)
    padded=(--source x=$data/tokens.npz:padded --mask x=$data/tokens.npz:mask)
    parts=(--source x=$data/samples.safetensors:s.{sample})
    row=(--target y=$data/tokens.npz:row --type y=vector)
}

refuses() {
    local status words=$1 expected=$2
    shift 2
    status=0
    pid-extract "$@" >out 2>err || status=$?
    cat err
    [ "$status" -eq "$expected" ] && [ ! -s out ] && [ "$(grep -vc "^Try '" err)" -eq 1 ] && grep -qF -- "$words" err
}

# expected HOW: what a sample's tokens pool to, or with HOW rows every token
expected() {
    awk -v how="$1" 'function value(s, t, i) { return ((7 * s + 5 * t + 3 * i) % 32 - 11) / 4 }
    BEGIN {
        number = 0
        for (s = 0; s < 100; s++) {
            n = 1 + (3 * s * s + s) % 7
            for (t = 0; t < n && how == "rows"; t++) printf "%d\t%d\t%.7g\t%.7g\t%.7g\t%d\n", s, number++, value(s, t, 0), value(s, t, 1), value(s, t, 2), s
            if (how == "rows") continue
            printf "%d", s
            for (i = 0; i < 3; i++) {
                v = how == "last" ? value(s, n - 1, i) : value(s, 0, i)
                for (t = 1; t < n; t++) {
                    if (how == "mean") v += value(s, t, i)
                    if (how == "max" && value(s, t, i) > v) v = value(s, t, i)
                }
                printf "\t%.6f", how == "mean" ? v / n : v
            }
            print "\t" s
        }
    }'
}

pooled() { pid-extract "$@" | pid-cat -f tsv | tail -n +2 | awk -F'\t' '{ printf "%s\t%.6f\t%.6f\t%.6f\t%s\n", $1, $2, $3, $4, $5 }'; }

@test "pool: mean, max, first and last of 100 ragged samples, however they are stored" {
    for how in mean max first last; do
        expected $how >want
        [ "$(wc -l <want)" -eq 100 ]
        for form in flat padded parts; do
            declare -n place=$form
            pooled "${place[@]}" "${row[@]}" --pool $how >got
            diff want got || { echo "$form $how"; return 1; }
            pooled "${place[@]}" "${row[@]}" --pool x=$how | cmp - want
        done
    done
}

@test "pool attention-mask is the mean over the mask, and an error without one" {
    expected mean >want
    pooled "${padded[@]}" "${row[@]}" --pool attention-mask | cmp - want
    refuses "name the mask of 'x'" 1 "${flat[@]}" --pool attention-mask
    refuses "NaN or infinity" 1 --source x=$data/tokens.npz:padded --pool mean
}

@test "rows tokens: every token is a row, under key sample" {
    expected rows >want
    for form in flat padded parts; do
        declare -n place=$form
        pid-extract "${place[@]}" "${row[@]}" --rows tokens >s
        pid-cat --check s
        pid-cat -f tsv s >got
        [ "$(head -n 1 got)" = "$(printf 'sample\trow\tx.0\tx.1\tx.2\ty.0')" ]
        tail -n +2 got | awk -F'\t' '{ printf "%d\t%d\t%.7g\t%.7g\t%.7g\t%d\n", $1, $2, $3, $4, $5, $6 }' | diff want -
    done
    # parts of the samples are parts of the whole, with the same row numbers
    for part in 0:30 30:31 31:; do pid-extract "${flat[@]}" "${row[@]}" --rows tokens --rows $part -o part-$part.mp; done
    pid-cat part-0:30.mp part-30:31.mp part-31:.mp | pid-cat -f tsv | cmp - got
    for k in 0 1 2; do pid-extract "${padded[@]}" "${row[@]}" --rows tokens --shard $k/3 -o $k.mp; done
    pid-cat 0.mp 1.mp 2.mp | pid-cat -f tsv | cmp - got
    [ "$(pid-extract "${flat[@]}" "${row[@]}" --rows tokens --limit 5 | pid-cat -f tsv | wc -l)" -eq 6 ]
}

@test "rows tokens: categories and rows without tokens go with each token; other lengths are refused" {
    pid-extract "${flat[@]}" --source z=$data/tokens.npz:padded --mask z=$data/tokens.npz:mask --pool z=mean --target y=$data/tokens.npz:row \
        --rows tokens | pid-cat -f tsv >got
    awk -F'\t' 'NR > 1 && ($1 != $NF) { exit 1 }' got
    [ "$(cut -f 1,6- got | tail -n +2 | uniq | wc -l)" -eq 100 ]
    refuses "sample 0 has another number of tokens" 1 "${flat[@]}" --source z=$data/tokens.npz:full --rows tokens
    refuses "no variable has tokens" 1 "${row[@]}" --rows tokens
}

@test "without pool or rows, the axes behind the first are one" {
    pid-extract --source x=$data/tokens.npz:full | pid-cat --header | jq -e '.variables[0].dim == 12'
}

@test "pool align: each sample's tokens are as many as its shortest variable has, and every cluster's centre is a mean" {
    place=("${flat[@]}" --source z=$data/tokens.npz:full --target y=$data/tokens.npz:row --rows tokens --pool align --seed 3)
    pid-extract "${place[@]}" >s
    pid-cat -f tsv s | awk -F'\t' 'NR > 1 { n[$1]++ } END { for (s = 0; s < 100; s++) { m = 1 + (3 * s * s + s) % 7; if (m > 4) m = 4; if (n[s] != m) exit 1 } }'
    # a sample of one token: the centre of z is the mean of its tokens
    pid-extract --source z=$data/tokens.npz:full --pool mean | pid-cat -f tsv | sed -n 1,2p | cut -f 2- >mean
    pid-cat -f tsv s | awk -F'\t' '$1 == 0 { print $6 "\t" $7 "\t" $8 }' >got
    paste <(tail -n 1 mean) got | awk '{ for (i = 1; i <= 3; i++) if (($i - $(i + 3)) ^ 2 > 1e-10) exit 1 }'
    pid-extract "${place[@]}" | cmp - s
    # what is not longer than the others stays as it is
    pid-cat -f tsv s | awk -F'\t' 'NR > 1 { n[$1]++; print $1 "\t" $3 "\t" $4 "\t" $5 }' >x
    expected rows | cut -f 1,3-5 >all
    awk -F'\t' 'NR == FNR { seen[$0] = 1; next } { m = 1 + (3 * $1 * $1 + $1) % 7; if (m <= 4 && !($0 in seen)) exit 1 }' all x
    # a part is the same as in the whole
    pid-extract "${place[@]}" --rows 40:50 | pid-cat -f tsv | tail -n +2 | cmp - <(pid-cat -f tsv s | awk -F'\t' '$1 >= 40 && $1 < 50')
}

@test "argmax of pooled logits" {
    pid-extract --target y=$data/tokens.npz:full --pool y=last --type y=argmax | pid-cat --header | jq -e '.variables[0].levels | length == 3'
}

@test "rows tokens goes through the pipe, a table a sample" {
    pid-extract "${flat[@]}" --source z=$data/tokens.npz:flat --offsets z=$data/tokens.npz:offsets --target y=$data/tokens.npz:flat \
        --offsets y=$data/tokens.npz:offsets --rows tokens --rows 0:20 | pid-kmeans -k 3 | pid-joint --per sample | pid-ipfp | pid-report -f tsv >table
    [ "$(wc -l <table)" -eq 21 ]
}

@test "tokens: what does not fit is named" {
    refuses "ends with" 1 --source x=$data/tokens.npz:flat --offsets x=$data/tokens.npz:short --pool mean
    refuses "offset 0 is" 1 --source x=$data/tokens.npz:flat --offsets x=$data/tokens.npz:down --pool mean
    refuses "offsets are an array" 1 --source x=$data/tokens.npz:flat --offsets x=$data/tokens.npz:mask --pool mean
    refuses "does not hold integers" 1 --source x=$data/tokens.npz:flat --offsets x=$data/float-labels.npy --pool mean
    refuses "is a mask of 100 x 5 for 100 samples of 7 tokens" 1 --source x=$data/tokens.npz:padded --mask x=$data/tokens.npz:wide --pool mean
    refuses "samples x tokens x dim are needed" 1 --source x=$data/tokens.npz:flat --pool x=mean
    refuses "say --pool or --rows tokens" 2 "${flat[@]}"
    refuses "can have one of them" 2 "${flat[@]}" --mask x=$data/tokens.npz:mask --pool mean
    refuses "goes with --rows tokens" 2 "${flat[@]}" --pool align
    refuses "--pool" 2 "${flat[@]}" --pool median
    refuses "no variable 'z'" 2 "${flat[@]}" --pool z=mean
    refuses "set by --rows tokens" 2 "${flat[@]}" --rows tokens --key sample=3
    refuses "a category needs one" 1 "${flat[@]}" --pool mean --type x=category
    refuses "tokens can be vectors only" 1 "${flat[@]}" --rows tokens --type x=category
    refuses "values a token where the samples before it have" 1 --source x=$data/layers.safetensors:{sample} --pool mean
}
