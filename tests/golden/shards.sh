# shards.sh (sourced): a plan, its shards in any order, one of them twice, one killed and resumed: merged, they are the scan by one machine.
made .
mkdir -p evidence/odd/sub/deep/deeper evidence/shut
"$MAKE_EVIDENCE" nest evidence/nest.zip evidence/camera/*.jpg || bad 'make_evidence nest'
mkfifo evidence/odd/pipe
ln -s /etc evidence/odd/link
echo shut >evidence/shut/file
echo deep >evidence/odd/sub/deep/deeper/file
for name in $'new\nline' $'\x80\xff' 'a"b<c>' '\x41' '-o' 'a!' 'a!/b' ' ' '$unreached'; do echo "$name" >"evidence/odd/$(printf %s "$name" | tr / _)"; done
# A tree that is over its limit, but none of its archives is.
head -c 3000000 /dev/zero >zeros
for i in 1 2 3 4; do (zip -q -X "cut-$i.zip" zeros && zip -q -X -0 evidence/cuts.zip "cut-$i.zip") || bad 'zip'; done
head -c 30000000 /dev/urandom >evidence/large.bin
tar cf evidence/large.tar evidence/camera evidence/large.bin
# Alone with names that sort around a slash.
mkdir -p evidence/odd/n && touch evidence/odd/n-1 evidence/odd/n/1 evidence/odd/n0
if [ "$(id -u)" != 0 ]; then chmod 0 evidence/shut; fi
options=(-l lists/demo.txt --known lists/ignore.txt --limit container-bytes=64M --limit dir-depth=3)
plan_options=(--limit container-bytes=64M --limit dir-depth=3)
cuts=(--limit container-bytes=8M)
expect 3 'shards: the single run' scan -q "${options[@]}" "${cuts[@]}" -o single evidence
is 'shards: a tree is cut' "$(jq -r 'select(.path == "evidence/cuts.zip!/$unreached") | .status' single/inventory.jsonl)" unreached
expect 0 'plan' plan -q "${plan_options[@]}" "${cuts[@]}" --target-bytes 1M evidence
mv out.txt plan.jsonl
expect 0 'plan again' plan -q "${plan_options[@]}" "${cuts[@]}" --target-bytes 1M evidence
same 'plan: the same bytes' plan.jsonl out.txt
is 'plan: every line is JSON' "$(jq -c . plan.jsonl | wc -l)" "$(wc -l <plan.jsonl)"
is 'plan: all that a scan meets' "$(jq -r 'select(.path) | .path' plan.jsonl | LC_ALL=C sort | md5sum)" \
    "$(jq -r 'select(.where | length == 1) | .path' single/inventory.jsonl | LC_ALL=C sort | md5sum)"

# shard I OPTION...: its exit status is what is in it
shard() {
    local i=$1
    shift
    run scan -q "${options[@]}" "${cuts[@]}" --plan plan.jsonl --shard "$i/8" "$@"
    [ "$status" -le 3 ] || bad "shard $i: status $status: $(head -n 2 err.txt)"
}

killed=0
for i in 5 2 7 0 3 6 1 4; do
    if [ $i = 6 ] || [ $i = 1 ]; then
        "$TRAWL" scan -q "${options[@]}" "${cuts[@]}" --plan plan.jsonl --shard $i/8 >out.txt 2>err.txt </dev/null &
        for ((n = 0; n < 200; n++)); do
            [ -s part-$i/journal/j-000001.log ] && break
            sleep 0.005
        done
        kill -9 $! 2>/dev/null
        { wait $!; } 2>/dev/null
        [ -f part-$i/run.json ] || killed=$((killed + 1))
    fi
    shard $i
done
[ $killed -gt 0 ] && ok 'shards: one was killed' || skip 'shards: none was met by its kill'
shard 3 -o part-3-again
cp -r part-5 part-5-before
run scan "${options[@]}" "${cuts[@]}" --plan plan.jsonl --shard 5/8
before=$status
grep -q 'is finished already' err.txt && ok 'shards: a finished one does nothing' || bad "shards: a finished one: $(cat err.txt)"
is 'shards: not even a line in its log' "$(diff -r part-5 part-5-before)" ''
rm part-5-before/summary.json
run scan -q "${options[@]}" "${cuts[@]}" --plan plan.jsonl --shard 5/8 -o part-5-before
is 'shards: its status is that of its scan' "$before" "$status"

expect 3 'merge' merge -q -o merged part-[0-7] part-3-again
same_case 'merge: the same as the single run' single merged
expect 0 'merge: verify' verify merged
expect 3 'merge: in another order, of merges' merge -q -o merged-a part-7 part-3 part-1
is 'merge: is not complete' "$(jq -r '.complete, .notes[]' merged-a/summary.json | tr '\n' '|')" \
    'false|shards 0, 2, 4-6 of 8 (counted from 0) are missing: nothing of that share was examined|'
"$TRAWL" merge -q -o merged-b part-3-again part-0 part-5 part-6 part-2 part-4 2>err.txt
expect 3 'merge: of merges' merge -q -o merged-c merged-b merged-a
same_case 'merge: of merges is the same' single merged-c
expect 3 'merge: of one that is whole already' merge -q -o merged-d merged-c part-3
same_case 'merge: ... changes nothing' single merged-d
expect 3 'merge: a report again' report -q merged-d
same_case 'merge: ... is the same' single merged-d

# By the environment.
for variable in SLURM_ARRAY_TASK_ID=7 JOB_COMPLETION_INDEX=7 PARALLEL_SEQ=8 'SLURM_ARRAY_TASK_ID=7 PARALLEL_SEQ=8'; do
    # shellcheck disable=SC2086
    env $variable "$TRAWL" scan "${options[@]}" "${cuts[@]}" --plan plan.jsonl --shard auto/8 >out.txt 2>err.txt
    is "--shard auto: $variable" "$(head -n 1 err.txt)" 'trawl: part-7: shard 7 of 8 is finished already'
done
SLURM_ARRAY_TASK_ID=7 PARALLEL_SEQ=7 refused 'say different things' scan "${options[@]}" "${cuts[@]}" --plan plan.jsonl --shard auto/8
refused 'none of SLURM_ARRAY_TASK_ID' scan --plan plan.jsonl --shard auto/8
refused 'there is no shard 8 of 8' scan --plan plan.jsonl --shard 8/8
refused 'is not I/N' scan --plan plan.jsonl --shard 1
refused 'needs --shard' scan --plan plan.jsonl
refused 'there is no --plan' scan --shard 0/1 evidence
refused 'no SOURCE beside it' scan --plan plan.jsonl --shard 0/1 evidence
refused 'give plan and scan the same limits' scan --plan plan.jsonl --shard 0/8
refused 'this case is finished' scan -l lists/demo.txt "${plan_options[@]}" "${cuts[@]}" --plan plan.jsonl --shard 0/8 -o part-0

# A plan that is not whole.
lines=$(wc -l <plan.jsonl)
head -n $((lines - 1)) plan.jsonl >cut.jsonl
refused 'the plan is cut' scan --plan cut.jsonl --shard 0/8
head -c 3000 plan.jsonl >cut.jsonl
refused 'the plan is cut' scan --plan cut.jsonl --shard 0/8
sed 50d plan.jsonl >cut.jsonl
refused 'not as trawl plan writes it' scan --plan cut.jsonl --shard 0/8
sed 's/"path":"evidence\/camera/&\/../' plan.jsonl >cut.jsonl
refused 'not as trawl plan writes it' scan --plan cut.jsonl --shard 0/8
sed 's/"size":[0-9]*/"size":1/' plan.jsonl >cut.jsonl
refused 'not as trawl plan writes it' scan --plan cut.jsonl --shard 0/8
refused 'is no plan' scan --plan lists/demo.txt --shard 0/8
refused 'must be a file' scan --plan /dev/null --shard 0/8

# What does not belong together, or is not whole.
run scan -q "${plan_options[@]}" "${cuts[@]}" -l lists/demo.txt --plan plan.jsonl --shard 0/8 -o other-lists
run scan -q "${options[@]}" "${cuts[@]}" --max-distance 10 --plan plan.jsonl --shard 0/8 -o other-options
run scan -q "${options[@]}" "${cuts[@]}" --plan plan.jsonl --shard 0/7 -o other-number
"$TRAWL" plan -q "${plan_options[@]}" "${cuts[@]}" --target-bytes 2M evidence >other.jsonl
run scan -q "${options[@]}" "${cuts[@]}" --plan other.jsonl --shard 0/8 -o other-plan
refused 'with other lists than part-1' merge -o no part-1 other-lists
refused 'with other options than part-1' merge -o no part-1 other-options
refused 'is one of 7 shards, and not of 8' merge -o no part-1 other-number
refused 'is of another plan than part-1' merge -o no part-1 other-plan
refused 'without a plan' merge -o no part-1 single
refused 'is no case folder' merge -o no part-1 evidence
refused 'a merge needs a new folder' merge -o merged part-1
refused 'a merge needs a new folder' merge -o lists part-1
refused 'put together of shards' scan "${options[@]}" "${cuts[@]}" -o merged evidence
cp -r part-2 part-2-bad
printf X | dd of=part-2-bad/journal/j-000001.log bs=1 seek=$(($(stat -c %s part-2/journal/j-000001.log) / 2)) conv=notrunc 2>/dev/null
expect 3 'merge: a damaged journal' merge -q -o merged-e part-[01345]* part-2-bad part-[67]
is 'merge: ... is named' "$(jq -r '.complete, .notes[]' merged-e/summary.json | tr '\n' '|')" \
    'false|shard 2 of 8 (counted from 0) is damaged: what stood in those places of the journal is missing|'
expect 3 'merge: a whole one of the same shard wins' merge -q -o merged-f part-2-bad part-[0-7]
same_case 'merge: ... and is the same' single merged-f
cp -r part-4 part-4-cut
segment=$(find part-4-cut/journal -name 'j-*' | tail -n 1)
truncate -s $(($(stat -c %s "$segment") - 10)) "$segment"
mkdir -p part-0-none/journal
expect 3 'merge: one that did not end, one that did not begin' merge -q -o merged-g part-0-none part-[1235]* part-4-cut part-[67]
is 'merge: ... are named' "$(jq -r '.complete, .notes[]' merged-g/summary.json | tr '\n' '|')" \
    'false|shard 0 of 8 (counted from 0) is missing: nothing of that share was examined|shard 4 of 8 (counted from 0) is not finished: the rest of that share was not examined|'
grep -q 'part-0-none: left out' err.txt && ok 'merge: ... is told' || bad "merge: a part without a beginning: $(cat err.txt)"

# A merge that was killed is done again; one whose reports are missing writes them.
mkdir -p merged-h/journal.merging && echo rest >merged-h/journal.merging/j-000001.log && echo x >merged-h/journal.merging/j-000002.log
expect 3 'merge: after an interruption' merge -q -o merged-h part-[0-7]
same_case 'merge: ... the same' single merged-h
rm merged-h/run.json merged-h/report.html
expect 3 'merge: its reports again' merge -q -o merged-h part-[0-7]
same_case 'merge: ... the same reports' single merged-h
rm merged-h/run.json
refused 'there is another case already' merge -o merged-h part-[0-6]

# The disk is full while it is merged, in a mount namespace of its own.
cat >small-disk.sh <<'END'
mkdir -p disk && mount -t tmpfs -o size=32k none disk || exit 99
"$TRAWL" merge -q -o disk/case part-[0-7]
echo $? >full.txt
mount -o remount,size=16m disk
"$TRAWL" merge -q -o disk/case part-[0-7]
echo $? >room.txt
cp -r disk/case merged-full
END
if TRAWL=$TRAWL unshare -rm sh small-disk.sh 2>err.txt; then
    is 'merge: the disk is full' "$(cat full.txt)" 74
    is 'merge: it is done when there is room' "$(cat room.txt)" 3
    same_case 'merge: ... the same' single merged-full
else
    skip "merge: a full disk: no mount namespace here ($(head -n 1 err.txt))"
fi

# Files that are not what they were.
[ -w evidence/shut ] || chmod 700 evidence/shut
"$TRAWL" plan -q --limit dir-depth=3 --target-bytes 1M evidence/odd >stale.jsonl
rm evidence/odd/n0 && mkfifo evidence/odd/n0 && rm evidence/odd/n/1 && rmdir evidence/odd/n && echo more >>evidence/odd/-o
expect 2 'a stale shard' scan -q --limit dir-depth=3 --plan stale.jsonl --shard 0/1 -o stale-part
is 'a stale shard says so' "$(jq -r '.complete, .notes[]' stale-part/summary.json | tr '\n' '|')" \
    'false|this is shard 0 of 1 (counted from 0): the other ones hold the rest of the evidence|3 files were gone or not the same any more as when the plan was made|'
expect 2 'a stale shard again' scan -q --limit dir-depth=3 --plan stale.jsonl --shard 0/1 -o stale-part
expect 0 'a stale shard is verified' verify stale-part
expect 2 'a stale shard merged' merge -q -o stale-merged stale-part
is 'a merge of it says so' "$(jq -r '.complete, .notes[]' stale-merged/summary.json | tr '\n' '|')" \
    'false|shard 0 of 1 (counted from 0) is stale: files were gone or not the same any more as when the plan was made|'
is 'what is gone has a line' "$(jq -r 'select(.path == "evidence/odd/n/1") | .status' stale-merged/inventory.jsonl)" io-error

# Containers of which several shards read parts: a zip with a tree in it that is too much, and bytes behind it; a disk.
mkdir -p split tree
for i in 1 2 3 4 5 6 7; do head -c 10000000 /dev/urandom >tree/$i.bin; done
for i in 1 2 3 4 5; do (head -c 30000000 /dev/zero >zeros-$i && zip -q -X tree/3-$i.zip zeros-$i && rm zeros-$i) || bad 'zip'; done
# A finding behind the end of a tree is in a report by chance: here they stand before it.
for file in evidence/camera/*.jpg; do cp "$file" "tree/0-$(basename "$file")"; done
(cd tree && zip -q -X -0 ../split/tree.zip -- *) || bad 'zip'
mv tree/*.bin . && rm tree/3-* && for i in 1 2 3 4 5 6 7; do (cd tree && cp "../$i.bin" . && zip -q -X -0 ../split/plain.zip -- * && rm "$i.bin"); done
echo behind >>split/plain.zip
cp evidence/camera/IMG_0001.jpg split
if command -v mke2fs >/dev/null && command -v debugfs >/dev/null; then
    truncate -s 80M split/disk.dd && mke2fs -q -F -t ext4 split/disk.dd && for i in 1 2 3; do echo "write $i.bin $i.bin"; done | debugfs -w -f - split/disk.dd >debugfs.txt 2>&1
    for file in evidence/camera/*.jpg; do echo "write $file $(basename "$file")"; done | debugfs -w -f - split/disk.dd >debugfs.txt 2>&1
    split -d -a 3 --numeric-suffixes=1 -b 30M split/disk.dd split/parts. && rm split/parts.003
fi
rm -f -- *.bin
split_options=("${options[@]}" --limit container-bytes=200M)
run scan -q "${split_options[@]}" -o split-single split
split_status=$status
is 'split: a tree is cut' "$(jq -r 'select(.path == "split/tree.zip!/$unreached") | .status' split-single/inventory.jsonl)" unreached
run plan -q "${plan_options[@]}" --limit container-bytes=200M --target-bytes 12M split
mv out.txt split.jsonl
is 'split: zips are divided' "$(jq -r 'select(.path | strings | endswith(".zip")) | .path' split.jsonl | sort | uniq -c | awk '{ print ($1 > 1) }' | tr '\n' ' ')" '1 1 '
[ ! -f split/disk.dd ] || is 'split: a disk is divided' "$(jq -r 'select(.path == "split/disk.dd") | .path' split.jsonl | wc -l | awk '{ print ($1 > 1) }')" 1

# split_shard I ...
split_shard() {
    local i=$1
    shift
    run scan -q "${split_options[@]}" --plan split.jsonl --shard "$i/5" -o "split-part-$i" "$@"
    [ "$status" -le 3 ] || bad "split: shard $i: status $status: $(head -n 2 err.txt)"
}
killed=0
for i in 3 1 4 0 2; do
    if [ $i != 3 ]; then
        "$TRAWL" scan -q "${split_options[@]}" --plan split.jsonl --shard "$i/5" -o split-part-$i >out.txt 2>err.txt </dev/null &
        for ((n = 0; n < 400; n++)); do
            [ "$(stat -c %s split-part-$i/journal/j-000001.log 2>/dev/null || echo 0)" -gt 3000 ] && break
            sleep 0.005
        done
        kill -9 $! 2>/dev/null
        { wait $!; } 2>/dev/null
        [ -f split-part-$i/run.json ] || killed=$((killed + 1))
    fi
    split_shard $i $([ $i = 4 ] && echo -j1)
done
[ $killed -gt 0 ] && ok 'split: some were killed' || skip 'split: none was met by its kill'
expect "$split_status" 'split: merge' merge -q -o split-merged split-part-[0-4]
same_case 'split: the same as the single run' split-single split-merged
"$TRAWL" merge -q -o split-a split-part-4 split-part-1 2>err.txt
"$TRAWL" merge -q -o split-b split-part-3 split-part-0 split-part-1 2>err.txt
expect "$split_status" 'split: merge of merges' merge -q -o split-c split-b split-part-2 split-a
same_case 'split: of merges is the same' split-single split-c
for i in 0 1 2 3 4; do "$TRAWL" merge -q -o split-one-$i split-part-$i 2>err.txt; done
is 'split: who misses a part says so' "$(jq -r 'select(.path == "split/plain.zip") | .status' split-one-*/inventory.jsonl | sort -u)" unreached
run merge -q -o split-d split-part-[0-3]
is 'split: ... and is not complete' "$(jq -r .complete split-d/summary.json)" false
expect "$split_status" 'split: merge of that and the rest' merge -q -o split-e split-d split-part-4
same_case 'split: ... is the same' split-single split-e
# One that changed is read by the shard that has its beginning, and by no other.
echo more >>split/plain.zip
for i in 0 1 2 3 4; do run scan -q "${split_options[@]}" --plan split.jsonl --shard "$i/5" -o "split-later-$i"; done
run merge -q -o split-later split-later-[0-4]
is 'split: a changed one makes it stale' "$(jq -r .complete split-later/summary.json)" false
run scan -q "${split_options[@]}" -o split-again split
same 'split: ... and is read whole' split-again/inventory.jsonl split-later/inventory.jsonl
refused 'divides containers among shards' scan "${split_options[@]}" --minimise --plan split.jsonl --shard 0/5 -o split-no
rm -rf ./*
