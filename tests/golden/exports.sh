# exports.sh: reports for other tools, each read by one that is not ours.

made .
options=(-l lists/demo.txt --known lists/ignore.txt)
every=jsonl,csv,html,vics,c4p,case,cybertip,bodyfile,md5,md5sum,kdb,dfxml,hashdeep,sqlite
mkdir hostile
(
    cd hostile || exit 1
    picture=../evidence/camera/IMG_0001.jpg
    for name in $'a\nb.jpg' $'esc\x1b[2J.jpg' $'bad\xff\xfe.jpg' $'lone\xed\xa0\x80.jpg' 'a]]>b.jpg' '<b>&amp;"x.jpg' "a'b|c.jpg" 'back\slash.jpg' \
        '=cmd.jpg' $'\xe2\x80\xaegpj.jpg' $'smile\xf0\x9f\x98\x80.jpg' $'nonchar\xef\xbf\xbf.jpg' $'c1\xc2\x9b.jpg' $'line\xe2\x80\xa8.jpg' ' space.jpg' '--.jpg'; do
        cp -- "$picture" "./$name"
    done
    tar cf ../evidence-hostile.tar .
)
for jobs in 1 8; do
    expect 3 "scan with every report, -j$jobs" scan -q "-j$jobs" "${options[@]}" --report "$every" -o "case-every-j$jobs" evidence hostile evidence-hostile.tar
done
same_case 'every report at j8 is that at j1' case-every-j1 case-every-j8
cp -r case-every-j1 case-every-again
rm case-every-again/*.*
expect 3 'every report again from the journal' report -q --report all case-every-again
for file in case-every-j1/*; do
    case $file in */journal | */run.json) ;; *) same "${file##*/} again" "$file" "case-every-again/${file##*/}" ;; esac
done
is 'modes of exported files' "$(find case-every-j1 -type f ! -perm 600 -print)" ''
expect 0 'trawl verify covers exports' verify case-every-j1
printf x >>case-every-again/report.vics.json
expect 2 'trawl verify: a byte of an export was added' verify case-every-again
grep -q '^report.vics.json: CHANGED' out.txt && ok 'and says which' || bad 'verify does not say which export'
rm case-every-again/hits-near.md5.txt
run verify case-every-again
grep -q '^hits-near.md5.txt: MISSING' out.txt && ok 'one of two files is missing' || bad 'verify: a missing second file'

# What is in the folder is never older than the journal: a report that was asked for once is written each time.
cp -r case-every-j1 case-fewer
for file in case-fewer/report.csv case-fewer/inventory.dfxml case-fewer/report.c4p.xml; do [ ! -f "$file" ] || echo old >"$file"; done
expect 3 'fewer reports are asked for' report --report jsonl case-fewer
grep -q 'written as well, since the case has them: csv' err.txt && ok 'and it says that the others are written too' || bad "no word about the others: $(cat err.txt)"
same_case 'none of them stays old' case-every-j1 case-fewer
straced 'reports under strace' case-fewer report -q --report all case-fewer
run scan -q "${options[@]}" -o case-only evidence
rm case-only/report.csv case-only/report.html
expect 3 'one report more' report -q --report vics case-only
is 'those that the case has, and the new one' "$(cd case-only && echo report.*)" 'report.jsonl report.vics.json'

case=case-every-j1
findings=$(wc -l <$case/report.jsonl)
places=$(jq '.locations | length' $case/report.jsonl | jq -s add)
files=$(wc -l <$case/inventory.jsonl)
jq -r '.locations[].path' $case/report.jsonl | LC_ALL=C sort >paths.txt
is 'there are names to escape' "$(grep -c '\\x' paths.txt)" 20

# VICS: a reader that takes nothing on trust: order of keys, types, the schema's names and no others, keys that are unique.
cat >vics.jq <<'END'
def guid: type == "string" and test("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$");
def hex($n): type == "string" and length == $n and test("^[0-9A-F]+$");
def date: type == "string" and test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$");
def int: type == "number" and floor == . and . >= 0;
def bool: type == "boolean";
def str: type == "string";
def check($what; f): if all(.[]; f) then empty else "\($what): \(map(select(f | not)) | .[0] | tostring | .[0:300])" end;
def keys_are($what; $must; $may): check("\($what) keys"; (keys - $must - $may) == [] and ($must - keys) == []);
def unique_by_key($what; f): if (map(f) | unique | length) == length then empty else "\($what) is not unique" end;
(if keys_unsorted == ["@odata.context", "value"] then empty else "order of keys" end),
(if .["@odata.context"] | test("^http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/[A-Za-z]+/[$]metadata#Cases$") then empty else "context" end),
(.value | keys_are("case"; ["CaseID", "TotalMediaFiles", "SourceApplicationName", "SourceApplicationVersion", "CaseMetadata", "Media"]; ["CaseNumber"])),
(.value | check("case id"; .CaseID | guid)), (.value | check("case keys first"; keys_unsorted[0] == "CaseID" and keys_unsorted[-1] == "Media")),
(.value[0].CaseID as $id | .value[0].CaseMetadata | check("case metadata"; .CaseID == $id and (.PropertyName | str) and (.PropertyValue | str)),
    unique_by_key("case metadata"; .PropertyName)),
(.value[0].Media | length as $n | if $n == $total then empty else "media: \($n)" end),
(if .value[0].TotalMediaFiles == (.value[0].Media | length) then empty else "TotalMediaFiles" end),
(.value[0].Media |
    keys_are("media"; ["MediaID", "MD5", "SHA1", "IsPrecategorized", "IsSuspected", "MediaFiles", "AlternativeHashes", "MediaMetadata", "MimeType", "MediaSize", "Comments", "Tags"];
        ["Category", "VictimIdentified", "OffenderIdentified", "IsDistributed", "SelfGenerated", "Series", "PhotoDNA", "PrecategorizationSource"]),
    check("media types"; (.MediaID | int) and (.MD5 | hex(32)) and (.SHA1 | hex(40)) and (.IsPrecategorized | bool) and (.IsSuspected | bool)
        and (.MediaSize | int) and (.MimeType | str) and (.Category == null or ((.Category | int) and .Category < 256))
        and (.IsPrecategorized == (.Category != null)) and ((.IsSuspected and .IsPrecategorized) | not)
        and ([.VictimIdentified, .OffenderIdentified, .IsDistributed, .SelfGenerated] | all(. == null or bool))
        and (.PhotoDNA == null or (.PhotoDNA | test("^[A-Za-z0-9+/=]+$")))),
    unique_by_key("MD5"; .MD5), unique_by_key("MediaID"; .MediaID)),
(.value[0].Media[] | .MD5 as $md5 |
    (.AlternativeHashes | keys_are("hash"; ["MD5", "HashName", "HashValue"]; []), check("hash"; .MD5 == $md5), unique_by_key("hash"; .HashName)),
    (.MediaMetadata | keys_are("metadata"; ["MD5", "PropertyName", "PropertyValue"]; []), check("metadata"; .MD5 == $md5), unique_by_key("metadata"; .PropertyName)),
    (.MediaFiles | keys_are("file"; ["MD5", "MediaFileID", "FileName", "FilePath", "SourceID", "Unallocated", "Deleted"];
            ["Created", "Written", "Accessed", "PhysicalLocation", "ParentMD5", "ParentFileName", "ParentFilePath", "ParentPhysicalLocation"]),
        check("file types"; .MD5 == $md5 and (.MediaFileID | int) and (.FileName | str) and (.FilePath | str) and (.Deleted | bool) and (.Unallocated | bool)
            and ([.Created, .Written, .Accessed] | all(. == null or date)) and ([.PhysicalLocation, .ParentPhysicalLocation] | all(. == null or int))),
        unique_by_key("file"; .MediaFileID)))
END
hashed=$(jq -s 'map(select(.md5)) | length' $case/report.jsonl)
is 'VICS: a strict reader has nothing to say' "$(jq -r --argjson total "$hashed" -f vics.jq $case/report.vics.json 2>&1 | head -n 5)" ''
is 'VICS: the strict reader is strict' "$(jq '{value, "@odata.context"} | .value[0].Media[0].MD5 = "x" | .value[0].Media[1].Category = "1" | del(.value[0].Media[2].IsPrecategorized)' \
    $case/report.vics.json | jq -r --argjson total "$hashed" -f vics.jq | wc -l)" 6
head -c 40 $case/report.vics.json | grep -q '^{"@odata.context":"http' && ok 'VICS: the context is the first key of the file' || bad 'VICS: does not begin with the context'
jq -r '.value[].Media[].MediaFiles[] | .FilePath + .FileName' $case/report.vics.json | LC_ALL=C sort >got.txt
same 'VICS: every place' got.txt paths.txt
is 'VICS: a name is the last of its path' "$(jq -r '[.value[].Media[].MediaFiles[].FileName | select(contains("/"))] | length' $case/report.vics.json)" 0

# JSON-LD: every name that is used is declared, and every node that is pointed at is there.
cat >case.jq <<'END'
. as $all | (.["@context"] | keys) as $prefixes
| [.. | objects | (keys[], .["@type"]? // empty, .["@id"]? // empty) | strings | select(startswith("@") | not) | split(":")[0]] | unique - $prefixes | map("prefix " + .)[],
([$all["@graph"][]["@id"]] | unique) as $nodes
| ([$all["@graph"][] | (.["uco-core:source"], .["uco-core:target"], .["uco-action:instrument"]) | select(.) | .["@id"]] | unique) - $nodes | map("no node " + .)[],
([$all["@graph"] | group_by(.["@id"])[] | unique | select(length > 1)] | map(select((map(.["@type"]) | unique | length) > 1)) | map("two kinds of " + .[0]["@id"])[])
END
is 'CASE: names are declared, nodes are there' "$(jq -r -f case.jq $case/report.case.jsonld 2>&1 | head -n 5)" ''
jq -r '.["@graph"][] | select(.["uco-core:tag"]) | .["uco-core:hasFacet"][] | .["uco-observable:filePath"] // empty' $case/report.case.jsonld | LC_ALL=C sort >got.txt
same 'CASE: every place' got.txt paths.txt
is 'CASE: each has its digests' "$(jq '[.["@graph"][] | select(.["uco-core:tag"]) | [.["uco-core:hasFacet"][]["uco-observable:hash"]? // [] | .[]] | length] | unique' -c $case/report.case.jsonld)" '[3]'
is 'CASE: what is inside says in what' "$(jq -r '[.["@graph"][] | select(.["uco-core:kindOfRelationship"]) | .["uco-core:source"]["@id"]] | unique | length' $case/report.case.jsonld)" \
    "$(jq -c '.locations[].where as $w | range(1; $w | length) | [$w[0:. + 1][] | [.name, .index]]' $case/report.jsonl | sort -u | wc -l)"

# XML: by libxml2's own reader, and by a schema written from the published one.
if command -v xmllint >/dev/null; then
    here_xsd=$here/dfxml.xsd
    for file in report.c4p.xml report.cybertip.xml inventory.dfxml; do
        xmllint --noout $case/$file 2>err.txt && ok "$file is well-formed" || bad "$file: $(head -n 2 err.txt)"
    done
    xmllint --noout --schema "$here_xsd" $case/inventory.dfxml 2>err.txt && ok 'DFXML: valid' || bad "DFXML: $(head -n 2 err.txt)"
    grep -v '^<trawl:' $case/inventory.dfxml | sed 's/ xmlns:trawl="[^"]*"//' >strict.dfxml
    xmllint --noout --schema "$here_xsd" strict.dfxml 2>err.txt && ok 'DFXML: valid without what is our own' || bad "DFXML: $(head -n 2 err.txt)"
    sed 's,<filesize>,<filesize>x,' strict.dfxml >broken.dfxml
    xmllint --noout --schema "$here_xsd" broken.dfxml 2>/dev/null && bad 'DFXML: the schema takes anything' || ok 'DFXML: the schema is strict'
    # The display form of a name holds no newline, so one line is one name.
    xmllint --xpath '//*[local-name()="filename"]/text()' $case/inventory.dfxml | sed 's/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' >got.txt
    jq -r .path $case/inventory.jsonl >want.txt
    same 'DFXML: every file, in order' got.txt want.txt
    is 'DFXML: every digest' "$(xmllint --xpath 'count(//*[local-name()="hashdigest"])' $case/inventory.dfxml)" $((3 * $(jq -s 'map(select(.md5)) | length' $case/inventory.jsonl)))
    is 'C4P: every place' "$(xmllint --xpath 'count(/ReportIndex/Image) + count(/ReportIndex/Movie)' $case/report.c4p.xml)" "$places"
    xmllint --encode UTF-8 $case/report.c4p.xml | sed -n 's,.*<fullpath><!\[CDATA\[\(.*\)\]\]></fullpath>.*,\1,p' | sed 's/\]\]><!\[CDATA\[//g' | LC_ALL=C sort >got.txt
    same 'C4P: every name' got.txt paths.txt
    is 'C4P: numbers are unique' "$(xmllint --xpath '//id/text()' $case/report.c4p.xml | sort | uniq -d)" ''
    is 'C4P: UTF-16 with its mark, CRLF' "$(head -c 2 $case/report.c4p.xml | od -An -tx1) $(tail -c 4 $case/report.c4p.xml | od -An -tx1)" ' ff fe  0d 00 0a 00'
    is 'CyberTipline: every place' "$(xmllint --xpath 'count(/unconfirmedFindings/fileDetails)' $case/report.cybertip.xml)" "$places"
    is 'CyberTipline: nobody has looked' "$(xmllint --xpath 'count(//fileDetails[fileViewedByEsp="false"][originalFileHash[@hashType="MD5"]])' $case/report.cybertip.xml)" "$places"
    is 'CyberTipline: order of elements' "$(xmllint --xpath '//fileDetails[position()=1]/*' $case/report.cybertip.xml | grep -o '^<[A-Za-z]*' | uniq | tr -d '<\n')" \
        originalFileNamefileViewedByEspexifViewedByEsporiginalFileHashadditionalInfo
else
    skip 'XML reports: xmllint is missing'
fi

# Lists of hits.
for tier in exact near; do
    jq -r "select(.tier == \"$tier\" and .md5) | .md5" $case/report.jsonl | LC_ALL=C sort >want.txt
    sed 1d "$case/hits-$tier.md5.txt" | tr -d '\r' | tr A-F a-f | LC_ALL=C sort >got.txt
    same "MD5 of $tier findings" got.txt want.txt
    is "X-Ways' first line ($tier)" "$(head -n 1 "$case/hits-$tier.md5.txt" | od -An -c | tr -d ' ')" 'MD5\r\n'
    expect 1 "trawl reads its own list of $tier hits" scan -q -l "$case/hits-$tier.md5.txt" -o "case-own-$tier" evidence/camera evidence/phone evidence/mail.zip
done
md5sum --quiet -c <(grep -v '!/' $case/hits-exact.md5sum | grep -v '\\x') >md5sum.txt 2>&1 && ok 'md5sum -c finds every file of the host' || bad "md5sum -c: $(head -n 2 md5sum.txt)"
is 'md5sum: every place' "$(cat $case/hits-*.md5sum | cut -c 35- | LC_ALL=C sort | cmp - paths.txt)" ''
if command -v hfind >/dev/null; then
    cp $case/hits-exact.md5sum hfind.md5sum
    hfind -i md5sum hfind.md5sum >/dev/null 2>err.txt
    for md5 in $(jq -r 'select(.tier == "exact") | .md5' $case/report.jsonl); do
        hfind hfind.md5sum "$md5"
    done >hfind.txt 2>&1
    is 'hfind finds every exact hit' "$(cut -f 1 hfind.txt | sort -u | wc -l) $(grep -c 'not found' hfind.txt)" "$(jq -r 'select(.tier == "exact") | .md5' $case/report.jsonl | sort -u | wc -l) 0"
    jq -r 'select(.md5) | [.tier, .md5] | @tsv' $case/report.jsonl | while read -r tier md5; do
        hfind "$case/hits-$tier.kdb" "$md5"
    done >hfind-kdb.txt 2>&1
    is 'hfind finds every hit in .kdb, with every place' "$(grep -c 'not found' -i hfind-kdb.txt) $(cut -f 2 hfind-kdb.txt | LC_ALL=C sort | cmp - paths.txt)" '0 '
    for tier in exact near; do
        hfind "$case/hits-$tier.kdb" 00000000000000000000000000000000 | grep -qi 'not found' && ok "and no other ($tier)" || bad "hits-$tier.kdb: what is not there is found"
    done
    hfind hfind.md5sum 00000000000000000000000000000000 | grep -qi 'not found' && ok 'and no other' || bad 'hfind finds what is not there'
else
    skip 'hit lists: hfind is missing'
fi
if command -v hashdeep >/dev/null; then
    find evidence/camera evidence/phone -type f -size +0 | LC_ALL=C sort >want.txt
    hashdeep -l -k $case/inventory.hashdeep -m -r evidence/camera evidence/phone 2>err.txt | LC_ALL=C sort >got.txt
    same 'hashdeep knows every file' got.txt want.txt
    is 'and no other' "$(hashdeep -k $case/inventory.hashdeep -m "$MAKE_EVIDENCE" 2>/dev/null)" ''
else
    skip 'inventory.hashdeep: hashdeep is missing'
fi
is 'hashdeep: a line for every file' "$(grep -c -v -e '^%' -e '^## trawl' -e '^## $' $case/inventory.hashdeep)" "$files"

# SQLite, by its own shell.
if command -v sqlite3 >/dev/null; then
    ask() { sqlite3 -readonly -tabs "$case/case.sqlite" "$1"; }
    for file in case.sqlite hits-exact.kdb hits-near.kdb; do
        is "$file is whole" "$(sqlite3 -readonly "$case/$file" 'PRAGMA integrity_check; PRAGMA foreign_key_check')" ok
    done
    ask 'SELECT path, ifnull(size, ""), type, status, ifnull(sha256, ""), ifnull(md5, "") FROM files ORDER BY id' >got.txt
    jq -r '[.path, .size // "", .type, .status, .sha256 // "", .md5 // ""] | join("\t")' $case/inventory.jsonl >want.txt
    same 'case.sqlite: every file, in order' got.txt want.txt
    ask 'SELECT rank, severity, tier, algorithm, distance, list, ifnull(entry, ""), ifnull(category, ""), places FROM findings ORDER BY rank' >got.txt
    jq -r '[.rank, .severity, .tier, .algorithm, .distance, .list, .entry, .category, (.locations | length)] | join("\t")' $case/report.jsonl >want.txt
    same 'case.sqlite: every finding' got.txt want.txt
    ask 'SELECT rank, path FROM locations ORDER BY rank, number' >got.txt
    jq -r '.rank as $r | .locations[] | [$r, .path] | join("\t")' $case/report.jsonl >want.txt
    same 'case.sqlite: every place' got.txt want.txt
    ask 'SELECT rank, algorithm, distance, list, value FROM matches ORDER BY rank, number' >got.txt
    jq -r '.rank as $r | .matches[] | [$r, .algorithm, .distance, .list, .value] | join("\t")' $case/report.jsonl >want.txt
    same 'case.sqlite: every match' got.txt want.txt
    is 'case.sqlite: places are JSON' "$(ask 'SELECT count(*) FROM files WHERE NOT json_valid(place)')" 0
    is 'case.sqlite: looking up a digest takes an index' "$(ask "EXPLAIN QUERY PLAN SELECT * FROM files WHERE md5 = 'x'" | grep -c files_md5)" 1
    is '.kdb: the schema of The Sleuth Kit' "$(sqlite3 -readonly $case/hits-exact.kdb 'SELECT name, value FROM db_properties; SELECT group_concat(name) FROM pragma_table_info("hashes")')" \
        "$(printf 'Schema Version|1\nid,md5,sha1,sha2_256')"
else
    skip 'databases: sqlite3 is missing'
fi

is 'body file: a line for every place' "$(wc -l <$case/report.bodyfile)" "$places"
is 'body file: eleven fields' "$(awk -F'|' '{ print NF }' $case/report.bodyfile | sort -u)" 11
if command -v mactime >/dev/null; then
    sed 's/|0|0|0|0$/|86400|86400|86400|86400/' $case/report.bodyfile >times.bodyfile
    is 'mactime reads it' "$(mactime -d -z UTC -b times.bodyfile | sed 1d | grep -c 'trawl finding')" "$places"
else
    skip 'body file: mactime is missing'
fi
# What a VICS list says of a content goes into the case, and no tool needs to ask the list again.
cat >vics-list.json <<END
{"@odata.context":"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/UK/\$metadata#Media","value":[
{"MediaID":5,"MD5":"$(md5sum <evidence/camera/IMG_0001.jpg | cut -c 1-32 | tr a-f A-F)","Category":1,"VictimIdentified":"false","IsDistributed":true,"Series":"A series"},
{"MediaID":6,"MD5":"$(md5sum <evidence/camera/IMG_0002.jpg | cut -c 1-32)","Category":0}]}
END
expect 1 'scan with a VICS list' scan -q -l vics-list.json --report vics -o case-vics evidence/camera
is 'VICS in, VICS out' "$(jq -c '.value[0].Media[] | [.Category, .IsPrecategorized, .PrecategorizationSource, .VictimIdentified, .IsDistributed, .Series]' case-vics/report.vics.json | tr '\n' ' ')" \
    '[1,true,"vics-list.json",false,true,"A series"] [0,true,"vics-list.json",null,null,null] '
is 'in the region of the list' "$(jq -r '.["@odata.context"]' case-vics/report.vics.json)" 'http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/UK/$metadata#Cases'
is 'a strict reader takes it' "$(jq -r --argjson total 2 -f vics.jq case-vics/report.vics.json 2>&1 | head -n 5)" ''
expect 1 'trawl reads the case that it wrote' scan -q -l case-vics/report.vics.json -o case-vics-again evidence/camera
is 'with the same categories' "$(jq -c '.code' case-vics-again/report.jsonl | tr '\n' ' ')" '"1" "0" '

# Files of a file system: what the exports say of their bytes and times is what is there.
if command -v mkfs.fat >/dev/null && command -v mcopy >/dev/null && command -v xmllint >/dev/null; then
    truncate -s 20M fat.img
    mkfs.fat -F 16 fat.img >/dev/null
    mkdir dated
    cp evidence/camera/*.jpg dated
    TZ=UTC touch -d '2023-05-06 07:08:10' dated/*
    TZ=UTC mcopy -m -i fat.img dated/*.jpg ::/
    run scan -q -l lists/demo.txt --report vics,c4p,dfxml,bodyfile -o case-fat fat.img
    xmllint --noout --schema "$here/dfxml.xsd" case-fat/inventory.dfxml 2>err.txt && ok 'DFXML of a file system: valid' || bad "DFXML: $(head -n 2 err.txt)"
    awk -F'[<>"]' '/^<fileobject/ { runs = ""; name = "" } /^<filename/ { name = $3 } /^<byte_run / { for (i = 1; i < NF; i++) { if ($i ~ /img_offset=$/) o = $(i + 1); if ($i ~ / len=$/) l = $(i + 1) } runs = runs " " o ":" l }
        /^<hashdigest type="md5"/ { if (runs != "") print $5 runs }' case-fat/inventory.dfxml >runs.txt
    while read -r md5 runs; do
        for part in $runs; do tail -c +$((${part%:*} + 1)) fat.img | head -c "${part#*:}"; done | md5sum | grep -q "^$md5" && echo same || echo "other: $md5 $runs"
    done <runs.txt >got.txt
    is 'DFXML: the runs are the bytes of the file' "$(sort -u got.txt) $(wc -l <got.txt)" "same $(find evidence/camera -name '*.jpg' | wc -l)"
    is 'VICS: times and place' "$(jq -c '.value[0].Media[].MediaFiles[] | [.Written, .PhysicalLocation > 0]' case-fat/report.vics.json | sort -u)" '["2023-05-06T07:08:10.000Z",true]'
    is 'C4P: times' "$(xmllint --xpath '//written/text()' case-fat/report.c4p.xml | sort -u)" 133278304900000000
    is 'body file: times' "$(cut -d '|' -f 9 case-fat/report.bodyfile | sort -u)" 1683356890
else
    skip 'exports of a file system: mkfs.fat, mcopy or xmllint is missing'
fi

# Killed and resumed, all of them end as if nothing had been.
cp -r case-every-j1 case-every-torn
rm case-every-torn/*.*
segment=$(find case-every-torn/journal -type f -printf '%s %p\n' | sort -n | tail -n 1 | cut -d ' ' -f 2-)
truncate -s $(($(stat -c %s "$segment") * 6 / 10)) "$segment"
expect 3 'a torn journal resumes with every report' scan -q -j2 "${options[@]}" --report "$every" -o case-every-torn evidence hostile evidence-hostile.tar
for file in case-every-j1/*.*; do
    case $file in */run.json | */summary.json | */report.html | */case.sqlite) ;; *) same "torn and resumed: ${file##*/}" "$file" "case-every-torn/${file##*/}" ;; esac
done
if command -v sqlite3 >/dev/null; then
    # It has the note about the torn journal, as summary.json has.
    for folder in case-every-j1 case-every-torn; do sqlite3 -readonly $folder/case.sqlite .dump | grep -v "VALUES('note " >$folder.sql; done
    same 'torn and resumed: case.sqlite' case-every-j1.sql case-every-torn.sql
fi
