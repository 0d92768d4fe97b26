# corpus.sh: what pipeline.sh scans; made once in the working folder. Part of pipeline.sh.

# Photographs to start from: given, or Debian's by the shared corpus, or synthetic.
photographs() {
    local from=${BENCH_PHOTOS:-} shared=$here/../../shared/corpus
    if [ -z "$from" ] && [ -x "$shared/fetch_corpus.sh" ]; then
        from=$work/fetched
        [ -d "$from" ] || "$shared/fetch_corpus.sh" "$from" small >fetch.log 2>&1
    fi
    [ -n "$from" ] || return
    # The largest: what is small was often drawn, or made of a tile.
    find "$from" -iname '*.jpg' -size +300k -printf '%s %p\n' | LC_ALL=C sort -k1,1nr -k2 | head -n "${BENCH_PICTURES:-60}" | cut -d ' ' -f 2-
}

# as MP side: resized and cropped, so that all have the same number of pixels
make_base() {
    local i=0 f
    mkdir -p base prog
    while read -r f; do
        convert "$f" -resize '4000x3000^' -gravity center -extent 4000x3000 -colorspace sRGB -quality 90 -sampling-factor 4:2:0 -interlace none "base/$i.jpg" 2>/dev/null &&
            jpegtran -progressive -outfile "prog/$i.jpg" "base/$i.jpg"
        i=$((i + 1))
        [ $i -lt 24 ] || break
    done
}

synthetic() {
    local i
    for i in $(seq 12); do
        convert -size 4000x3000 -seed "$i" plasma:fractal -attenuate 0.3 +noise Gaussian "syn-$i.jpg"
        echo "$PWD/syn-$i.jpg"
    done
}

# small SIDE QUALITY COUNT FOLDER: unlike each other in their last bytes, so that each is decoded
make_small() {
    local side=$1 quality=$2 count=$3 folder=$4 i=0 f n
    mkdir -p "$folder" seed
    rm -f seed/*
    while read -r f; do
        convert "$f" -resize "${side}x${side}" -strip -quality "$quality" "seed/$i.jpg" 2>/dev/null && i=$((i + 1))
    done
    for ((n = 0; n < count; n++)); do
        { cat "seed/$((n % i)).jpg"; echo "$n"; } >"$folder/$n.jpg"
    done
}

# Some seconds of work, so that starting and reporting do not count. Copies differ in their last bytes, so each is decoded.
make_photos() {
    local i=0 f n
    mkdir -p photos tars
    while read -r f; do
        for size in 2000 1600 1280; do
            convert "$f" -resize "${size}x${size}" -quality 88 p.jpg 2>/dev/null || continue
            for n in 1 2 3 4; do { cat p.jpg; echo $n; } >"photos/$i.jpg"; i=$((i + 1)); done
        done
    done
    (cd photos && zip -q0 ../photos.zip -- *)
    for ((i = 0; i < 40; i++)); do
        tar cf "tars/$i.tar" $(find photos -name "*.jpg" | LC_ALL=C sort | awk -v i=$i 'NR % 40 == i')
    done
}

# Files that are no pictures: sizes as they come on a disk, mostly small.
make_others() {
    mkdir -p others
    awk 'BEGIN { srand(7); for (i = 0; i < 2000; i++) printf "%d %d\n", i, exp(rand() * 14) }' | while read -r name size; do
        head -c "$size" /dev/urandom >"others/$name.bin"
    done
}

make_corpus() {
    pictures='photographs'
    [ -f made ] && { pictures=$(cat made); return; }
    photographs >photos.txt
    [ -s photos.txt ] || { pictures='synthetic pictures'; synthetic >photos.txt; }
    make_base <photos.txt
    make_small 320 80 3000 thumbs <photos.txt
    make_small 64 60 20000 tiny <photos.txt
    (cd tiny && find . -name '*.jpg' | LC_ALL=C sort | zip -q0 ../tiny.zip -@)
    make_photos <photos.txt
    make_others
    echo "$pictures" >made
}

# What a tiny picture costs over hashing and decoding: of all processor time, less what run.json says of the stages.
tiny_cost() {
    local i a=() b=()
    for ((i = 0; i < rounds; i++)); do
        times tiny
        a+=("$cpu")
        b+=("$(jq '1000 * (.seconds.decode + .seconds.digest) | floor' case.out/run.json)")
    done
    local all stages
    all=$(median "${a[@]}") stages=$(median "${b[@]}")
    row '20,000 tiny in a zip: all against decode + digest' 'ms cpu' "$all" "$stages" "over it: $(((all - stages) * 1000 / 20000)) us a file; <= 15"
}

# The most that main and children hold together, by their proportional share, ten times a second.
big_memory() {
    local pid peak=0 now
    [ -s big.zip ] || {
        mkdir -p big
        for i in $(seq 1000); do { cat base/$((i % 24)).jpg; echo "$i"; } >"big/$i.jpg"; done
        (cd big && zip -q0r ../big.zip .)
        rm -rf big
    }
    rm -rf case.out
    scan -j2 big.zip &
    pid=$!
    while kill -0 $pid 2>/dev/null; do
        now=$(for p in $(pgrep -g "$(ps -o pgid= $pid)" trawl); do sed -n 's/^Pss: *\([0-9]*\).*/\1/p' "/proc/$p/smaps_rollup" 2>/dev/null; done | awk '{ s += $1 } END { print int(s / 1024) }')
        [ "${now:-0}" -gt $peak ] && peak=$now
        sleep 0.1
    done
    row "peak memory, zip of $(du -m big.zip | cut -f 1) MB, -j2" MiB $peak 400 '<= 400'
}
