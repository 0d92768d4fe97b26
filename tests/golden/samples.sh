# samples.sh: small images made elsewhere (disks/README), and volumes that are told by their mark alone.

# samples_same NAME IMAGE: its inventory below the image is the one on record, of which each digest was compared with
# those of icat, fsapfsinfo and fshfsinfo list the same files.
samples_same() {
    jq -rs '.[] | select((.where | length) > 2) | [.path, .type, .status, .sha256, .detail] | @tsv' out.txt >got.txt
    grep "^samples/$2\." "$here/disks.txt" >wanted.txt
    same "samples: $1" got.txt wanted.txt
}

samples_images() {
    local name
    for name in apfs hfsplus apm ufs1 ufs2 hfsplus_zlib hfsplus_sparse; do
        expect 0 "samples: $name, status" hash -q samples/$name.*.xz
        samples_same "$name" $name
    done
}

# The free space of an APFS container belongs to none of its volumes.
samples_apfs_free() {
    unxz -c samples/apfs.raw.xz >samples/free && dd if=samples/1.gif of=samples/free bs=4096 seek=974 conv=notrunc 2>samples/log
    run hash -q samples/free
    is 'samples: free space of APFS is carved' "$(jq -r 'select(.where[1].kind == "carved") | "\(.where[1].name) \(.md5)"' out.txt)" \
        "\$carved/0000000003989504.gif $(md5sum <samples/1.gif | cut -c 1-32)"
}

# A packed image of Apple that is too large to be kept on trust is known by its end; and one that is locked, by its head.
samples_dmg() {
    command -v zip >/dev/null || { skip 'samples: zip is missing'; return; }
    unxz -c samples/hfsplus_zlib.dmg.xz >samples/small.dmg
    local size=$(($(stat -c %s samples/small.dmg) - 512)) front=$((17 << 20))
    { head -c $front /dev/zero; cat samples/small.dmg; } >samples/large.dmg
    # Data and list begin later.
    for at in 24 216; do
        number=$(od -An -j $((size + at + 4)) -N 4 -t u4 --endian=big samples/small.dmg)
        number=$((number + front))
        printf "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $((number >> 24)) $((number >> 16 & 255)) $((number >> 8 & 255)) $((number & 255)))" |
            dd of=samples/large.dmg bs=1 seek=$((front + size + at + 4)) conv=notrunc 2>samples/log
    done
    (cd samples && zip -q large.zip large.dmg)
    expect 0 'samples: a large packed image of Apple in a zip, status' hash -q samples/large.zip
    is 'samples: a large packed image of Apple in a zip' "$(jq -r 'select(.path | endswith("passwords.txt")) | "\(.path) \(.sha256[0:12])"' out.txt)" 'samples/large.zip!/large.dmg!/p1/passwords.txt 02a2a6af2f1e'
    printf 'encrcdsa\0\0\0\2' | cat - samples/1.gif >samples/locked.dmg
    expect 2 'samples: a locked image of Apple, status' hash -q samples/locked.dmg
    is 'samples: a locked image of Apple' "$(jq -r '"\(.type) \(.status) \(.detail)"' out.txt)" 'dmg encrypted an encrypted disk image: needs its password'
}

# mark NAME OFFSET BYTES STATUS: two MiB with a mark and, behind it, a picture
mark() {
    truncate -s 0 samples/mark && truncate -s 2M samples/mark
    printf "$3" | dd of=samples/mark bs=1 seek="$2" conv=notrunc 2>samples/log
    [ "$1" != corestorage ] || printf '\1\0\20\0' | dd of=samples/mark bs=1 seek=8 conv=notrunc 2>samples/log
    [ "$1" != corestorage ] || printf '\0\2\0\0' | dd of=samples/mark bs=1 seek=48 conv=notrunc 2>samples/log
    dd if=samples/1.gif of=samples/mark bs=1024 seek=1000 conv=notrunc 2>samples/log
    expect 2 "samples: $1, status" hash -q samples/mark
    is "samples: $1 is told" "$(jq -r 'select((.where | length) == 1) | "\(.type) \(.status)"' out.txt)" "$1 $4"
    is "samples: ... and carved" "$(jq -r 'select(.where[1].kind == "carved") | .md5' out.txt)" "$(md5sum <samples/1.gif | cut -c 1-32)"
}

# UFS1 and UFS2 of either byte order; files with indirect blocks, and a picture where nothing is.
samples_makefs() {
    command -v makefs >/dev/null || { skip 'samples: makefs is missing'; return; }
    local version order tree=samples/tree image
    mkdir -p $tree/sub && cp samples/1.gif $tree && ln -s 1.gif $tree/link && ln $tree/1.gif $tree/sub/again
    seq 1 40000 >$tree/sub/numbers && : >$tree/sub/empty
    for version in 1 2; do
        for order in le be; do
            image=samples/ufs$version-$order
            makefs -t ffs -B $order -o version=$version -s 16m $image $tree >samples/log 2>&1 && dd if=samples/1.gif of=$image bs=1024 seek=14000 conv=notrunc 2>samples/log
            expect 0 "samples: $image, status" hash -q $image
            is "samples: $image" "$(jq -r 'select(.where[1]) | "\(.where[1].name) \(.type) \(.md5)"' out.txt | grep -v '^sub/again\|^1.gif' | LC_ALL=C sort | tr '\n' ';')" \
                "\$carved/0000000014336000.gif gif $(md5sum <samples/1.gif | cut -c 1-32);\$volume ufs null;link symlink null;sub/empty other $(md5sum </dev/null | cut -c 1-32);sub/numbers other $(md5sum <$tree/sub/numbers | cut -c 1-32);"
            is "samples: ... one of two names has the bytes" "$(jq -r 'select(.where[1].name == "1.gif" or .where[1].name == "sub/again") | "\(.type) \(.md5)"' out.txt | LC_ALL=C sort | tr '\n' ';')" \
                "gif $(md5sum <samples/1.gif | cut -c 1-32);hardlink null;"
        done
    done
}

# le32 FILE OFFSET NUMBER...
le32() {
    local file=$1 at=$2 number
    for number in "${@:3}"; do
        printf "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $((number & 255)) $((number >> 8 & 255)) $((number >> 16 & 255)) $((number >> 24)))"
    done | dd of="$file" bs=1 seek="$at" conv=notrunc 2>samples/log
}

# A BSD label in a slice of a master boot record, its places counted from $1: a, the whole as c, d; between a and d a gap.
samples_label() {
    local base=$1 image=samples/slice
    truncate -s 0 $image && truncate -s 12M $image
    le32 $image 446 0 165 2048 20480 && printf '\125\252' | dd of=$image bs=1 seek=510 conv=notrunc 2>samples/log
    le32 $image $((2049 * 512)) 0x82564557 && le32 $image $((2049 * 512 + 40)) 512 && le32 $image $((2049 * 512 + 132)) 0x82564557 $((4 << 16))
    le32 $image $((2049 * 512 + 148)) 4096 $((base + 16)) 0 0 0 0 0 0 20479 "$base" 0 0 4096 $((base + 8192)) 0 0
    dd if=samples/small1 of=$image bs=512 seek=$((2048 + 16)) conv=notrunc 2>samples/log
    dd if=samples/small2 of=$image bs=512 seek=$((2048 + 8192)) conv=notrunc 2>samples/log
    dd if=samples/1.gif of=$image bs=512 seek=$((2048 + 6000)) conv=notrunc 2>samples/log
    expect 0 "samples: a label that counts from $base, status" hash -q $image
    is "samples: a label that counts from $base" "$(jq -r 'select(.where[1]) | "\(.where[1].name) \(.where[1].volume_offset) \(.status)"' out.txt | LC_ALL=C sort | tr '\n' ';')" \
        "\$carved/0000000004120576.gif 3153920 ok;p1 1048576 not-media;p1/p1 1056768 not-media;p1/p1/1.gif 1056768 ok;p1/p4 5242880 not-media;p1/p4/1.gif 5242880 ok;"
}

samples_labels() {
    command -v makefs >/dev/null || { skip 'samples: makefs is missing'; return; }
    mkdir -p samples/one && cp samples/1.gif samples/one && makefs -t ffs -s 2m samples/small1 samples/one >samples/log 2>&1 &&
        makefs -t ffs -o version=2 -s 2m samples/small2 samples/one >samples/log 2>&1
    samples_label 0
    samples_label 2048
}

# BitLocker To Go: a FAT that anybody can read stands in front.
samples_to_go() {
    command -v mkfs.vfat >/dev/null && command -v mcopy >/dev/null || { skip 'samples: mkfs.vfat or mcopy is missing'; return; }
    { truncate -s 40M samples/go && mkfs.vfat -F 32 samples/go && mcopy -i samples/go samples/1.gif ::/1.gif; } >samples/log 2>&1
    printf MSWIN4.1 | dd of=samples/go bs=1 seek=3 conv=notrunc 2>samples/log
    printf '\073\326\147\111\051\056\330\112\203\231\366\243\071\343\320\001' | dd of=samples/go bs=1 seek=424 conv=notrunc 2>samples/log
    expect 2 'samples: BitLocker To Go, status' hash -q samples/go
    is 'samples: BitLocker To Go is told, and what can be read is listed' "$(jq -r '"\(.type) \(.status) \(.where[1].name)"' out.txt)" \
        "$(printf 'bitlocker encrypted null\ngif ok 1.gif\nbitlocker encrypted $volume')"
}

samples_all() {
    "$TRAWL" --formats | grep diskimage >/dev/null || { skip 'samples: this build reads no disks'; return; }
    PATH=$PATH:/usr/sbin:/sbin
    mkdir samples
    cp "$here"/disks/*.xz samples
    printf 'GIF89a\1\0\1\0\200\0\0\0\0\0\377\377\377,\0\0\0\0\1\0\1\0\0\2\2D\1\0;' >samples/1.gif
    samples_images
    samples_apfs_free
    samples_dmg
    mark corestorage 88 CS encrypted
    mark f2fs 1024 '\020\040\365\362\1\0\20\0\11' unsupported
    mark erofs 1024 '\342\341\365\340\0\0\0\0\0\0\0\0\14' unsupported
    mark jfs 32768 JFS1 unsupported
    mark reiserfs 65588 ReIsEr2Fs unsupported
    mark nilfs 1024 '\2\0\0\0\0\0\064\064' unsupported
    mark ubi 0 'UBI#\1' unsupported
    mark raid 4096 '\374\116\053\251\1\0\0\0' unsupported
    samples_to_go
    samples_makefs
    samples_labels
    rm -rf samples
}

samples_all
