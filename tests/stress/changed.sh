# changed.sh: evidence that is not what it was when the case was begun is refused, and the report says so.

mkdir evidence
for i in 1 2 3 4 5 6; do echo "file $i" >evidence/$i.txt; done
"$FAULTS" mock slow 6 1 slow sound
"$FAULTS" zip evidence/z.zip slow/folder
cp -a evidence kept
# In this order, with one worker: the files are done when the archive is being read.
sources=(evidence/1.txt evidence/2.txt evidence/3.txt evidence/4.txt evidence/5.txt evidence/6.txt evidence/z.zip)

# begin: a run that is killed in the middle of the archive
begin() {
    local pid t
    rm -rf case evidence
    cp -a kept evidence
    env -u TRAWL_MOCK_DEADLINE_MS "$MOCK" scan -q -j1 -o case "${sources[@]}" >out.txt 2>err.txt &
    pid=$!
    for ((t = 0; t < 1000; t++)); do
        # Named when it begins, and when it is done.
        [ "$(grep -ao '000001.slow' case/journal/j-000001.log 2>/dev/null | wc -l)" -ge 2 ] && break
        sleep 0.02
    done
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
}
line() { jq -r --arg path "$1" 'select(.path == $path) | [.status, .detail // ""] | join(" ")' case/inventory.jsonl; }
resume() {
    env -u TRAWL_MOCK_DEADLINE_MS "$MOCK" scan -q -j2 -o case "${sources[@]}" >out.txt 2>err.txt
    status=$?
}
refused='io-error refused: the file changed since this case was begun'

begin
echo 'another text' >evidence/2.txt
resume
is 'changed: a file that was done' "$(line evidence/2.txt)" "$refused"
is 'changed: exit bit 2' $((status & 2)) 2
is 'changed: the others are as they were' "$(line evidence/1.txt)" 'not-media '
is 'changed: the archive goes on' "$(line evidence/z.zip)" 'ok '
whole case || bad "changed: $(cat verify.txt)"

begin
"$FAULTS" mock other 6 2 slow sound
"$FAULTS" zip evidence/z.zip other/folder
resume
is 'changed: an archive in the middle' "$(line evidence/z.zip)" "$refused"
is 'changed: exit bit 2 again' $((status & 2)) 2

# The same size and time of change, other bytes: the sample of the archive tells.
begin
touch -r evidence/z.zip stamp
printf 'X' | dd of=evidence/z.zip bs=1 seek=60 conv=notrunc status=none
touch -r stamp evidence/z.zip
resume
is 'changed: bytes only' "$(line evidence/z.zip)" "$refused"

# What was in flight and is gone is told, though in a folder nobody names it; what is done stays.
sources=(evidence)
begin
rm evidence/z.zip
resume
is 'changed: an archive that is gone' "$(line evidence/z.zip)" 'io-error No such file or directory'
is 'changed: exit bit 2 for that' $((status & 2)) 2
is 'changed: its members that were done are there' "$(line 'evidence/z.zip!/000000.slow')" 'ok '
