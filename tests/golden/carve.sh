# carve.sh: files planted in a blob: each with its digest, at every -j and SIMD level, in a file, an archive, before a zip.

# plant FILE...: all of them between other bytes, into blob.bin; their MD5 and place into planted.txt
plant() {
    local file
    printf 'A store of no known kind.\n' >blob.bin
    : >planted.txt
    for file; do
        seq 1 $((700 + RANDOM % 700)) >>blob.bin
        printf '%s %016d\n' "$(md5sum <"$file" | cut -c 1-32)" "$(stat -c %s blob.bin)" >>planted.txt
        cat "$file" >>blob.bin
    done
    head -c 100000 /dev/zero >>blob.bin
}

# What was carved out of blob.bin, of out.txt: MD5 and place.
carved() {
    jq -r 'select(.where[-1].kind == "carved" and (.where[-2].name | test("blob.bin"))) | [.md5, (.where[-1].name | sub(".*/"; "") | sub("[.].*"; ""))] | join(" ")' out.txt
}

planted_ones() {
    local seed jobs level
    RANDOM=1
    for seed in 7z asf avi flv fragmented gif jp2 jpeg jxl mkv mp4 pdf png webm; do
        tail -c +5 "$here/../fuzz/seeds/carve/$seed" >"part-$seed"
    done
    plant part-* "$MADE"/evidence/camera/IMG_0001.jpg
    for jobs in 1 2 8; do
        run hash -q "-j$jobs" blob.bin
        mv out.txt "hash-$jobs.txt"
        cp "hash-$jobs.txt" out.txt
        carved >got.txt
        same "planted files, -j$jobs" got.txt planted.txt
        same "planted files: the lines at -j$jobs are those at -j1" "hash-$jobs.txt" hash-1.txt
    done
    for level in scalar sse4.1 avx2 avx512; do
        run hash -q --simd "$level" blob.bin
        same "planted files, $level" out.txt hash-1.txt
    done
    is 'planted files: a place is an offset' "$(jq -r 'select(.where[-1].kind == "carved") | .where[-1].offset' hash-1.txt | head -n 1)" "$(head -n 1 planted.txt | cut -d ' ' -f 2 | sed 's/^0*//')"
    is 'the blob itself is what it was' "$(jq -r 'select(.path == "blob.bin") | [.type, .status] | join(" ")' hash-1.txt)" 'other not-media'
    run hash -q --carve none blob.bin
    is 'planted files, --carve none' "$(wc -l <out.txt)" 1
}

in_other_files() {
    local kind
    tar cf blob.tar blob.bin
    gzip -k blob.bin
    zip -q blob.zip blob.bin
    for kind in tar zip bin.gz; do
        run hash -q "blob.$kind"
        carved >got.txt
        same "planted files in blob.$kind" got.txt planted.txt
    done
    # A zip behind it does not hide what stands before.
    cp blob.bin before
    cat before blob.zip >blob.bin
    run hash -q blob.bin
    carved | head -n "$(wc -l <planted.txt)" >got.txt
    same 'planted files before a zip' got.txt planted.txt
    mv before blob.bin
}

# What a reader cannot explain of an archive: behind its end, and where a header of it is broken.
rest_of_archives() {
    local photo md5
    photo=$MADE/evidence/camera/IMG_0001.jpg
    md5=$(md5sum <"$photo" | cut -c 1-32)
    seq 1 1000 >words.txt
    cp "$photo" one.jpg
    tar cf rest.tar words.txt one.jpg
    gzip -k rest.tar
    cat rest.tar one.jpg >behind.tar
    cat rest.tar.gz one.jpg >behind.tar.gz
    # The header of one.jpg, behind words.txt with its header and padding.
    { head -c 4608 rest.tar; printf 'Z%.0s' {1..512}; tail -c +5121 rest.tar; } >broken.tar
    for file in behind.tar behind.tar.gz broken.tar; do
        run hash -q $file
        is "the rest of $file" "$(jq -r 'select(.where[-1].kind == "carved") | .md5' out.txt)" "$md5"
    done
}

found_by_lists() {
    cut -d ' ' -f 1 planted.txt | sed -n '8p;$p' >list.txt
    for jobs in 1 8; do
        run scan -q "-j$jobs" --type md5 -l list.txt -o "case-$jobs" blob.bin blob.zip
    done
    same_case 'planted files: the case at -j8 is that at -j1' case-1 case-8
    is 'planted files are found' "$(jq -r '.md5' case-1/report.jsonl | sort | tr '\n' ' ')" "$(sort list.txt | tr '\n' ' ')"
    is 'planted files: each place' "$(jq -r '.locations | length' case-1/report.jsonl | tr '\n' ' ')" '2 2 '
    run verify case-1
    is 'the case verifies' "$status" 0
}

fragments_and_lies() {
    local photo
    photo=$(ls "$MADE"/evidence/camera/*.jpg | head -n 1)
    { echo text; head -c 5000 "$photo"; cat "$photo"; head -c 3000 /dev/zero; } >cut.bin
    run hash -q cut.bin
    is 'a fragment, and the file behind it' "$(jq -r '[.status, .size] | join(" ")' out.txt | tail -n 2 | tr '\n' ' ')" "partial 5000 ok $(stat -c %s "$photo") "
    # Beginnings that lead far, on top of each other: told as a limit, and what is behind them is found.
    for _ in {1..64}; do printf '\xff\xd8\xff\xe0\x40\x1cJFIF\0\1\1\0\0\1\0\1\0\0xxxxxxxxxxxx\xff\xe0\x3f\xfeJFIF\0xxxxxxxxxxxxxxxxxxxxxxx'; done >far.bin
    for _ in {1..9}; do cat far.bin far.bin >far2.bin && mv far2.bin far.bin; done
    { echo text; cat far.bin; head -c 2000000 /dev/zero; cat "$photo"; } >far2.bin && mv far2.bin far.bin
    run hash -q far.bin
    is 'false beginnings without end: the limit' "$(jq -r 'select(.path == "far.bin") | [.status, .limit] | join(" ")' out.txt)" 'limit carve-work'
    is 'false beginnings without end: the picture behind' "$(jq -r .md5 out.txt | tail -n 1)" "$(md5sum <"$photo" | cut -c 1-32)"
}

mkdir -p carve
cd carve || exit 1
planted_ones
in_other_files
rest_of_archives
found_by_lists
fragments_and_lies
cd ..
