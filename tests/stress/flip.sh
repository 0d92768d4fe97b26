# flip.sh: one bit of journal or reports is flipped: trawl verify says so; from the flipped journal at most one record is lost.

made made
mkdir evidence
cp made/evidence/camera/IMG_000[12].jpg made/evidence/notes.txt made/evidence/mail.zip evidence
options=(-q -j2 -l made/lists/demo.txt evidence)

"$TRAWL" scan -o case "${options[@]}"
if "$FAULTS" flip case "$(scale 300 0)" "${STRESS_SEED:-1}" >flips.txt; then ok "flip: $(cat flips.txt)"; else bad "flip: $(cat flips.txt)"; fi
figure "flip: $(cat flips.txt), of $(cat case/journal/j-* case/*.csv case/*.html case/*.jsonl case/summary.json | wc -c) bytes"

# A case of several runs has more to be flipped: torn ends, records of resumption.
"$TRAWL" scan -o torn "${options[@]}"
rm torn/*.*
truncate -s $(($(stat -c %s torn/journal/j-000001.log) * 7 / 10)) torn/journal/j-000001.log
"$TRAWL" scan -o torn "${options[@]}"
if "$FAULTS" flip torn "$(scale 100 0)" "${STRESS_SEED:-1}" >flips.txt; then ok "flip, a case of two runs: $(cat flips.txt)"; else bad "flip, a case of two runs: $(cat flips.txt)"; fi
figure "flip, two runs: $(cat flips.txt)"

# By the command itself, as a user would.
for file in case/report.jsonl case/report.csv case/report.html case/inventory.jsonl case/summary.json case/journal/j-000001.log; do
    cp $file kept
    printf '\377' | dd of=$file bs=1 seek=$(($(stat -c %s $file) / 2)) conv=notrunc status=none
    "$TRAWL" verify case >verify.txt 2>&1
    is "flip: verify of a changed $file" "$? $(grep -cE '^(journal: .*DAMAGED|'"${file#case/}"': CHANGED)' verify.txt)" '2 1'
    cp kept $file
done
for file in case/report.jsonl case/journal/j-000001.log; do
    cp $file kept
    truncate -s -1 $file
    "$TRAWL" verify case >verify.txt 2>&1
    is "flip: verify of a $file that is cut" $? 2
    cp kept $file
    echo >>$file
    "$TRAWL" verify case >verify.txt 2>&1
    is "flip: verify of a $file with a byte more" $? 2
    cp kept $file
done
rm case/summary.json
"$TRAWL" verify case >verify.txt 2>&1
is 'flip: verify of a report that is gone' "$? $(grep -c MISSING verify.txt)" '2 1'
