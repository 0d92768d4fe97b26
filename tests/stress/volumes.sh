# volumes.sh: what is read of a disk where its reader crashes at one step or another: told, and nothing else is lost.

volumes_make() {
    local step tool
    for tool in mke2fs debugfs sgdisk; do
        command -v "$tool" >/dev/null || PATH=$PATH:/usr/sbin:/sbin
        command -v "$tool" >/dev/null || { skip "volumes: $tool is missing"; return 1; }
    done
    [ -x "$build/readers-mock" ] && "$TRAWL" --formats | grep diskimage >/dev/null || { skip 'volumes: this build reads no disks'; return 1; }
    mkdir bin && cp "$MOCK" bin/trawl && cp "$build/readers-mock" bin/trawl-readers
    for step in 0 1 2 3 4; do
        printf 'GIF89a\1\0\1\0\200\0\0\0\0%b\377\377\377,\0\0\0\0\1\0\1\0\0\2\2D\1\0;' "\\000$step" >pic$step.gif
    done
    # Large enough for two shares of files and of free space; two pictures in files, one in free space, one in each gap.
    truncate -s 80M ext && mke2fs -q -F -t ext2 -b 1024 ext &&
        printf 'write pic0.gif pic0.gif\nwrite pic1.gif pic1.gif\n' >commands && debugfs -w -f commands ext &&
        dd if=pic2.gif of=ext bs=1M seek=78 conv=notrunc && truncate -s 90M disk.dd && sgdisk -o -n 1:2048:+80M disk.dd &&
        dd if=ext of=disk.dd bs=1M seek=1 conv=notrunc && dd if=pic3.gif of=disk.dd bs=512 seek=100 conv=notrunc &&
        dd if=pic4.gif of=disk.dd bs=1M seek=84 conv=notrunc
}

# volumes_at STEP LINES N: with a reader that crashes there these lines say so, and N of the five pictures are found
volumes_at() {
    local step=$1 wanted=$2 jobs i found=0
    for jobs in 1 2; do
        TRAWL_MOCK_STEP=$step bin/trawl hash -q -j$jobs disk.dd >"out.$jobs" 2>err.txt </dev/null
        is "volumes: a crash at $step, -j$jobs" $? $((${#wanted} ? 2 : 0))
    done
    same "volumes: a crash at $step: one result" out.1 out.2
    is "volumes: a crash at $step is told" "$(jq -r 'select(.status | test("crashed|unreached")) | "\(.where[-1].name) \(.status)"' out.1 | tr '\n' ,)" "$wanted"
    for i in 0 1 2 3 4; do
        grep "\"md5\":\"$(md5sum <pic$i.gif | cut -d ' ' -f 1)\"" out.1 >/dev/null && found=$((found + 1))
    done
    is "volumes: pictures found with a crash at $step" "$found" "$3"
}

if volumes_make >log 2>&1; then
    volumes_at none-1 '' 5
    volumes_at table-1 '$volumes crashed,' 5
    volumes_at names-1 'p1 crashed,' 5
    volumes_at names-2 'p1/$names-2 crashed,' 5
    volumes_at orphans-1 'p1/$orphans-1 crashed,' 5
    volumes_at free-1 'p1/$free-1 crashed,' 5
    volumes_at free-2 'p1/$free-2 crashed,' 5
    volumes_at carve-1 'disk.dd crashed,$unreached unreached,' 5
    volumes_at carve-2 'disk.dd crashed,$unreached unreached,' 4
    volumes_at open-12 'p1/pic0.gif:$entry crashed,' 4
else
    skip "volumes: no disk was made: $(tail -n 1 log)"
fi
