# pid-slurm: shards as Slurm job arrays.  The tests that need Slurm start a private cluster (private-slurm).
bats_require_minimum_version 1.5.0

load shards

setup() {
    cd "$BATS_TEST_TMPDIR"
    make_codebook
    export data counting
}

# in_slurm NODES: runs standard input as a script in a cluster of its own; skips where there can be none
in_slurm() {
    local status=0
    cat "$top_srcdir/tests/shards.bash" "$top_srcdir/tests/cluster.bash" - >script
    "$top_srcdir/tests/private-slurm" "$1" bash -eu script >log 2>&1 || status=$?
    [ $status -ne 77 ] || skip "$(tail -n 1 log)"
    [ $status -eq 0 ] || { cat log run*/slurm/*.log; return 1; }
}

@test "Slurm and one run: the same bytes, for 1, 2, 7 and 64 shards of 50 rows, in arrays of at most 10" {
    one_shot --rows 100:150
    PRIVATE_SLURM_MAX_ARRAY=11 in_slurm 4 <<'END'
for n in 1 2 7 64; do
    pid-shard plan run-$n -n $n --needs codebook.mp "$(pipeline --rows 100:150)"
    pid-slurm submit -o joint-$n.mp run-$n
done
await queue_is_empty
for n in 1 2 7 64; do
    cmp joint-$n.mp one-shot.mp
    report <joint-$n.mp | cmp - one-shot.tsv
    pid-slurm status run-$n | grep -qx "$n of $n shards are there"
done
[ "$(wc -l <run-64/slurm/jobs)" -eq 8 ] # 7 arrays and a merge
END
}

@test "a failed shard: the merge lists it, submitting again does only that one" {
    one_shot
    in_slurm 2 <<'END'
touch broken
pid-shard plan run -n 5 "if [ {index} = 2 ] && [ -e broken ]; then exit 5; fi; $(pipeline)"
! pid-slurm submit --wait -o joint.mp run 2>err
grep -q "pid-slurm: 1 of 5 shards are missing: 2; see" err
[ ! -e joint.mp ]
grep -q "1 of 5 shards is missing: 2" run/slurm/merge-*.log
pid-slurm status run >status
grep -qx "4 of 5 shards are there" status
grep -qx "missing: 2" status
rm broken
pid-slurm submit --wait -o joint.mp run >again
grep -q ": shards 2$" again
cmp joint.mp one-shot.mp
pid-slurm submit run | grep -q "5 of 5 shards are there already"
END
}

@test "tasks that are cancelled, or killed while they write, are missing; a requeued one is not" {
    one_shot
    in_slurm 2 <<'END'
touch hold
pid-shard plan run -n 4 "$(held "[ {index} -le 1 ]")"
pid-slurm submit run
await test -s node-0 -a -s node-1
! pid-slurm submit run 2>err
grep -q "are in the queue" err
job=$(cat run/slurm/jobs)
rm node-1
scancel ${job}_0 ${job}_2                 # one that writes, one that waits
scontrol requeue ${job}_1
await test -s node-1                      # its second start
rm hold
await queue_is_empty
[ "$(pid-shard missing --ranges run)" = 0,2 ]
[ -z "$(find run -name '.part*')" ]
pid-slurm submit --wait -o joint.mp run >again
grep -q ": shards 0,2$" again
cmp joint.mp one-shot.mp
END
}

@test "a node that dies: status tells, merge refuses with the list, submitting again does just what is missing" {
    one_shot
    in_slurm 2 <<'END'
touch hold
pid-shard plan run -n 4 "$(held "[ {index} = 1 ]")"
pid-slurm submit -o joint.mp run --no-requeue
await test -s node-1
all_but_one() { [ "$(pid-shard missing --ranges run)" = 1 ]; }
await all_but_one
node=$(cat node-1)
kill -KILL $(daemon $node) $(watchers $node) $(tasks $node)
nothing_left() { [ -z "$(tasks $node)" ]; }
await nothing_left
pid-slurm status run | grep -q "^[0-9]* 1 run RUNNING"     # nobody has told Slurm
scontrol update nodename=$node state=down reason=lost
await queue_is_empty
pid-slurm status run >status
[ "$(cat status)" = "$(printf '3 of 4 shards are there\nmissing: 1')" ]
grep -q "1 of 4 shards is missing: 1" run/slurm/merge-*.log
[ ! -e joint.mp ]
[ -z "$(find run -name '.part*')" ]
rm hold
ls -i run/part-* >before
pid-slurm submit --wait -o joint.mp run >again
grep -q ": shards 1$" again
ls -i run/part-* | grep -v part-00001 | cmp - before
cmp joint.mp one-shot.mp
END
}

@test "a node that dies, and one that is cut off and works on: Slurm runs their shards elsewhere, the bytes are the same" {
    one_shot
    in_slurm 3 <<'END'
touch hold
pid-shard plan run -n 4 "$(held '[ {index} -le 1 ] && [ -z "$SLURM_RESTART_COUNT" ]')"
pid-slurm submit -o joint.mp run
await test -s node-0 -a -s node-1
dead=$(cat node-0) cut=$(cat node-1)
kill -KILL $(daemon $dead) $(watchers $dead) $(tasks $dead)
silent="$(daemon $cut) $(watchers $cut)"
kill -STOP $silent
scontrol update nodename=$dead,$cut state=down reason=lost
await test -s joint.mp
cmp joint.mp one-shot.mp
[ -n "$(tasks $cut)" ]
# The one that is cut off ends after all, and puts the same in the place of its part.
before=$(stat -c %i run/part-00001-of-00004.mp)
rm hold
replaced() { [ "$(stat -c %i run/part-00001-of-00004.mp)" != "$before" ]; }
await replaced
kill -CONT $silent
pid-shard merge run | cmp - one-shot.mp
END
}

@test "--dry-run shows the commands and the scripts, and needs no Slurm" {
    pid-shard plan 'my run' -n 2500 "$(pipeline)"
    pid-slurm submit --dry-run -o joint.mp 'my run' --time=5 --mem=1G >out
    [ "$(grep -c '^sbatch .*--time=5 --mem=1G .*/my\\ run/slurm/shard.sbatch' out)" -eq 3 ]
    grep -q -- '--array=0-999 .*PID_SHARD_OFFSET=2000\|--array=0-499 .*PID_SHARD_OFFSET=2000' out
    grep -q '^sbatch .*--dependency=afterany:JOB .*merge.sbatch' out
    bash -n 'my run/slurm/shard.sbatch'
    SLURM_ARRAY_TASK_ID=3 PID_SHARD_OFFSET=1000 bash 'my run/slurm/shard.sbatch'
    [ -s 'my run/part-01003-of-02500.mp' ]
    [ ! -e 'my run/slurm/jobs' ]
}

@test "wrong use is refused with exit status 2, a folder without a plan with 1" {
    pid-shard plan run -n 3 "$(pipeline)"
    for wrong in "" "submit" "--no-such-option" "submit --no-such-option run" "merge run" "status -o x run" "status run x" "list run" \
        "submit run --array=1" "submit run --dependency=x" "submit -o" "submit --output= run"; do
        run -2 pid-slurm $wrong
        [[ "${lines[0]}" == "pid-slurm: "* ]]
    done
    run -1 pid-slurm submit --dry-run nowhere
    [ "$output" = "pid-slurm: nowhere: no plan.json; pid-shard plan makes one" ]
    [ ! -e run/slurm ]
}

@test "--help and --version" {
    pid-slurm --help | grep -q '^Usage: pid-slurm submit'
    [ "$(pid-slurm -V)" = "pid-slurm (pidtools) $(pid-cat -V | sed 's/.* //')" ]
    for option in $(pid-slurm --help | grep -oE '^ +(-[a-zA-Z], |    )--[a-z-]+' | grep -oE -- '--.*'); do
        grep -q -- "${option//-/\\\\-}" "$top_srcdir/man/pid-slurm.1"
    done
}
