# many.sh: sources without end: the memory of the main process does not grow with the number of files.

n=$(scale 30000 1000000)
begun=$(now_ms)
"$FAULTS" names names "$n" list.txt || bad 'faults names'
figure "many: $n names made in $(($(now_ms) - begun)) ms"
begun=$(now_ms)
"$FAULTS" peak peak.txt "$TRAWL" scan -q -j2 -o case --from list.txt >out.txt 2>err.txt
is 'many: status' $? 0
took=$(($(now_ms) - begun))
is 'many: each has a line' "$(wc -l <case/inventory.jsonl)" "$n"
. ./peak.txt
rss=$(jq .max_rss_kib case/run.json)
[ "$rss" -gt "$main" ] && main=$rss
if [ "$main" -le 65536 ]; then ok "many: main has $main KiB at most"; else bad "many: main has $main KiB, more than 64 MiB"; fi
figure "many: $n files by --from: $took ms, main $main KiB, all processes $all KiB"

# Half of it, killed, and gone on with: what is known to be done costs 40 bytes a place.
rm -rf case
"$TRAWL" scan -q -j2 -o case --from list.txt >out.txt 2>err.txt &
pid=$!
sleep_ms $((took / 2))
kill -9 $pid 2>/dev/null
wait $pid 2>/dev/null
"$FAULTS" peak peak.txt "$TRAWL" scan -q -j2 -o case --from list.txt >out.txt 2>err.txt
status=$?
[ $status = 64 ] || is 'many: resumed' "$status $(wc -l <case/inventory.jsonl)" "0 $n"
. ./peak.txt
most=$((65536 + n * 80 / 1024))
if [ "$main" -le $most ]; then ok "many: main has $main KiB at most, resumed"; else bad "many: main has $main KiB, resumed, more than $most"; fi
figure "many: resumed: main $main KiB"
rm -rf names
