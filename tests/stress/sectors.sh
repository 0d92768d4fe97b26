# sectors.sh: a disk with bad sectors, 2 % of them: exact ranges are told, no digest is claimed, all else is as on a sound disk.

made .
head -c 4000000 /dev/urandom >evidence/large.bin
head -c 100000 /dev/urandom >evidence/one-bad.bin
mkdir parts
for ((i = 0; i < 40; i++)); do head -c 20000 /dev/urandom >"parts/$i.bin"; done
# What cannot be compressed is stored: each member has sectors of its own.
"$FAULTS" zip evidence/parts.zip parts
tar cf evidence/parts.tar -C parts .
tar czf evidence/parts.tar.gz -C parts .
"$MAKE_EVIDENCE" nest evidence/nest.zip evidence/camera/*.jpg
scan=(scan -q -j2 -l lists/demo.txt --known lists/ignore.txt)
"$TRAWL" "${scan[@]}" -o sound evidence

# 2 % of the sectors of these, by the seed; the last part of a file is a sector too. Ranges that touch are one.
for file in evidence/large.bin evidence/parts.zip evidence/parts.tar evidence/parts.tar.gz; do
    size=$(stat -c %s "$file")
    sectors=$(((size + 511) / 512))
    for ((k = 0; k < sectors; k += 50)); do
        s=$((k + $(below 50)))
        # Not the first of an archive: that tells what it is.
        [ $s -gt 2 ] && [ $s -lt $sectors ] && echo "$((s * 512)) $((s * 512 + 512 > size ? size - s * 512 : 512)) $file"
    done
done | sort -k3,3 -k1,1n >sectors.txt
echo "50176 512 evidence/one-bad.bin" >>sectors.txt
echo "4096 1024 evidence/camera/IMG_0002.jpg" >>sectors.txt
echo "0 512 evidence/phone/screenshot.png" >>sectors.txt
size=$(stat -c %s evidence/nest.zip)
echo "$((size / 2 / 512 * 512)) 512 evidence/nest.zip" >>sectors.txt

# ranges FILE: as the detail must list them
ranges() {
    grep " $1\$" sectors.txt | awk '
        n && $1 == from + size { size += $2; next }
        n { out = out separator from "+" size; separator = ", " }
        { n++; from = $1; size = $2 }
        END { print out separator from "+" size }'
}

for parts in 0 1; do
    case=bad-$parts
    LD_PRELOAD=$build/shim_sectors.so FAULT_SECTORS=sectors.txt FAULT_PARTS=$parts "$TRAWL" "${scan[@]}" -o $case evidence >out.txt 2>err.txt
    is "sectors $parts: status has bit 2" $(($? & ~1)) 2
    whole $case || bad "sectors $parts: $(cat verify.txt)"
    for file in $(cut -d ' ' -f 3 sectors.txt | sort -u); do
        wanted=$(ranges "$file")
        # A detail lists 256 ranges at most.
        [ "$(tr -cd , <<<"$wanted" | wc -c)" -lt 256 ] || wanted=$(cut -d , -f 1-256 <<<"$wanted")
        got=$(jq -r --arg path "$file" 'select(.path == $path) | .status + " " + (.detail // "")' $case/inventory.jsonl)
        case $got in
        "io-error unreadable bytes: $wanted"*) ok "sectors $parts: $file" ;;
        *) bad "sectors $parts: $file: '$(cut -c 1-120 <<<"$got")', not '$(cut -c 1-80 <<<"$wanted")'" ;;
        esac
    done
    is "sectors $parts: no digest is claimed" "$(jq -r 'select(.status == "io-error" and .sha256) | .path' $case/inventory.jsonl)" ''
    # Whatever has a digest, has it from the same bytes.
    jq -c 'select(.sha256) | [.path, .size, .sha256, .md5, .sha1, .pdq_screen]' sound/inventory.jsonl | LC_ALL=C sort >sound.txt
    jq -c 'select(.sha256) | [.path, .size, .sha256, .md5, .sha1, .pdq_screen]' $case/inventory.jsonl | LC_ALL=C sort >bad.txt
    is "sectors $parts: no digest of other bytes" "$(LC_ALL=C comm -13 sound.txt bad.txt | head -n 3)" ''
    # Files of the host without a bad sector are as they were.
    jq -c 'select(.where | length == 1)' sound/inventory.jsonl | grep -vF -f <(cut -d ' ' -f 3 sectors.txt | sort -u | sed 's/.*/"path":"&"/') >sound.txt
    jq -c 'select(.where | length == 1)' $case/inventory.jsonl | grep -vF -f <(cut -d ' ' -f 3 sectors.txt | sort -u | sed 's/.*/"path":"&"/') >bad.txt
    same "sectors $parts: the rest is unchanged" sound.txt bad.txt
    # Members whose bytes are all there are examined. A member reaches up to the next one.
    for archive in parts.zip parts.tar; do
        jq -r --arg in "evidence/$archive!/" 'select(.path | startswith($in)) | [.where[-1].offset, .path] | @tsv' sound/inventory.jsonl |
            sort -n >members.tsv
        awk -F '\t' -v file="evidence/$archive" '
            FILENAME == "sectors.txt" { split($0, part, " "); if (part[3] == file) bad[++n] = part[1] + 0; next }
            { at[++m] = $1 + 0; path[m] = $2 }
            END {
                at[m + 1] = 1e15
                for (i = 1; i <= m; i++) {
                    hit = 0
                    for (j = 1; j <= n; j++) if (bad[j] + 512 > at[i] && bad[j] < at[i + 1]) hit = 1
                    if (!hit) print path[i]
                }
            }' sectors.txt members.tsv | LC_ALL=C sort >untouched.txt
        jq -r 'select(.sha256) | .path' $case/inventory.jsonl | LC_ALL=C sort >hashed.txt
        is "sectors $parts: $archive: members without a bad sector are examined" "$(LC_ALL=C comm -23 untouched.txt hashed.txt)" ''
        figure "sectors $parts: $archive: $(grep -cF "/$archive!" hashed.txt) of $(wc -l <members.tsv) members could be hashed, $(wc -l <untouched.txt) have no bad sector"
    done
done
same_case 'sectors: whether a read gives a part or nothing' bad-0 bad-1
