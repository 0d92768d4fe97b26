#!/bin/sh
# Runs fuzz targets one after the other. Usage: run.sh BUILD SECONDS TARGET...
# Inputs that reach something new are kept in BUILD/corpus/TARGET; those that break a target in BUILD/found/TARGET-*.
set -u
build=$1 seconds=$2
shift 2
cd "$(dirname "$0")/../.." || exit 1
mkdir -p "$build/found" "$build/log"
# As in the sandbox, memory beyond a limit is not there.
export ASAN_OPTIONS=allocator_may_return_null=1:max_allocation_size_mb=1024
status=0

# Longest input: what a parser needs to meet all its states, and no more.
longest() {
    case $1 in
    answer | limits) echo 512 ;;
    index | jpeg | png | sniff | zip | archive | filter) echo 16384 ;;
    *) echo 4096 ;;
    esac
}

for target in "$@"; do
    corpus=$build/corpus/$target
    mkdir -p "$corpus"
    # Where one input breaks a target, its process ends; the next begins with what was learned.
    "$build/fuzz_$target" -max_total_time="$seconds" -max_len="$(longest "$target")" -timeout=20 -rss_limit_mb=2048 -malloc_limit_mb=4096 \
        -artifact_prefix="$build/found/$target-" -print_final_stats=1 "$corpus" "tests/fuzz/seeds/$target" \
        >"$build/log/$target" 2>&1 || status=1
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/log/$target")
    cover=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$build/log/$target" | tail -n 1)
    found=$(find "$build/found" -name "$target-*" | wc -l)
    printf 'fuzz %-9s %9s runs, %5s edges, %s found\n' "$target" "${runs:-?}" "${cover:-?}" "$found"
    [ "$found" = 0 ] || { grep -m 3 -E 'not so:|ERROR:|SUMMARY:|runtime error:' "$build/log/$target"; status=1; }
done
[ $status = 0 ] || echo "inputs that break something: $build/found; what was said: $build/log"
exit $status
