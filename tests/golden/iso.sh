# iso.sh: images of optical discs that other programs made: every file of every tree, once, with the bytes that it had.

# iso_files FOLDER: what must be listed: names and MD5 of its files
iso_files() {
    (cd "$1" && find . -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 -r md5sum | awk '{ print substr($0, 35) " " $1 }' | LC_ALL=C sort)
}

# iso_listed: what was listed
iso_listed() {
    jq -r 'select((.where | length) == 2 and .md5) | "\(.where[1].name) \(.md5)"' out.txt | LC_ALL=C sort
}

# iso_is NAME IMAGE: all files of iso/src, and nothing else
iso_is() {
    expect 0 "iso: $1, status" hash -q "$2"
    iso_listed >iso/got
    same "iso: $1" iso/got iso/want
}

iso_tree() {
    mkdir -p iso/src/a/b/c/d/e/f/g/h/i/j "iso/src/some folder" iso/src/empty
    echo one >iso/src/1.txt
    head -c 5000 /dev/zero | tr '\0' x >"iso/src/A name of more than sixty-four characters, with spaces, that Joliet cuts.jpeg"
    echo deep >iso/src/a/b/c/d/e/f/g/h/i/j/deep.txt
    echo wide >"iso/src/some folder/Ünïcödé Привет 日本.txt"
    seq 1 40000 >iso/src/numbers.txt
    head -c 300000 /dev/zero >iso/src/zeros
    : >iso/src/nothing
    echo secret >iso/src/secret.jpg
    ln -s 1.txt iso/src/link
    iso_files iso/src >iso/want
}

# iso_make IMAGE OPTION...: an image of iso/src
iso_make() {
    genisoimage -quiet -input-charset utf-8 -o "$@" >iso/log 2>&1
}

iso_trees() {
    iso_make iso/rr.iso -R iso/src
    iso_is 'Rock Ridge, with folders that had to be moved' iso/rr.iso
    is 'iso: a symbolic link' "$(jq -r 'select(.type == "symlink") | .where[1].name' out.txt)" link
    is 'iso: dates' "$(jq -r 'select(.where[1].name == "1.txt") | .where[1] | (.written // .times.written // .modified // "")' out.txt | cut -c 1-4)" "$(date +%Y)"
    iso_make iso/rj.iso -R -J -joliet-long iso/src
    iso_is 'Rock Ridge and Joliet' iso/rj.iso
    iso_make iso/hidden.iso -R -J -joliet-long -hide secret.jpg -hide-joliet 1.txt iso/src
    iso_is 'what Rock Ridge or Joliet alone has' iso/hidden.iso
    iso_make iso/all.iso -R -udf -hide secret.jpg iso/src
    iso_is 'what UDF alone has' iso/all.iso
    iso_make iso/j.iso -J -joliet-long -hide-joliet secret.jpg -D iso/src
    run hash -q iso/j.iso
    iso_listed >iso/got
    is 'iso: what the plain tree alone has' "$(grep -c "SECRET.JPG $(md5sum <iso/src/secret.jpg | cut -c 1-32)" iso/got)" 1
    is 'iso: ... and all that Joliet has' "$(comm -13 iso/got iso/want | cut -d ' ' -f 1)" secret.jpg
    genisoimage -quiet -iso-level 4 -D -o iso/four.iso iso/src >iso/log 2>&1
    run hash -q iso/four.iso
    iso_listed >iso/got
    is 'iso: ISO 9660:1999' "$(sed 's/.* //' iso/got | LC_ALL=C sort -u | tr '\n' ' ')" "$(sed 's/.* //' iso/want | LC_ALL=C sort -u | tr '\n' ' ')"
}

# The oracles: what isoinfo and 7z list of the image that genisoimage made.
iso_oracles() {
    command -v isoinfo >/dev/null || { skip 'iso: isoinfo is missing'; return; }
    run hash -q iso/rr.iso
    # It does not follow folders that were moved, and lists folders.
    isoinfo -R -f -i iso/rr.iso 2>iso/log | sed 's/^.//' | grep -v -e '^rr_moved' -e '^a$' -e '^a/b[/a-j]*$' -e '^some folder$' -e '^empty$' | LC_ALL=C sort >iso/theirs
    jq -r 'select((.where | length) == 2) | .where[1].name' out.txt | grep -v '^a/b' | LC_ALL=C sort >iso/ours
    same 'iso: names, as isoinfo has them' iso/ours iso/theirs
    command -v xorriso >/dev/null || { skip 'iso: xorriso is missing'; return; }
    xorriso -osirrox on -indev iso/rj.iso -extract / iso/taken >iso/log 2>&1
    chmod -R u+w iso/taken
    iso_files iso/taken >iso/theirs
    same 'iso: bytes, as xorriso has them' iso/theirs iso/want
}

iso_packed() {
    command -v mkzftree >/dev/null || { skip 'iso: mkzftree is missing'; return; }
    mkzftree iso/src iso/packed
    iso_make iso/z.iso -R -J -joliet-long -z iso/packed
    iso_is 'zisofs' iso/z.iso
}

iso_boot() {
    mkdir iso/boot
    echo named >iso/boot/1.txt
    head -c 1474560 /dev/zero | tr '\0' b >iso/boot/floppy.img
    iso_make iso/el.iso -R -b floppy.img -c boot.cat iso/boot
    run hash -q iso/el.iso
    is 'iso: a boot image that is a file' "$(jq -r 'select((.where | length) == 2) | .where[1].name' out.txt | grep -c boot/)" 0
    iso_make iso/elh.iso -R -b floppy.img -c boot.cat -hide floppy.img -hide boot.cat iso/boot
    run hash -q iso/elh.iso
    iso_listed >iso/got
    { echo "\$boot/1.img $(md5sum <iso/boot/floppy.img | cut -c 1-32)"; echo "1.txt $(md5sum <iso/boot/1.txt | cut -c 1-32)"; } | LC_ALL=C sort >iso/theirs
    same 'iso: a boot image that no tree names' iso/got iso/theirs
}

# Sessions: what is new in the later one, and what is deleted in it.
iso_sessions() {
    mkdir iso/one iso/two
    cp iso/src/1.txt iso/src/numbers.txt iso/one
    cp iso/src/secret.jpg iso/two
    iso_make iso/multi.iso -R -J iso/one
    at=$((($(stat -c %s iso/multi.iso) / 2048 + 16) / 16 * 16))
    iso_make iso/later.iso -R -J -C "0,$at" -M iso/multi.iso iso/two
    dd if=iso/later.iso of=iso/multi.iso bs=2048 seek="$at" conv=notrunc status=none
    expect 0 'iso: sessions, status' hash -q iso/multi.iso
    iso_listed >iso/got
    { iso_files iso/one; iso_files iso/two | sed "s|^|\$session-$((at + 16))/|" | grep secret; } | LC_ALL=C sort >iso/theirs
    same 'iso: a later session, which the first descriptor does not know' iso/got iso/theirs
    expect 2 'iso: a session alone, status' hash -q iso/later.iso
    is 'iso: a session alone' "$(jq -r 'select((.where | length) == 2 and .where[1].name != "$unaccounted") | "\(.where[1].name) \(.status)"' out.txt | LC_ALL=C sort | tr '\n' ' ')" '1.txt damaged numbers.txt damaged secret.jpg not-media '
    command -v xorriso >/dev/null || { skip 'iso: xorriso is missing'; return; }
    xorriso -outdev iso/grown.iso -map iso/src/1.txt /1.txt -map iso/src/secret.jpg /secret.jpg -commit -end >iso/log 2>&1
    xorriso -dev iso/grown.iso -rm /secret.jpg -- -map iso/src/numbers.txt /numbers.txt -commit -end >iso/log 2>&1
    expect 0 'iso: an image that grew, status' hash -q iso/grown.iso
    is 'iso: what a later session deleted' "$(iso_listed | sed -n "s/ $(md5sum <iso/src/secret.jpg | cut -c 1-32)//p" | sed 's/[0-9][0-9]*/N/')" "\$session-N/secret.jpg"
}

# A CD as its drive reads it: 2,352 bytes a sector.
iso_raw() {
    command -v python3 >/dev/null || { skip 'iso: python3 is missing'; return; }
    python3 - iso/rj.iso >iso/raw.bin <<'END'
import sys
data = open(sys.argv[1], 'rb').read()
for i in range(len(data) // 2048):
    at = i + 150
    head = bytes(int(f'{v:02d}', 16) for v in (at // 4500, at // 75 % 60, at % 75)) + b'\1'
    sys.stdout.buffer.write(b'\0' + b'\xff' * 10 + b'\0' + head + data[2048 * i:2048 * i + 2048] + bytes(288))
END
    run hash -q iso/raw.bin
    is 'iso: a CD in raw sectors' "$(jq -r '.type' out.txt | head -n 1) $(jq -r 'select(.where[1].kind == "fs" and .md5) | "\(.where[1].name) \(.md5)"' out.txt | LC_ALL=C sort | md5sum)" "disk $(md5sum <iso/want)"
}

# The digests that the evidence must have, where it is the image of a disc; and where it is no disk at all.
iso_expected() {
    genisoimage -quiet -R -o iso/sound.iso iso/src >iso/log 2>&1
    expect 0 'iso: the digest that the disc must have' scan -q --expect-md5 "$(md5sum <iso/sound.iso | cut -c 1-32)" -o iso/case1 iso/sound.iso
    is 'iso: ... is compared' "$(jq -c '.media[] | [.sound, .facts.verified]' iso/case1/summary.json)" '[true,"yes"]'
    expect 2 'iso: another digest' scan -q --expect-md5 "$(md5sum </dev/null | cut -c 1-32)" -o iso/case2 iso/sound.iso
    is 'iso: ... is told' "$(jq -c '.media[] | [.sound, .facts.verified]' iso/case2/summary.json)" '[false,"no"]'
    expect 2 'iso: a digest, and no disk' scan -q --expect-md5 "$(md5sum </dev/null | cut -c 1-32)" -o iso/case3 iso/src
    is 'iso: ... is told, too' "$(grep -c 'nothing was compared' err.txt)" 1
    expect 2 'iso: hash of no disk' hash -q --expect-sha1 "$(sha1sum </dev/null | cut -c 1-40)" iso/src
    expect 0 'iso: hash of a disc' hash -q --expect-sha1 "$(sha1sum <iso/sound.iso | cut -c 1-40)" iso/sound.iso
}

iso_all() {
    command -v genisoimage >/dev/null || { skip 'iso: genisoimage is missing'; return; }
    rm -rf iso
    mkdir iso
    iso_tree
    iso_trees
    iso_oracles
    iso_packed
    iso_boot
    iso_sessions
    iso_raw
    iso_expected
    rm -rf iso
}

iso_all
