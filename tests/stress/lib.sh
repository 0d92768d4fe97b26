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
    "$MAKE_EVIDENCE" set "$mix" || bad make_evidence
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
