# spread.sh: what trawl-spread, trawl-slurm and the manifests say by themselves; whole scans are in tests/stress (slurm, parallel).
mkdir -p spread && cd spread || exit 1
tools=$(cd "$here/../../tools" && pwd)
made set

# spread STATUS NAME ARGUMENT...
spread() {
    local want=$1 name=$2 got
    shift 2
    TRAWL=$TRAWL "$tools/trawl-spread" "$@" >out.txt 2>err.txt </dev/null
    got=$?
    if [ $got = "$want" ]; then ok "spread: $name"; else bad "spread: $name: status $got, not $want: $(head -n 2 err.txt | tr '\n' ' ')"; fi
}
spread 64 'no command'
spread 64 'no source' plan -o case -n 2
spread 64 'no case' plan set/evidence
spread 64 'no number of shares' plan -o case -n two set/evidence
spread 64 'no shares' plan -o case -n 0 set/evidence
spread 64 'what trawl plan refuses' plan -o case missing
spread 64 'a folder for one share' plan -o case set/evidence -- -o part
spread 64 'metrics of one share' plan -o case set/evidence -- --metrics x.prom
spread 64 'a line break' plan -o case set/evidence -- -l $'a\nb'
spread 64 'no plan' shard case 0
spread 64 'nothing to merge' merge case
is 'spread: what was refused leaves nothing' "$(ls)" "$(printf '%s\n' err.txt out.txt set)"
spread 0 'a plan' plan -o case -t 32K set/evidence -- -l 'set/lists/demo.txt' --limit depth=3
is 'spread: as many shares as units' "$(cat case.parts/shards)" "$(jq -r 'select(.end).units' case.parts/plan.jsonl)"
is 'spread: options are kept word by word' "$(tr '\n' ' ' <case.parts/options)" '-l set/lists/demo.txt --limit depth=3 '
spread 64 'a second plan' plan -o case set/evidence
spread 64 'a share that is none' shard case "$(cat case.parts/shards)"
spread 64 'no share was begun' merge case
is 'spread: only its owner reads it' "$(stat -c %a case.parts)" 700
# From another folder all names mean the same.
for ((i = 0; i < $(cat case.parts/shards); i++)); do
    (cd / && TRAWL=$TRAWL "$tools/trawl-spread" shard "$OLDPWD/case" $i >"$OLDPWD/out.txt" 2>"$OLDPWD/err.txt") || bad "spread: share $i: $(head -n 2 err.txt)"
done
spread 3 'the merge' merge case
expect 3 'spread: the single run' scan -q -l set/lists/demo.txt --limit depth=3 -o single set/evidence
same_case 'spread: the same' single case
spread 64 'a complete case is not merged again' merge case
# Threads and memory of the engine.
spread 0 'a plan for others' plan -o asked -n 2 set/evidence
printf '#!/bin/sh\nprintf "%%s\\n" "$@" >asked.txt\nexit 64\n' >ask && chmod +x ask
SLURM_CPUS_PER_TASK=3 SLURM_MEM_PER_NODE=4000 SLURM_ARRAY_TASK_ID=1 TRAWL=$PWD/ask "$tools/trawl-spread" shard asked >out.txt 2>err.txt
is 'spread: what Slurm gives' "$? $(grep -A 1 -e '^-[jm]$' -e '^--shard$' asked.txt | tr '\n' ' ')" '64 --shard 1/2 -- -j 3 -m 1001M '

# The manifests: their form, and that they fit each other.
if python3 -c 'import yaml' 2>/dev/null; then
    python3 - "$tools/kubernetes/trawl.yaml" >out.txt 2>&1 <<'PY'
import sys, yaml
plan, shard, merge = yaml.safe_load_all(open(sys.argv[1]))
for job in (plan, shard, merge):
    pod = job["spec"]["template"]["spec"]
    container, = pod["containers"]
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
    assert job["metadata"]["labels"] == job["spec"]["template"]["metadata"]["labels"]
    assert pod["restartPolicy"] == "Never"
    assert {m["name"] for m in container["volumeMounts"]} == {v["name"] for v in pod["volumes"]}
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
words = plan["spec"]["template"]["spec"]["containers"][0]["command"]
assert all(isinstance(w, str) for w in words)
assert shard["spec"]["completionMode"] == "Indexed"
assert int(words[words.index("-n") + 1]) == shard["spec"]["completions"] >= shard["spec"]["parallelism"]
assert shard["spec"]["template"]["spec"]["containers"][0]["command"] == ["trawl-spread", "shard", "/work/case"]
PY
    is 'spread: the manifest of Kubernetes' "$? $(tail -n 1 out.txt)" '0 '
else
    skip 'spread: the manifest of Kubernetes: no parser (Debian: python3-yaml)'
fi
cd ..
