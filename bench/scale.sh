#!/usr/bin/env bash
# scale.sh BUILD [NAME=PATH ...]: what a scan costs by content: for each source processor seconds (children included, one
# worker, median of BENCH_ROUNDS, 3), bytes and files, journal and report bytes a file, memory. docs/scale.md has a run of it.
#   BENCH_WORK=dir     without sources: the corpus of pipeline.sh, made there (default: BUILD/bench-work)
#   BENCH_LIST=file    hash list or index to match (default: 100,000 PDQ hashes that nothing is near)
set -u
build=$(cd "$1" && pwd) || exit 2
shift
here=$(cd "$(dirname "$0")" && pwd)
trawl=$build/trawl
work=${BENCH_WORK:-$build/bench-work}
mkdir -p "$work" "$here/results"
# Sources are meant from where the caller stands.
sources=()
for source in "$@"; do sources+=("${source%%=*}=$(realpath "${source#*=}")") || exit 2; done
cd "$work" || exit 2
. "$here/measure.sh"
. "$here/corpus.sh"
rounds=${BENCH_ROUNDS:-3}
if [ ${#sources[@]} -eq 0 ]; then
    make_corpus
    sources=(jpeg-12MP=base jpeg-progressive-12MP=prog jpeg-2-3MP=photos jpeg-in-zip=photos.zip thumbnails-13kB=thumbs
        tiny-in-zip=tiny.zip other-files=others)
fi
list=${BENCH_LIST:-index.trawl}
if [ "$list" = index.trawl ] && [ ! -s index.trawl ]; then
    head -c 3200000 /dev/urandom | od -An -v -tx1 -w32 | tr -d ' ' >list.txt
    "$trawl" list build -q --type pdq -o index.trawl list.txt || exit 1
fi

one_worker() { "$trawl" scan -q -j1 -l "$list" -o case.out "$1"; }
bytes_in() { find "$@" -type f -printf '%s\n' | awk '{ s += $1 } END { print s + 0 }'; }

printf '%-22s %9s %9s %9s %9s %10s %10s %10s %8s\n' source files MB 's/TB' 'us/file' 'MB/s/core' 'journal B' 'report B' 'MiB'
for source in "${sources[@]}"; do
    name=${source%%=*} path=${source#*=} spent=()
    for ((i = 0; i < rounds; i++)); do
        times one_worker "$path"
        spent+=("$cpu")
    done
    ms=$(median "${spent[@]}")
    files=$(wc -l <case.out/inventory.jsonl) bytes=$(bytes_in "$path")
    journal=$(bytes_in case.out/journal) reports=$(bytes_in case.out/inventory.jsonl case.out/summary.json case.out/report.*)
    rss=$(jq '.max_rss_kib / 1024 | floor' case.out/run.json)
    awk -v n="$name" -v f="$files" -v b="$bytes" -v ms="$ms" -v j="$journal" -v r="$reports" -v rss="$rss" 'BEGIN {
        printf "%-22s %9d %9.0f %9.0f %9.0f %10.0f %10.0f %10.0f %8d\n", n, f, b / 1e6, ms / 1e3 / b * 1e12,
            ms * 1e3 / f, b / 1e3 / ms, j / f, r / f, rss }'
    results+=("$(jq -cn --arg name "$name" --argjson files "$files" --argjson bytes "$bytes" --argjson ms "$ms" \
        --argjson journal "$journal" --argjson reports "$reports" --argjson rss "$rss" \
        '{name: $name, files: $files, bytes: $bytes, cpu_ms: $ms, journal_bytes: $journal, report_bytes: $reports, max_rss_mib: $rss}')")
done
rm -rf case.out
pictures=$(cat made 2>/dev/null || echo given)
save "$here/results/scale.json"
