# rematch.sh (sourced): match CASE: what a case was scanned with lists A tells of lists B is what a scan with lists B
# tells; what is not there any more is marked.

# Hits of a scan, and of a rematch: a line for each place and entry.
scan_hits() {
    jq -r '.matches as $m | .locations[].path as $p | $m[] | [$p, .algorithm, .value, .list, .entry, .tier, .distance, .rotation] | @tsv' "$1/report.jsonl" | LC_ALL=C sort
}
match_hits() { jq -r '[.path, .type, .value, .list, .entry, .tier, .distance, .rotation] | @tsv' "$1" | LC_ALL=C sort; }

rematch_evidence() {
    mkdir -p re
    cp -r "$SHARED/pdq/images" re/pictures
    cp "$here"/../fuzz/seeds/video/* re/ 2>/dev/null
    cp "$SHARED"/hostile/pngsuite/*.png re/ 2>/dev/null
    (cd re && tar cf inside.tar pictures/dih && gzip -k inside.tar)
    printf 'a text' >re/text
    cp re/text "re/a line
of two"
}

# Lists of what is in the evidence, of some of each kind, and nearby.
rematch_lists() {
    run scan -q -o case-re-none re
    run hash -q re
    jq -r 'select(.sha256) | "sha256 " + .sha256' out.txt | awk 'NR % 5 == 2' >re-sha256.txt
    jq -r 'select(.md5) | "md5 " + .md5' out.txt | awk 'NR % 7 == 3' >re-md5.txt
    jq -r 'select(.pdq and .pdq_quality > 60) | "pdq " + .pdq' out.txt | awk 'NR % 4 == 1' >re-pdq.txt
    # Some bits away, on both sides of the radius.
    jq -r 'select(.pdq and .pdq_quality > 60) | .pdq' out.txt | awk 'NR % 3 == 0 { print "pdq 0f0f0f0f" substr($0, 9); print "pdq " substr($0, 1, 40) "ffffff" substr($0, 47) }' >re-far.txt
    jq -r '.frames | select(. and length > 3) | map(split(",") | [.[2], .[1], .[3]] | join(",")) | tojson' out.txt | head -n 1 >re-video.json
    cat re-sha256.txt re-pdq.txt re-far.txt >re-all.txt
}

# rematch_as NAME CASE LIST [options of the scan that it must be like]
rematch_as() {
    local name=$1 case=$2 list=$3
    shift 3
    rm -rf case-re-b
    run scan -q "$@" -o case-re-b -l "$list" re
    local scanned=$status
    run match -q -l "$list" "$case"
    scan_hits case-re-b >re-b.txt
    match_hits out.txt >re-a.txt
    is "rematch: $name: status" "$status" "$scanned"
    is "rematch: $name: all is confirmed" "$(jq -r 'select(.confirmed | not) | .path' out.txt | head -n 3)" ''
    same "rematch: $name" re-a.txt re-b.txt
    is "rematch: $name: something is found" "$([ -s re-b.txt ] && echo yes)" yes
    rematch_into_case "$name" "$case" -l "$list"
}

# The same as a whole case: byte for byte what the scan wrote, but for what is said of the older case.
rematch_into_case() {
    local name=$1 case=$2
    shift 2
    rm -rf case-re-c
    run match -q "$@" -o case-re-c "$case"
    same "rematch: $name: inventory of a case" case-re-c/inventory.jsonl case-re-b/inventory.jsonl
    sed 's/,"new":true//' case-re-c/report.jsonl >re-c.txt
    same "rematch: $name: report of a case" re-c.txt case-re-b/report.jsonl
    jq -S 'del(.since, .options, .sources)' case-re-c/summary.json >re-c.txt
    jq -S 'del(.options, .sources)' case-re-b/summary.json >re-b.txt
    same "rematch: $name: totals of a case" re-c.txt re-b.txt
    is "rematch: $name: results are taken over" "$(jq '.since.reused > 0' case-re-c/summary.json)" true
}

rematch_all() {
    for list in re-sha256.txt re-md5.txt re-pdq.txt re-far.txt re-all.txt; do
        rematch_as "$list after nothing" case-re-none $list
    done
    run scan -q -o case-re-far -l re-far.txt re
    rematch_as 're-pdq.txt after another near list' case-re-far re-pdq.txt
    rematch_as 're-sha256.txt after a near list' case-re-far re-sha256.txt
    run scan -q --decode exact -o case-re-exact re
    rematch_as 'exact hashes' case-re-exact re-all.txt --decode exact
    is 'rematch: exact hashes need no reading' "$("$TRAWL" match -l re-all.txt case-re-exact 2>&1 >/dev/null | grep -c ', 0 files read again')" 1
    run scan -q --rotations -o case-re-turned re
    rematch_as 'turned pictures' case-re-turned re-pdq.txt --rotations
    run scan -q --no-decode-hits -o case-re-hits -l re-sha256.txt re
    rematch_as 'what was not decoded' case-re-hits re-pdq.txt --no-decode-hits
    run scan -q --max-distance 10 --min-quality 80 -o case-re-strict -l re-far.txt re
    rematch_as 'distance and quality of the case' case-re-strict re-pdq.txt --max-distance 10 --min-quality 80
    run scan -q --known re-sha256.txt -o case-re-known re
    rm -rf case-re-b
    run scan -q --known re-md5.txt -l re-all.txt -o case-re-b re
    rematch_into_case 'other known files' case-re-known --known re-md5.txt -l re-all.txt
    run match -q -l re-sha256.txt case-re-known
    is 'rematch: known files that are on a list now' "$(jq -r .value out.txt | sort -u | wc -l)" "$(sort -u re-sha256.txt | wc -l)"
}

# What is gone, and what changed since, is told by what its hash says; the digest of a stored item is certain.
rematch_gone() {
    cp -r re re-kept
    run match -q -l re-all.txt case-re-none
    cp out.txt re-there.txt
    rm re/pictures/bridge-mods/aaa-orig.jpg
    # As large and as old as it was, and other bytes.
    old=re/pictures/bridge-mods/blur-a-little.jpg
    touch -r $old re-time
    printf x | dd of=$old bs=1 seek=5000 conv=notrunc status=none
    touch -r re-time $old
    run match -q -l re-all.txt case-re-none
    is 'rematch: status where something is gone' "$status" 3
    is 'rematch: what is gone is unconfirmed' "$(jq -r 'select(.unconfirmed) | [.path, (.distance | tostring), (.screen_distance < 48 | tostring)] | join(" ")' out.txt | sort -u)" \
        "$(printf '%s null true\n' re/pictures/bridge-mods/aaa-orig.jpg $old)"
    is 'rematch: no place is lost' "$(jq -r .path out.txt | sort -u)" "$(jq -r .path re-there.txt | sort -u)"
    rm -rf re
    run match -q -l re-sha256.txt case-re-none
    is 'rematch: digests need no evidence' "$(jq -r 'select(.confirmed) | .value' out.txt | sort -u | wc -l)" "$(sort -u re-sha256.txt | wc -l)"
    mv re-kept re
}

rematch_new() {
    awk 'NR % 2' re-all.txt >re-old.txt
    run match -q -l re-all.txt case-re-none
    match_hits out.txt | awk -F '\t' 'NR == FNR { split($0, e, " "); old[e[1] " " e[2]] = 1; next } !(($2 " " $3) in old)' FS='\t' re-old.txt - >re-a.txt
    run match -q -l re-all.txt --new-since re-old.txt case-re-none
    match_hits out.txt >re-b.txt
    same 'rematch: only what is new' re-b.txt re-a.txt
    is 'rematch: something is new' "$([ -s re-b.txt ] && echo yes)" yes
    run list build -q -o re-old.idx re-old.txt
    run match -q -l re-all.txt --new-since re-old.idx case-re-none
    match_hits out.txt >re-a.txt
    same 'rematch: the same by an index' re-a.txt re-b.txt
    run match -q -l re-all.txt --new-since re-all.txt case-re-none
    is 'rematch: nothing is new' "$status $(wc -l <out.txt)" "$(jq '.unexamined // 0 | if . > 0 then 2 else 0 end' case-re-none/summary.json) 0"
}

rematch_usage() {
    expect 64 'rematch: not a case' match -l re-md5.txt re
    expect 64 'rematch: no such older list' match -l re-md5.txt --new-since re-nothing case-re-none
    expect 64 'rematch: --known without a new case' match -l re-md5.txt --known re-md5.txt case-re-none
    expect 64 'rematch: --new-since and a new case' match -l re-md5.txt --new-since re-md5.txt -o case-re-c2 case-re-none
    expect 64 'rematch: --new-since without a case' match -l re-md5.txt --new-since re-md5.txt re-md5.txt
    run scan -q --minimise -o case-re-mini -l re-md5.txt re
    expect 64 'rematch: a minimised case' match -l re-md5.txt case-re-mini
    is 'rematch: ... says so' "$(grep -c 'scanned with --minimise' err.txt)" 1
    for how in '-j 1' '-j 3' '--simd scalar'; do
        # shellcheck disable=SC2086
        run match -q $how -l re-all.txt case-re-none
        cp out.txt "re-$(echo "$how" | tr -d ' -').txt"
    done
    same 'rematch: the same at any -j' re-j1.txt re-j3.txt
    same 'rematch: the same at any SIMD level' re-j1.txt re-simdscalar.txt
}

if [ -d "$SHARED/pdq" ]; then
    rematch_evidence
    rematch_lists
    rematch_all
    rematch_gone
    rematch_new
    rematch_usage
    rm -rf re case-re-*
else
    skip 'rematch: no shared pictures'
fi
