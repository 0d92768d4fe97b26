# secrets.sh: lists of hashes are secret: who may write to one, and what memory holds them.

mkdir lists work
"$FAULTS" mock work 300 1 slow sound
secret=$(head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
echo "sha256 $secret secret-entry-of-the-list" >lists/list.txt
for mode in 666 622 606; do
    chmod $mode lists/list.txt
    "$TRAWL" scan -q -o "case-$mode" -l lists/list.txt lists >out.txt 2>err.txt
    is "secrets: a list of mode $mode is refused" "$? $(wc -l <err.txt)" '64 1'
    [ -e "case-$mode" ] && bad "secrets: a case was begun with a list of mode $mode"
done
chmod 600 lists/list.txt
"$TRAWL" list build -o lists/list.idx lists/list.txt >out.txt 2>err.txt
is 'secrets: mode of an index' "$(stat -c %a lists/list.idx)" 600
is 'secrets: mode of the case folder under umask 0' "$(umask 0; "$TRAWL" scan -q -o case-umask lists >/dev/null 2>&1; find case-umask -perm /077 | wc -l)" 0

text=$(printf secret-entry-of-the-list | od -An -v -tx1 | tr -d ' \n')
hex=$(printf %s "$secret" | od -An -v -tx1 | tr -d ' \n')
# look NAME LIST: into main and its children while they work
look() {
    local name=$1 main child found=0 looked=0 dumpable=0
    rm -rf case
    env -u TRAWL_MOCK_DEADLINE_MS "$MOCK" scan -q -j2 -o case -l "$2" work/folder >out.txt 2>err.txt &
    main=$!
    # Some items are in the journal: both decoders are at work.
    for ((t = 0; t < 500; t++)); do
        [ "$(grep -ao slow case/journal/j-000001.log 2>/dev/null | wc -l)" -gt 8 ] && break
        sleep 0.02
    done
    "$FAULTS" search $main "$secret" "$hex"
    case $? in
    2)
        skip "$name: memory of other processes cannot be read here"
        kill $main
        wait $main
        return
        ;;
    0) ok "$name: the main process has it" ;;
    *) bad "$name: the main process does not have it: nothing is shown" ;;
    esac
    for child in $(descendants $main); do
        "$FAULTS" search "$child" "$secret" "$hex" "$text"
        case $? in
        0) found=$((found + 1)) ;;
        1) looked=$((looked + 1)) ;;
        esac
        # The owner of a process that may not be dumped cannot look into it; its files belong to root.
        [ -z "$(find "/proc/$child" -maxdepth 1 -name mem -user root 2>/dev/null)" ] && dumpable=$((dumpable + 1))
    done
    is "$name: no child has it" $found 0
    if [ $looked -ge 2 ]; then ok "$name: $looked children were looked into"; else bad "$name: only $looked children were looked into"; fi
    kill $main
    wait $main
}
# All processes below this one.
descendants() {
    local child
    for child in $(pgrep -P "$1"); do
        echo "$child"
        descendants "$child"
    done
}
if [ "$(id -u)" = 0 ]; then
    look 'secrets: a list of lines' lists/list.txt
    look 'secrets: an index' lists/list.idx
else
    skip 'secrets: memory of processes: not root'
fi

# Nobody but root may look into any of its processes: proved by a user who owns them.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    rm -rf own && mkdir own && cp -r work/folder own/work && cp lists/list.txt own && chown -R 65534:65534 own
    chmod o+x . .. ../.. 2>/dev/null
    (cd own && exec setpriv --reuid 65534 --regid 65534 --clear-groups "$MOCK" scan -q -j2 -o case -l list.txt work) >out.txt 2>err.txt &
    main=$!
    for ((t = 0; t < 200; t++)); do
        [ "$(descendants $main | wc -l)" -ge 3 ] && break
        sleep 0.02
    done
    if [ "$(descendants $main | wc -l)" -ge 3 ]; then
        open=0
        for process in $main $(descendants $main); do
            setpriv --reuid 65534 --regid 65534 --clear-groups cat "/proc/$process/environ" >/dev/null 2>&1 && open=$((open + 1))
            setpriv --reuid 65534 --regid 65534 --clear-groups head -c 0 "/proc/$process/mem" 2>/dev/null && open=$((open + 1))
        done
        is 'secrets: a user cannot look into his own scan' $open 0
    else
        skip "secrets: another user cannot run the program here ($(head -n 1 err.txt))"
    fi
    kill $main 2>/dev/null
    wait $main
fi
