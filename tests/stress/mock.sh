# mock.sh: 1.7 % of the decoders crash, hang, eat memory, call what is forbidden or lie: no item is lost, none is there twice.

items=$(scale 500 20000)
"$FAULTS" mock . "$items" "${STRESS_SEED:-1}" ok || bad 'faults mock'
"$FAULTS" zip items.zip folder || bad 'faults zip'
tar cf items.tar -C folder .
limits=(--limit decode-memory=64M)

# fates NAME SOURCE PREFIX: every item with the status that its maker dealt
fates() {
    local name=$1 source=$2 prefix=$3 begun
    begun=$(now_ms)
    "$MOCK" scan -q -j2 "${limits[@]}" -o "case-$name" "$source" >out.txt 2>err.txt </dev/null
    is "mock in a $name: status" $? 2
    figure "mock: $items items in a $name: $(($(now_ms) - begun)) ms"
    sed "s|^|$prefix|" truth.tsv | LC_ALL=C sort >wanted.tsv
    jq -r 'select(.path != "items.zip" and .path != "items.tar") | [(.path | sub("!/\\./"; "!/")), .status] | @tsv' \
        "case-$name/inventory.jsonl" | LC_ALL=C sort >got.tsv
    same "mock in a $name: every item once, with its status" got.tsv wanted.tsv
    is "mock in a $name: what they died of" "$(jq -r 'select(.detail) | (.path | sub(".*[.]"; "")) + ": " + .detail' "case-$name/inventory.jsonl" |
        LC_ALL=C sort -u | tr '\n' ';')" \
        'crash: decoder died, twice;garbage: decoder answered nonsense, twice;hang: decoder used up its processor time, twice;oom: the picture needs more memory than one decoder may have;syscall: decoder tried a forbidden system call, twice;'
    whole "case-$name" || bad "mock in a $name: $(cat verify.txt)"
}
fates folder folder folder/
fates zip items.zip 'items.zip!/'
fates tar items.tar 'items.tar!/'

# Throughput beside a run without mishaps, on items that take 10 ms each as a photo does; in processor time, all processes together.
throughput() {
    "$FAULTS" mock ill "$1" 5 work
    "$FAULTS" mock sound "$1" 5 work sound
    local -x TRAWL_MOCK_DEADLINE_MS=100
    local kind TIMEFORMAT='%U %S' took=()
    for kind in sound ill; do
        took+=("$({ time "$MOCK" scan -q -j2 "${limits[@]}" -o "case-$kind" $kind/folder 2>err.txt; } 2>&1 | awk '{ printf "%d", 1000 * ($1 + $2) }')")
    done
    figure "mock: throughput with mishaps: $((100 * took[0] / took[1])) % of a clean run ($1 items of 10 ms at -j2, deadline $TRAWL_MOCK_DEADLINE_MS ms: ${took[0]} and ${took[1]} ms of processor time)"
}
# The deadline as users set it, and what it costs: a quarter for the first try, the whole for the second.
deadline() {
    local begun took
    mkdir hang && echo MOCK:hang >hang/1 && echo MOCK:ok >hang/2
    begun=$(now_ms)
    env -u TRAWL_MOCK_DEADLINE_MS "$MOCK" scan -q -j1 --limit decode-seconds=2 -o case-hang hang
    took=$(($(now_ms) - begun))
    is 'mock: a hang ends at --limit decode-seconds' "$(jq -r .status case-hang/inventory.jsonl | tr '\n' ' ')" 'timeout ok '
    is 'mock: after one try of 0.5 s and one of 2 s' "$((took >= 2500 ? 2500 : took))" 2500
    figure "mock: a hang at decode-seconds=2: $took ms"
}
if [ -z "${STRESS_QUICK:-}" ]; then
    deadline
    throughput 20000
fi
