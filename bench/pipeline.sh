#!/usr/bin/env bash
# pipeline.sh BUILD: whole scans beside the peers that are installed, in one run. What counts are ratios: both sides of a pair
# take turns, and a figure is the median of BENCH_ROUNDS (5). Prints a table; writes bench/results/pipeline.json.
#   BENCH_PHOTOS=dir   JPEG photographs to make the pictures of (default: ../shared/corpus fetches Debian's; else synthetic ones)
#   BENCH_WORK=dir     where the corpus is made and kept (default: BUILD/bench-work)
#   BENCH_BIG=1        also the peak of memory on an archive of 4 GB
set -u
build=$(cd "$1" && pwd) || exit 2
here=$(cd "$(dirname "$0")" && pwd)
trawl=$build/trawl
work=${BENCH_WORK:-$build/bench-work}
mkdir -p "$work" "$here/results"
cd "$work" || exit 2
. "$here/measure.sh"
. "$here/corpus.sh"

scan() { "$trawl" scan -q -o case.out "$@"; }
djpeg_all() { for f in "$1"/*; do djpeg -outfile /dev/null "$f"; done; }
list=$work/list.txt
# 100,000 entries that no picture is near: matching is a part of the scan.
[ -s "$list" ] || head -c 3200000 /dev/urandom | od -An -v -tx1 -w32 | tr -d ' ' >"$list"
[ -s index.trawl ] || "$trawl" list build -q --type pdq -o index.trawl "$list" || exit 1
lists=(-l index.trawl)

fast_base() { scan -j1 "${lists[@]}" base; }
fast_prog() { scan -j1 "${lists[@]}" prog; }
hash_base() { "$trawl" hash -q -j1 base; }
djpeg_base() { djpeg_all base; }
djpeg_prog() { djpeg_all prog; }
thumbs_in() { scan -j1 thumbs; }
thumbs_out() { scan -j1 --no-sandbox thumbs; }
one_zip() { scan "-j$jobs" photos.zip; }
one_dir() { scan "-j$jobs" photos; }
many_tars() { scan "-j$jobs" tars; }

make_corpus
printf '%-48s %9s %9s %8s   %s\n' "$(nproc) cores, $("$trawl" --version | grep -o 'avx512\|avx2\|sse4.1\|scalar' | head -n 1), $pictures" trawl peer ratio goal
if have djpeg; then
    pair '12 MP baseline, fast, against djpeg' cpu '<= 0.45' fast_base djpeg_base
    pair 'progressive >= 2000 px, fast, against djpeg' cpu '<= 0.25' fast_prog djpeg_prog
    pair '12 MP baseline, exact hash, against djpeg' cpu '<= 1.15' hash_base djpeg_base
fi
pair '13 kB thumbnails: sandboxed, not sandboxed' cpu '<= 1.05' thumbs_in thumbs_out
for what in one_zip one_dir many_tars; do
    one() { jobs=1 $what; }
    two() { jobs=2 $what; }
    pair "$what: -j1 against -j2" wall '>= 1.85' one two
done
if have hashdeep; then
    ours() { "$trawl" hash -q -j1 others; }
    theirs() { hashdeep -j0 -c md5,sha1,sha256 -r others; }
    pair 'three digests of other files, against hashdeep' cpu '' ours theirs
fi
if have convert; then
    theirs() { for f in base/*; do convert "$f" -resize 64x64! gray:/dev/null; done; }
    pair '12 MP fast, against ImageMagick to 64 x 64' cpu '' fast_base theirs
fi
if have vips; then
    theirs() { for f in base/*; do vips thumbnail "$f" v.png 64; done; }
    pair '12 MP fast, against libvips thumbnail' cpu '' fast_base theirs
fi
if have findimagedupes; then
    ours() { scan -j1 thumbs; }
    theirs() { rm -f f.db; findimagedupes -R -q -f f.db thumbs; }
    pair 'thumbnails, against findimagedupes' cpu '' ours theirs
fi
tiny() { scan -j1 tiny.zip; }
tiny_cost
[ -z "${BENCH_BIG:-}" ] || big_memory
save "$here/results/pipeline.json"
echo "bench: figures in bench/results/pipeline.json" >&2
