#!/usr/bin/env bash
# nights.sh BUILD [FILES] [ROUNDS]: the second night over so many unchanged files (100,000 of 260 bytes, 100 to a folder), beside a find that asks
# the file system the same about each, in turns; and that a night finds one changed file and one new list entry. Fails where one is missed.
set -eu
build=$(cd "${1:-build/release}" && pwd)
files=${2:-100000} rounds=${3:-5}
work=$(mktemp -d "${TMPDIR:-/tmp}/trawl-nights-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir many
for ((i = 0; i < files / 100; i++)); do mkdir "many/$i"; done
head -c 190 /dev/zero | tr '\0' x >rest
awk -v n="$files" 'BEGIN { getline rest < "rest"; for (i = 0; i < n; i++) { f = "many/" int(i / 100) "/" i; printf "%070d%s", i, rest > f; close(f) } }'
sleep 0.1
"$build/trawl" scan -q -o first many
"$build/trawl" scan -q -o second --since first many
# Wall clock, and processor time of all processes.
measure() {
    local start=$EPOCHREALTIME
    /usr/bin/time -a -f '%U %S' -o "$1.cpu" "${@:2}"
    awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }' >>"$1.wall"
}
for ((i = 0; i < rounds; i++)); do
    rm -rf third
    measure find find many -printf '%s %T@ %C@ %i\n' >/dev/null
    measure night "$build/trawl" scan -q -o third --since second many
done
cmp first/inventory.jsonl third/inventory.jsonl
grep -q "\"reused\": $files," third/summary.json || { echo 'nights: files were read'; exit 1; }
median() { sort -g "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
for what in find night; do awk '{ print $1 + $2 }' "$what.cpu" >"$what.sum"; done
awk -v a="$(median night.wall)" -v b="$(median find.wall)" -v c="$(median night.sum)" -v d="$(median find.sum)" -v n="$files" 'BEGIN {
    printf "nights: %d unchanged files: night : find, wall clock %.3f : %.3f s = %.2f, processor time %.2f : %.2f s = %.2f\n", n, a, b, a / b, c, d, c / d }'
printf y | dd of=many/0/7 conv=notrunc status=none
printf 'md5 %s\n' "$(md5sum <many/1/101 | cut -d ' ' -f 1)" >list.txt
status=0
"$build/trawl" scan -q -l list.txt -o fourth --since third many || status=$?
found=$(jq -c '[.since.changed, .since.new, .since.vanished, .since.new_findings]' fourth/summary.json)
echo "nights: one changed file, one new entry: $found, status $status"
[ "$found $status" = '[1,0,0,1] 1' ]
