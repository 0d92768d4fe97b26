# deaths.sh: what else dies, and when: the scanner inside one nested archive, again and again, and by an item; the process that starts
# all others; children at random. Each time the next run, or this one, ends as it must.

mock_scan() { "$MOCK" scan "$@" >out.txt 2>err.txt </dev/null; } 2>/dev/null

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
is "deaths: $kills kills inside one nested archive" "$(cat diff.txt)" ''

# `MOCK:main`: the scanner itself crashes; twice, then the item is set aside, and all else is there.
mkdir main && cp "$MADE/evidence/notes.txt" main/ && echo MOCK:main >main/murder && echo MOCK:ok >main/ok
for i in 1 2; do
    mock_scan -q -j2 -o main-case main
    is "MOCK:main brings it down, $i" $? 139
done
mock_scan -q -j2 -o main-case main
is 'MOCK:main is set aside' "$(jq -r '[.path, .status] | join(" ")' main-case/inventory.jsonl | LC_ALL=C sort | tr '\n' ' ')" \
    'main/murder crashed main/notes.txt not-media main/ok ok '
whole main-case || bad "deaths: $(cat verify.txt)"

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
    is "deaths: the starter of processes dies in a $what" "$? $(wc -l <err.txt)" '70 1'
done
rm -rf alone-case
"$MOCK" scan -q -j2 -o alone-case alone/folder >out.txt 2>err.txt &
pid=$!
sleep_ms 500
kill -9 "$(pgrep -o -P $pid)" 2>/dev/null
wait $pid
"$MOCK" scan -q -j2 -o alone-case alone/folder >out.txt 2>err.txt
equal_cases alone-ref alone-case
is 'deaths: and the next run ends as if nothing had been' "$(cat diff.txt)" ''

# Children are killed at random: each is replaced, its item tried once more; no item is lost, none is there twice.
"$MOCK" scan -q -j2 -o soak-case long.zip >out.txt 2>err.txt &
pid=$! killed=0
while kill -0 $pid 2>/dev/null; do
    zygote=$(pgrep -o -P $pid) && child=$(pgrep -P "$zygote" | tail -n 1) && kill -9 $child 2>/dev/null && killed=$((killed + 1))
    sleep_ms "$((100 + $(below 200)))"
done
wait $pid
is 'deaths: children die: every item has its line' "$(jq -r .path soak-case/inventory.jsonl | LC_ALL=C sort | sha256sum)" \
    "$(jq -r .path long-ref/inventory.jsonl | LC_ALL=C sort | sha256sum)"
is 'deaths: children die: what they died of' "$(jq -r 'select(.status != "ok" and .detail != "decoder died, twice") | .path + " " + .status + " " + .detail' soak-case/inventory.jsonl)" ''
figure "deaths: $killed children killed, $(jq -r 'select(.status != "ok") | .path' soak-case/inventory.jsonl | wc -l) items crashed for it"
