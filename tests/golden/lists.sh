# lists.sh: lists as other tools write them, made by those tools where they are here.

mkdir -p lists && cd lists || exit 1
for i in $(seq 40); do echo "file $i" >"f$i"; done
sum() { md5sum "f$1" | cut -c 1-32; }
hits() { for i in $(seq 40); do echo "md5 $(sum "$i")"; done | "$TRAWL" match -q -l "$1" "${@:2}" 2>/dev/null | wc -l; }

md5sum f? f?? >known.md5
is 'md5sum' "$(hits known.md5)" 40
if command -v hfind >/dev/null; then
    hfind -i md5sum known.md5 >/dev/null
    is 'an index of hfind' "$(hits known.md5-md5.idx)" 40
    is 'an index of hfind says of what' "$("$TRAWL" list info known.md5-md5.idx | jq -r .source)" 'hfind index of known.md5'
else
    skip 'hfind is not here'
fi
if command -v hashdeep >/dev/null; then
    hashdeep -c md5,sha256 f* >known.hashdeep
    is 'hashdeep' "$(hits known.hashdeep)" 40
else
    skip 'hashdeep is not here'
fi
if command -v sqlite3 >/dev/null; then
    {
        echo "CREATE TABLE hashes (id INTEGER PRIMARY KEY AUTOINCREMENT, md5 BINARY(16) UNIQUE, sha1 BINARY(20), sha2_256 BINARY(32));"
        echo "CREATE TABLE comments (comment TEXT NOT NULL, hash_id INTEGER NOT NULL);"
        for i in $(seq 40); do echo "INSERT INTO hashes(md5) VALUES(x'$(sum "$i")'); INSERT INTO comments VALUES('file $i',$i);"; done
    } | sqlite3 set.kdb
    is 'a set of Autopsy' "$(hits set.kdb)" 40
    gzip -k set.kdb
    is 'a database in a gzip' "$(hits set.kdb.gz)" 40
    {
        echo "CREATE TABLE FILE (sha256 VARCHAR, sha1 VARCHAR, md5 VARCHAR, file_name VARCHAR);"
        for i in $(seq 40); do echo "INSERT INTO FILE VALUES('','','$(sum "$i" | tr a-f A-F)','f$i');"; done
    } | sqlite3 rds.db
    is 'NSRL RDS 3' "$(hits rds.db)" 40
    run scan -q --known rds.db -o case-known f1 f2
    is 'NSRL as --known' "$(jq -r .by_status.suppressed.files case-known/summary.json)" 2
else
    skip 'sqlite3 is not here'
fi

# VICS: graded, with a map that the reports print; compressed; as an index; beside a newer edition.
vics() {
    printf '{"@odata.context":"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media","value":['
    for i in $(seq "$1" "$2"); do printf '%s{"MediaID":%d,"Category":%d,"MD5":"%s"}' "$comma" "$i" $((i % $3)) "$(sum "$i" | tr a-f A-F)" && comma=,; done
    printf ']}'
}
comma='' vics 1 30 5 >old.json
comma='' vics 11 40 4 >new.json
is 'VICS' "$(hits old.json)" 30
for tool in gzip bzip2 xz zstd; do
    command -v $tool >/dev/null || continue
    $tool -q -c old.json >old.json.z
    is "VICS by $tool" "$(hits old.json.z)" 30
    head -c 300 old.json.z >cut.z
    expect 64 "VICS by $tool, cut" list info cut.z
done
expect 0 'list build' list build -q -o old.index --name 'edition 1' old.json
is 'list build --name' "$("$TRAWL" list info old.index | jq -c '[.lists[0].name,.lists[0].map,.entries.md5]')" '["edition 1","vics-us",30]'
expect 64 'verdicts are no known files' scan -q --known old.index -o case-refused f1
grep -q 'holds verdicts' err.txt && ok 'and it says so' || bad "verdicts as --known: $(cat err.txt)"
expect 1 'list diff' list diff old.index new.json
jq -r .change out.txt | sort | uniq -c | awk '{print $2, $1}' >changes.txt
printf 'added 10\nchanged 16\nremoved 10\n' >expected.txt
same 'list diff: what came, went, changed' changes.txt expected.txt
expect 0 'list diff of the same' list diff old.index old.json
cat >ours.toml <<'END'
name = "ours"
[category.1]
name = "first"
severity = 3
[category.2]
severity = 1
END
expect 1 'scan with a map' scan -q -l old.json --map ours.toml -o case-map f1 f2 f3
is 'the map is in the summary' "$(jq -c '.lists[0]|[.map,(.categories|length),.categories[0].severity]' case-map/summary.json)" '["ours",5,3]'
is 'severity by the map' "$(jq -r '[.entry,.severity]|join(" ")' case-map/report.jsonl | head -n 2 | tr '\n' ,)" '2 1,1 3,'
grep -q 'map ours' case-map/report.html && ok 'the map is on the page' || bad 'the page has no map'
printf 'x|%s|B\n' "$(sum 1)" >other.txt
is 'columns by number' "$("$TRAWL" match -q -l other.txt --map md5=2,category=3 --map iwf <<<"md5 $(sum 1)" | jq -c '[.category,.severity]')" '["B category B",2]'
expect 64 'columns that are none' list info --map md5=0 other.txt
chmod go+w ours.toml
expect 64 'a map that others can write' list info --map ours.toml old.json
cd .. || exit 1
