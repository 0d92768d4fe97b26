# parallel.sh: a scan spread by GNU parallel: shares in any order, one twice, one killed, one missing.
tools=$(cd "$here/../../tools" && pwd)
if ! command -v parallel >/dev/null; then
    skip 'parallel: GNU parallel is missing (Debian: parallel)'
    return
fi
export TRAWL=$MOCK
make_spread 12
spread() { "$tools/trawl-spread" "$@" >out.txt 2>err.txt </dev/null; }
spread plan -o case -n 6 -t 32K mix/evidence -- "${mix_options[@]}"
is "parallel: a plan: $(cat err.txt)" $? 0
is 'parallel: no second plan' "$(spread plan -o case mix/evidence; echo $?)" 64
is 'parallel: no share without a number' "$(spread shard case; echo $?) $(spread shard case 6; echo $?)" '64 64'
# What the engine's environment says: counted from 0, GNU parallel from 1.
is 'parallel: the number in the environment' "$(JOB_COMPLETION_INDEX=3 spread shard case; echo $?) $(SLURM_ARRAY_TASK_ID=5 spread shard case; echo $?) $(ls case.parts | grep part- | tr '\n' ' ')" '0 0 part-3 part-5 '

# One is killed in the middle: it says so, and goes on.
spread shard case 4 &
share=$!
soon 600 midway 4
kill -9 "$(trawl_of 4)"
wait $share
is 'parallel: a killed share is to be started again' $? 75

# Two of six are left out, one is there twice.
run_parallel() { parallel --will-cite -j2 --retries 3 --joblog joblog.txt "$@" >out.txt 2>err.txt </dev/null; }
run_parallel "$tools/trawl-spread" shard case '{}' ::: 3 1 4
is "parallel: shares in some order: $(tail -n 2 err.txt)" $? 0
spread shard case 3
is 'parallel: a share twice' $? 0
spread merge case
is 'parallel: shares are missing: status' $? 3
is 'parallel: ... and the report says which' "$(jq -c '[.complete, ([.notes[] | select(test("\\b0\\b") and test("\\b2\\b"))] | length > 0)]' case/summary.json)" '[false,true]'
# No number: PARALLEL_SEQ; finished ones end at once.
run_parallel -N0 "$tools/trawl-spread" shard case ::: 1 2 3 4 5 6
is 'parallel: the number of the task' $? 0
spread merge case
is 'parallel: all shares' $? 3
is 'parallel: the incomplete report is kept' "$(jq .complete case.incomplete-1/summary.json)" false
if equal_cases single case; then ok 'parallel: the merged report is that of the single run'; else bad "parallel: $(head -n 3 diff.txt | tr '\n' ' ')"; fi
whole case || bad "parallel: $(cat verify.txt)"
TRAWL=$build/trawl
