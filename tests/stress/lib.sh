# lib.sh: what the stress parts share beside golden/lib.sh.

# A number below $1, from the seed.
below() { echo $((((RANDOM << 15) | RANDOM) % $1)); }

# Milliseconds since 1970.
now_ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# sleep for $1 milliseconds
sleep_ms() { sleep "$(($1 / 1000)).$(printf %03d $(($1 % 1000)))"; }

# quick or long: the first or the second number
scale() { if [ -n "${STRESS_QUICK:-}" ]; then echo "$1"; else echo "$2"; fi; }

figure() { echo "figure  $*" >>figures.txt; }

# tally NAME GOOD TRIED: one line for many like things; what failed was said by `miss`.
tally() {
    if [ "$2" = "$3" ] && [ "$3" -gt 0 ]; then ok "$1: $3 times"; else bad "$1: $2 of $3"; fi
}
miss() { echo "        $*" >&2; }

# True if two cases say the same in all that is derived.
equal_cases() { diff -rq -x run.json -x journal "$1" "$2" >diff.txt 2>&1; }

# True if trawl verify finds the case whole.
whole() { "$TRAWL" verify "$1" >verify.txt 2>&1; }

# Evidence of all kinds, and a hash list with hits in it: in mix/.
make_mix() {
    local mix=$1
    mkdir -p "$mix"
    made "$mix"
    "$FAULTS" small "$mix/evidence/small" "$(scale 60 400)" 'a small file' || bad 'faults small'
    "$FAULTS" zip "$mix/evidence/many.zip" "$mix/evidence/small/000" || bad 'faults zip'
    tar czf "$mix/evidence/many.tar.gz" -C "$mix/evidence/small" 000
    "$MAKE_EVIDENCE" nest "$mix/evidence/nest.zip" "$mix"/evidence/camera/*.jpg || bad 'make_evidence nest'
    head -c "$(scale 5000000 20000000)" /dev/zero | gzip -1 >"$mix/evidence/zeros.gz"
    "$FAULTS" mock "$mix/mock" "$(scale 24 60)" 7 work || bad 'faults mock'
    mv "$mix/mock/folder" "$mix/evidence/mock"
}
# Crash, hang and so on are part of the mix: their deadline and their memory are short.
export TRAWL_MOCK_DEADLINE_MS=400
mix_options=(-q -l mix/lists/demo.txt --known mix/lists/ignore.txt --limit decode-memory=64M)

# For parts that spread a scan: evidence in mix/, with $1 files of a fifth of a second each, so that a share can be hit in the
# middle; and in single/ what one machine makes of it.
make_spread() {
    if [ -n "${STRESS_QUICK:-}" ]; then
        made mix
        "$MAKE_EVIDENCE" nest mix/evidence/nest.zip mix/evidence/camera/*.jpg || bad 'make_evidence nest'
    else
        make_mix mix
    fi
    "$FAULTS" mock slow "$1" 3 slow sound || bad 'faults mock'
    mv slow/folder mix/evidence/slow
    "$MOCK" scan -j2 -o single "${mix_options[@]}" mix/evidence >out.txt 2>err.txt </dev/null
    is 'the single run' $? 3
}
# Share $1 has written some of its journal, and is at work.
midway() {
    [ -n "$(find "case.parts/part-$1/journal" -name 'j-*' -size +2k 2>/dev/null)" ] && [ ! -e "case.parts/part-$1/summary.json" ]
}
# The main process of a share's trawl, of this part and no other: the one whose parent is no trawl.
trawl_of() {
    local pid
    for pid in $(pgrep -f -- "-o $PWD/case.parts/part-$1 "); do
        [ "$(readlink "/proc/$pid/exe")" != "$MOCK" ] || [ "$(readlink "/proc/$(parent_of "$pid")/exe")" = "$MOCK" ] || echo "$pid"
    done
}
parent_of() { awk '{ sub(/.*\) /, ""); print $2 }' "/proc/$1/stat"; }
# True as soon as the command is, asked five times a second for $1 fifths.
soon() {
    local fifths=$1
    shift
    while ! "$@"; do
        fifths=$((fifths - 1))
        [ $fifths -gt 0 ] || return 1
        sleep 0.2
    done
}
