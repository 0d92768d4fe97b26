# shared.sh: the pictures and the hostile files that are shared between projects; skipped where they are absent.

# Distances between the pictures of a list, by brute force: NAME VALUE DISTANCE for each pair within $2.
brute_force() {
    awk -F, -v near="$2" '
        function bits(hex, i, n) { n = 0; for (i = 1; i <= 64; i++) n += ones[digit(hex, i)]; return n }
        function digit(hex, i) { return index("0123456789abcdef", substr(hex, i, 1)) - 1 }
        function xor4(a, b, r, k) { r = 0; for (k = 1; k < 16; k *= 2) if (int(a / k) % 2 != int(b / k) % 2) r += k; return r }
        BEGIN { for (i = 0; i < 16; i++) for (j = 0; j < 16; j++) { d = xor4(i, j); n = 0; for (k = 1; k < 16; k *= 2) n += int(d / k) % 2; apart[i, j] = n } }
        FNR > 1 { name[++n_names] = $1; hash[n_names] = $2 }
        END {
            for (a = 1; a <= n_names; a++) if (name[a] ~ /^bridge-mods/) for (b = 1; b <= n_names; b++) {
                n = 0
                for (i = 1; i <= 64; i++) n += apart[digit(hash[a], i), digit(hash[b], i)]
                file = name[a]; sub(/.*\//, "", file)
                if (n <= near) print file "\t" hash[b] "\t" n
            }
        }' "$1" | LC_ALL=C sort -u
}

bridge() {
    local pdq=$SHARED/pdq list=$SHARED/pdq/expected/fullres-tx.csv
    if [ ! -f "$list" ]; then
        skip 'bridge pictures: ../shared/data/pdq is absent'
        return
    fi
    "$MAKE_EVIDENCE" nest bridge.zip "$pdq"/images/bridge-mods/*.jpg || bad 'make_evidence nest'
    expect 1 'bridge pictures in zip, tar.gz, zip' scan -q -l "$list" -o case-bridge bridge.zip
    jq -r '.locations[0].path as $p | .matches[] | [($p | sub(".*/"; "")), .value, (.distance | tostring)] | join("\t")' \
        case-bridge/report.jsonl | LC_ALL=C sort -u >bridge-found.tsv
    brute_force "$list" 31 >bridge-truth.tsv
    same 'bridge: findings and distances are those of brute force' bridge-found.tsv bridge-truth.tsv
    is 'bridge: there are some' "$([ "$(wc -l <bridge-truth.tsv)" -ge 144 ] && echo many)" many
    is 'bridge: places' "$(jq -r '.locations[].path' case-bridge/report.jsonl | grep -cv '^bridge.zip!/middle.tar.gz!/inner.zip!/')" 0
    expect 1 'bridge pictures, -j1, exact' scan -q -j1 --decode exact -l "$list" -o case-bridge1 bridge.zip
    same 'bridge: fast and exact find the same' case-bridge/report.jsonl case-bridge1/report.jsonl
}

# Eight versions of one picture against the hash of one of them: each is found, and says how it is turned. Seven have the same
# thumbnail twice, which is found as well.
turned() {
    local dih=$SHARED/pdq/images/dih
    if [ ! -d "$dih" ]; then
        skip 'turned pictures: ../shared/data/pdq is absent'
        return
    fi
    run hash -q "$dih/bridge-1-original.jpg"
    jq -r '"pdq " + .pdq' out.txt >turned.list
    expect 1 'turned pictures, without --rotations' scan -q -l turned.list -o case-straight "$dih"
    is 'turned: one is found' "$(wc -l <case-straight/report.jsonl)" 1
    expect 1 'turned pictures' scan -q --rotations -l turned.list -o case-turned "$dih"
    is 'turned: each says how' "$(jq -r '(.locations[0].path | sub(".*bridge-"; "") | .[:1]) + (.rotation // "")' case-turned/report.jsonl |
        LC_ALL=C sort -u | tr '\n' ' ')" '1 2rotate270 3rotate180 4rotate90 5flipX 6flipY 7flipPlus1 8flipMinus1 '
    expect 1 'turned pictures, -j1, exact, scalar' scan -q -j1 --decode exact --simd scalar --rotations -l turned.list -o case-turned1 "$dih"
    same 'turned: fast and exact find the same' case-turned/report.jsonl case-turned1/report.jsonl
    expect 0 'turned: the case is as it was written' verify case-turned
    run hash -q --rotations "$dih"
    jq -c 'select(.where | length == 1)' out.txt >turned.jsonl
    is 'turned: thumbnails of seven, twice' "$(wc -l <out.txt)" 22
    expect 1 'turned: match of trawl hash --rotations' match -q --rotations -l turned.list turned.jsonl
    is 'turned: match finds them all' "$(wc -l <out.txt)" 8
    expect 1 'turned: match without --rotations' match -q -l turned.list turned.jsonl
    is 'turned: then it finds one' "$(wc -l <out.txt)" 1
}

published_hashes() {
    local pdq=$SHARED/pdq
    if [ ! -f "$pdq/expected/observed-fullres-cpp-libjpegturbo2.1.5.csv" ]; then
        skip 'published hashes: ../shared/data/pdq is absent'
        return
    fi
    run hash -q "$pdq/images"
    jq -r 'select(.pdq) | [(.path | sub(".*/"; "")), .pdq, (.pdq_quality | tostring)] | join(" ")' out.txt | LC_ALL=C sort >hashes.txt
    awk -F, 'FNR > 1 { sub(/.*\//, "", $1); print $1, $4, $5 }' "$pdq/expected/observed-fullres-cpp-libjpegturbo2.1.5.csv" | LC_ALL=C sort -u >hashes-observed.txt
    # Only pictures that are there; only files by those names.
    cut -d ' ' -f 1 hashes.txt | LC_ALL=C sort >names.txt
    LC_ALL=C join names.txt hashes-observed.txt >hashes-wanted.txt
    is 'published hashes: bit for bit' "$(LC_ALL=C comm -13 hashes.txt hashes-wanted.txt | head -n 3)" ''
    is 'published hashes: there are some' "$([ "$(wc -l <hashes-wanted.txt)" -ge 8 ] && echo some)" some
}

hostile() {
    if [ ! -d "$SHARED/hostile" ]; then
        skip 'hostile files: ../shared/data/hostile is absent'
        return
    fi
    if [ -n "${GOLDEN_QUICK:-}" ]; then
        skip 'hostile files: not in a quick run'
        return
    fi
    # Archives that hold themselves fill any depth: sixteen levels (GOLDEN_LONG=1) take half an hour. An archive on which libarchive
    # loops is given up after 2 and 8 s, not after 10 and 40.
    local bounds=(--limit depth=3 --limit unpack-stall=2)
    [ -z "${GOLDEN_LONG:-}" ] || bounds=()
    timeout 7200 "$TRAWL" scan -q "${bounds[@]}" -o case-hostile "$SHARED/hostile" >out.txt 2>err.txt </dev/null
    status=$?
    is 'hostile: the scan ends with status 2' $status 2
    [ -f case-hostile/summary.json ] || return
    is 'hostile: complete' "$(jq .complete case-hostile/summary.json)" true
    one_status_each case-hostile
    find "$SHARED/hostile" -type f | wc -l >n-files
    is 'hostile: every file has a line' "$(jq -r 'select(.where | length == 1) | .path' case-hostile/inventory.jsonl | wc -l)" "$(cat n-files)"
    # Traced, without those that only cost time.
    find "$SHARED/hostile" -type f ! -name 'zeros_*' ! -name 'png_12000*' ! -name '*sparse*' ! -name 'zip_42*' ! -name 'zip_f*' ! -name '*recursive*' \
        ! -name '*xar_doublelink*' ! -name '*ce_loop*' ! -name 'zip_fifield*' >few.txt
    straced 'hostile under strace' case-hostile-strace scan -q "${bounds[@]}" -o case-hostile-strace --from few.txt
}

mkdir -p shared
cd shared || exit 1
bridge
turned
published_hashes
hostile
cd ..
