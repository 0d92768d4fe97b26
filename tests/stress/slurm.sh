# slurm.sh: a scan spread over a Slurm cluster that this part starts itself: shares are killed, stopped and requeued in the
# middle, and the report is that of one machine. No process stays behind.
. "$here/slurm_cluster.sh"
tools=$(cd "$here/../../tools" && pwd)
export TRAWL=$MOCK TRAWL_SPREAD=$tools/trawl-spread
why=$(cluster_lacks)
if [ -n "$why" ]; then
    skip "slurm: $why"
    return
fi

make_spread 18
shares=6
"$TRAWL_SPREAD" plan -o case -n $shares -t 32K mix/evidence -- "${mix_options[@]}" 2>err.txt
is "slurm: a plan: $(cat err.txt)" $? 0

# A cluster that does not come up, or does not run as much as `true`, says nothing of trawl.
cluster_up && timeout 30 srun -n1 true 2>srun.txt
if [ $? != 0 ]; then
    cat srun.txt "$cluster"/slurm*.log "$cluster"/*.out 2>/dev/null | grep -i error | tail -n 5 >&2
    skip 'slurm: a cluster of one node does not run jobs on this machine'
    cluster_down
    trap - INT TERM HUP
    unset SLURM_CONF TRAWL_SPREAD
    TRAWL=$build/trawl
    return
fi

submit() { "$tools/slurm/trawl-slurm" -r 5 case 2>err.txt; }
queue_is_empty() { [ -z "$(squeue -h 2>&1)" ]; }
hit() {
    local pid
    pid=$(trawl_of "$1")
    case $1 in
    1) kill -9 "$pid" ;;
    # What Slurm does before the time is over (--signal=B:TERM): it asks the script of the task.
    2) kill -TERM "$(parent_of "$(parent_of "$pid")")" ;;
    3) scontrol requeue "${jobs% *}_3" ;;
    esac
}

jobs=$(submit)
is "slurm: submitted: $(cat err.txt)" $? 0
for share in 1 2 3; do
    soon 600 midway $share && hit $share 2>>hits.txt
done
soon 600 queue_is_empty
is 'slurm: all jobs ended' "$(squeue -h 2>&1 | head -n 3)" ''
for share in 1 2 3; do
    is "slurm: share $share was hit in the middle, and went on" "$(grep -c 'scan goes on' "case.parts/part-$share/journal/access.log" 2>&1) $(cat hits.txt)" '1 '
done
state() { scontrol show job "$1" | sed -n 's/.*JobState=\([A-Z]*\).*/\1/p' | sort -u | tr '\n' ' '; }
is 'slurm: findings are no failure of a job' "$(state "${jobs% *}")$(state "${jobs#* }")" 'COMPLETED COMPLETED '
if equal_cases single case; then ok 'slurm: the merged report is that of the single run'; else bad "slurm: merged: $(head -n 3 diff.txt | tr '\n' ' ')"; fi
cmp -s single/inventory.jsonl case/inventory.jsonl && cmp -s single/report.jsonl case/report.jsonl || bad 'slurm: cmp'
whole case || bad "slurm: $(cat verify.txt)"

# A share is lost, its folder with it: the others are as they were, it is done again.
mv case merged && rm -r case.parts/part-4
jobs=$(submit)
soon 600 queue_is_empty
if equal_cases single case; then ok 'slurm: submitted again: the same'; else bad "slurm: submitted again: $(head -n 3 diff.txt | tr '\n' ' ')"; fi
is 'slurm: submitted again: finished shares are left as they are' "$(find case.parts/part-0 -newer merged/summary.json -type f | wc -l)" 0

cluster_down
is 'slurm: leaves no process behind' "$cluster_left" ''
is 'slurm: nor a folder' "$(ls "$cluster" 2>/dev/null)" ''
trap - INT TERM HUP
unset SLURM_CONF TRAWL_SPREAD
TRAWL=$build/trawl
