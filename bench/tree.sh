#!/usr/bin/env bash
# tree.sh BUILD [LINES] [PARTS] [FAN]: merges synthetic parts (bench/parts.c; 1 million inventory lines in 4,096 parts) at once, and as
# a tree of merges of FAN (64), and says what either takes. Fails if the two differ. Needs some 7 kB of disk a line, under TMPDIR.
set -eu
build=$(cd "${1:-build/release}" && pwd)
lines=${2:-1000000} parts=${3:-4096} fan=${4:-64}
work=$(mktemp -d "${TMPDIR:-/tmp}/trawl-tree-XXXXXX")
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work
"$build/bench/parts" "$work/parts" "$parts" $(((lines + parts - 1) / parts)) 100

# merge CASE PART...: 1 (findings) where all shards are there, 3 where some are missing. Adds a line: user, system, wall, KiB.
merge() {
    local status=0 case=$1
    shift
    /usr/bin/time -a -f '%U %S %e %M' -o "$work/time.txt" "$build/trawl" merge -q -o "$case" "$@" || status=$?
    sed -i '/^Command exited/d' "$work/time.txt"
    case $status in 1 | 3) ;; *) echo "merge: status $status" >&2 && exit 1 ;; esac
}
tell() {
    awk -v what="$1" '{ cpu += $1 + $2; wall += $3; if ($4 > kib) kib = $4; if ($3 > longest) longest = $3; final = $3 }
        END { printf "%-34s %3d merges, %6.1f s processor, %6.1f s one after the other, %6.1f s side by side, %4d MB each\n",
            what, NR, cpu, wall, (NR > 1 ? longest + final : final), kib * 1024 / 1e6 }' "$work/time.txt"
    rm "$work/time.txt"
}

mapfile -t all < <(printf '%s\n' "$work"/parts/part-* | sort -V)
merge "$work/flat" "${all[@]}"
tell "$parts parts at once"
inner=()
for ((i = 0; i < parts; i += fan)); do
    inner+=("$work/inner-$i")
    merge "$work/inner-$i" "${all[@]:i:fan}"
done
merge "$work/tree" "${inner[@]}"
tell "a tree of merges of $fan"
for file in inventory.jsonl report.jsonl report.csv report.html summary.json; do
    cmp "$work/flat/$file" "$work/tree/$file"
done
