# hostile.sh: files that are broken in every way, made out of the seeds of the fuzz targets and of sound evidence: the scan ends,
# each file has one line with one status, the same at any -j and SIMD level, and nothing but the case is touched.

. "$here/../golden/checks.sh"
hostile_files=$(scale 300 16000)
# Bombs shall cost little here; golden's shared.sh and memory.sh let them go on.
hostile_options=(--limit container-bytes=64M)

# unprefixed N KIND...: seeds of fuzz targets, without the N bytes that say what their target shall do with them
unprefixed() {
    local n=$1 kind file
    shift
    for kind; do
        for file in "$here/../fuzz/seeds/$kind"/*; do tail -c "+$((n + 1))" "$file" >"seeds/$kind-${file##*/}"; done
    done
}

hostile_seeds() {
    mkdir seeds
    unprefixed 0 gzip compress jpeg png
    unprefixed 1 filter
    unprefixed 2 zip
    unprefixed 3 archive
    unprefixed 5 sniff
    made made
    find made/evidence -type f -size -300k -exec sh -c 'for file; do cp "$file" "seeds/made-${file##*/}"; done' sh {} +
    "$FAULTS" zip seeds/many.zip seeds || bad 'faults zip'
    tar cf seeds/many.tar -C "$here/../fuzz/seeds" gzip compress
}

# scanned CASE ARGUMENT...: within bounds of time and memory; 0 to 3
scanned() {
    local case=$1
    shift
    timeout $((120 + hostile_files / 4)) "$FAULTS" peak peak.txt "$TRAWL" scan -q "${hostile_options[@]}" -o "$case" "$@" evidence >out.txt 2>err.txt </dev/null
    status=$?
    if [ $status -le 3 ]; then ok "$case: status $status"; else bad "$case: status $status: $(head -n 2 err.txt)"; fi
    # Children of sanitized builds keep stderr, and libjxl says there where in its source it gave up.
    [ -z "${ASAN_OPTIONS:-}" ] || sed -i '/^\.\/lib\/jxl\//d' err.txt
    is "$case: no word of an error" "$(head -n 3 err.txt)" ''
    is "$case: main did not crash" "$(find "$case" -name 'crashes.log')" ''
    is "$case: complete" "$(jq .complete "$case/summary.json")" true
    if jq -e .wall_seconds "$case/run.json" >/dev/null 2>&1; then ok "$case: run.json"; else bad "$case: no run.json"; fi
}

# The files of the folder itself, each once; of the members golden's checks say that none has two lines.
own_lines() {
    jq -r 'select(.path | contains("!/") | not) | .path' "$1/inventory.jsonl" | LC_ALL=C sort >lines.txt
    find evidence -type f | LC_ALL=C sort >files.txt
    same "$1: a line for each file" lines.txt files.txt
    jq -r 'select(.status == "crashed" or .status == "timeout") | [.status, .type, .detail, .path] | @tsv' "$1/inventory.jsonl" >died.txt
    # Parsers of this project; what they call (zlib, libjpeg, libpng) does not crash either.
    is "$1: no parser of its own dies" "$(cut -f 1-2 died.txt | grep -E '	(zip|gzip|compress|warc|jpeg|png)$' | sort | uniq -c)" ''
    is "$1: nothing that is forbidden is tried" "$(grep 'forbidden system call' died.txt)" ''
    figure "hostile: $hostile_files files, $(wc -l <"$1/inventory.jsonl") lines: $(jq -r .status "$1/inventory.jsonl" |
        sort | uniq -c | awk '{ printf "%s %s, ", $2, $1 }')$(wc -l <died.txt) parsers died"
}

state() { find . -mindepth 1 -maxdepth 1 ! -name '*.txt' ! -name 'case-*' -print | LC_ALL=C sort && find evidence -type f -printf '%p %s %T@ %C@ %m\n' -exec sha256sum {} + | LC_ALL=C sort; }

hostile_seeds
"$FAULTS" mutants evidence "$hostile_files" "${STRESS_SEED:-1}" seeds || bad 'faults mutants'
state >before.txt
scanned case-j2 -j2
. ./peak.txt
if [ -n "${ASAN_OPTIONS:-}" ]; then
    skip 'hostile: memory means nothing under a sanitizer'
elif [ "$all" -le $((2 * 768 * 1024 + 256 * 1024)) ]; then
    ok "hostile: memory"
else
    bad "hostile: all processes $all KiB, more than twice a child and 256 MiB"
fi
figure "hostile: $(jq -c '[.wall_seconds, .seconds]' case-j2/run.json); all processes $all KiB, main $main KiB"
own_lines case-j2
one_status_each case-j2
whole case-j2 && ok 'hostile: verify' || bad "hostile: $(cat verify.txt)"
scanned case-j1 -j1
scanned case-scalar -j8 --simd scalar
for other in case-j1 case-scalar; do same_case "hostile: $other is case-j2" case-j2 $other; done

# A broken stream whose member is in the journal and whose own line is not: what is broken must be seen again.
seq 1 2000000 | gzip -1 | head -c -100 >cut.gz
"$TRAWL" scan -q -j1 -o case-broken cut.gz
equal=0
end=$(stat -c %s case-broken/journal/j-000001.log)
for cut in $(seq $((end - 600)) 20 $((end - 20))); do
    cp -r case-broken case-torn
    rm case-torn/*.*
    truncate -s "$cut" case-torn/journal/j-000001.log
    "$TRAWL" scan -q -j1 -o case-torn cut.gz
    if equal_cases case-broken case-torn; then equal=$((equal + 1)); else miss "journal cut at $cut of $end: $(head -n 1 diff.txt)"; fi
    rm -rf case-torn
done
rm cut.gz
tally 'hostile: a broken stream is resumed to the same' $equal 30
state >after.txt
same 'hostile: evidence is as it was, and nothing else was written' before.txt after.txt
