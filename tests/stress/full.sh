# full.sh: a disk that is full, at many points: status 74 and one line; with room again the same command ends as if nothing had been.

made .
"$MAKE_EVIDENCE" nest evidence/nest.zip evidence/camera/*.jpg
"$FAULTS" small evidence/small 60 'a small file'
# A budget of 1 MiB: what outgrows it goes to files in the case folder.
options=(-q -j2 -m 1M -l lists/demo.txt --known lists/ignore.txt evidence)
"$TRAWL" scan -o ref "${options[@]}"
ref_status=$?
here_dir=$(pwd -P)
shim=(env "LD_PRELOAD=$build/shim_calls.so" "FAULT_UNDER=$here_dir/case")

# The second half of each trial: what the full disk gave, and the run that follows. True if all is well.
resumed_well() {
    local status=$1 case=$2
    [ "$status" = 74 ] || { miss "$3: status $status: $(head -n 2 err.txt)"; return 1; }
    [ "$(wc -l <err.txt)" = 1 ] && grep -q '^trawl: ' err.txt || { miss "$3: said '$(cat err.txt)'"; return 1; }
    "$TRAWL" scan -o "$case" "${options[@]}" >out.txt 2>err.txt
    status=$?
    [ $status = $ref_status ] || { miss "$3: resumed with status $status: $(head -n 1 err.txt)"; return 1; }
    equal_cases ref "$case" || { miss "$3: $(head -n 2 diff.txt)"; return 1; }
    whole "$case" || { miss "$3: $(grep -vE 'whole|as the journal says' verify.txt)"; return 1; }
}

# fail_at CALLS N ERROR FOR: the Nth of these calls on files of the case fails
fail_at() {
    rm -rf case
    "${shim[@]}" FAULT_CALLS="$1" FAULT_AT="$2" FAULT_ERROR="$3" FAULT_FOR="$4" FAULT_COUNT=count.txt \
        "$TRAWL" scan -o case "${options[@]}" >out.txt 2>err.txt
}

fail_at write,fsync,open,rename,mkdir 0 28 0
is 'full: the shim alone changes nothing' $? $ref_status
calls=$(cat count.txt)
points=$(scale 12 50) good=0 tried=0
for ((i = 0; i < points; i++)); do
    at=$((1 + i * (calls - 1) / (points - 1)))
    fail_at write,fsync,open,rename,mkdir $at 28 0
    status=$?
    # Group commits make some calls fewer in one run than in another.
    [ $status = $ref_status ] && [ "$(cat count.txt)" -lt $at ] && continue
    tried=$((tried + 1))
    resumed_well $status case "full from call $at on" 2>>miss.txt && good=$((good + 1))
done
[ ! -s miss.txt ] || cat miss.txt >&2
tally "full: from the Nth of $calls calls on" $good $tried

# One call that fails once, by its kind.
good=0 tried=0
for row in write:28 write:5 write:122 fsync:5 fsync:28 open:28 open:30 rename:28 rename:5 mkdir:28 mkdir:122; do
    fail_at "${row%:*}" 0 0 0
    calls=$(cat count.txt)
    for at in 1 2 $((calls / 2)) $calls; do
        [ "$at" -ge 1 ] && [ "$at" -le "$calls" ] || continue
        rm -f miss.txt
        fail_at "${row%:*}" "$at" "${row#*:}" 1
        status=$?
        [ $status = $ref_status ] && [ "$(cat count.txt)" -lt "$at" ] && continue
        tried=$((tried + 1))
        if resumed_well $status case "${row%:*} number $at of $calls with error ${row#*:}" 2>miss.txt; then good=$((good + 1)); else cat miss.txt >&2; fi
    done
done
tally 'full: one call fails' $good $tried

# The largest file that may be written is too small: memory that is shared with children counts, so nothing can be scanned.
good=0 tried=0
for bytes in 0 1000 100000; do
    rm -rf case
    "$FAULTS" fsize $bytes "$TRAWL" scan -o case "${options[@]}" >out.txt 2>/dev/null
    status=$?
    tried=$((tried + 1))
    [ $status -ge 64 ] && [ $status -lt 128 ] && good=$((good + 1)) || miss "files of at most $bytes bytes: status $status"
done
tally 'full: RLIMIT_FSIZE ends it with a status' $good $tried

# A real disk of growing size.
cat >disks.sh <<'END_DISKS'
mkdir -p disk && mount -t tmpfs -o size=16m none disk || exit 99
for kib in $SIZES; do
    umount disk && mount -t tmpfs -o "size=${kib}k" none disk || exit 99
    "$TRAWL" scan -o disk/case "$@" >out.txt 2>"err-$kib.txt" </dev/null
    echo "$kib $?" >>full.txt
    mount -o remount,size=64m disk
    "$TRAWL" scan -o disk/case "$@" >out.txt 2>"again-$kib.txt" </dev/null
    echo "$kib $?" >>room.txt
    "$TRAWL" verify disk/case >"verify-$kib.txt"
    cp -r disk/case "disk-$kib"
done
END_DISKS
# A page at a time: the first has no room for a folder's first file.
export SIZES=$(scale '4 8 16 32 64 128' "$(seq -s ' ' 4 4 196) 256")
if TRAWL=$TRAWL unshare -rm bash disks.sh "${options[@]}" 2>err.txt; then
    good=0 tried=0 full=0
    while read -r kib status; do
        tried=$((tried + 1))
        again=$(grep "^$kib " room.txt | cut -d ' ' -f 2)
        if [ "$status" = $ref_status ]; then
            equal_cases ref "disk-$kib" && good=$((good + 1))
            continue
        fi
        full=$((full + 1))
        [ "$status" = 74 ] && [ "$(wc -l <"err-$kib.txt")" = 1 ] || { miss "disk of $kib KiB: status $status: $(cat "err-$kib.txt")"; continue; }
        [ "$again" = $ref_status ] || { miss "disk of $kib KiB: resumed with $again: $(cat "again-$kib.txt")"; continue; }
        equal_cases ref "disk-$kib" || { miss "disk of $kib KiB: $(head -n 2 diff.txt)"; continue; }
        grep -qE 'DAMAGED|CUT|CHANGED|MISSING|UNREADABLE' "verify-$kib.txt" && { miss "disk of $kib KiB: $(cat "verify-$kib.txt")"; continue; }
        good=$((good + 1))
    done <full.txt
    tally "full: a disk of growing size, full in $full" $good $tried
else
    skip "full: disks: no mount namespace here ($(head -n 1 err.txt))"
fi
