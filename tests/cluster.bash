# What the scripts that run in a cluster of their own (pid-slurm.bats) share.
await() { for _ in {1..600}; do ! "$@" || return 0; sleep .1; done; return 1; }
queue_is_empty() { [ -z "$(squeue -h)" ]; }

# held CONDITION: the command of a shard which, where the condition holds, writes its node's name to node-K and then a part of its
# stream, and waits while the file hold is there.
held() {
    echo "if $1; then echo \$SLURMD_NODENAME >node-{index}; $(pipeline) | { head -c 2000; while [ -e hold ]; do sleep .1; done; cat; }; else $(pipeline); fi"
}

# What of this cluster runs on a node, by process numbers: its daemon; its jobs' processes; those that watch over them.  Killed in
# the order daemon, watchers, tasks, they tell Slurm nothing, as when the machine loses its power.
daemon() { cat "${SLURM_CONF%/*}/slurmd-$1.pid"; }
tasks() {
    local environ
    for environ in $(grep -slzx "SLURMD_NODENAME=$1" /proc/[0-9]*/environ); do
        ! grep -sqzx "SLURM_CONF=$SLURM_CONF" "$environ" || basename "${environ%/*}"
    done
}
watchers() {
    local task parent
    for task in $(tasks "$1"); do
        parent=$(awk '$1 == "PPid:" { print $2 }' "/proc/$task/status" 2>/dev/null) || continue
        ! grep -sq '^slurmstepd' "/proc/$parent/cmdline" || echo "$parent"
    done
}
