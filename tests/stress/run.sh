#!/usr/bin/env bash
# run.sh BUILD [PART...]: injects faults into the program of a build folder and looks at what it makes of them.
# STRESS_QUICK=1: the short form of each part, three parts at a time. STRESS_SEED: another row of random moments.
# GOLDEN_VERBOSE=1 names every check. Ends with the figures that were measured and "stress: N passed, N failed, N skipped".
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
[ $# -gt 0 ] || set -- kill nth full mock ranges memory changed flip secrets many sectors calls confined hostile vics volumes parallel slurm
rm -rf "$build/stress"
mkdir -p "$build/stress"
if grep -aqE '__(asan|tsan)_init' "$TRAWL"; then
    skip 'stress, but for hostile: a sanitizer and preloaded shims do not go together'
    set -- hostile
fi

# Each part in a folder and a shell of its own; it leaves its counts behind.
run_part() {
    local begun
    mkdir -p "$build/stress/$1"
    cd "$build/stress/$1" || exit 1
    RANDOM=${STRESS_SEED:-1}
    begun=$(now_ms)
    . "$here/$1.sh"
    cd "$build/stress/$1" || exit 1
    figure "$1: $((($(now_ms) - begun) / 1000)) s"
    echo "$passed $failed $skipped" >counts.txt
}
lanes=$(scale 3 1)
for part; do
    while [ "$(jobs -rp | wc -l)" -ge "$lanes" ]; do wait -n; done
    (run_part "$part") &
done
wait

for part; do
    cat "$build/stress/$part/figures.txt" 2>/dev/null
    if read -r p f s 2>/dev/null <"$build/stress/$part/counts.txt"; then
        passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    else
        bad "stress: the part $part did not come to its end"
    fi
done
echo "stress: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
