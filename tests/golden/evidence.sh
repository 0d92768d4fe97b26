# evidence.sh: the made evidence at several -j and every SIMD level, against the truth that its maker knows.

made .
options=(-l lists/demo.txt --known lists/ignore.txt)

for jobs in 1 2 8; do
    expect 3 "scan -j$jobs" scan -q "-j$jobs" "${options[@]}" -o "case-j$jobs" evidence
    expect 2 "hash -j$jobs" hash -q "-j$jobs" evidence
    mv out.txt "hash-j$jobs.jsonl"
done
for level in scalar sse4.1 avx2 avx512; do
    expect 3 "scan --simd $level" scan -q -j2 --simd "$level" "${options[@]}" -o "case-$level" evidence
    expect 2 "hash --simd $level" hash -q -j2 --simd "$level" evidence
    mv out.txt "hash-$level.jsonl"
done
for other in j2 j8 scalar sse4.1 avx2 avx512; do
    same_case "case at $other is that at j1" case-j1 "case-$other"
    same "hash at $other is that at j1" hash-j1.jsonl "hash-$other.jsonl"
done
expect 3 'scan --decode exact' scan -q --decode exact "${options[@]}" -o case-exact evidence
same 'fast and exact decoding find the same' case-j1/report.jsonl case-exact/report.jsonl

# Small pictures and large files by turns, out of an archive: each has its own bytes.
mkdir mixed
for i in {100..160}; do
    { cat evidence/camera/IMG_0001.jpg; echo $i; } | head -c 120000 >"mixed/$i-small.jpg"
    [ $((i % 3)) = 0 ] && { echo $i; cat evidence/camera/*.jpg evidence/camera/*.jpg; head -c 150000 /dev/zero; } >"mixed/$i-large.bin"
    [ $((i % 4)) = 0 ] && { cat "mixed/$i-small.jpg"; head -c 200000 /dev/zero; echo $i; } >"mixed/$i-large.jpg"
done
tar cf mixed.tar mixed
(cd mixed && md5sum -- *) | awk '{ print $2, $1 }' | LC_ALL=C sort >mixed.txt
for jobs in 1 2 8; do
    for source in mixed mixed.tar; do
        run hash -q --carve none "-j$jobs" "$source"
        jq -r 'select(.path | test("/")) | [(.path | sub(".*/"; "")), .md5] | join(" ")' out.txt | LC_ALL=C sort >got.txt
        same "small and large by turns in $source, -j$jobs" got.txt mixed.txt
    done
done

# A picture that is there a hundred times is decoded once, and its line says the same each time.
mkdir copies && for i in {1..100}; do cp evidence/camera/IMG_0001.jpg "copies/$i.jpg"; done
expect 1 'scan of copies' scan -q -j1 "${options[@]}" -o case-copies copies
is 'copies are decoded once' "$(jq .decodings case-copies/run.json)" 1
is 'and each has its line' "$(jq -c '[.status, .pdq_screen, .sha256]' case-copies/inventory.jsonl | sort | uniq -c | awk '{ print $1 }')" 100
expect 1 'scan --no-decode-hits' scan -q --no-decode-hits "${options[@]}" -o case-hits evidence/camera
is 'a digest on a list is enough' "$(jq -r 'select(.detail == "not decoded: its digest is on a list") | [.status, .pdq_screen] | @tsv' case-hits/inventory.jsonl | sort -u)" "$(printf 'ok\t')"
is 'all that have one are found' "$(jq -r 'select(.tier == "exact") | .sha256' case-hits/report.jsonl | sort)" \
    "$(jq -r 'select(.tier == "exact" and (.locations | any(.path | startswith("evidence/camera/")))) | .sha256' case-j1/report.jsonl | sort)"
expect 3 'scan of a 1 MiB budget' scan -q -m 1M "${options[@]}" -o case-1m evidence
same_case 'a small budget changes nothing' case-j1 case-1m

# Findings and fates, against the maker's truth.
jq -r '[.tier, (.distance | tostring), ([.matches[].algorithm] | unique | join(",")), ([.locations[].path] | sort | join("|"))]
       | join("\t")' case-j1/report.jsonl | LC_ALL=C sort >found.tsv
LC_ALL=C sort truth.tsv >truth-sorted.tsv
same 'findings, distances and places are the truth' found.tsv truth-sorted.tsv
jq -r '[.path, .type, .status] | join("\t")' case-j1/inventory.jsonl | LC_ALL=C sort >fates.tsv
LC_ALL=C sort status.tsv >status-sorted.tsv
is 'every fate that is certain' "$(LC_ALL=C comm -13 fates.tsv status-sorted.tsv)" ''
if grep '^evidence/cut.zip' fates.tsv | cut -f 3 | grep -Evq '^(ok|not-media|partial)$'; then
    ok 'a cut archive is told'
else
    bad 'a cut archive is not told'
fi
one_status_each case-j1
for file in case-j1/*.jsonl case-j1/summary.json case-j1/run.json; do
    if jq -e . "$file" >/dev/null 2>&1; then ok "$file is JSON"; else bad "$file is not JSON"; fi
done
for file in inventory.jsonl report.jsonl report.csv report.html summary.json; do
    if LC_ALL=C grep -q $'[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]' "case-j1/$file"; then bad "$file has control characters"; else ok "$file has none"; fi
done
if grep -q '<script>alert' case-j1/report.html; then bad 'a name is HTML in report.html'; else ok 'names are text in report.html'; fi
is 'modes of the case folder' "$(stat -c %a case-j1)" 700
is 'modes of its files' "$(find case-j1 -type f ! -perm 600 -print)" ''

# The order of ranks, and what each exit status means.
is 'ranks count up' "$(jq -s 'map(.rank) == [range(1; length + 1)]' case-j1/report.jsonl)" true
expect 0 'status 0: all examined, no finding' scan -q "${options[@]}" -o case-s0 evidence/notes.txt
expect 1 'status 1: findings' scan -q "${options[@]}" -o case-s1 evidence/camera/IMG_0001.jpg
expect 2 'status 2: not everything examined' scan -q -o case-s2 evidence/cut.zip
expect 3 'status 3: both' scan -q "${options[@]}" -o case-s3 evidence
expect 0 'hash: status 0' hash -q evidence/notes.txt
"$TRAWL" hash -q evidence/notes.txt >/dev/full 2>err.txt
is 'status 74: stdout is full' $? 74
# A disk of 64 KiB, in a mount namespace of its own.
cat >small-disk.sh <<'END'
mkdir -p disk && mount -t tmpfs -o size=64k none disk || exit 99
"$TRAWL" scan -q -l lists/demo.txt --known lists/ignore.txt -o disk/case evidence
echo $? >full.txt
mount -o remount,size=16m disk
"$TRAWL" scan -q -l lists/demo.txt --known lists/ignore.txt -o disk/case evidence
echo $? >room.txt
cp -r disk/case case-s74
END
if TRAWL=$TRAWL unshare -rm sh small-disk.sh 2>err.txt; then
    is 'status 74: the disk is full' "$(cat full.txt)" 74
    is 'the case goes on when there is room again' "$(cat room.txt)" 3
    same_case 'and ends as if nothing had been' case-j1 case-s74
else
    skip "a full disk: no mount namespace here ($(head -n 1 err.txt))"
fi

# Reports are a function of the journal.
cp -r case-j1 case-again
rm case-again/*.*
expect 3 'trawl report' report case-again
same_case 'reports are written again, byte for byte' case-j1 case-again
expect 0 'trawl verify: nothing was changed' verify case-again
printf x >>case-again/report.csv
expect 2 'trawl verify: a byte was added' verify case-again
expect 64 'a finished case is not scanned again' scan -q "${options[@]}" -o case-j1 evidence
cp -r case-j1 case-torn
rm case-torn/*.*
segment=$(find case-torn/journal -type f -printf '%s %p\n' | sort -n | tail -n 1 | cut -d ' ' -f 2-)
truncate -s $(($(stat -c %s "$segment") * 6 / 10)) "$segment"
expect 3 'a torn journal resumes' scan -q "${options[@]}" -o case-torn evidence
for file in inventory.jsonl report.jsonl report.csv; do
    same "a torn journal resumes to the same $file" "case-j1/$file" "case-torn/$file"
done

# Sources from a file, and what is no regular file.
printf 'evidence/notes.txt\0evidence/empty\0' >from0
expect 0 '--from -0' hash -q --from from0 -0
is '--from -0 gives both' "$(jq -r .path out.txt | LC_ALL=C sort | tr '\n' ' ')" 'evidence/empty evidence/notes.txt '
mkdir -p special
mkfifo special/fifo
ln -sf /etc special/link
timeout 60 "$TRAWL" hash -q special >special.jsonl 2>err.txt
is 'a FIFO does not stop it' "$([ $? != 124 ] && echo ended)" ended
is 'a FIFO and a link have a line each' "$(jq -r .path special.jsonl | grep -c -e fifo -e link)" 2

# A list of sources through a pipe: read as it comes; a scan that waits for it ends when it is told to.
mkfifo sources.fifo
echo special >sources.fifo &
run scan -o fifo-case --from sources.fifo
is '--from reads a FIFO' "$(wc -l <fifo-case/inventory.jsonl)" "$(wc -l <special.jsonl)"
"$TRAWL" scan -q -o waiting --from sources.fifo 2>err.txt &
waiting=$!
for ((i = 0; i < 100; i++)); do [ -s waiting/journal/j-000001.log ] && break; sleep 0.1; done
kill -TERM "$waiting"
for ((i = 0; i < 100; i++)); do kill -0 "$waiting" 2>/dev/null || break; sleep 0.1; done
kill -KILL "$waiting" 2>/dev/null && waited=forever || waited=
wait "$waiting"
is 'a scan that waits for a FIFO of sources stops' "$?$waited $(jq -c '[.complete, .interrupted]' waiting/summary.json)" '2 [false,true]'

# trawl match on trawl hash gives the digests' hits again.
expect 3 'trawl match on hash lines, one of them of an unreached file' match -q -l lists/demo.txt hash-j1.jsonl
jq -r 'select(.tier == "exact") | .type + " " + .value' out.txt | sort -u >hits.txt
jq -r '.matches[] | select(.distance == 0 and .algorithm != "pdq") | .algorithm + " " + .value' case-j1/report.jsonl | sort -u >hits-scan.txt
same 'match and scan have the same exact hits' hits.txt hits-scan.txt
expect 0 'trawl list build' list build -o demo.idx lists/demo.txt
expect 3 'scan with the compiled index' scan -q -l demo.idx --known lists/ignore.txt -o case-idx evidence
jq -c '[.tier, .distance, .sha256, [.locations[].path]]' case-j1/report.jsonl >plain.jsonl
jq -c '[.tier, .distance, .sha256, [.locations[].path]]' case-idx/report.jsonl >index.jsonl
same 'the compiled index finds the same' plain.jsonl index.jsonl
straced 'made evidence under strace' case-strace scan -q -j2 -l lists/demo.txt -o case-strace evidence
