# memory.sh: all processes together stay within -j x a child's limit + 256 MiB, whatever the evidence.

# bounded NAME JOBS EVIDENCE
bounded() {
    local name=$1 jobs=$2 most
    rm -rf case
    "$FAULTS" peak peak.txt "$TRAWL" scan -q "-j$jobs" -o case "$3" >out.txt 2>err.txt </dev/null
    [ $? -lt 64 ] || bad "$name: $(head -n 1 err.txt)"
    . ./peak.txt
    # A worker has a decoder (768 MiB) or an unpacker (1 GiB) at a time.
    most=$((jobs * 1024 * 1024 + 256 * 1024))
    if [ "$all" -le $most ]; then ok "$name: $all KiB of $most"; else bad "$name: $all KiB, more than $most"; fi
    figure "$name: all processes $all KiB, main $main KiB, largest child $child KiB, of $processes"
}
if [ ! -d "$SHARED/hostile" ]; then
    skip 'memory: ../shared/data/hostile is absent'
elif [ -n "${STRESS_QUICK:-}" ]; then
    mkdir few
    for file in png_ztxt_bomb_512MiB.png png_12000x12000_rgba16.png jpeg_progressive_65500x65500_tiny.jpg zip_nested_depth30.zip; do
        cp "$SHARED/hostile/selfmade/$file" few 2>/dev/null
    done
    bounded 'memory: some bombs' 2 few
else
    bounded 'memory: all that is hostile, -j2' 2 "$SHARED/hostile"
    bounded 'memory: all that is hostile, -j8' 8 "$SHARED/hostile"
fi
