#!/usr/bin/env bash
# rematch.sh BUILD [ITEMS [ENTRIES]]: trawl match CASE over a journal of so many pictures (10,000,000) against lists of
# so many entries (100,000): processor time, memory, and how many times the mere reading of the journal it takes. It
# fails where a list takes more than two minutes of processor time (a minute on two cores) for 10 million. The case
# takes 300 bytes an item, in TMPDIR.
set -eu
build=$(cd "${1:-build/release}" && pwd)
items=${2:-10000000} entries=${3:-100000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$build/bench/rematch" make "$folder" "$items" "$entries"
least=$("$build/bench/rematch" read "$folder")
echo "$items items, $entries entries; the journal alone is read in $least s of processor time"
failed=0
for list in sha256 pdq; do
    TIMEFORMAT='%U %S %R'
    { time "$build/trawl" match -q -l "$folder/$list.txt" "$folder/case" >"$folder/hits" 2>/dev/null || true; } 2>"$folder/time"
    read -r user system wall <"$folder/time"
    found=$(wc -l <"$folder/hits")
    echo "$list $user $system $wall $least $items $found" | awk '{
        cpu = $2 + $3; if ($5 > 0) ratio = cpu / $5
        printf "%-7s %8.2f s of processor time, %7.2f s, %6.1f times the reading, %6.2f us an item, %d hits\n", $1, cpu, $4, ratio, cpu / $6 * 1e6, $7 }'
    [ "$found" -ge "$((items / 100000))" ] || failed=1
    awk -v cpu="$user" -v more="$system" -v items="$items" 'BEGIN { exit cpu + more > 120 * items / 1e7 + 1 }' || failed=1
done
[ "$failed" = 0 ] || echo "rematch: too slow, or not all was found" >&2
exit "$failed"
