#!/bin/sh
# Runs fuzz targets one after the other. Usage: run.sh BUILD SECONDS TARGET...
# Inputs that reach something new are kept in BUILD/corpus/TARGET; those that break a target in BUILD/found/TARGET-*.
set -u
build=$1 seconds=$2
shift 2
cd "$(dirname "$0")/../.." || exit 1
mkdir -p "$build/found" "$build/log"
# Targets write and sync small files: in memory where that is possible. A broken one leaves them behind.
[ -w /dev/shm ] && TMPDIR=/dev/shm
TMPDIR=$(mktemp -d) || exit 1
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
# As in the sandbox, memory beyond a limit is not there.
asan=allocator_may_return_null=1:max_allocation_size_mb
status=0

# Longest input: what a parser needs to meet all its states, and no more.
longest() {
    case $1 in
    answer | limits) echo 512 ;;
    archive | filter | gif | index | iso | jpeg | medium | optical | png | sniff | tiff | webp | zip) echo 16384 ;;
    *) echo 4096 ;;
    esac
}

for target in "$@"; do
    corpus=$build/corpus/$target log=$build/log/$target
    mkdir -p "$corpus"
    : >"$log"
    touch "$log.begin"
    # libarchive ends the process where it lacks memory for a name, and asks for any amount.
    memory=1024
    [ "$target" = archive ] && memory=16384
    ASAN_OPTIONS=$asan=$memory "$build/fuzz_$target" -max_total_time="$seconds" -max_len="$(longest "$target")" \
        -timeout=20 -rss_limit_mb=2048 -malloc_limit_mb=32768 -artifact_prefix="$build/found/$target-" -print_final_stats=1 "$corpus" \
        "tests/fuzz/seeds/$target" >"$log" 2>&1
    ended=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    cover=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
    found=$(find "$build/found" -name "$target-*" -newer "$log.begin")
    printf 'fuzz %-9s %9s runs, %5s edges, %s\n' "$target" "${runs:-?}" "${cover:-?}" "${found:-nothing found}"
    [ $ended = 0 ] || { status=1 && grep -m 3 -E 'not so:|ERROR:|SUMMARY:|runtime error:' "$log"; }
done
[ $status = 0 ] || echo "what was said is in $build/log"
exit $status
