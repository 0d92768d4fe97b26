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
