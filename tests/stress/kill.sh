# kill.sh: kill -9 at random moments, any number in a row, then resume: the end is that of the uninterrupted run, every time.

make_mix mix
options=("${mix_options[@]}" mix/evidence)

mock_scan() { "$MOCK" scan "$@" >out.txt 2>err.txt </dev/null; } 2>/dev/null

begun=$(now_ms)
mock_scan -j2 -o ref "${options[@]}"
ref_status=$?
duration=$(($(now_ms) - begun))
is 'kill: the uninterrupted run' $ref_status 3
whole ref || bad "kill: the uninterrupted case: $(cat verify.txt)"

# One run, killed after $3 ms at the latest. Returns its status: 137 where the kill met it.
killed_run() {
    local jobs=$1 case=$2 ms=$3 pid
    setsid "$MOCK" scan "-j$jobs" -o "$case" "${options[@]}" >out.txt 2>err.txt </dev/null &
    pid=$!
    sleep_ms "$ms"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
}

# Up to $2 kills in a row, then to the end. True if the end is the reference.
killed_case() {
    local jobs=$1 kills=$2 status=137
    rm -rf case
    while [ "$kills" -gt 0 ] && [ $status = 137 ]; do
        killed_run "$jobs" case "$(below $((duration + 200)))"
        status=$?
        [ $status = 137 ] && hits=$((hits + 1))
        kills=$((kills - 1))
    done
    if [ $status = 137 ]; then
        mock_scan "-j$jobs" -o case "${options[@]}"
        status=$?
        # The last kill met a run that had written everything and only had to leave.
        [ $status = 64 ] && grep -q 'this case is finished' err.txt && status=$ref_status
    fi
    [ $status = $ref_status ] || { miss "status $status: $(head -n 1 err.txt)"; return 1; }
    equal_cases ref case || { miss "$(head -n 2 diff.txt)"; return 1; }
    whole case || { miss "$(cat verify.txt)"; return 1; }
}

rounds=$(scale 12 100) good=0 hits=0 kill_rows=(1 1 2 1 3 1 5 1 1 8)
for ((i = 0; i < rounds; i++)); do
    jobs=$((i % 4 == 3 ? 8 : 1 + (i % 2)))
    if killed_case $jobs "${kill_rows[i % 10]}" 2>miss.txt; then
        good=$((good + 1))
    else
        cat miss.txt >&2
        cp -r case "failed-$i"
    fi
done
tally 'kill -9, then resume: the same end' $good "$rounds"
figure "kill: $hits kills in $rounds scans of $duration ms at -j1 -j2 -j8"
# A loaded machine takes its time to bury them.
for ((i = 0; i < 60; i++)); do
    pgrep -f "$MOCK scan .*-o case" >/dev/null || break
    sleep 1
done
is 'kill: no child outlives its scan' "$(pgrep -cf "$MOCK scan .*-o case" || true)" 0

# Every run gets on by a few items and is killed: a container is not to blame for that, however often it happens.
"$FAULTS" mock long "$(scale 150 400)" 3 work good || bad 'faults mock'
"$FAULTS" zip inner.zip long/folder
mkdir long/outer && mv inner.zip long/outer
"$FAULTS" zip long.zip long/outer
"$MOCK" scan -q -j2 -o long-ref long.zip
# The newest segment has grown beyond its first records.
grown() { [ "$(find long-case/journal -name 'j-*' -newer mark -size +4k 2>/dev/null | wc -l)" -gt 0 ]; }
kills=$(scale 6 14)
for ((i = 0; i < kills; i++)); do
    touch mark
    "$MOCK" scan -q -j2 -o long-case long.zip >out.txt 2>err.txt &
    pid=$!
    for ((t = 0; t < 400; t++)); do
        grown && break
        kill -0 $pid 2>/dev/null || break
        sleep 0.02
    done
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
done
"$MOCK" scan -q -j2 -o long-case long.zip >out.txt 2>err.txt
equal_cases long-ref long-case
is "kill: $kills kills inside one nested archive" "$(cat diff.txt)" ''

# Asked to stop: the report says so, and the next run goes on.
for signal in INT TERM $(scale '' HUP); do
    rm -rf case
    # A shell starts what runs in the background with SIGINT ignored.
    (trap - INT; exec "$MOCK" scan -j2 -o case "${options[@]}") >out.txt 2>err.txt </dev/null &
    pid=$!
    for ((t = 0; t < 400; t++)); do
        [ "$(find case/journal -name 'j-*' -size +2k 2>/dev/null | wc -l)" -gt 0 ] && break
        sleep 0.01
    done
    kill -$signal $pid
    wait $pid
    status=$?
    is "SIG$signal: exit status has bit 2" $((status & 2)) 2
    is "SIG$signal: no other high bit" $((status & ~3)) 0
    is "SIG$signal: summary.json says so" "$(jq -c '[.complete, .interrupted]' case/summary.json)" '[false,true]'
    is "SIG$signal: report.html says so" "$(grep -ic -m 1 'interrupted' case/report.html)" 1
    mock_scan -j2 -o case "${options[@]}"
    is "SIG$signal: the next run ends it" $? $ref_status
    if equal_cases ref case; then ok "SIG$signal: the same end"; else bad "SIG$signal: $(cat diff.txt)"; fi
    whole case || bad "SIG$signal: $(cat verify.txt)"
done

# `MOCK:main`: the scanner itself crashes; twice, then the item is set aside, and all else is there.
mkdir main && cp mix/evidence/notes.txt main/ && echo MOCK:main >main/murder && echo MOCK:ok >main/ok
for i in 1 2; do
    mock_scan -q -j2 -o main-case main
    is "MOCK:main brings it down, $i" $? 139
done
mock_scan -q -j2 -o main-case main
is 'MOCK:main is set aside' "$(jq -r '[.path, .status] | join(" ")' main-case/inventory.jsonl | LC_ALL=C sort | tr '\n' ' ')" \
    'main/murder crashed main/notes.txt not-media main/ok ok '
whole main-case || bad "kill: $(cat verify.txt)"

# The process that starts all others is killed, as the kernel does where memory is short: not one item is to blame.
"$FAULTS" mock alone 60 3 work sound
"$MOCK" scan -q -j2 -o alone-ref alone/folder
for what in scan hash; do
    rm -rf alone-case
    args=(-q -j2)
    [ $what = scan ] && args+=(-o alone-case)
    "$MOCK" $what "${args[@]}" alone/folder >out.txt 2>err.txt &
    pid=$!
    for ((t = 0; t < 500; t++)); do
        zygote=$(pgrep -o -P $pid)
        [ -n "$zygote" ] && [ "$(pgrep -c -P "$zygote")" -ge 2 ] && break
        sleep 0.01
    done
    sleep_ms 200
    kill -9 "$zygote"
    wait $pid
    is "kill: the starter of processes dies in a $what" "$? $(wc -l <err.txt)" '70 1'
done
rm -rf alone-case
"$MOCK" scan -q -j2 -o alone-case alone/folder >out.txt 2>err.txt &
pid=$!
sleep_ms 500
kill -9 "$(pgrep -o -P $pid)" 2>/dev/null
wait $pid
"$MOCK" scan -q -j2 -o alone-case alone/folder >out.txt 2>err.txt
equal_cases alone-ref alone-case
is 'kill: and the next run ends as if nothing had been' "$(cat diff.txt)" ''

# Children are killed at random: each is replaced, its item tried once more; no item is lost, none is there twice.
"$MOCK" scan -q -j2 -o soak-case long.zip >out.txt 2>err.txt &
pid=$! killed=0
while kill -0 $pid 2>/dev/null; do
    zygote=$(pgrep -o -P $pid) && child=$(pgrep -P "$zygote" | tail -n 1) && kill -9 $child 2>/dev/null && killed=$((killed + 1))
    sleep_ms "$((100 + $(below 200)))"
done
wait $pid
is 'kill: children die: every item has its line' "$(jq -r .path soak-case/inventory.jsonl | LC_ALL=C sort | sha256sum)" \
    "$(jq -r .path long-ref/inventory.jsonl | LC_ALL=C sort | sha256sum)"
is 'kill: children die: what they died of' "$(jq -r 'select(.status != "ok" and .detail != "decoder died, twice") | .path + " " + .status + " " + .detail' soak-case/inventory.jsonl)" ''
figure "kill: $killed children killed, $(jq -r 'select(.status != "ok") | .path' soak-case/inventory.jsonl | wc -l) items crashed for it"
