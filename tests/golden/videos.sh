# videos.sh: small videos of each type, by the readers behind the sandbox: their frames, what they carry, and lists.

videos=$here/../fuzz/seeds/video

# Frames of an inventory line as python-threatexchange lists them.
signal='.frames | map(split(",") | [.[2], .[1], .[3]] | join(",")) | tojson'

read_videos() {
    expect 0 'videos: hash' hash -q "$videos"
    is 'videos: all are read' "$(jq -r 'select(.type != "jpeg" and .type != "other" and .status != "ok") | .path + " " + .status' out.txt | sed 's,.*/,,')" 'cut.mp4 partial'
    is 'videos: each has its frames' "$(jq -r 'select(.duration and (.frames | length) < 2) | .path | sub(".*/"; "")' out.txt)" 'subtitle.mpg'
    is 'videos: pictures of subtitles' "$(jq -r 'select(.path | contains("!/$subtitle/")) | [.type, .status, (.pdq | length), (.detail | startswith("rendered"))] | join(" ")' out.txt | sort | uniq -c | sed 's/^ *//')" '10 bmp ok 64 true'
    cp out.txt videos.jsonl
    for how in '-j1' '-j4' '-j1 --simd scalar'; do
        # shellcheck disable=SC2086
        run hash -q $how "$videos"
        same "videos: the same with $how" out.txt videos.jsonl
    done
    run hash -q --frames keyframes "$videos"
    is 'videos: key frames are among the others' "$(jq -n --slurpfile a out.txt --slurpfile b videos.jsonl -r \
        '[$a, $b | map({(.path): .frames}) | add] as [$a, $b] | $a | keys[] | select(($a[.] // []) - ($b[.] // []) | length > 0)')" ""
    expect 64 'videos: no such frames' hash --frames some "$videos"
    expect 2 'videos: a limit is a line' hash -q --limit video-frames=1 "$videos/h264.mp4"
    is 'videos: the limit has its name' "$(jq -r '.limit + " " + (.frames | length | tostring)' out.txt)" 'video-frames 1'
}

# A listed video is found in another codec, in a zip, with a zip behind it, and as a copy; a picture by a frame.
listed_videos() {
    mkdir -p copies
    cp "$videos/h264.mp4" copies/a.mp4
    cp "$videos/h264.mp4" copies/b.mp4
    (cd copies && echo hidden >hidden.txt && zip -q hidden.zip hidden.txt && cat a.mp4 hidden.zip >behind.mp4 && zip -q more.zip a.mp4 behind.mp4 && rm hidden.txt hidden.zip)
    jq -r "select(.path | endswith(\"/h264.mp4\")) | \"vpdq \" + ($signal)" videos.jsonl >videos.list
    expect 1 'listed videos: scan' scan -q -j2 -l videos.list -o case-videos copies
    is 'listed videos: all copies' "$(jq -r '[.tier, .algorithm, .file_percent, .list_percent] + ([.locations[].path] | sort) | join(" ")' case-videos/report.jsonl | sort)" \
        "video vpdq 100 100 copies/a.mp4 copies/b.mp4 copies/more.zip!/a.mp4
video vpdq 100 100 copies/behind.mp4 copies/more.zip!/behind.mp4"
    is 'listed videos: the zip behind one is opened' "$(jq -r 'select(.path | endswith("hidden.txt")) | .path' case-videos/inventory.jsonl)" \
        "copies/behind.mp4!/hidden.txt
copies/more.zip!/behind.mp4!/hidden.txt"
    expect 0 'listed videos: the index' list build -q -o videos.idx videos.list
    expect 1 'listed videos: scan with the index' scan -q -j1 -l videos.idx -o case-videos-index copies
    is 'listed videos: the index finds the same' "$(jq -c '[.distance, .file_percent, .locations]' case-videos-index/report.jsonl)" \
        "$(jq -c '[.distance, .file_percent, .locations]' case-videos/report.jsonl)"
    run hash -q copies
    cp out.txt copies.jsonl
    expect 1 'listed videos: match of trawl hash' match -q -l videos.list copies.jsonl
    is 'listed videos: match finds each' "$(jq -r '.tier' out.txt | wc -l)" 5
    expect 1 'listed videos: in other codecs' scan -q --max-distance 64 -l videos.list -o case-videos-codecs "$videos"
    is 'listed videos: many codecs' "$([ "$(jq -r '.locations[].path' case-videos-codecs/report.jsonl | wc -l)" -ge 10 ] && echo many)" many
    jq -r 'select(.path | endswith("/h264.mp4")) | .frames[-1] | split(",")[2] | "pdq " + .' videos.jsonl >frame.list
    expect 1 'listed videos: a frame that is a listed picture' scan -q --max-distance 0 -l frame.list -o case-frame copies/a.mp4
    is 'listed videos: the time of that frame' "$(jq -r '[.tier, .algorithm, .distance, .frame, .time] | join(" ")' case-frame/report.jsonl)" \
        "near pdq 0 $(jq -r 'select(.path | endswith("/h264.mp4")) | .frames[-1] | split(",") | .[0] + " " + (.[3] | tonumber | tostring)' videos.jsonl)"
    expect 0 'listed videos: verify' verify case-videos
}

# A video that is cut anywhere costs its own line only.
cut_videos() {
    local name size
    mkdir -p cut
    for name in h264.mp4 vp9.webm mpeg4.avi mpeg2.mpg h264.ts wmv2.wmv flv1.flv av1.mp4; do
        size=$(stat -c %s "$videos/$name")
        for part in 3 6 9; do
            head -c $((size * part / 10)) "$videos/$name" >"cut/$part-$name"
        done
    done
    run hash -q cut
    is 'cut videos: a line each' "$(wc -l <out.txt)" 24
    is 'cut videos: none brings its reader down' "$(jq -r 'select(.status | IN("ok", "partial", "damaged") | not) | .path + " " + .status' out.txt)" ""
    run hash -q --frames keyframes cut
    is 'cut videos: told with key frames too' "$(jq -r 'select(.status == "ok") | .path' out.txt | grep -v -E 'h264.ts|mpeg2.mpg')" ""
    run hash -q cut
    is 'cut videos: most give frames' "$([ "$(jq -r 'select(.frames) | .path' out.txt | wc -l)" -ge 14 ] && echo most)" most
}

mkdir -p videos
cd videos || exit 1
run hash -q "$videos/h264.mp4"
if [ "$(jq -r .status out.txt)" = unsupported ]; then
    skip 'videos: this build reads none'
else
    read_videos
    listed_videos
    cut_videos
fi
cd ..
