# page.sh (sourced): report.html in a headless browser: nothing but its own elements, filters, keys, paper, 100,000 findings.
. "$here/browser.sh"

# Files of 38 hostile names and of 38 plain ones in like folders; each content is on a list.
page_names() {
    local names=('<script>window.hit=1</script>.jpg' '"><img src=x onerror="window.hit=1">.jpg' "' onmouseover='window.hit=1" '</script><script>window.hit=1</script>'
        '</td></table><h1>clean</h1>' '</style><b>.jpg' '<!-- .jpg' '-->]]>.jpg' '&lt;b&gt;&#60;.jpg' 'a"b\c.jpg' '\",[]]]</script>' '<svg onload=window.hit=1>'
        'javascript:window.hit=1' '<a href="http://127.0.0.1/">x</a>' '<base href="http://127.0.0.1/">' '<meta http-equiv=refresh content=0>' '<iframe src=x>' '<link rel=stylesheet href=x>'
        '=cmd|x!A0.jpg' '+1+1.jpg' '-2+3.jpg' '@SUM(1+1).jpg' '%s%n%x{0}${x}.jpg' $'a\nb.jpg' $'\t=1.jpg' $'\x1b[2J\x1b]0;title\x07.jpg' $'\xc2\x9b31m.jpg' $'gpj.\xe2\x80\xaetxt.exe'
        $'a\xe2\x81\xa6z\xe2\x81\xa9.jpg' $'line\xe2\x80\xa8sep\xe2\x80\xa9.jpg' $'\xef\xbb\xbfmark.jpg' $'\xff\xfe\x80.jpg' $'\xc0\xaf\xe0\x80\xaf.jpg' $'\xed\xa0\x80.jpg' $'\x7f\x08\x08.jpg'
        'x" data-f="[1]' '\u003cimg src=x>' $'\xd9\xa1\xe6\xbc\xa2\xf0\x9f\x98\x80.jpg')
    local i
    mkdir -p page-bad page-good
    for i in "${!names[@]}"; do
        printf 'content %s\n' "$i" >"page-good/$i"
        mkdir -p "page-bad/$(dirname -- "${names[i]}")"
        cp "page-good/$i" "page-bad/${names[i]}"
    done
    is 'page: 38 hostile names' "$(find page-bad -type f -printf x | wc -c)" 38
    (cd page-good && md5sum -- *) | awk '{ print "md5 " $1 }' >page.txt
    "$TRAWL" scan -q -o case-page-bad -l page.txt page-bad
    "$TRAWL" scan -q -o case-page-good -l page.txt page-good
}

# What kinds of elements the findings are, shown, chosen, printed.
page_elements='const grid = document.getElementById("grid");
    grid.focus();
    document.querySelector("#rows tr.row").click();
    window.dispatchEvent(new Event("beforeprint"));
    const kinds = {};
    document.querySelectorAll("#findings *, head *").forEach(e => {
        const kind = e.tagName + Array.from(e.attributes).map(a => " " + a.name).sort().join("");
        kinds[kind] = (kinds[kind] || 0) + 1; });
    return JSON.stringify(kinds, Object.keys(kinds).sort());'

page_is_its_own() {
    local bad good
    browser_open case-page-bad/report.html
    bad=$(browser_run "$page_elements")
    is 'page: no name ran' "$(browser_run 'return String(window.hit)')" undefined
    is 'page: its script, nothing else that loads' \
        "$(browser_run 'return document.querySelectorAll("script:not([type]), img, iframe, object, embed, base, link, a:not([href^=\"#\"])").length')" 1
    is 'page: nothing was fetched' "$(browser_run 'return performance.getEntriesByType("resource").length')" 0
    is 'page: names are shown as they are written' \
        "$(browser_run 'return Array.from(document.querySelectorAll("#rows td.m")).filter(e => e.textContent.includes("<img src=x onerror=\"window.hit=1\">")).length')" 1
    browser_open case-page-good/report.html
    good=$(browser_run "$page_elements")
    is 'page: elements do not depend on names' "$bad" "$good"
}

page_filters() {
    browser_open case-page-good/report.html
    local set='const set = (id, value) => { document.getElementById(id).value = value; document.getElementById(id).dispatchEvent(new Event("input")); };
        const told = () => done(document.getElementById("count").textContent);'
    is 'page: words filter' "$(browser_wait "$set set('q', 'PAGE-good/37 page.txt'); setTimeout(told, 400);")" '1 of 38 findings'
    is 'page: nothing found' "$(browser_wait "$set set('q', 'no such words'); setTimeout(told, 400);")" '0 of 38 findings'
    is 'page: reset' "$(browser_wait "$set document.getElementById('reset').click(); told();")" '38 of 38 findings'
    is 'page: exact' "$(browser_wait "$set set('f-match', '0'); setTimeout(told, 200);")" '38 of 38 findings'
    is 'page: near' "$(browser_wait "$set set('f-match', 'near'); setTimeout(told, 200);")" '0 of 38 findings'
    is 'page: sorted by path, downwards' "$(browser_run 'document.getElementById("reset").click(); const heads = document.querySelectorAll("#grid th button");
        heads[8].click(); heads[8].click(); return document.querySelector("#rows td.m").textContent + " " + document.querySelectorAll("#grid th")[8].getAttribute("aria-sort")')" \
        'page-good/9 descending'
    is 'page: keys' "$(browser_run 'const grid = document.getElementById("grid"), key = k => grid.dispatchEvent(new KeyboardEvent("keydown", {key: k, bubbles: true}));
        document.querySelectorAll("#grid th button")[0].click(); grid.focus(); key("End"); const last = document.querySelector("#detail h3").textContent;
        key("Home"); key("ArrowDown"); key("ArrowDown"); key("ArrowUp");
        return last + ", " + document.querySelector("#detail h3").textContent + ", " + document.querySelectorAll("#rows tr.on").length')" 'Finding 38, Finding 2, 1'
    browser_pdf page.pdf
    is 'page: prints' "$(head -c 5 page.pdf)" '%PDF-'
}

page_colours() {
    local light dark
    browser_media light >/dev/null
    light=$(browser_run 'return getComputedStyle(document.body).backgroundColor')
    browser_media dark >/dev/null
    dark=$(browser_run 'return getComputedStyle(document.body).backgroundColor')
    is 'page: light and dark' "$light $dark" 'rgb(255, 255, 255) rgb(17, 22, 28)'
    browser_size 390 844 >/dev/null
    is 'page: no wider than a telephone' "$(browser_run 'return document.documentElement.scrollWidth <= 390')" true
    browser_size 1280 900 >/dev/null
}

# 100,000 findings and some more: times are told, not judged.
page_large() {
    # A cpio archive of the oldest portable kind is text, but for a NUL behind each name.
    awk 'function put(name, text) {
            printf "070707%06o%06o%06o%06o%06o%06o%06o%011o%06o%011o%s%c%s", 0, 0, 33188, 0, 0, 1, 0, 0, length(name) + 1, length(text), name, 0, text
        }
        BEGIN { for (i = 1; i <= 100200; i++) put(sprintf("d%d/f%06d", i % 40, i), "content " i); put("TRAILER!!!", "") }' >page-large.cpio
    "$TRAWL" hash -q page-large.cpio | jq -r 'select(.type != "cpio") | "md5 " + .md5' >page-large.txt
    is 'page: a large case' "$(wc -l <page-large.txt)" 100200
    "$TRAWL" scan -q -o case-page-large -l page-large.txt page-large.cpio
    rm -f page-large.cpio
    browser_open case-page-large/report.html
    is 'page: 100,000 findings' "$(browser_wait 'const wait = () => { const words = document.getElementById("count").textContent;
        if (words.includes("being read") || words.startsWith("200 ")) setTimeout(wait, 50); else done(words); }; wait();')" \
        '100,000 of 100,000 findings; 200 more are in report.jsonl and report.csv'
    is 'page: few elements' "$(browser_run 'return document.querySelectorAll("#rows tr").length < 100')" true
    local told
    told=$(browser_wait 'const q = document.getElementById("q"), count = document.getElementById("count"), start = performance.now();
        new MutationObserver((changes, self) => { self.disconnect(); requestAnimationFrame(() => done(count.textContent.split(" of ")[0] + " found, first view " +
            Math.round(performance.getEntriesByName("first-contentful-paint")[0].startTime) + " ms, filter " + Math.round(performance.now() - start) + " ms")); })
            .observe(count, {childList: true});
        q.value = "/f00123"; q.dispatchEvent(new Event("input"));')
    is 'page: filters 100,000' "${told%% found*}" 10
    echo "page: 100,000 findings: ${told#* found, }"
    rm -rf case-page-large
}

if browser_start; then
    page_names
    page_is_its_own
    page_filters
    page_colours
    if [ -n "${GOLDEN_QUICK:-}" ]; then skip 'page of 100,000 findings: not in a quick run'; else page_large; fi
    browser_stop
else
    skip 'report.html in a browser: chromium, chromedriver or curl is missing'
fi
