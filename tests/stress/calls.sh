# calls.sh: what a scan asks the system for, all processes: no program, no network, nothing written outside the case; and the evidence
# is as it was, access times too.

. "$here/../golden/checks.sh"

# traced NAME EVIDENCE ARGUMENT...
traced() {
    local name=$1 evidence=$2
    shift 2
    if ! strace -f -o /dev/null true 2>/dev/null; then
        skip "$name: strace is missing or not allowed here"
        return
    fi
    rm -rf case
    strace -f -y -o strace.log "$TRAWL" scan -q -o case "$@" "$evidence" >out.txt 2>err.txt </dev/null
    [ $? -lt 64 ] || bad "$name: $(head -n 1 err.txt)"
    quiet_calls strace.log case
    is "$name: no network" "$(grep -E '(connect|bind|listen|accept4?|socket)\(' strace.log | head -n 3)" ''
    # Unix sockets of its own between its processes; nothing else.
    is "$name: pairs of sockets are local" "$(grep 'socketpair(' strace.log | grep -vc 'AF_UNIX')" 0
    is "$name: nothing is made, moved or removed outside the case" "$(grep -E '[^a-z](truncate|mkdir|mkdirat|rename|renameat|renameat2|unlink|unlinkat|link|linkat|symlink|symlinkat|mknod|mknodat|chmod|fchmodat|chown|fchownat|utimensat|setxattr|removexattr)\(' strace.log |
        grep -vE '= -1 E|= \?|resumed' | grep -vF -e "$(pwd -P)/case" -e '"case' -e chmod\(\"\" | head -n 3)" ''
    is "$name: no process is looked into" "$(grep -E '(ptrace|process_vm_readv|process_vm_writev|pidfd_getfd)\(' strace.log | head -n 3)" ''
}

# times FOLDER: names, sizes, modes, links, all times; of folders not that of access, which listing them changes
times() {
    find "$1" -type d -printf '%p %T@ %C@ %m\n' -o -printf '%p %s %A@ %T@ %C@ %m %n %i\n' | LC_ALL=C sort
}

# untouched NAME EVIDENCE ARGUMENT...: evidence before and after a scan
untouched() {
    local name=$1 evidence=$2
    shift 2
    # Accessed long before it was changed: relatime would bring that up to date.
    find "$evidence" -type f -exec touch -a -d 2001-01-01 {} +
    times "$evidence" >before.txt
    rm -rf case
    "$TRAWL" scan -q -o case "$@" "$evidence" >out.txt 2>err.txt </dev/null
    times "$evidence" >after.txt
    same "$name: sizes and times of the evidence" before.txt after.txt
    # Would this file system have noticed?
    cat "$evidence/notes.txt" >/dev/null
    find "$evidence/notes.txt" -printf '%A@' | grep -q '^978' && skip "$name: this file system keeps no access times"
    find "$evidence" -type f -exec sha256sum {} + | LC_ALL=C sort >digests-after.txt
    same "$name: bytes of the evidence" digests.txt digests-after.txt
}

made .
"$MAKE_EVIDENCE" nest evidence/nest.zip evidence/camera/*.jpg
find evidence -type f -exec sha256sum {} + | LC_ALL=C sort >digests.txt
untouched 'calls, evidence' evidence -j2 -l lists/demo.txt --known lists/ignore.txt
traced 'calls' evidence -j2 -l lists/demo.txt --known lists/ignore.txt
find evidence -type f -exec sha256sum {} + | LC_ALL=C sort >digests-after.txt
same 'calls: bytes of the evidence' digests.txt digests-after.txt

# All that is hostile: it names files of the host, programs, pipes.
if [ ! -d "$SHARED/hostile/selfmade" ]; then
    skip 'calls: ../shared/data/hostile is absent'
elif [ -n "${STRESS_QUICK:-}" ]; then
    mkdir bait
    cp "$SHARED"/hostile/selfmade/{*hostfile*,*_magic.*,vmdk_parent_fifo*,tar_links*,zip_hostile_names.zip,poly_*} bait
    echo text >bait/notes.txt
    traced 'calls, bait' bait -j2
else
    cp -r "$SHARED/hostile/selfmade" hostile
    chmod -R u+w hostile
    echo text >hostile/notes.txt
    find hostile -type f -exec sha256sum {} + | LC_ALL=C sort >digests.txt
    untouched 'calls, hostile' hostile -j2
    traced 'calls, hostile' hostile -j2
fi
