# vics.sh: the largest hash sets become an index in one pass, in bounded memory, and every entry is found in it.

n=$(scale 100000 10000000)
begun=$(now_ms)
"$FAULTS" vics "$n" >set.json || bad 'faults vics'
bytes=$(stat -c %s set.json)
figure "vics: $n entries, $bytes bytes made in $(($(now_ms) - begun)) ms"
begun=$(now_ms)
"$FAULTS" peak peak.txt "$TRAWL" list build -q -o set.index set.json 2>err.txt
is 'vics: status' $? 0
figure "vics: index built in $(($(now_ms) - begun)) ms"
. ./peak.txt
if [ "$main" -le 2097152 ]; then ok "vics: $main KiB at most"; else bad "vics: $main KiB, more than 2 GiB"; fi
figure "vics: $main KiB at most"
"$TRAWL" list info set.index >info.json
is 'vics: every entry counted' "$(jq -c '[.entries.md5,.entries.sha1,.bad_rows,([.lists[0].categories[].entries]|add)]' info.json)" "[$n,$n,0,$n]"
head -c 2000000 set.json | sed -n 's/.*"MediaID":\([0-9]*\),"Category":\([0-9]\),"MD5":"\([0-9A-F]*\)".*/\3 \1 \2/p' | awk 'NR % 50 == 1' >some.txt
sed 's/^/md5 /; s/ [0-9]* [0-9]$//' some.txt | "$TRAWL" match -q -l set.index |
    jq -r '(.value|ascii_upcase)+" "+.entry+" "+.code' >found.txt
same 'vics: entries are found with their ID and category' found.txt some.txt
rm -f set.json set.index
