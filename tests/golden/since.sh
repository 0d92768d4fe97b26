# since.sh (sourced): nights: scan --since says what a full scan says, and reads what changed alone.

# Both cases without what only nights have.
same_night() {
    local f
    same "$1: inventory" "$2/inventory.jsonl" "$3/inventory.jsonl"
    for f in report.csv review_next.jsonl transparency.json; do same "$1: $f" "$2/$f" "$3/$f"; done
    sed 's/,"new":true//' "$3/report.jsonl" >night.txt
    same "$1: report.jsonl" "$2/report.jsonl" night.txt
    sed -e '/^<section id="since">/,/<\/section>$/d' -e '/^<p class="alarm" role="alert">SILENT/d' "$3/report.html" >night.txt
    same "$1: report.html" "$2/report.html" night.txt
    jq 'del(.since)' "$3/summary.json" >night.txt
    jq . "$2/summary.json" >full.txt
    same "$1: summary.json" full.txt night.txt
}
# The counts of a night: reused, new, changed, vanished.
night() { jq -c '.since | [.reused, .new, .changed, .vanished]' "$1/summary.json"; }
files() { jq .source_files "$1/summary.json"; }
# Files that were written a moment ago may change once more without a trace: nights begin later.
later() { sleep 0.1; }

made .
mkdir -p evidence/more/tree evidence/more/gone
for i in 1 2 3 4 5 6; do printf 'night %s' "$i" >"evidence/more/$i"; done
printf 'inner' >evidence/more/tree/inner
tar cf evidence/more/tree.tar -C evidence/more tree
tar czf evidence/more/outer.tgz -C evidence/more tree.tar tree
printf x >evidence/more/gone/a && printf y >evidence/more/gone/b
# A table of one partition behind two sectors.
{
    head -c 446 /dev/zero
    printf '\x00\x00\x00\x00\x83\x00\x00\x00\x02\x00\x00\x00\x00\x02\x00\x00'
    head -c 48 /dev/zero
    printf '\x55\xaa'
    head -c 299488 /dev/zero
} >evidence/more/disk.001
printf tail >evidence/more/disk.002
options=(-q -l lists/demo.txt --known lists/ignore.txt)
later
expect 3 'night 1' scan "${options[@]}" -o n1 evidence
expect 3 'night 2' scan "${options[@]}" -o n2 --since n1 evidence
same_night 'nothing changed' n1 n2
unsettled=$(jq -r 'select(.status == "timeout" or .status == "crashed" or .status == "io-error") | .where[0].name' n1/inventory.jsonl | sort -u | wc -l)
is 'all that is settled is taken over' "$(night n2)" "[$(($(files n1) - unsettled)),0,0,0]"
is 'changes: none' "$(wc -l <n2/changes.jsonl)" 0
expect 0 'a night is derived' verify n2
is 'no finding is new' "$(jq .since.new_findings n2/summary.json)" 0
cp -r n2 n2-report
expect 3 'trawl report says the same' report -q n2-report
same_case 'the reports of a night are derived' n2 n2-report

# Something of everything.
touch -r evidence/more/1 stamp
printf 'NIGHT 1' >evidence/more/1 && touch -r stamp evidence/more/1
printf 'more' >>evidence/more/2
mv evidence/more/3 evidence/more/3-renamed
rm -r evidence/more/gone
printf 'new' >evidence/more/new
printf 'INNER' >evidence/more/tree/inner && tar czf evidence/more/outer.tgz -C evidence/more tree.tar tree
ln -s nowhere evidence/more/link
printf 'other tail' >evidence/more/disk.002
later
expect 3 'night 3' scan "${options[@]}" -o n3 --since n2 evidence
expect 3 'night 3, in full' scan "${options[@]}" -o n3-full evidence
same_night 'changes' n3-full n3
jq -r '[.change, .path] | @tsv' n3/changes.jsonl >changes.txt
cat >wanted.txt <<'END'
changed	evidence/more/1
changed	evidence/more/2
vanished	evidence/more/3
new	evidence/more/3-renamed
changed	evidence/more/disk.001
changed	evidence/more/disk.002
vanished	evidence/more/gone/a
vanished	evidence/more/gone/b
new	evidence/more/link
new	evidence/more/new
changed	evidence/more/outer.tgz
changed	evidence/more/tree/inner
END
same 'changes.jsonl tells them apart' changes.txt wanted.txt
is 'before and now' "$(jq -c 'select(.path == "evidence/more/2") | [.before.size, .now.size]' n3/changes.jsonl)" '[7,11]'
is 'same size, and mtime set back' "$(jq -c 'select(.path == "evidence/more/1") | [.before.size == .now.size, .before.mtime == .now.mtime]' n3/changes.jsonl)" '[true,true]'

# The lists of the next night have more, and something was rejected in between.
printf 'sha256,verdict\n%s,rejected\n' "$(jq -r 'select(.sha256) | .sha256' n3/report.jsonl | head -n 1)" >verdicts.csv
expect 0 'review of a night' review -q n3 verdicts.csv
expect 0 'review of the full scan' review -q n3-full verdicts.csv
{ cat lists/demo.txt; printf 'md5 %s\n' "$(md5sum <evidence/more/4 | cut -d ' ' -f 1)"; } >more.txt
expect 3 'night 4, with a new entry' scan -q -l more.txt --known lists/ignore.txt -o n4 --since n3 evidence
expect 3 'night 4, in full' scan -q -l more.txt --known lists/ignore.txt -o n4-full evidence
expect 0 'night 4, in full: verdicts' review -q n4-full verdicts.csv
same_night 'a new entry, and verdicts' n4-full n4
is 'the new entry finds what was there' "$(jq -r 'select(.new) | .locations[].path' n4/report.jsonl)" evidence/more/4
[ "$(jq .since.reused n4/summary.json)" -gt 10 ] && ok 'a new list reads little' || bad 'a new list reads little'
expect 3 'night 5, with fewer entries' scan "${options[@]}" -o n5 --since n4 evidence
expect 3 'night 5, in full' scan "${options[@]}" -o n5-full evidence
expect 0 'night 5, in full: verdicts' review -q n5-full verdicts.csv
same_night 'an entry that is withdrawn' n5-full n5
expect 3 'night 5, without --known' scan -q -l more.txt -o n5-known --since n4 evidence
expect 3 'night 5, without --known, in full' scan -q -l more.txt -o n5-known-full evidence
expect 0 'night 5, without --known, in full: verdicts' review -q n5-known-full verdicts.csv
same_night 'other known files' n5-known-full n5-known

# Whatever does not fit is read.
expect 3 'other options' scan "${options[@]}" --decode exact -o n6 --since n5 evidence
is 'are said' "$(jq -r .since.nothing_reused n6/summary.json)" 'it was made with other options'
expect 64 'the case itself' scan "${options[@]}" -o n5 --since n5 evidence
expect 64 'no case' scan "${options[@]}" -o n7 --since evidence evidence
expect 64 'with --minimise' scan "${options[@]}" --minimise -o n7 --since n5 evidence
expect 64 '--recheck alone' scan "${options[@]}" --recheck 5 -o n7 evidence
expect 3 'a hidden case' scan "${options[@]}" --minimise -o n7-hidden evidence
expect 3 'since a hidden case' scan "${options[@]}" -o n7 --since n7-hidden evidence
is 'hidden: is said' "$(jq -c '.since | [.nothing_reused, .reused, .new]' n7/summary.json)" '["it was made with --minimise: it does not know its files",0,0]'
cp -r n5 n7-damaged
printf X | dd of=n7-damaged/journal/j-000001.log bs=1 seek=5000 conv=notrunc status=none
expect 3 'since a damaged case' scan "${options[@]}" -o n8 --since n7-damaged evidence
is 'damaged: is said' "$(jq -c '.since | [.nothing_reused, .reused]' n8/summary.json)" '["its journal is damaged",0]'
is 'a file of part of the sources is not gone' \
    "$(run scan "${options[@]}" -o n9 --since n5 evidence/more; jq -c '.since | [.vanished, .new]' n9/summary.json)" '[0,0]'
expect 3 'names stay out' scan "${options[@]}" --no-inventory -o n10 --since n1 evidence
is 'names stay out of changes' "$(wc -c <n10/changes.jsonl) $(jq -c '.since | .new > 0' n10/summary.json)" '0 true'
expect 3 '--recheck 100' scan "${options[@]}" --recheck 100 -o n11 --since n5 evidence
same_night '--recheck' n5-full n11
is 'all are the same' "$(jq -c '.since | [.rechecked > 20, .silently_changed, .reused]' n11/summary.json)" '[true,0,0]'

# Nights that die: of the older case, and of the new one.
mkdir many && for i in {1..4000}; do echo "$i" >"many/$i"; done
tar cf many/all.tar -C many . 2>/dev/null
later
expect 0 'many: night 1' scan -q -o m1 many
for after in 0.02 0.04 0.06 0.1 0.15 0.2; do
    rm -rf m2 m3
    { timeout -s KILL $after "$TRAWL" scan -q -o m2 many; } 2>/dev/null
    { timeout -s KILL $after "$TRAWL" scan -q -o m3 --since m1 many; } 2>/dev/null
    run scan -q -o m2-next --since m2 many
    if [ -d m2/journal ]; then
        is "since a night that was killed after $after s" "$status $(cmp m1/inventory.jsonl m2-next/inventory.jsonl 2>&1)" '0 '
    else
        is "since a night that was killed after $after s, before it was a case" "$status $(ls -d m2-next 2>/dev/null)" '64 '
    fi
    rm -rf m2-next
    [ -f m3/run.json ] || "$TRAWL" scan -q -o m3 --since m1 many 2>err.txt
    is "a night that was killed after $after s goes on" "$(cmp m1/inventory.jsonl m3/inventory.jsonl 2>&1)$(wc -l <m3/changes.jsonl)" 0
done
rm -rf ./*
