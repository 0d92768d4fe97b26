# nightly.sh: tools/trawl-nightly and the units that start it.
mkdir -p nightly && cd nightly || exit 1
tools=$(cd "$here/../../tools" && pwd)
made set
mv set/lists/demo.txt 'the list.txt'
printf '%s\n' '# what is scanned each night' '' -q -l 'the list.txt' --metrics nas1.prom set/evidence >nas1.args

# night STATUS NAME ARGUMENT...: one night of the store `nights`
night() {
    local want=$1 name=$2 got
    shift 2
    TRAWL=${stand_in:-$TRAWL} "$tools/trawl-nightly" "$@" >out.txt 2>err.txt </dev/null
    got=$?
    if [ $got = "$want" ]; then ok "nightly: $name"; else bad "nightly: $name: status $got, not $want: $(head -n 2 err.txt | tr '\n' ' ')"; fi
}
journals() { find nights -name 'j-*' -printf '%P\n' | cut -d/ -f1 | sort -u; }
tonight() { find nights -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort | tail -n 1; }

night 3 'the first' -a nas1.args nights
first=$(tonight)
expect 3 'nightly: the same by hand' scan -q -l 'the list.txt' -o by-hand set/evidence
same_case 'nightly: a night is a scan' by-hand "nights/$first"
is 'nightly: latest' "$(readlink nights/latest) $(stat -c %a nights)" "$first 700"
is 'nightly: metrics' "$(awk -f "$here/prom.awk" nas1.prom; grep -c 'exit_status{scan="nas1"} 3' nas1.prom)" 1

# The second is built on the first.
cp -p "$(find set/evidence -name '*.jpg' | sort | head -n 1)" set/evidence/again.jpg
night 3 'the second' -a nas1.args nights
second=$(tonight)
is 'nightly: latest moves on' "$(readlink nights/latest)" "$second"
is 'nightly: since the last complete one' "$(jq -r .since.case "nights/$second/summary.json")" "nights/$first"
since() { sed -n "s/^trawl_scan_since_$1} //p" nas1.prom; }
is 'nightly: metrics: what is new' "$(awk -f "$here/prom.awk" nas1.prom; for c in unchanged new changed vanished unreadable silently_changed; do since "files{scan=\"nas1\",change=\"$c\""; done | tr '\n' ' ')" \
    "$(jq -r '.since | "\(.unchanged) \(.new) \(.changed) \(.vanished) \(.unreadable) \(.silently_changed) "' "nights/$second/summary.json")"
is 'nightly: metrics: one file is new' "$(since 'files{scan="nas1",change="new"') $(since 'new_findings{scan="nas1"') $(since 'reused_files{scan="nas1"')" \
    "1 0 $(jq .since.reused "nights/$second/summary.json")"
expect 3 'nightly: all anew' scan -q -l 'the list.txt' -o anew set/evidence
same 'nightly: the second says what a whole scan says' "nights/$second/inventory.jsonl" anew/inventory.jsonl

# Two never overlap: one that stands at a pipe, another one beside it.
mkfifo gate
printf '#!/bin/sh\n[ "$1" != scan ] || read -r go <gate\nexec "%s" "$@"\n' "$TRAWL" >slow-trawl
chmod +x slow-trawl
(TRAWL=$PWD/slow-trawl "$tools/trawl-nightly" -a nas1.args nights >slow.txt 2>&1 </dev/null; echo $? >slow.status) &
pid=$!
# Open for writing as soon as somebody reads: then the lock is held.
exec 7>gate
before=$(ls nights)
night 75 'another one is at work' -a nas1.args nights
is 'nightly: says so, in one line' "$(wc -l <err.txt) $(grep -c 'another night is still at work' err.txt)" '1 1'
is 'nightly: and does nothing' "$(ls nights)" "$before"
echo go >&7
exec 7>&-
wait $pid
is 'nightly: the one at work is not disturbed' "$(cat slow.status)" 3

# Asked to stop in the middle: sources come through a pipe, of which the second half is held back.
mkfifo from
exec 7<>from
TRAWL=$TRAWL "$tools/trawl-nightly" stopped -q --from from >stopped.txt 2>&1 </dev/null 7>&- &
pid=$!
echo set/evidence >&7
for ((t = 0; t < 200; t++)); do [ "$(find stopped -name 'j-*' -size +2k 2>/dev/null)" ] && break; sleep 0.05; done
kill -TERM $pid
sleep 1
exec 7>&-
wait $pid
is 'nightly: SIGTERM reaches the scan' "$? $(jq -c '[.complete, .interrupted]' stopped/2*/summary.json)" '2 [false,true]'
is 'nightly: a stopped night is not the latest' "$(ls stopped/latest 2>&1 | grep -c 'No such')" 1
rm from && echo set/evidence >from
night 2 'it goes on' stopped -q --from from
is 'nightly: in the same case' "$(ls -d stopped/2*/ | wc -l) $(grep -c 'scan goes on' stopped/2*/journal/access.log) $(jq .complete stopped/latest/summary.json)" '1 1 true'

# Other lists than the stopped night's: it cannot go on, and does not stand in the way.
one=$(tonight)
rm "nights/$one/summary.json" "nights/$one/run.json"
echo 'md5 00000000000000000000000000000000 x' >other.txt
night 2 'other lists than the stopped one' nights -q -l other.txt set/evidence
is 'nightly: other lists: a new case' "$(($(journals | wc -l))) $(grep -c 'it cannot' err.txt) $(jq .complete nights/latest/summary.json)" '4 1 true'

# Nights that are kept; of the others it stays what names no file.
night 2 'two are kept' -k 2 nights -q -l other.txt set/evidence
is 'nightly: two are kept: the last ones' "$(journals | tr '\n' ' ')" "$(find nights -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort | tail -n 2 | tr '\n' ' ')"
is 'nightly: of the first it stays' "$(find "nights/$first" -type f -printf '%f\n' | sort | tr '\n' ' ')" 'access.log transparency.json '

night 64 'no store' -k 3
night 64 'no source' nowhere
night 64 'no number' -k no nights set/evidence
night 64 'no file of arguments' -a missing nights
night 64 'what trawl scan refuses' nights -q missing
is 'nightly: what was refused leaves no case' "$(find nights -mindepth 1 -maxdepth 1 -type d | wc -l) $(journals | wc -l)" '5 2'

# The units, as make install writes them.
make -s -C "$here/../.." BUILD="$build" DESTDIR="$PWD/root" PREFIX="$PWD/usr" install-tools >make.txt 2>&1 || bad "make install-tools: $(head -n 3 make.txt)"
units=root$PWD/usr/lib/systemd/system
if command -v systemd-analyze >/dev/null; then
    # It looks for the programs where the unit says.
    mkdir -p usr/bin && cp "root$PWD/usr/bin/trawl-nightly" usr/bin/
    is 'nightly: systemd finds nothing wrong with the units' \
        "$(systemd-analyze verify --man=no "$units/trawl-nightly@.service" "$units/trawl-nightly@.timer" 2>&1 | head -n 3)" ''
    # Every call that a scan makes is one that the unit allows; so are those of trawl-readers.
    expand() { systemd-analyze syscall-filter "$1" | while read -r w; do case $w in '#'* | "$1") ;; @*) expand "$w" ;; *) echo "$w" ;; esac; done; }
    for w in $(sed -n 's/^SystemCallFilter=//p' "$units/trawl-nightly@.service"); do
        case $w in @*) expand "$w" ;; *) echo "$w" ;; esac
    done | sort -u >allowed.txt
    printf 'From: a@b\nContent-Type: text/plain\n\ntext\n' >set/evidence/a.eml
    if grep -aqE '__(asan|tsan)_init' "$TRAWL"; then
        skip 'nightly: the calls of a scan: a sanitizer makes its own'
    elif strace -f -qq -o calls.txt "$TRAWL" scan -q -l other.txt --metrics k.prom -o calls set/evidence >out.txt 2>err.txt; [ -s calls/summary.json ]; then
        sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' calls.txt | sort -u >called.txt
        is 'nightly: the unit forbids no call that a scan makes' "$(comm -23 called.txt allowed.txt | tr '\n' ' ')" ''
        is 'nightly: ... of which there are many' "$(($(wc -l <called.txt) > 30))" 1
    else
        skip 'nightly: strace cannot trace here'
    fi
else
    skip 'nightly: systemd-analyze is missing (Debian: systemd)'
fi
# What the unit leaves of root: nothing but reading everything.
if [ "$(id -u)" = 0 ] && setpriv --no-new-privs --bounding-set=-all,+dac_read_search --inh-caps=-all true 2>/dev/null; then
    setpriv --no-new-privs --bounding-set=-all,+dac_read_search --inh-caps=-all "$TRAWL" scan -q -l 'the list.txt' -o few set/evidence >out.txt 2>err.txt
    status=$?
    is "nightly: without root's rights: $(cat err.txt)" "$status $(jq -c .sandbox.enabled few/run.json)" '3 true'
else
    skip "nightly: without root's rights: nothing to drop"
fi

# MemoryMax is a control group's limit: a quarter of it is for evidence. Where groups cannot be made there is nothing to try.
group_of() { awk -v c="$1" '$0 ~ " - " c " " { print $5 }' /proc/self/mountinfo; }
memory_group() {
    local top file
    for top in $(group_of cgroup2) $(awk '/ - cgroup .*[ ,]memory/ { print $5 }' /proc/self/mountinfo); do
        group=$top/trawl-test-$$
        mkdir "$group" 2>/dev/null || continue
        for file in memory.max memory.limit_in_bytes; do
            [ -e "$group/$file" ] && echo 536870912 >"$group/$file" && return 0
        done 2>/dev/null
        rmdir "$group"
    done
    return 1
}
if memory_group; then
    (echo "$BASHPID" >"$group/cgroup.procs" && exec "$TRAWL" scan -q -o limited set/evidence) >out.txt 2>err.txt
    is 'nightly: the memory of the group is what trawl goes by' "$(jq .memory_budget limited/run.json)" 134217728
    rmdir "$group"
else
    skip 'nightly: no control group with a memory limit can be made here'
fi
cd ..
