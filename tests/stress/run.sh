#!/usr/bin/env bash
# run.sh BUILD [PART...]: injects faults into the program of a build folder and looks at what it makes of them.
# STRESS_QUICK=1: the short form of each part, two more at a time than there are processors (STRESS_LANES). STRESS_SEED: another row of random moments.
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
[ $# -gt 0 ] || set -- kill deaths full slurm hostile parallel volumes mock nth changed flip secrets ranges memory sectors calls many vics confined
work=$build/stress
rm -rf "$work"
mkdir -p "$work"
if grep -aqE '__(asan|tsan)_init' "$TRAWL"; then
    skip 'stress, but for hostile: a sanitizer and preloaded shims do not go together'
    set -- hostile
fi

made_once
timed=yes
# Many parts wait more than they compute.
parts_run "${STRESS_LANES:-$(scale $(($(nproc) + 2)) 1)}" "$@"
echo "stress: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
