# slack.sh: pictures behind the ends of files, in the clusters that these do not fill.

slack_files() {
    local i
    for i in {10..49}; do
        seq "$i$i$i" "$((i * 10101 + 800))" | head -c "$((4200 + i))" >"slack/f$i.txt"
    done
}

slack_fat() {
    truncate -s 34M slack/fat && mkfs.vfat -F 16 -s 8 slack/fat && mmd -i slack/fat ::/sub && mcopy -i slack/fat slack/f[1-3]*.txt ::/ && mcopy -i slack/fat slack/f4*.txt ::/sub &&
        mdel -i slack/fat ::/f10.txt
}

# The file system ends 1 MiB before the volume does.
slack_ext() {
    truncate -s 17M slack/ext && mke2fs -q -F -t ext4 -b 4096 slack/ext 16M && printf 'write slack/f10.txt f10.txt\n' | debugfs -w -f - slack/ext &&
        dd if="$MADE"/evidence/camera/IMG_0001.jpg of=slack/ext bs=4096 seek=4200 conv=notrunc
}

slack_ntfs() {
    truncate -s 16M slack/ntfs && mkntfs -q -F -c 4096 slack/ntfs && ntfscp slack/ntfs slack/f10.txt f10.txt && ntfscp slack/ntfs slack/f11.txt f11.txt && ntfscp -N other slack/ntfs slack/f12.txt f11.txt
}

# Of two files not all, or nothing, was ever written; a picture is in what was there before.
slack_valid() {
    { head -c 5000 slack/f13.txt; cat slack/small.png; head -c 9000 slack/f14.txt; } >slack/late.bin
    truncate -s 16M slack/valid && mkntfs -q -F -c 4096 slack/valid && ntfscp slack/valid slack/late.bin late.bin && ntfscp slack/valid slack/f15.txt never.txt &&
        "$MAKE_EVIDENCE" ntfs slack/valid valid late.bin 4200 && "$MAKE_EVIDENCE" ntfs slack/valid valid never.txt 0 &&
        truncate -s 4M slack/valid-exfat && mkfs.exfat -c 4K slack/valid-exfat && "$MAKE_EVIDENCE" exfat slack/valid-exfat add slack/late.bin late.bin && "$MAKE_EVIDENCE" exfat slack/valid-exfat add slack/f15.txt never.txt &&
        "$MAKE_EVIDENCE" exfat slack/valid-exfat valid late.bin 4200 && "$MAKE_EVIDENCE" exfat slack/valid-exfat valid never.txt 0
}

# zeros FILE BYTES: the MD5 of a file that reads as zeros behind so many
zeros() {
    [ -s "$1" ] || { echo "no $1"; return; }
    { head -c "$2" "$1"; head -c $(($(stat -c %s "$1") - $2)) /dev/zero; } | md5sum | cut -c 1-32
}

slack_not_written() {
    local image
    for image in valid valid-exfat; do
        run hash -q --carve all "slack/$image"
        is "slack: $image, what was never written reads as zeros" "$(jq -r 'select(.path | test("/(late.bin|never.txt)$")) | .md5' out.txt | tr '\n' ' ')" \
            "$(zeros slack/late.bin 4200) $(zeros slack/f15.txt 0) "
        is "slack: $image, and what was there before is slack" "$(jq -r 'select(.where[1].slack) | "\(.path | sub("/[0-9]*[.]png"; "")) \(.md5)"' out.txt)" \
            "slack/$image!/late.bin/\$slack $(md5sum <slack/small.png | cut -c 1-32)"
    done
}

slack_exfat() {
    truncate -s 4M slack/exfat && mkfs.exfat -c 32K slack/exfat && "$MAKE_EVIDENCE" exfat slack/exfat add slack/f10.txt f10.txt
}

# MD5, place and name in the file system of what was found in slack; of out.txt
slack_found() {
    jq -r 'select(.where[1].slack) | .where[1] as $w | [.md5, ($w.name | sub(".*/"; "") | sub("[.].*"; "")), ($w.name | sub("/.slack/.*"; ""))] | join(" ")' out.txt | LC_ALL=C sort
}

# slack_is IMAGE NAMES FILE...: in the slack of each file the picture that was put there; NAMES turn the files into those of the file system
slack_is() {
    local image=$1 names=$2
    shift 2
    python3 "$here/slack.py" "slack/$image" "$@" | sed "s,slack/,,; $names" | LC_ALL=C sort >slack/wanted
    run hash -q --carve all "slack/$image"
    slack_found >slack/found
    same "slack of $image" slack/found slack/wanted
    cp out.txt "slack/$image.jsonl"
    run hash -q "slack/$image"
    is "slack of $image: not without --carve all" "$(grep -c '"slack"' out.txt)" 0
}

slack_all() {
    local tool
    for tool in mke2fs debugfs mkfs.vfat mcopy mdel mkntfs ntfscp mkfs.exfat python3; do
        command -v "$tool" >/dev/null || PATH=$PATH:/usr/sbin:/sbin
        command -v "$tool" >/dev/null || { skip "slack: $tool is missing"; return; }
    done
    if ! "$TRAWL" --formats | grep diskimage >/dev/null; then
        skip 'slack: this build does not read disk images'
        return
    fi
    mkdir slack
    slack_files
    cp "$MADE"/evidence/phone/screenshot.png slack/small.png
    { slack_fat && slack_ext && slack_ntfs && slack_exfat && slack_valid; } >slack/log 2>&1 ||
        { bad "slack: an image was not made: $(tail -n 1 slack/log)"; return; }
    # What was deleted is free space, not slack.
    slack_is fat 's, f4, sub/f4,' slack/f1[1-9].txt slack/f[2-4]*.txt
    for jobs in 1 8; do
        run hash -q --carve all "-j$jobs" slack/fat
        same "slack: the lines at -j$jobs" out.txt slack/fat.jsonl
    done
    slack_is ext '' slack/f10.txt
    is 'slack: behind the file system' "$(jq -r --arg m "$(md5sum <"$MADE"/evidence/camera/IMG_0001.jpg | cut -c 1-32)" 'select(.md5 == $m) | .where[1].name' out.txt)" "\$carved/0000000017203200.jpg"
    slack_is ntfs 's,f12.txt,f11.txt:other,' slack/f1[012].txt
    is 'slack: whose it is' "$(jq -c 'select(.where[1].slack and .where[1].attribute != "128-2") | .where[1] | [.kind, .file_system, .inode, .allocated, .slack, .runs[0][0] - .offset]' slack/ntfs.jsonl)" '["carved","ntfs",65,false,true,0]'
    slack_is exfat '' slack/f10.txt
    slack_not_written
    # A finding in slack is one like any other.
    cut -d ' ' -f 1 slack/wanted >slack/list.txt
    run scan -q --carve all --type md5 -l slack/list.txt -o slack/case slack/exfat
    is 'slack: a finding' "$(jq -r '.locations[0] | "\(.path) \(.where[1].slack)"' slack/case/report.jsonl)" "slack/exfat!/f10.txt/\$slack/$(cut -d ' ' -f 2 slack/wanted).png true"
    run verify slack/case
    is 'slack: the case verifies' "$status" 0
    rm -rf slack
}

slack_all
