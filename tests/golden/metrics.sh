# metrics.sh: scan --metrics: the form that Prometheus reads, and the figures of summary.json.
mkdir -p metrics && cd metrics || exit 1
made set

# A sample of file $1: name and labels but `scan` ($2), as in files,status="ok".
value() { awk -v want="$2" '!/^#/ { v = $NF; sub(/ [^ ]*$/, ""); sub(/\{scan="([^"\\]|\\.)*"/, ""); sub(/\}$/, ""); sub(/^trawl_scan_/, ""); if ($0 == want) print v }' "$1"; }
well_formed() {
    is "metrics: $1 is well formed" "$(awk -f "$here/prom.awk" "$1" | head -n 3)" ''
    if command -v promtool >/dev/null; then
        is "metrics: promtool has nothing to say of $1" "$(promtool check metrics <"$1" 2>&1)" ''
    fi
}

expect 3 'metrics: a scan' scan -q -l set/lists/demo.txt --known set/lists/ignore.txt --metrics nas1.prom -o case set/evidence
well_formed nas1.prom
is 'metrics: all may read it' "$(stat -c %a nas1.prom)" 644
is 'metrics: nothing temporary stays' "$(echo nas1*)" nas1.prom
for s in ok partial not-media suppressed unsupported encrypted damaged limit timeout crashed io-error unreached; do
    is "metrics: files $s" "$(value nas1.prom "files,status=\"$s\"") $(value nas1.prom "size_bytes,status=\"$s\"")" \
        "$(jq -r --arg s $s '.by_status[$s] | "\(.files) \(.bytes)"' case/summary.json)"
done
is 'metrics: totals' \
    "$(for n in unexamined_files source_files source_size_bytes finding_places 'findings,tier="exact"' 'findings,tier="near"'; do value nas1.prom "$n"; done | tr '\n' ' ')" \
    "$(jq -r '"\(.unexamined) \(.source_files) \(.source_bytes) \(.locations) \(.findings_by_tier.exact) \(.findings_by_tier.near) "' case/summary.json)"
is 'metrics: severities' "$(sed -n 's/.*severity="\([0-9]*\)"} /\1 /p' nas1.prom | tr '\n' ' ')" \
    "$(jq -r '.findings_by_severity | to_entries[] | "\(.key) \(.value)"' case/summary.json | tr '\n' ' ')"
is 'metrics: how it ended' "$(value nas1.prom exit_status) $(value nas1.prom complete) $(value nas1.prom interrupted)" '3 1 0'
begun=$(date -d "$(jq -r .start case/run.json)" +%s) ended=$(date -d "$(jq -r .end case/run.json)" +%s)
is 'metrics: when' "$(($(value nas1.prom start_timestamp_seconds) - begun <= 0 && $(value nas1.prom end_timestamp_seconds) - ended >= 0))" 1
is 'metrics: the version' "$(sed -n 's/.*version="\(.*\)".*/\1/p' nas1.prom)" "$(jq -r .version case/summary.json)"
is 'metrics: the label is the name of the file' "$(grep -v '^#' nas1.prom | grep -vc '{scan="nas1"')" 0

# What is no scan's fault is told too; what a run does not know, it does not say.
expect 64 'metrics: a finished case' scan -q -l set/lists/demo.txt --known set/lists/ignore.txt --metrics nas1.prom -o case set/evidence
well_formed nas1.prom
is 'metrics: a run that was refused' "$(value nas1.prom exit_status) $(value nas1.prom complete) $(grep -c status= nas1.prom)" '64 0 0'

# Names that the format must escape; no list, no finding.
odd=$'o"d\\d\n.prom'
expect 2 'metrics: an odd name' scan -q --metrics "$odd" -o odd set/evidence
mv "$odd" odd.prom
well_formed odd.prom
is 'metrics: the odd label' "$(grep -c '{scan="o\\"d\\\\.*d\\\\.*"' odd.prom)" "$(grep -vc '^#' odd.prom)"
expect 2 'metrics: the case does not hang on it' scan -q -o without set/evidence
same_case 'metrics: the case does not hang on it: bytes' odd without

# 250 bytes are a name, but leave no room for a temporary one beside it.
long=$(printf '%0250d' 0)
expect 74 'metrics: cannot be written' scan -q --metrics "$long" -o long set/evidence
is 'metrics: cannot be written: says so' "$(grep -c 'File name too long; the case is written' err.txt) $(jq .complete long/summary.json)" '1 true'
cd ..
