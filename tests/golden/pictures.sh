# pictures.sh: one photo in every format that ImageMagick writes and this build reads, found by one PDQ entry.

# NAME:options of ImageMagick. The suffix of NAME is the format.
versions='plain.png: palette.gif: moving.gif:-duplicate,2 lossy.webp:-quality,80 lossless.webp:-define,webp:lossless=true
    none.tif:-compress,none lzw.tif:-compress,lzw zip.tif:-compress,zip rle.tif:-compress,rle jpeg.tif:-compress,jpeg
    deep.tif:-depth,16 tiles.tif:-define,tiff:tile-geometry=64x64 planes.tif:-interlace,plane cmyk.tif:-colorspace,CMYK
    grey.tif:-colorspace,Gray pages.tif:-duplicate,2
    plain.bmp: palette.bmp:-colors,200 plain.jp2:-quality,80 plain.heic:-quality,80 plain.avif:-quality,80
    small.ico:-resize,256x256 plain.tga:-orient,TopLeft plain.pcx: plain.psd: plain.ppm: plain.pam: plain.dds:'

photo_in_all_formats() {
    local photo=$SHARED/pdq/images/bridge-mods/aaa-orig.jpg version name n=0
    if ! command -v convert >/dev/null; then
        skip 'one photo in many formats: ImageMagick is missing'
        return
    fi
    if [ ! -f "$photo" ]; then
        skip 'one photo in many formats: ../shared/data/pdq is absent'
        return
    fi
    mkdir formats
    for version in $versions; do
        name=${version%%:*}
        # shellcheck disable=SC2046
        convert "$photo" $(echo "${version#*:}" | tr , ' ') "formats/$name" 2>/dev/null || rm -f "formats/$name"
    done
    run hash -q formats
    jq -r 'select(.status == "unsupported") | .path' out.txt | while read -r name; do rm "$name"; done
    n=$(find formats -type f | wc -l)
    expect 0 'one photo: its hash' hash -q "$photo"
    jq -r .pdq out.txt >photo.txt
    for decode in fast exact; do
        expect 1 "one photo in many formats, $decode" scan -q --decode "$decode" --type pdq -l photo.txt -o "case-formats-$decode" formats
        is "one photo in many formats, $decode: found" "$(jq -r '.locations[].path | split("!/")[0]' "case-formats-$decode"/report.jsonl | sort -u | wc -l)" "$n"
        is "one photo in many formats, $decode: frames and pages" "$(jq -r '.locations[].path | select(contains("!/$"))' "case-formats-$decode"/report.jsonl | sort -u | wc -l)" 4
    done
    is 'one photo in many formats: there are some' "$([ "$n" -ge 1 ] && echo some)" some
}

# Whole files, by the decoders behind the sandbox: a thread or an opened file would be their death.
small_ones() {
    local seeds=$here/../fuzz/seeds
    run hash -q "$seeds/bmp" "$seeds/heif" "$seeds/jp2" "$seeds/jxl"
    is 'small pictures: all are read' "$(jq -r 'select(.status != "ok" and .detail != "this build does not read \(.type)") | .path' out.txt)" ""
    is 'small pictures: there are some' "$([ "$(jq -r 'select(.pdq) | .path' out.txt | wc -l)" -ge 20 ] && echo some)" some
}

# The pictures inside a picture: each with the digest of exactly its bytes, and found by that, however deep.
embedded_ones() {
    local photo=$here/../fuzz/seeds/jpeg/embedded jobs n
    mkdir inside
    cp "$photo" inside/photo.jpg
    (cd inside && for n in 1 2 3 4 5 6 7 8; do cp photo.jpg "copy$n.jpg"; done && zip -q more.zip photo.jpg copy*.jpg && rm photo.jpg)
    expect 0 'embedded pictures: hash' hash -q inside/more.zip
    is 'embedded pictures: all are there' "$(jq -r 'select(.path | contains("photo.jpg!/")) | .path | sub(".*photo.jpg"; "")' out.txt | tr '\n' ' ')" \
        '!/$preview !/$picture2 !/$thumbnail !/$thumbnail2 '
    jq -r 'select((.path | contains("photo.jpg!/")) and .offset == null) | [.size, .sha256, .where[-1].offset] | @tsv' out.txt >stored.txt
    while read -r size sha offset; do
        is 'embedded pictures: the digest of its bytes' "$(tail -c "+$((offset + 1))" "$photo" | head -c "$size" | sha256sum | cut -d ' ' -f 1)" "$sha"
    done <stored.txt
    is 'embedded pictures: four of them' "$(wc -l <stored.txt)" 4
    sed -n 2p stored.txt | cut -f 2 >picture2.txt
    for jobs in 1 2; do
        expect 1 "embedded pictures: found, -j$jobs" scan -q -j$jobs --type sha256 -l picture2.txt -o "case-embedded-$jobs" inside
    done
    same_case 'embedded pictures: -j1 and -j2' case-embedded-1 case-embedded-2
    is 'embedded pictures: a finding has all its places' "$(jq -r '.locations[].path' case-embedded-1/report.jsonl | grep -c '!/$picture2$')" 17
    expect 2 'embedded pictures: a limit is a line' hash -q --limit pictures=2 "$photo"
    is 'embedded pictures: which one' "$(jq -r 'select(.limit == "pictures") | .path | sub(".*embedded"; "")' out.txt)" '!/$further3'
}

# An animation that is lost in nothing: its frames are the same in GIF and in JPEG XL.
same_frames() {
    if ! command -v cjxl >/dev/null || ! command -v convert >/dev/null; then
        skip 'frames of JPEG XL: cjxl or ImageMagick is missing'
        return
    fi
    convert -delay 10 -size 96x72 plasma:red-blue plasma:green-yellow plasma:white-black gradient:red-green +depth -loop 0 frames.gif
    if ! cjxl -q 100 frames.gif frames.jxl >/dev/null 2>&1; then
        skip 'frames of JPEG XL: this cjxl does not read GIF'
        return
    fi
    run hash -q frames.gif frames.jxl
    is 'frames: four in each' "$(jq -r 'select(.pdq) | .path' out.txt | sort | uniq | wc -l)" 8
    is 'frames: the same in GIF and JPEG XL' "$(jq -r 'select(.pdq) | [(.path | sub("^frames[.]..."; "")), .pdq] | @tsv' out.txt | sort | uniq -c | awk '{ print $1 }' | tr '\n' ' ')" '2 2 2 2 '
}

mkdir -p pictures
cd pictures || exit 1
photo_in_all_formats
small_ones
embedded_ones
same_frames
cd ..
