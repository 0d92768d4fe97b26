#!/usr/bin/env bash
# compare.sh BUILD REV: this tree's trawl beside another revision's, on the corpus of pipeline.sh, in turns. One is this tree, other is REV.
# Writes bench/results/compare.json.
set -u
build=$(cd "$1" && pwd) || exit 2
here=$(cd "$(dirname "$0")" && pwd)
rev=$(git -C "$here" rev-parse --short "$2^{commit}") || exit 2
work=${BENCH_WORK:-$build/bench-work}
base=$build/base-$rev
mkdir -p "$work" "$here/results" "$base"
[ -x "$base/trawl" ] || { git -C "$here/.." archive "$rev" | tar x -C "$base" && make -C "$base" -j"$(nproc)" trawl >"$base/build.log" 2>&1; } || {
    echo "bench-compare: $rev does not build: $base/build.log" >&2
    exit 1
}
cd "$work" || exit 2
. "$here/measure.sh"
. "$here/corpus.sh"
make_corpus
printf '%-48s %9s %9s %8s\n' "this tree against $rev, $pictures" this "$rev" ratio
for what in base prog thumbs tiny.zip photos.zip tars others; do
    new() { "$build/trawl" scan -q -j1 -o case.out "$what"; }
    old() { "$base/trawl" scan -q -j1 -o case.out "$what"; }
    pair "scan $what" cpu '' new old
done
for what in base others; do
    new() { "$build/trawl" hash -q -j1 "$what"; }
    old() { "$base/trawl" hash -q -j1 "$what"; }
    pair "hash $what" cpu '' new old
done
save "$here/results/compare.json"
