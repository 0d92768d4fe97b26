#!/usr/bin/env bash
# run.sh BUILD [PART...]: runs the program of a build folder over made evidence and compares what it writes with what must be.
# Parts run side by side, as many as there are processors (GOLDEN_LANES), each in a folder of its own.
# GOLDEN_QUICK=1 leaves out the long part, GOLDEN_VERBOSE=1 names every check and says how long each part took. Ends with "golden: N passed, N failed, N skipped".
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:-build/release}" && pwd) || exit 1
[ $# = 0 ] || shift
TRAWL=$build/trawl
MAKE_EVIDENCE=$build/make_evidence
SHARED=$here/../../../shared/data
# As the project's rules have it: beside the checkout.
[ -d "$SHARED" ] && SHARED=$(cd "$SHARED" && pwd)
for tool in jq cmp "$TRAWL" "$MAKE_EVIDENCE"; do
    command -v "$tool" >/dev/null || {
        echo "golden: $tool is missing" >&2
        exit 1
    }
done
work=$build/golden
rm -rf "$work"
mkdir -p "$work"
cd "$work" || exit 1
umask 022
# Makers of file systems are there, and not always in the path.
PATH=$PATH:/usr/sbin:/sbin

. "$here/lib.sh"
. "$here/checks.sh"
made_once
# Long ones first, so that none is alone at the end.
all='shared nightly rematch disk shards pictures page udf evidence exports since iso videos carve slack spread lists metrics usage volumes samples thumbnails minimise documents account'
[ $# -gt 0 ] || set -- $all
parts_run "${GOLDEN_LANES:-$(nproc)}" "$@"

# A part that is not in the list would never run.
printf '%s\n' $all lib checks browser run | LC_ALL=C sort >listed.txt
(cd "$here" && ls -- *.sh) | sed 's/\.sh$//' | LC_ALL=C sort >parts.txt
same 'every part of this folder is run' listed.txt parts.txt

# The map in main.c's head names every file of the tree, no other, and the Makefile builds them all.
tree=$here/../..
(cd "$tree/src" && ls -- */*.c) | LC_ALL=C sort >tree.txt
sed -n 's/^ \*   \([a-z]*\/[a-z0-9_]*\.c\) .*/\1/p' "$tree/src/main.c" | LC_ALL=C sort >map.txt
same 'the map in src/main.c is the tree' map.txt tree.txt
sed -n -e '/^SRC :=/,/[^\\]$/p' -e '/^SRC\.[a-z]* *:=/,/[^\\]$/p' -e '/trawl-readers:/p' "$tree/Makefile" | grep -o 'src/[a-z0-9_/]*\.[co]' | sed 's/^src.//; s/o$/c/' | LC_ALL=C sort >built.txt
same 'the Makefile builds the tree' built.txt tree.txt

echo "golden: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
