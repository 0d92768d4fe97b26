# ranges.sh: a zip that several unpackers read in ranges: the same at any -j, whatever dies on the way.

made made
mkdir -p parts
echo 'a small file' >parts/text
cp made/evidence/camera/IMG_0001.jpg parts/photo.jpg
cp made/evidence/notes.txt 'parts/MOCK:crash'
"$MAKE_EVIDENCE" nest parts/nest.zip parts/photo.jpg || bad 'make_evidence nest'
n=$(scale 17000 50000)
"$MAKE_EVIDENCE" many many.zip "$n" parts/text parts/photo.jpg parts/nest.zip || bad 'make_evidence many'
"$MAKE_EVIDENCE" many deaths.zip "$n" parts/text 'parts/MOCK:crash' || bad 'make_evidence many'
"$MAKE_EVIDENCE" nest outer.zip many.zip || bad 'make_evidence nest'
# A local header that is none, in the middle; bytes that no directory lists, behind.
offset=$(($(LC_ALL=C grep -abo "text-$((n / 2))" many.zip | head -n 1 | cut -d: -f1) - 30))
cp many.zip broken.zip
printf XXXX | dd of=broken.zip bs=1 seek="$offset" conv=notrunc 2>/dev/null

for zip in many outer broken deaths; do
    options=(-q -l made/lists/demo.txt "$zip.zip")
    "$MOCK" scan -j1 -o "$zip-j1" "${options[@]}" >out.txt 2>err.txt
    wanted=$?
    for jobs in 2 8; do
        "$MOCK" scan "-j$jobs" -o "$zip-j$jobs" "${options[@]}" >out.txt 2>err.txt
        is "ranges: $zip at -j$jobs: status" $? $wanted
        if equal_cases "$zip-j1" "$zip-j$jobs"; then ok "ranges: $zip at -j$jobs"; else bad "ranges: $zip at -j$jobs: $(head -n 2 diff.txt)"; fi
    done
done
places() { jq -r "select($2) | .path" "$1/inventory.jsonl" | wc -l; }
is 'ranges: every member has a line' "$(places many-j8 '.where | length == 2')" "$n"
is 'ranges: in a zip inside another, too' "$(places outer-j8 '.path | test("many.zip!/[^!]*$")')" "$n"
is 'ranges: photos in the inner ones' "$(places many-j8 '(.path | test("!/nest.zip-.*!/photo.jpg$")) and .status == "ok"')" $((n / 1000))
is 'ranges: one header is broken' "$(places broken-j8 '.status == "damaged" and (.where | length == 2)')" 1
is 'ranges: and the archive says so' "$(jq -r 'select(.path == "broken.zip") | .detail' broken-j8/inventory.jsonl)" "1 of $n entries have no local header"
is 'ranges: who killed its unpacker' "$(places deaths-j8 '.status == "crashed"')" $((n / 1000))
is 'ranges: and nobody else' "$(places deaths-j8 '.status == "not-media"')" $((n - n / 1000))

# Killed at any moment and resumed.
begun=$(now_ms)
"$MOCK" scan -j2 -q -l made/lists/demo.txt -o ref many.zip deaths.zip >out.txt 2>err.txt
duration=$(($(now_ms) - begun))
hits=0 good=0 rounds=$(scale 6 60)
for ((i = 0; i < rounds; i++)); do
    rm -rf case
    for jobs in 2 8 1; do
        setsid "$MOCK" scan "-j$jobs" -q -l made/lists/demo.txt -o case many.zip deaths.zip >out.txt 2>err.txt </dev/null &
        pid=$!
        sleep_ms "$(below $((duration / (jobs == 1 ? 1 : 2) + 1)))"
        kill -9 $pid 2>/dev/null && hits=$((hits + 1))
        wait $pid 2>/dev/null
    done 2>/dev/null
    "$MOCK" scan -j2 -q -l made/lists/demo.txt -o case many.zip deaths.zip >out.txt 2>err.txt
    if equal_cases ref case; then good=$((good + 1)); else miss "$(head -n 2 diff.txt)"; fi
done
tally 'ranges: killed up to three times, resumed, and the same' "$good" "$rounds"
figure "ranges: $rounds cases, $hits kills"

# A program of 17 MiB with a zip behind it, in a zip: too large to be kept on the way, so it is asked for once more.
mkdir -p behind
{ printf 'MZ'; head -c 17000000 /dev/urandom; cat parts/nest.zip; } >behind/setup.exe
"$MAKE_EVIDENCE" many behind.zip 3 parts/text behind/setup.exe || bad 'make_evidence many'
"$TRAWL" scan -q -j2 -o behind-case behind.zip >out.txt 2>err.txt
is 'ranges: what stands behind a large program' \
    "$(jq -r '.path' behind-case/inventory.jsonl | grep -c '^behind.zip!/setup.exe-1!/middle.tar.gz!/inner.zip!/photo.jpg$')" 1
is 'ranges: and it is told once' "$(places behind-case '.path == "behind.zip!/setup.exe-1" and .status == "ok" and .sha256')" 1
