#!/usr/bin/env bash
# run.sh BUILD [PART...]: injects faults into the program of a build folder and looks at what it makes of them.
# STRESS_QUICK=1: the short form of each part. STRESS_SEED: another row of random moments. GOLDEN_VERBOSE=1 names every check.
# Ends with the figures that were measured and "stress: N passed, N failed, N skipped".
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:-build/release}" && pwd) || exit 1
shift
TRAWL=$build/trawl
MOCK=$build/trawl-mock
FAULTS=$build/faults
MAKE_EVIDENCE=$build/make_evidence
SHARED=$here/../../../shared/data
[ -d "$SHARED" ] && SHARED=$(cd "$SHARED" && pwd)
for tool in jq cmp tar gzip "$TRAWL" "$MOCK" "$FAULTS" "$MAKE_EVIDENCE"; do
    command -v "$tool" >/dev/null || {
        echo "stress: $tool is missing" >&2
        exit 1
    }
done
. "$here/../golden/lib.sh"
. "$here/lib.sh"
RANDOM=${STRESS_SEED:-1}
[ $# -gt 0 ] || set -- kill mock full sectors nth flip calls many changed secrets confined memory

rm -rf "$build/stress"
mkdir -p "$build/stress"
if grep -aqE '__(asan|tsan)_init' "$TRAWL"; then
    skip 'stress: a sanitizer and preloaded shims do not go together'
    set --
fi
for part; do
    mkdir -p "$build/stress/$part"
    cd "$build/stress/$part" || exit 1
    part_begun=$(now_ms)
    . "$here/$part.sh"
    figure "$part: $((($(now_ms) - part_begun) / 1000)) s"
done
cd "$build/stress" || exit 1
cat ./*/figures.txt 2>/dev/null
echo "stress: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
