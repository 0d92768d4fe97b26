# minimise.sh (sourced): scan --minimise: nothing of a file on no list in the case, and the same findings all the same.
mkdir -p mini/secretfolder
for i in $(seq 300); do printf 'mini %s' "$i" >"mini/secretfolder/secretname$i"; done
(cd mini && tar cf secretarchive.tar secretfolder/secretname[1-9]* && gzip -k secretarchive.tar)
head -c 900 mini/secretarchive.tar.gz >mini/secretbroken.tgz
cp mini/secretfolder/secretname7 mini/known7
# On the list: one content in many places, and an archive as a whole.
{ md5sum mini/known7; md5sum mini/secretarchive.tar; } | awk '{ print "md5 " $1 }' >mini.txt
expect 3 'minimise: plain' scan -q -o case-mini-plain -l mini.txt mini
expect 3 'minimise: scan' scan -q --minimise -o case-mini -l mini.txt mini
same 'minimise: the same findings' case-mini/report.jsonl case-mini-plain/report.jsonl
same 'minimise: the same table' case-mini/report.csv case-mini-plain/report.csv
jq -S 'del(.options)' case-mini/summary.json >mini-a.txt
jq -S 'del(.options)' case-mini-plain/summary.json >mini-b.txt
same 'minimise: the same totals' mini-a.txt mini-b.txt
# secretname7 and the archive that is a finding are named; nothing else may be: no name, no digest, nowhere.
hidden=$(cd mini && sha256sum secretfolder/secretname8 | cut -c 1-64)
is 'minimise: names stay out' "$(grep -a -r -c -E 'secretname([0-68-9]|7[0-9])|secretbroken' case-mini | grep -v ':0$' | wc -l)" 0
is 'minimise: digests stay out' "$(grep -a -r -l -e "$hidden" -e "$(md5sum mini/secretfolder/secretname8 | cut -c 1-32)" case-mini | wc -l)" 0
is 'minimise: raw digests stay out' "$(LC_ALL=C grep -a -r -l -P "$(echo "$hidden" | sed 's/../\\x&/g')" case-mini | wc -l)" 0
is 'minimise: a plain case has them' "$(LC_ALL=C grep -a -r -l -P "$(echo "$hidden" | sed 's/../\\x&/g')" case-mini-plain | wc -l)" 1
is 'minimise: the key is gone' "$(ls case-mini/journal | grep -c key)" 0
expect 0 'minimise: verify' verify case-mini
cp -r case-mini case-mini-again
rm case-mini-again/report.jsonl case-mini-again/summary.json
expect 3 'minimise: report' report -q case-mini-again
same_case 'minimise: the same report' case-mini case-mini-again

# Stopped again and again, it goes on: what is done is known by its digests.
seq 20000 | awk '{ print "md5 " sprintf("%032x", $1) }' >mini-long.txt
cat mini.txt >>mini-long.txt
mkdir -p mini/more
for i in $(seq 40); do cp mini/secretarchive.tar "mini/more/secret$i.tar"; echo "$i" >>"mini/more/secret$i.tar"; done
run scan -q --minimise -j 1 -o case-mini-whole -l mini-long.txt mini
whole=$status
for seconds in 0.08 0.12 0.16 0.2 0.3; do
    { timeout -s KILL $seconds "$TRAWL" scan -q --minimise -j 1 -o case-mini-stopped -l mini-long.txt mini; } >/dev/null 2>&1
    [ -f case-mini-stopped/run.json ] && break
done
[ -f case-mini-stopped/run.json ] || run scan -q --minimise -o case-mini-stopped -l mini-long.txt mini
is 'minimise: resumed to its end' "$(jq .complete case-mini-stopped/summary.json)" true
same_case "minimise: as if it had not been stopped" case-mini-whole case-mini-stopped
is 'minimise: status' "$whole" 3
records() { "$TRAWL" verify "$1" | sed -n 's/^journal: \([0-9]*\) records.*/\1/p'; }
[ "$(records case-mini-stopped)" -lt $(($(records case-mini-whole) * 3 / 2)) ] && ok 'minimise: nothing is done twice' || bad 'minimise: what was done is done again'
rm -rf mini case-mini case-mini-plain case-mini-again case-mini-whole case-mini-stopped
