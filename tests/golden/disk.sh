# disk.sh: one disk with five volumes, in every kind of image that the tools of this machine write.

DISK_TOOLS='mke2fs debugfs mkfs.vfat mcopy mmd mdel mkntfs ntfscp mkfs.exfat sgdisk'

# picture NAME SEED: a file with a digest of its own that no other has; carvable as JPEG.
disk_pictures() {
    local i
    for i in 0 1 2 3 4 5 6 7 8 9 a b c d e f g h i j; do
        cp "$SHARED/pdq/images/bridge-mods/aaa-orig.jpg" "disk/pic$i.jpg"
        # A comment before the picture's own segments: each is another file.
        { head -c 2 "disk/pic$i.jpg"; printf '\377\376\000\012picture%s' "$i"; tail -c +3 "disk/pic$i.jpg"; } >disk/tmp && mv disk/tmp "disk/pic$i.jpg"
    done
}

# pic1 was deleted; pici too, and another file lies in the middle of it. Without the hint of where to go on mtools takes what comes free first.
disk_fat() {
    : >disk/slot1 && : >disk/slot2 && truncate -s 34M disk/fat && mkfs.vfat -F 32 disk/fat && mcopy -i disk/fat disk/slot1 disk/slot2 disk/pici.jpg ::/ && mmd -i disk/fat ::/sub &&
        mcopy -i disk/fat disk/pic0.jpg disk/pic1.jpg ::/ && mcopy -i disk/fat disk/in.zip ::/sub && mdel -i disk/fat ::/slot1 ::/slot2 ::/pici.jpg &&
        printf '\377\377\377\377' | dd of=disk/fat bs=1 seek=1004 conv=notrunc && mcopy -i disk/fat disk/first disk/over.txt ::/ && mdel -i disk/fat ::/first ::/pic1.jpg
}

# pic3 was deleted; picj too, and another file lies in the middle of it.
disk_ext() {
    truncate -s 16M disk/ext && mke2fs -q -F -t ext4 disk/ext &&
        printf 'write disk/pic2.jpg pic2.jpg\nwrite disk/pic3.jpg gone.jpg\nmkdir sub\nwrite disk/pic4.jpg sub/pic4.jpg\nln pic2.jpg again.jpg\nsif pic2.jpg links_count 2\nsymlink link pic2.jpg
write disk/picj.jpg picj.jpg\nrm picj.jpg\nwrite disk/first first\nwrite disk/over.txt over.txt\nrm first\nrm gone.jpg\n' >disk/commands &&
        debugfs -w -f disk/commands disk/ext
}

# A file put into the volume, or deleted from it.
disk_ntfs_steps() {
    local step
    for step; do
        case $step in
        +*) ntfscp disk/ntfs "disk/${step#+}" "${step#+}" || return 1 ;;
        -*) "$MAKE_EVIDENCE" ntfs disk/ntfs delete "${step#-}" || return 1 ;;
        esac
    done
}

# pic5 is there, pic6 beside another file, pich in a zip in a zip; pice was deleted, another file lies in the middle of picf, and one on all of
# picg. A file that fills the volume and records that come free in time leave no other room for them.
disk_ntfs() {
    echo host >disk/host.txt && tee disk/slot1 disk/slot2 disk/slot3 <disk/host.txt && head -c 364000 /dev/zero | tr '\0' z >disk/all.txt &&
        truncate -s 16M disk/ntfs && mkntfs -q -F -c 4096 disk/ntfs && disk_ntfs_steps +slot1 +slot2 +slot3 +pic5.jpg +host.txt +nested.zip +pice.jpg +picf.jpg +picg.jpg &&
        ntfscp -N hidden.jpg disk/ntfs disk/pic6.jpg host.txt && truncate -s $((4096 * ($("$MAKE_EVIDENCE" ntfs disk/ntfs free) - 8))) disk/filler &&
        disk_ntfs_steps +filler -picg.jpg -slot1 +all.txt -picf.jpg -slot2 +first -slot3 +over.txt -first -pice.jpg
}

# pica is there, picb was deleted. picd and picc too, and other files lie on the middle of the one and the beginning of the other.
disk_exfat() {
    local step
    head -c 53248 disk/picd.jpg >disk/head && head -c 250000 /dev/zero | tr '\0' y >disk/more.txt &&
        truncate -s 4M disk/exfat && mkfs.exfat -b 64K disk/exfat || return 1
    for step in +pica.jpg +picd.jpg -picd.jpg +head +over.txt -head +picc.jpg -picc.jpg +more.txt +picb.jpg -picb.jpg; do
        case $step in
        +*) "$MAKE_EVIDENCE" exfat disk/exfat add "disk/${step#+}" "${step#+}" || return 1 ;;
        -*) "$MAKE_EVIDENCE" exfat disk/exfat delete "${step#-}" || return 1 ;;
        esac
    done
}

# Volumes at 1, 36, 53, 70 and 75 MiB; pic7 in the gap behind the first, pic8 alone in a volume that nobody can read.
disk_put_together() {
    truncate -s 80M disk/disk.dd
    sgdisk -o -n 1:2048:+34M -n 2:73728:+16M -n 3:108544:+16M -n 4:143360:+4M -n 5:153600:+4M disk/disk.dd
    dd if=disk/fat of=disk/disk.dd bs=512 seek=2048 conv=notrunc
    dd if=disk/ext of=disk/disk.dd bs=512 seek=73728 conv=notrunc
    dd if=disk/ntfs of=disk/disk.dd bs=512 seek=108544 conv=notrunc
    dd if=disk/exfat of=disk/disk.dd bs=512 seek=153600 conv=notrunc
    printf 'LUKS\272\276\000\002' | dd of=disk/disk.dd bs=512 seek=143360 conv=notrunc
    dd if=disk/pic7.jpg of=disk/disk.dd bs=512 seek=71700 conv=notrunc
    dd if=disk/pic8.jpg of=disk/disk.dd bs=512 seek=145000 conv=notrunc
}

# What is inside an image, whatever keeps it: without the first layer and the line of the medium.
disk_members() {
    jq -c 'select((.where | length) > 1) | select(.where[1].kind != "medium") | .path |= sub("^[^!]*!/"; "") | .where |= .[1:]' out.txt
}

# md5 NAME FILE: the member has the bytes of the file
disk_is() {
    is "disk: $1 is $2" "$(jq -r --arg p "disk/disk.dd!/$1" 'select(.path == $p) | .md5' disk/raw.jsonl)" "$(md5sum <"disk/$2" | cut -d ' ' -f 1)"
}

disk_raw() {
    expect 2 'disk: raw, status' hash -q disk/disk.dd
    cp out.txt disk/raw.jsonl
    disk_members >disk/raw.members
    disk_is p1/pic0.jpg pic0.jpg
    disk_is p1/_ic1.jpg pic1.jpg
    disk_is 'p1/sub/in.zip!/disk/pic9.jpg' pic9.jpg
    disk_is p2/pic2.jpg pic2.jpg
    disk_is p2/sub/pic4.jpg pic4.jpg
    disk_is p3/pic5.jpg pic5.jpg
    disk_is p3/host.txt:hidden.jpg pic6.jpg
    disk_is 'p3/nested.zip!/in.zip!/pich.jpg' pich.jpg
    disk_is p3/pice.jpg pice.jpg
    is 'disk: NTFS, what is deleted or overwritten says so' "$(jq -r 'select(.path | test("p3/pic.*jpg$")) | "\(.path[-8:]) \(.where[1].allocated) \(.status) \(.detail)"' disk/raw.jsonl)" \
        "$(printf '%s\n' 'pic5.jpg true ok null' 'pice.jpg false ok null' 'picf.jpg false partial deleted: 25 of its 89 blocks belong to other files now' \
            'picg.jpg false not-media deleted: all its blocks belong to other files now')"
    is 'disk: NTFS, no digest of what is overwritten' "$(jq -r 'select(.path | test("p3/picg.jpg$")) | .md5' disk/raw.jsonl)" null
    is 'disk: FAT32, what is overwritten says so' "$(jq -r 'select(.path == "disk/disk.dd!/p1/_ici.jpg") | "\(.where[1].allocated) \(.status) \(.detail)"' disk/raw.jsonl)" \
        'false partial deleted: pieced together around 903 blocks that belong to other files now'
    is 'disk: ext4, what is overwritten is a fragment' "$(jq -r 'select(.path | test("p2/[$]carved/")) | "\(.status) \(.where[1].runs | length)"' disk/raw.jsonl | sort | tr '\n' ,)" 'ok 1,partial 2,'
    for i in c d f g i j; do
        is "disk: nothing has the digest of pic$i, which is gone" "$(grep -c "$(md5sum <"disk/pic$i.jpg" | cut -d ' ' -f 1)" disk/raw.jsonl)" 0
    done
    is 'disk: a deleted file says so' "$(jq -c 'select(.path == "disk/disk.dd!/p1/_ic1.jpg") | .where[1] | [.kind, .allocated, .file_system, .partition, .volume_offset]' disk/raw.jsonl)" \
        '["fs",false,"fat32",1,1048576]'
    disk_is p5/pica.jpg pica.jpg
    disk_is p5/picb.jpg picb.jpg
    is 'disk: exFAT, what is deleted or overwritten says so' "$(jq -r 'select(.path | test("p5/pic.*jpg$")) | "\(.path[-8:]) \(.where[1].allocated) \(.status) \(.detail)"' disk/raw.jsonl)" \
        "$(printf '%s\n' 'pica.jpg true ok null' 'picd.jpg false partial deleted: pieced together around 696 blocks that belong to other files now' \
            'picc.jpg false not-media deleted: its first blocks belong to other files now' 'picb.jpg false ok null')"
    is 'disk: exFAT, no digest of what is overwritten' "$(jq -r 'select(.path | test("p5/picc.jpg$")) | .md5' disk/raw.jsonl)" null
    is 'disk: an attribute has its number' "$(jq -r 'select(.path == "disk/disk.dd!/p3/host.txt:hidden.jpg") | .where[1].attribute' disk/raw.jsonl | cut -d - -f 1)" 128
    is 'disk: a second name is read once' "$(jq -s '[.[] | select(.path | test("p2/(pic2|again).jpg$")) | .type] | sort | join(" ")' disk/raw.jsonl)" '"hardlink jpeg"'
    is 'disk: a link is no file' "$(jq -r 'select(.path == "disk/disk.dd!/p2/link") | .type' disk/raw.jsonl)" symlink
    is 'disk: each volume has a line' "$(jq -r 'select(.where[1].kind == "volume") | "\(.where[1].name) \(.type) \(.status)"' disk/raw.jsonl | tr '\n' ,)" \
        'p1 fat not-media,p2 ext not-media,p3 ntfs not-media,p4 luks encrypted,p5 exfat not-media,'
    for i in 1 3 7 8 e; do
        is "disk: pic$i is carved" "$(jq -r --arg m "$(md5sum <"disk/pic$i.jpg" | cut -d ' ' -f 1)" 'select(.md5 == $m and .where[1].kind == "carved") | .md5' disk/raw.jsonl | wc -l)" 1
    done
    is 'disk: runs are where the bytes are' "$(jq -r 'select(.path == "disk/disk.dd!/p3/pic5.jpg") | .where[1].runs[0][0]' disk/raw.jsonl | while read -r at; do
        tail -c "+$((at + 1))" disk/disk.dd | head -c 4096 | cmp -n 4096 - disk/pic5.jpg && echo same; done)" same
}

# same_members NAME STATUS IMAGE
disk_same() {
    run hash -q "$3"
    is "disk: $1, status" "$status" "$2"
    disk_members >disk/members
    same "disk: $1 has what the raw image has" disk/members disk/raw.members
}

disk_images() {
    mkdir disk/split disk/parts disk/flat
    split -b 30M -d -a 3 --numeric-suffixes=1 disk/disk.dd disk/split/disk.
    disk_same 'split raw' 2 disk/split
    is 'disk: parts of a split image are told' "$(jq -r 'select((.where | length) == 1) | .status' out.txt | tr '\n' ' ')" 'ok not-media not-media '
    if command -v qemu-img >/dev/null; then
        for kind in vmdk:vmdk: vpc:vhd: vhdx:vhdx: qcow2:qcow2: vdi:vdi: parallels:hds: qcow:qcow:-c qcow2:packed.qcow2:-c; do
            # shellcheck disable=SC2086
            qemu-img convert -q ${kind##*:} -O "${kind%%:*}" disk/disk.dd "disk/disk.$(echo "$kind" | cut -d : -f 2)" &&
                disk_same "$kind" 2 "disk/disk.$(echo "$kind" | cut -d : -f 2)"
        done
        qemu-img convert -q -O vmdk -o subformat=streamOptimized disk/disk.dd disk/stream.vmdk && disk_same 'VMDK as a stream' 2 disk/stream.vmdk
        qemu-img convert -q -O vmdk -o subformat=twoGbMaxExtentSparse disk/disk.dd disk/parts/disk.vmdk && disk_same 'split VMDK' 2 disk/parts
        qemu-img convert -q -O vmdk -o subformat=monolithicFlat disk/disk.dd disk/flat/disk.vmdk && disk_same 'flat VMDK' 2 disk/flat
    else
        skip 'disk images of virtual machines: qemu-img is missing'
    fi
}

disk_acquire() { # OPTIONS TARGET
    ewfacquire -u -q -c fast -C CASE17 -E EV4 -D what -e 'A. Examiner' -N notes -m fixed -M logical -o 0 -P 512 -B 83886080 -b 64 $1 -t "$2" disk/disk.dd >/dev/null 2>&1
}

disk_evidence() {
    if ! command -v ewfacquire >/dev/null; then
        skip 'EnCase images: ewfacquire is missing'
        return
    fi
    mkdir disk/encase disk/encase-split
    disk_acquire '-f encase6 -S 2GiB' disk/encase/disk
    disk_acquire '-f encase6 -S 2MiB' disk/encase-split/disk
    disk_same 'EnCase' 2 disk/encase
    disk_same 'split EnCase' 2 disk/encase-split
    is 'disk: what an image says of its making' "$(jq -r 'select(.where[1].kind == "medium") | .facts | "\(.case_number) \(.examiner) \(.stored_md5)"' out.txt)" \
        "CASE17 A. Examiner $(md5sum <disk/disk.dd | cut -d ' ' -f 1)"
    run scan -q --verify-evidence -o disk/case disk/encase/disk.E01
    is 'disk: verified' "$(jq -r '.media[0].facts | "\(.verified) \(.sha256)"' disk/case/summary.json)" "yes $(sha256sum <disk/disk.dd | cut -d ' ' -f 1)"
    run hash -q --expect-sha1 0000000000000000000000000000000000000000 disk/encase/disk.E01
    is 'disk: another digest is told' "$(jq -r 'select(.where[1].kind == "medium") | .status + " " + .detail' out.txt)" 'damaged the SHA-1 of the medium is not the one that was expected'
    disk_harmed
}

# The second version of EnCase images, which no tool of the distribution writes.
disk_second() {
    mkdir disk/ex disk/ex-split
    python3 "$here/ex01.py" disk/disk.dd disk/ex/disk
    python3 "$here/ex01.py" disk/disk.dd disk/ex-split/disk 700
    disk_same 'Ex01' 2 disk/ex
    disk_same 'split Ex01' 2 disk/ex-split
    is 'disk: what an Ex01 says of its making' "$(jq -r 'select(.where[1].kind == "medium") | .facts | "\(.case_number) \(.examiner) \(.acquired) \(.stored_md5)"' out.txt)" \
        "CASE17 A. Examiner 2012-07-27T00:00:00Z $(md5sum <disk/disk.dd | cut -d ' ' -f 1)"
    run scan -q --verify-evidence -o disk/case2 disk/ex/disk.Ex01
    is 'disk: an Ex01, verified' "$(jq -r '.media[0].facts | "\(.format) \(.verified)"' disk/case2/summary.json)" 'ewf2 yes'
    truncate -s -100000 disk/ex/disk.Ex01
    run hash -q disk/ex/disk.Ex01
    is 'disk: a cut Ex01 is told' "$(jq -r 'select((.where | length) == 1) | .status + " " + .detail' out.txt | cut -c 1-18)" 'damaged truncated:'
}

# One byte of a file; half an image; the last part missing.
disk_harmed() {
    mkdir disk/harmed
    # Where it is that of a file.
    for part in 50 45 55 40 60; do
        cp disk/encase/disk.E01 disk/harmed/flip.E01
        printf '\125' | dd of=disk/harmed/flip.E01 bs=1 seek=$(($(stat -c %s disk/harmed/flip.E01) * part / 100)) conv=notrunc 2>/dev/null
        run hash -q disk/harmed/flip.E01
        files=$(jq -r 'select(.where[1].kind == "fs" and .status == "damaged") | .detail' out.txt | cut -d ' ' -f 1 | sort -u)
        [ -z "$files" ] || break
    done
    is 'disk: a flipped byte is told with its sectors' "$(jq -r 'select((.where | length) == 1) | .detail' out.txt | grep -c '^sectors [0-9]* to [0-9]* are missing or fail')" 1
    is 'disk: ... and with the files concerned' "$files" sectors
    cp disk/encase/disk.E01 disk/harmed/cut.E01
    truncate -s "$(($(stat -c %s disk/harmed/cut.E01) / 2))" disk/harmed/cut.E01
    run hash -q disk/harmed/cut.E01
    is 'disk: half an image gives the chunks of which the table is lost' "$(jq -r 'select((.where | length) == 1) | .status + " " + .detail' out.txt | grep -c '^damaged truncated: .*; [1-9][0-9]* found without a table')" 1
    is 'disk: ... and the files in them' "$(jq -r 'select(.where[1].kind == "fs" and .status == "ok") | .status' out.txt | sort -u)" ok
    cp disk/encase-split/disk.E01 disk/encase-split/disk.E02 disk/harmed
    run hash -q disk/harmed/disk.E01
    is 'disk: a missing part is told' "$(jq -r 'select((.where | length) == 1) | .status + " " + .detail' out.txt | cut -c 1-18)" 'damaged truncated:'
}

disk_all() {
    local tool
    for tool in $DISK_TOOLS; do
        command -v "$tool" >/dev/null || PATH=$PATH:/usr/sbin:/sbin
        command -v "$tool" >/dev/null || { skip "disk images: $tool is missing"; return; }
    done
    if ! "$TRAWL" --formats | grep diskimage >/dev/null; then
        skip 'disk images: this build does not read them'
        return
    fi
    if [ ! -f "$SHARED/pdq/images/bridge-mods/aaa-orig.jpg" ]; then
        skip 'disk images: ../shared/data/pdq is absent'
        return
    fi
    mkdir disk
    disk_pictures
    # What lies where files were.
    head -c 53248 disk/picf.jpg >disk/first
    head -c 100000 /dev/zero | tr '\0' x >disk/over.txt
    python3 -c 'import zipfile
zipfile.ZipFile("disk/inner.zip", "w").write("disk/pich.jpg", "pich.jpg")
zipfile.ZipFile("disk/nested.zip", "w").write("disk/inner.zip", "in.zip")
zipfile.ZipFile("disk/in.zip", "w").write("disk/pic9.jpg")' 2>/dev/null || { skip 'disk images: python3 is missing'; return; }
    { disk_fat && disk_ext && disk_exfat && disk_ntfs && disk_put_together; } >disk/log 2>&1 || bad "disk images: one was not made: $(tail -n 1 disk/log)"
    disk_raw
    disk_images
    disk_second
    disk_evidence
    # Large and sparse.
    rm -rf disk
}

disk_all
