#!/usr/bin/env bash
# merge.sh BUILD [LINES] [PARTS]: merges synthetic parts (bench/parts.c) with so many inventory lines (10 million, in 64 parts), and says what
# that takes. Fails if a line is lost or the largest resident memory is 500 MB or more. Needs some 2.2 kB of disk a line, under TMPDIR.
set -eu
build=$(cd "${1:-build/release}" && pwd)
lines=${2:-10000000} parts=${3:-64}
work=$(mktemp -d "${TMPDIR:-/tmp}/trawl-merge-XXXXXX")
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work
each=$(((lines + parts - 1) / parts))
"$build/bench/parts" "$work/parts" "$parts" "$each" 100
status=0
/usr/bin/time -f '%M %U %S' -o "$work/time.txt" "$build/trawl" merge -q -o "$work/case" "$work"/parts/part-* || status=$?
[ "$status" = 1 ] || { echo "merge: status $status, not 1"; exit 1; }
read -r kib user sys < <(tail -n 1 "$work/time.txt")
got=$(wc -l <"$work/case/inventory.jsonl")
echo "merge: $got lines of $parts parts, journal $(du -sm "$work/case/journal" | cut -f 1) MB: $((kib * 1024 / 1000000)) MB resident, $user s user, $sys s system"
[ "$got" = $((each * parts)) ] || { echo "merge: $got lines, not $((each * parts))"; exit 1; }
jq -e '.complete' "$work/case/summary.json" >/dev/null || { echo 'merge: not complete'; exit 1; }
[ $((kib * 1024)) -lt 500000000 ] || { echo "merge: $kib KiB is too much memory"; exit 1; }
