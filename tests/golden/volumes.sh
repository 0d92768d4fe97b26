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
    volumes_beside
    volumes_behind
    rm -rf volumes
}

# A disc with UDF beside ISO 9660 lists a file in the one only; and UDF alone.
volumes_udf() {
    command -v genisoimage >/dev/null || { skip 'volumes: genisoimage is missing'; return; }
    mkdir volumes/disc && cp volumes/1.gif volumes/disc/1.gif && echo other >volumes/disc/2.txt
    genisoimage -quiet -udf -hide 1.gif -o volumes/bridge.iso volumes/disc >volumes/log 2>&1
    expect 0 'volumes: UDF beside ISO 9660, status' hash -q volumes/bridge.iso
    is 'volumes: UDF beside ISO 9660: both are read, and each file once' "$(jq -r 'select((.where | length) == 2) | "\(.where[1].name) \(.md5)"' out.txt | LC_ALL=C sort)" \
        "$(printf '1.gif %s\n2.txt %s' "$(md5sum <volumes/1.gif | cut -c 1-32)" "$(md5sum <volumes/disc/2.txt | cut -c 1-32)")"
    { dd if=volumes/bridge.iso bs=2048 count=16; printf '\0BEA01\1' | dd bs=2048 count=1 conv=sync; printf '\0NSR02\1' | dd bs=2048 count=1 conv=sync; dd if=volumes/bridge.iso bs=2048 skip=18; } >volumes/udf 2>volumes/log
    expect 0 'volumes: UDF alone, status' hash -q volumes/udf
    is 'volumes: UDF alone is read' "$(jq -r 'select(.where[1].kind == "fs") | "\(.where[1].name) \(.md5)"' out.txt | LC_ALL=C sort)" \
        "$(printf '1.gif %s\n2.txt %s' "$(md5sum <volumes/1.gif | cut -c 1-32)" "$(md5sum <volumes/disc/2.txt | cut -c 1-32)")"
}

# volumes_entry IMAGE PLACE TYPE START COUNT: an entry of a master boot record; sectors below 65536
volumes_entry() {
    printf "$(printf '\\0\\0\\0\\0\\x%02x\\0\\0\\0\\x%02x\\x%02x\\0\\0\\x%02x\\x%02x\\0\\0' "$3" $(($4 & 255)) $(($4 >> 8)) $(($5 & 255)) $(($5 >> 8)))" | dd of="$1" bs=1 seek=$((446 + 16 * $2)) conv=notrunc &&
        printf '\125\252' | dd of="$1" bs=1 seek=510 conv=notrunc
}

# The boot sector of a medium has a table of volumes, and behind it stands what the medium was before: an old ext.
volumes_beside() {
    { cat volumes/1.gif; echo other; } >volumes/2.gif
    { truncate -s 2M volumes/new && mke2fs -q -F -t ext2 -b 1024 volumes/new && debugfs -w -R 'write volumes/2.gif 2.gif' volumes/new &&
        truncate -s 8M volumes/old && mke2fs -q -F -t ext2 -b 1024 volumes/old && debugfs -w -R 'write volumes/1.gif 1.gif' volumes/old && cp volumes/old volumes/no &&
        dd if=volumes/new of=volumes/old bs=1M seek=4 conv=notrunc && volumes_entry volumes/old 0 131 8192 4096 && volumes_entry volumes/no 0 131 8192 4096; } >volumes/log 2>&1
    run hash -q volumes/old
    is 'volumes: an old ext beside a table, both are read' "$(jq -r 'select(.where[1].kind == "fs") | "\(.where[1].name) \(.md5)"' out.txt | LC_ALL=C sort)" \
        "$(printf '1.gif %s\np1/2.gif %s' "$(md5sum <volumes/1.gif | cut -c 1-32)" "$(md5sum <volumes/2.gif | cut -c 1-32)")"
    is 'volumes: ... and that is told' "$(jq -r 'select((.where | length) == 1) | "\(.type) \(.status) \(.detail)"' out.txt)" 'ext ok a table of volumes, too: both are read'
    run hash -q volumes/no
    is 'volumes: a table that leads to no file system is none' "$(jq -r '[(.where[1].name // ""), (.detail // "")] | join(" ")' out.txt | grep -c -e 'p1' -e 'table')" 0
}

# A stick onto which the image of a disc was written, with a volume of its own behind it: an ext2 whose file is in two
# pieces. The table names the image, too, as such do.
volumes_behind() {
    command -v genisoimage >/dev/null || { skip 'volumes: genisoimage is missing'; return; }
    local kind part
    { cat volumes/1.gif; head -c 20000 /dev/zero; echo behind; } >volumes/3.gif
    { genisoimage -quiet -R -o volumes/stick volumes/disc && truncate -s 12M volumes/stick &&
        truncate -s 4M volumes/behind && mke2fs -q -F -t ext2 -b 1024 volumes/behind && debugfs -w -R 'write volumes/3.gif 3.gif' volumes/behind &&
        dd if=volumes/behind of=volumes/stick bs=1M seek=6 conv=notrunc && cp volumes/stick volumes/stick.gpt &&
        volumes_entry volumes/stick 0 23 0 700 && volumes_entry volumes/stick 1 131 12288 8192; } >volumes/log 2>&1
    sgdisk -o -n 1:12288:20479 volumes/stick.gpt >volumes/log 2>&1 || skip 'volumes: sgdisk is missing'
    for kind in stick.2 stick.gpt.1; do
        part=p${kind##*.}
        kind=${kind%.*}
        expect 0 "volumes: $kind, status" hash -q volumes/$kind
        is "volumes: $kind: the files of the disc and of the volume behind it" "$(jq -r 'select(.where[1].kind == "fs") | "\(.where[1].name) \(.md5)"' out.txt | LC_ALL=C sort)" \
            "$(printf '1.gif %s\n2.txt %s\n'"$part"'/3.gif %s' "$(md5sum <volumes/1.gif | cut -c 1-32)" "$(md5sum <volumes/disc/2.txt | cut -c 1-32)" "$(md5sum <volumes/3.gif | cut -c 1-32)")"
        is "volumes: $kind: that is told" "$(jq -r 'select((.where | length) == 1) | "\(.type) \(.status) \(.detail)"' out.txt)" 'disk ok an image of a disc, and volumes behind it'
    done
}

volumes_all
