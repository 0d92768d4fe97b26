# volumes.sh: file systems of which a part cannot be listed: what libtsk passes over without a word is told.

# volumes_word NAME DETAIL STATUS: of the member, or of the volume itself
volumes_word() { is "volumes: $1" "$(jq -r --arg n "$2" 'select(.where[1].name == $n) | "\(.status) \(.detail)"' out.txt)" "$3"; }

volumes_ext() {
    printf 'GIF89a\1\0\1\0\200\0\0\0\0\0\377\377\377,\0\0\0\0\1\0\1\0\0\2\2D\1\0;' >volumes/1.gif
    truncate -s 2M volumes/ext && mke2fs -q -F -t ext2 -b 1024 volumes/ext &&
        printf 'mkdir a\nmkdir b\nmkdir empty\nwrite volumes/1.gif b/1.gif\nln b b/again\n' >volumes/commands &&
        debugfs -w -f volumes/commands volumes/ext && cp volumes/ext volumes/root && cp volumes/ext volumes/cut &&
        debugfs -w -R 'sif a block[0] 99999999' volumes/ext && debugfs -w -R 'sif <2> block[0] 99999999' volumes/root && truncate -s 1000K volumes/cut
}

volumes_all() {
    local tool
    for tool in mke2fs debugfs; do
        command -v "$tool" >/dev/null || PATH=$PATH:/usr/sbin:/sbin
        command -v "$tool" >/dev/null || { skip "volumes: $tool is missing"; return; }
    done
    "$TRAWL" --formats | grep diskimage >/dev/null || { skip 'volumes: this build reads no disks'; return; }
    mkdir volumes
    volumes_ext >volumes/log 2>&1
    expect 2 'volumes: folders that cannot be read, status' hash -q volumes/ext
    volumes_word 'a folder that cannot be read' a 'damaged folder: its entries cannot be read'
    volumes_word 'a folder within itself' b/again 'damaged folder: too deep, or within itself: its entries were not read'
    volumes_word 'a file beside them' b/1.gif 'ok smaller than 5 x 5 pixels: no PDQ'
    is 'volumes: an empty folder has no line' "$(grep -c '/empty"' out.txt)" 0
    expect 2 'volumes: a root that cannot be read, status' hash -q volumes/root
    volumes_word 'a root that cannot be read' "\$volume" 'damaged ext2: its root folder cannot be read'
    is 'volumes: ... what is in it is carved' "$(jq -r 'select(.where[1].kind == "carved") | .md5' out.txt)" "$(md5sum <volumes/1.gif | cut -d ' ' -f 1)"
    run hash -q volumes/cut
    volumes_word 'a cut file system' "\$volume" 'damaged ext2: it goes on behind the end of the medium'
    volumes_udf
    rm -rf volumes
}

# A disc with UDF beside ISO 9660 lists a file in the one only; and UDF alone.
volumes_udf() {
    command -v genisoimage >/dev/null || { skip 'volumes: genisoimage is missing'; return; }
    mkdir volumes/disc && cp volumes/1.gif volumes/disc/1.gif && echo other >volumes/disc/2.txt
    genisoimage -quiet -udf -hide 1.gif -o volumes/bridge.iso volumes/disc >volumes/log 2>&1
    expect 2 'volumes: UDF beside ISO 9660, status' hash -q volumes/bridge.iso
    is 'volumes: UDF beside ISO 9660 is told' "$(jq -r 'select((.where | length) == 1) | "\(.type) \(.status) \(.detail)"' out.txt)" 'iso9660 unsupported its UDF, which may list more files, is not read'
    is 'volumes: ... and what is only there is carved' "$(jq -r 'select(.where[1].kind == "carved") | .md5' out.txt | grep -c "$(md5sum <volumes/1.gif | cut -d ' ' -f 1)")" 1
    { dd if=volumes/bridge.iso bs=2048 count=16; printf '\0BEA01\1' | dd bs=2048 count=1 conv=sync; printf '\0NSR02\1' | dd bs=2048 count=1 conv=sync; dd if=volumes/bridge.iso bs=2048 skip=18; } >volumes/udf 2>volumes/log
    expect 2 'volumes: UDF alone, status' hash -q volumes/udf
    is 'volumes: UDF alone is told' "$(jq -r 'select((.where | length) == 1) | "\(.type) \(.status)"' out.txt)" 'udf unsupported'
    is 'volumes: ... and carved' "$(jq -r 'select(.where[1].kind == "carved") | .md5' out.txt | grep -c "$(md5sum <volumes/1.gif | cut -d ' ' -f 1)")" 1
}

volumes_all
