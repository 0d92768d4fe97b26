# nth.sh: the Nth allocation, read, write, sync ... of the main process fails. Never an end by a signal; never a wrong report: what
# ends with status 0..3 has the right one, all else goes on to the right one when the same command is given again.

made made
mkdir evidence
cp made/evidence/phone/screenshot.png made/evidence/camera/IMG_0003.jpg made/evidence/notes.txt evidence
mkdir inner && cp made/evidence/camera/IMG_0001.jpg made/evidence/notes.txt inner
"$FAULTS" zip evidence/inner.zip inner
tar czf evidence/inner.tar.gz -C inner .
options=(-q -j2 -l made/lists/demo.txt evidence)
"$TRAWL" scan -o ref "${options[@]}" || true
is 'nth: all is examined, and there are findings' "$(jq -c '[.complete, (.findings // .totals.findings // 1) > 0]' ref/summary.json)" '[true,true]'
here_dir=$(pwd -P)

# judge STATUS NAME: what a scan with a fault made of it
judge() {
    local status=$1 again
    if [ "$status" -ge 128 ]; then
        miss "$2: status $status: $(tail -n 1 err.txt)"
        return 1
    fi
    if [ "$status" -lt 64 ]; then
        # With bit 2 the report may say that something could not be examined.
        [ $((status & 2)) = 2 ] && said_so && return 0
        equal_cases ref case && return 0
        miss "$2: status $status: $(head -n 2 diff.txt)"
        return 1
    fi
    [ -s err.txt ] || { miss "$2: status $status without a word"; return 1; }
    [ -d case ] || return 0
    "$TRAWL" scan -o case "${options[@]}" >out.txt 2>again.txt
    again=$?
    if equal_cases ref case && { [ $again = $ref_status ] || grep -q 'is finished' again.txt; } && whole case; then return 0; fi
    miss "$2: status $status ($(head -n 1 err.txt)), resumed with $again: $(head -n 1 again.txt) $(head -n 1 diff.txt) $(grep -E 'DAMAGED|CUT' verify.txt)"
    return 1
}

# Whatever is not examined has its line; all other lines are those of the reference.
said_so() {
    jq -c 'select(.status | IN("ok", "partial", "not-media", "suppressed") | not) | .path' case/inventory.jsonl >unexamined.txt
    [ -s unexamined.txt ] || [ "$(jq .complete case/summary.json)" = false ]
}

"$TRAWL" scan -o again "${options[@]}"
ref_status=$?
equal_cases ref again || bad 'nth: the reference is not stable'

# sweep NAME SHIM POINTS SETTING...: fails each of so many calls, spread over all that there are
sweep() {
    local name=$1 shim=$2 points=$3 calls i at step good=0 tried=0 counts=''
    shift 3
    rm -rf case
    env LD_PRELOAD="$build/$shim.so" "$@" FAULT_AT=0 FAULT_COUNT=count.txt "$TRAWL" scan -o case "${options[@]}" >out.txt 2>err.txt
    calls=$(cat count.txt)
    [ "$calls" -gt 0 ] || { bad "nth: $name: there are no such calls"; return; }
    [ "$points" -lt "$calls" ] || points=$calls
    for ((i = 0; i < points; i++)); do
        # In the quick form, other calls with every seed.
        at=$((1 + i * calls / points + $(below $(((calls + points - 1) / points)))))
        rm -rf case
        timeout -s KILL 60 env LD_PRELOAD="$build/$shim.so" "$@" FAULT_AT=$at "$TRAWL" scan -o case "${options[@]}" >out.txt 2>err.txt
        status=$?
        tried=$((tried + 1))
        counts+="$status "
        if judge $status "$name $at of $calls" 2>miss.txt; then good=$((good + 1)); else cat miss.txt >&2; fi
    done
    tally "nth: $name" $good $tried
    figure "nth: $name: $tried of $calls points; statuses: $(tr ' ' '\n' <<<"$counts" | sort -n | uniq -c | awk 'NF > 1 { printf "%s x %s  ", $2, $1 }')"
}

sweep 'an allocation fails' shim_malloc "$(scale 16 5000)" FAULT_FOR=1
sweep 'allocations fail from there on' shim_malloc "$(scale 4 500)" FAULT_FOR=0
case_calls=(FAULT_UNDER="$here_dir/case")
sweep 'a write fails' shim_calls "$(scale 3 5000)" "${case_calls[@]}" FAULT_CALLS=write FAULT_ERROR=5 FAULT_FOR=1
sweep 'a sync fails' shim_calls "$(scale 3 5000)" "${case_calls[@]}" FAULT_CALLS=fsync FAULT_ERROR=5 FAULT_FOR=1
sweep 'a short write' shim_calls "$(scale 3 5000)" "${case_calls[@]}" FAULT_CALLS=write FAULT_ERROR=0 FAULT_FOR=1
sweep 'all writes are short' shim_calls 1 "${case_calls[@]}" FAULT_CALLS=write FAULT_ERROR=0 FAULT_FOR=0
sweep 'a write is interrupted' shim_calls "$(scale 3 5000)" "${case_calls[@]}" FAULT_CALLS=write FAULT_ERROR=4 FAULT_FOR=2
sweep 'a read of the case fails' shim_calls "$(scale 3 5000)" "${case_calls[@]}" FAULT_CALLS=read,pread FAULT_ERROR=5 FAULT_FOR=1
sweep 'all reads of the case are short' shim_calls 1 "${case_calls[@]}" FAULT_CALLS=read,pread FAULT_ERROR=0 FAULT_FOR=0
evidence_calls=(FAULT_UNDER="$here_dir/evidence")
sweep 'a read of evidence fails once' shim_calls "$(scale 3 5000)" "${evidence_calls[@]}" FAULT_CALLS=pread FAULT_ERROR=5 FAULT_FOR=1
sweep 'a read of evidence is short' shim_calls "$(scale 3 5000)" "${evidence_calls[@]}" FAULT_CALLS=pread FAULT_ERROR=0 FAULT_FOR=1
sweep 'all reads of evidence are short' shim_calls 1 "${evidence_calls[@]}" FAULT_CALLS=pread FAULT_ERROR=0 FAULT_FOR=0
sweep 'a read of evidence is interrupted' shim_calls "$(scale 3 5000)" "${evidence_calls[@]}" FAULT_CALLS=pread FAULT_ERROR=4 FAULT_FOR=3
sweep 'a read of a list fails' shim_calls 4 FAULT_UNDER="$here_dir/made/lists" FAULT_CALLS=read,pread FAULT_ERROR=5 FAULT_FOR=1
