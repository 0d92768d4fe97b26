# thumbnails.sh (sourced): scan --thumbnails: previews of pictures on a list in report.html, and nowhere else anything of them.
thumbnails_check() {
    if ! command -v convert >/dev/null; then
        skip 'thumbnails: ImageMagick is missing'
        return
    fi
    local i raw
    mkdir -p thumbs/more
    for i in 1 2 3 4 5 6 7 8; do convert -seed "$i" -size 320x240 plasma:red-blue "thumbs/$i.png"; done
    # One that any reader of the journal would find: of one grey.
    convert -size 300x300 xc:'gray(77)' thumbs/listed.png
    convert -size 300x300 xc:'gray(78)' thumbs/unlisted.png
    convert thumbs/3.png -quality 70 thumbs/near.jpg
    cp thumbs/1.png thumbs/more/again.png
    echo 'no picture' >thumbs/words.txt
    (cd thumbs && tar cf in.tar 2.png && rm 2.png && md5sum 1.png listed.png words.txt) | awk '{ print "md5 " $1 }' >thumbs.txt
    "$TRAWL" hash -q --decode exact thumbs | jq -r 'select(.path | test("/(3|2)[.]png$")) | "pdq " + .pdq' >>thumbs.txt
    expect 1 'thumbnails: without' scan -q -j1 -o case-thumbs-none -l thumbs.txt thumbs
    for i in 1 8; do expect 1 "thumbnails: scan -j$i" scan -q -j$i --thumbnails -o "case-thumbs-$i" -l thumbs.txt thumbs; done
    same_case 'thumbnails: -j1 and -j8' case-thumbs-1 case-thumbs-8
    for i in inventory.jsonl report.jsonl report.csv review_next.jsonl transparency.json; do
        same "thumbnails: $i does not change" "case-thumbs-none/$i" "case-thumbs-1/$i"
    done
    jq '.options -= ["thumbnails=yes"]' case-thumbs-1/summary.json >thumbs-a.txt
    jq . case-thumbs-none/summary.json >thumbs-b.txt
    same 'thumbnails: the option, and nothing else, is in summary.json' thumbs-a.txt thumbs-b.txt
    is 'thumbnails: the option is recorded' "$(jq '.options | index("thumbnails=yes") != null' case-thumbs-1/summary.json)" true
    is 'thumbnails: the access log tells' "$(jq -r .what case-thumbs-1/journal/access.log | head -n 1)" 'scan with thumbnails'
    is 'thumbnails: each picture on a list has one' "$(grep -o '<img class="preview" alt="" ' case-thumbs-1/report.html | wc -l)" 5
    is 'thumbnails: the page says so' "$(grep -c 'Previews are in this page</b>, as asked for (--thumbnails): 5 findings have one' case-thumbs-1/report.html)" 1
    is 'thumbnails: the policy lets them in' "$(grep -c "img-src data:" case-thumbs-1/report.html)" 1
    # A page without them is the one with them, less what was added.
    is 'thumbnails: none unasked' "$(grep -c -i -e '<img' -e img-src -e preview -e thumbnail case-thumbs-none/report.html)" 0
    sed -e 's/<img class="preview"[^>]*>//' -e '/class="notice"/d' -e '/^<li>thumbnails=yes/d' -e '/http-equiv/d' case-thumbs-1/report.html |
        sed -e '/^    \/\/ Previews: /,/^    start();/{/^    start();/!d;}' -e 's/^\.notice{.*//' -e '/^\.preview{/d' -e '/^\.detail \.preview/d' | grep -v '^$' >thumbs-a.txt
    grep -v -e http-equiv case-thumbs-none/report.html | sed 's/<\/style>$/\n&/' | grep -v '^$' >thumbs-b.txt
    same 'thumbnails: the rest of the page does not change' thumbs-a.txt thumbs-b.txt
    # 40 samples of one grey stand in the journal where the picture is on a list, and nowhere else.
    raw() { printf "(?s)%s" "$(printf "\\\\x$1%.0s" $(seq 40))"; }
    is 'thumbnails: the journal has that of a finding' "$(LC_ALL=C cat case-thumbs-1/journal/j-* | LC_ALL=C grep -a -c -P "$(raw 4d)")" 1
    is 'thumbnails: and none of what is on no list' "$(LC_ALL=C cat case-thumbs-1/journal/j-* | LC_ALL=C grep -a -c -P "$(raw 4e)")" 0
    is 'thumbnails: nor any unasked' "$(LC_ALL=C cat case-thumbs-none/journal/j-* | LC_ALL=C grep -a -c -P "$(raw 4d)")" 0
    # As a browser's decoder sees it.
    grep -o 'data:image/png;base64,[A-Za-z0-9+/=]\{9,\}' case-thumbs-1/report.html | cut -d, -f2 | while read -r i; do
        echo "$i" | base64 -d >thumbs.png && convert thumbs.png -format '%wx%h %[channels] %k\n' info:
    done >thumbs-a.txt
    is 'thumbnails: PNG files' "$(grep -c '^32x32 gray' thumbs-a.txt)" 5
    is 'thumbnails: that of one grey has one' "$(grep -c ' 1$' thumbs-a.txt)" 1
    expect 0 'thumbnails: verify' verify case-thumbs-1
    cp case-thumbs-1/report.html thumbs-a.txt && rm case-thumbs-1/report.html
    expect 1 'thumbnails: report' report -q case-thumbs-1
    same 'thumbnails: the same page again' thumbs-a.txt case-thumbs-1/report.html
    # A case that was begun with them is not resumed without, nor the other way round.
    rm case-thumbs-1/run.json case-thumbs-none/run.json
    expect 64 'thumbnails: not resumed without' scan -q -o case-thumbs-1 -l thumbs.txt thumbs
    expect 64 'thumbnails: not added on resuming' scan -q --thumbnails -o case-thumbs-none -l thumbs.txt thumbs
    expect 1 'thumbnails: resumed with' scan -q --thumbnails -o case-thumbs-1 -l thumbs.txt thumbs
    same 'thumbnails: and the same page' thumbs-a.txt case-thumbs-1/report.html
    expect 1 'thumbnails: with --minimise' scan -q --thumbnails --minimise -o case-thumbs-mini -l thumbs.txt thumbs
    is 'thumbnails: as many' "$(grep -o '<img class="preview"' case-thumbs-mini/report.html | wc -l)" 5
    expect 1 'thumbnails: undecoded' scan -q --thumbnails --no-decode-hits -o case-thumbs-hits -l thumbs.txt thumbs
    is 'thumbnails: none of what nobody decoded' "$(grep -o '<img class="preview"' case-thumbs-hits/report.html | wc -l)" 3
    rm -rf thumbs case-thumbs-*
}
thumbnails_check
