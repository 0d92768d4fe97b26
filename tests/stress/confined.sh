# confined.sh: without a sandbox nothing is scanned, unless that is asked for; then every report says so.

mkdir evidence
echo text >evidence/a.txt
for row in 1:EPERM 38:ENOSYS 22:EINVAL; do
    rm -rf case
    "$FAULTS" noseccomp "${row%:*}" "$TRAWL" scan -q -o case evidence >out.txt 2>err.txt
    is "confined: seccomp is refused with ${row#*:}" "$? $(wc -l <err.txt)" '70 1'
    if grep -q -- --no-sandbox err.txt; then ok "confined: the line names --no-sandbox"; else bad "confined: $(cat err.txt)"; fi
    [ -e case ] && bad 'confined: a case was begun all the same'
    "$FAULTS" noseccomp "${row%:*}" "$TRAWL" hash -q evidence >out.txt 2>err.txt
    is "confined: trawl hash too" "$? $(wc -c <out.txt)" '70 0'
done
"$FAULTS" noseccomp 1 "$TRAWL" scan -q --no-sandbox -o case evidence >out.txt 2>err.txt
is 'confined: --no-sandbox scans' $? 0
is 'confined: and warns' "$(grep -c 'no-sandbox' err.txt)" 1
for file in summary.json report.html report.jsonl report.csv run.json; do
    # A report of findings without findings has nothing to say in its lines.
    case $file in
    report.jsonl | report.csv) continue ;;
    esac
    if grep -qi 'sandbox' case/$file; then ok "confined: $file says so"; else bad "confined: $file does not say so"; fi
done
rm -rf sound
"$TRAWL" scan -q -o sound evidence
is 'confined: with a sandbox report.html says nothing of the kind' "$(grep -ci 'no-sandbox' sound/report.html)" 0
is 'confined: run.json tells' "$(jq -c '[.sandbox.enabled, .sandbox.seccomp]' case/run.json sound/run.json | tr '\n' ' ')" '[false,false] [true,true] '
