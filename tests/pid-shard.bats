# pid-shard: whatever runs the shards, and whatever happens to them meanwhile, the merged bytes are those of one run.
bats_require_minimum_version 1.5.0

load shards

setup() {
    cd "$BATS_TEST_TMPDIR"
    make_codebook
}

@test "one run, xargs and GNU parallel: the same bytes, for 1, 2, 7 and 64 shards of 50 rows" {
    for n in 1 2 7 64; do
        pid-shard plan run-$n -n $n --needs codebook.mp "$(pipeline --rows 100:150)"
        [ "$(pid-shard missing run-$n | wc -l)" -eq $n ]
    done
    one_shot --rows 100:150
    for n in 1 2 7 64; do
        pid-shard missing run-$n | xargs -P 2 -n 1 pid-shard run run-$n
        pid-shard merge run-$n -o joint.mp
        cmp joint.mp one-shot.mp
        report <joint.mp | cmp - one-shot.tsv
        [ -z "$(pid-shard missing run-$n)" ]
    done
    command -v parallel >/dev/null || skip "xargs agrees; GNU parallel is not installed"
    for n in 1 2 7 64; do
        rm run-$n/part-*
        pid-shard missing run-$n | parallel --will-cite -j 2 pid-shard run run-$n
        pid-shard merge run-$n | cmp - one-shot.mp
    done
}

@test "all 2866 rows: labels and tables of 7 shards are those of one run" {
    one_shot
    pid-shard plan run -n 7 "$(pipeline)"
    pid-shard run run 0-6
    pid-shard merge run | cmp - one-shot.mp
    pid-shard plan labels -n 7 "pid-extract --shard {shard} $data | pid-kmeans --codebook codebook.mp"
    pid-shard run labels 0-6
    pid-shard merge labels | pid-cat -f tsv | cmp - <(pid-extract $data | pid-kmeans --codebook codebook.mp | pid-cat -f tsv)
}

@test "a shard that fails leaves no file; merge lists it; only it is run again" {
    touch broken
    pid-shard plan run -n 5 "if [ {index} = 2 ] && [ -e broken ]; then $(pipeline) | head -c 300; exit 5; fi; $(pipeline)"
    run -1 pid-shard run run 0-4
    [ "$output" = "pid-shard: shard 2 of 5: the command failed with exit status 5" ]
    [ "$(ls -A run)" = "$(printf '%s\n' part-0000{0,1,3,4}-of-00005.mp plan.json)" ]
    run -1 pid-shard merge run -o joint.mp
    [ "$output" = "pid-shard: run: 1 of 5 shards is missing: 2" ]
    [ ! -e joint.mp ]
    rm broken
    ls -i run/part-* >before
    [ "$(pid-shard missing run)" = 2 ]
    pid-shard run -v run 0-4 2>err
    [ "$(grep -c 'is there already' err)" -eq 4 ]
    ls -i run/part-* | grep -v 00002-of >after
    cmp before after
    one_shot
    pid-shard merge run | cmp - one-shot.mp
}

# A shard that has written a part of its stream waits while the file hold is there; its shell's number is in the file pid.
hold() { echo "if [ {index} = 1 ]; then echo \$\$ >pid; $(pipeline) | { head -c 2000; while [ -e hold ]; do sleep .05; done; cat; }; else $(pipeline); fi"; }
await() { for _ in {1..200}; do ! "$@" || return 0; sleep .05; done; return 1; }

@test "a shard killed while it writes leaves no part; a later run makes it" {
    pid-shard plan run -n 3 "$(hold)"
    touch hold
    pid-shard run run 1 2>err &
    await test -s pid
    kill -KILL $!
    wait $! || true
    rm -f hold
    [ "$(ls run)" = plan.json ]
    run -1 pid-shard merge run
    [ "$output" = "pid-shard: run: 3 of 3 shards are missing: 0-2" ]
    pid-shard run run 0-2
    one_shot
    pid-shard merge run | cmp - one-shot.mp
}

@test "TERM ends a shard with all its processes and leaves no file, hidden or not" {
    pid-shard plan run -n 3 "$(hold)"
    touch hold
    pid-shard run run 1 2>err &
    await test -s pid
    shell=$(cat pid)
    kill -TERM $!
    status=0
    wait $! || status=$?
    [ $status -eq 143 ]
    gone() { ! kill -0 -- "-$shell" 2>/dev/null; }
    await gone
    [ "$(ls -A run)" = plan.json ]
}

@test "one shard run twice at once: both end well, the bytes are right" {
    pid-shard plan run -n 3 "$(hold)"
    touch hold
    pid-shard run run 1 & first=$!
    await test -s pid
    rm pid
    pid-shard run run 1 & second=$!
    await test -s pid
    rm hold
    wait $first
    wait $second
    [ "$(ls -A run)" = "$(printf '%s\n' part-00001-of-00003.mp plan.json)" ]
    pid-shard run run 0 2
    one_shot
    pid-shard merge run | cmp - one-shot.mp
}

@test "a part that is cut or altered counts as missing and is made anew" {
    pid-shard plan run -n 3 "$(pipeline)"
    pid-shard run run 0-2
    cp run/part-00001-of-00003.mp good
    truncate -s -9 run/part-00001-of-00003.mp
    [ "$(pid-shard missing run 2>err)" = 1 ]
    grep -q "part-00001-of-00003.mp: .*the stream is cut" err
    run -1 pid-shard merge -q run
    [ "$output" = "pid-shard: run: 1 of 3 shards is missing: 1" ]
    cp run/part-00000-of-00003.mp run/part-00001-of-00003.mp
    [ "$(pid-shard missing --ranges -q run)" = 1 ]
    pid-shard run -q run 1
    cmp good run/part-00001-of-00003.mp
}

@test "a file that cannot grow (as on a full disk): the shard fails and leaves nothing" {
    pid-shard plan run -n 3 "$(pipeline)"
    run ! bash -c 'ulimit -f 1; exec pid-shard run run 1'
    [ "$(ls -A run)" = plan.json ]
}

@test "another codebook is refused by run, and its parts by merge" {
    pid-shard plan run -n 3 --needs codebook.mp "$(pipeline)"
    pid-shard run run 0-1
    cp codebook.mp old.mp
    pid-extract $data | pid-kmeans -k 5 --save-codebook codebook.mp >labels
    run -1 pid-shard run run 2
    [[ "$output" == *"codebook.mp: is not the file that the run was planned with"* ]]
    pid-shard plan other -n 3 "$(pipeline)"
    pid-shard run other 2
    cp other/part-00002-of-00003.mp run
    run -1 pid-shard merge run
    [[ "$output" == *"part-00002-of-00003.mp: "*"differs from that of the first stream"* ]]
}

@test "the same codebook's size but another seed: told by its checksum" {
    pid-extract $data | pid-kmeans -k 6 --seed 9 --save-codebook other.mp >labels
    pid-shard plan run -n 2 "$(pipeline)"
    pid-shard run run 0
    pid-shard plan second -n 2 "$(pipeline | sed 's/codebook.mp/other.mp/')"
    pid-shard run second 1
    cp second/part-00001-of-00002.mp run
    run -1 pid-shard merge run
    [[ "$output" == *"pid-kmeans was given codebook-crc32="*", in the first stream codebook-crc32="* ]]
}

@test "what a command writes must be the shard's stream" {
    pid-shard plan none -n 2 "pid-extract $data # {shard}"
    run -1 pid-shard run none 0
    [[ "$output" == *"shard 0 of 2: what the command wrote: bears no mark of a shard"* ]]
    pid-shard plan wrong -n 2 "pid-extract --shard 1/2 $data # {shard}"
    run -1 pid-shard run wrong 0
    [[ "$output" == *"is marked as shard 1 of 2" ]]
    pid-shard plan text -n 2 "echo {shard}"
    run -1 pid-shard run text 0
    pid-shard plan nothing -n 2 ": {shard}"
    run -1 pid-shard run nothing 0
    [ -z "$(ls none/part* wrong/part* text/part* nothing/part* 2>/dev/null)" ]
}

@test "a plan is written once; the run may move together with its data" {
    pid-shard plan here/run -n 3 --needs codebook.mp "$(pipeline)"
    pid-shard plan here/run -n 3 --needs codebook.mp "$(pipeline)"
    run -1 pid-shard plan here/run -n 4 --needs codebook.mp "$(pipeline)"
    [ "$output" = "pid-shard: here/run/plan.json: is another plan: remove the folder, or plan in a new one" ]
    mkdir moved
    mv here codebook.mp moved
    cd /
    pid-shard run "$BATS_TEST_TMPDIR/moved/here/run" 2
}

@test "{jobs}: what --jobs says, else the processors at hand, in a job of Slurm no more than it granted" {
    pid-shard plan run -n 7 "echo {jobs} >jobs; $(pipeline)"
    jobs() { "$@" && cat jobs; }
    processors=$(nproc)
    [ "$(jobs pid-shard run run 0)" -eq "$processors" ]
    [ "$(jobs pid-shard run -j 3 run 1)" -eq 3 ]
    export SLURM_CPUS_ON_NODE=1
    [ "$(jobs pid-shard run run 2)" -eq 1 ]
    [ "$(jobs pid-shard run -j 3 run 3)" -eq 3 ]
    SLURM_CPUS_ON_NODE=4096
    [ "$(jobs pid-shard run run 4)" -eq "$processors" ]
    export SLURM_CPUS_PER_TASK=1
    [ "$(jobs pid-shard run run 5)" -eq 1 ]
    SLURM_CPUS_PER_TASK=many
    [ "$(jobs pid-shard run run 6)" -eq "$processors" ]
}

@test "the levels named once: the same bytes" {
    one_shot
    pid-extract $data --limit 0 -o levels.mp
    pid-shard plan run -n 7 --needs levels.mp "$(pipeline --levels levels.mp)"
    pid-shard run run 0-6
    pid-shard merge run | cmp - one-shot.mp
}

@test "stages that need all rows refuse a shard" {
    pid-extract --shard 0/2 $data -o part.mp
    run -1 pid-kmeans -k 4 part.mp
    [[ "$output" == *"is shard 0 of 2: all of them are needed here"* ]]
    pid-kmeans --codebook codebook.mp part.mp -o labels.mp
    run -1 pid-joint --permute 3 labels.mp
    pid-joint labels.mp -o joint.mp
    for program in "pid-joint --merge" pid-ipfp; do
        run -1 $program joint.mp
        [[ "$output" == *"is shard 0 of 2: all of them are needed here"* ]]
    done
}

@test "wrong use is refused with exit status 2" {
    pid-shard plan run -n 3 "$(pipeline)"
    for wrong in "" "plan" "plan r" "plan r c" "plan r {shard}" "plan r -n 0 {shard}" "plan r -n 3 true" "plan r -n 3 {shard} x" "run" "run run" \
        "run run 3" "run run 2-1" "run run 0-3" "run run x" "run run 0 -- -1" "missing" "missing run 1" "missing -n 3 run" "merge" \
        "merge --ranges run" "list run"; do
        run -2 pid-shard $wrong
    done
    [ ! -e r ]
    run -1 pid-shard missing nowhere
    [[ "$output" == "pid-shard: nowhere/plan.json: No such file or directory" ]]
    echo '{"pid-shard": 1}' >run/plan.json
    run -1 pid-shard missing run
    [ "$output" = "pid-shard: run/plan.json: is not a plan of pid-shard" ]
}

@test "the example gives the bytes of one piece" {
    make -s -f "$top_srcdir/examples/cluster/Makefile" SHARDS=3 replicates=5 all check >out.txt
    grep -q "the same bytes as in one piece" out.txt
}
