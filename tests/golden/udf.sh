# udf.sh: discs with UDF, written from the standards by udf.py and by other programs: each file with its bytes, and nothing is silent.

udf_written() {
    local line
    python3 "$here/udf.py" udf/written >udf/expected.jsonl 2>udf/log || { bad "udf: the discs were not written: $(tail -n 1 udf/log)"; return; }
    expect 2 'udf: written discs, status' hash -q udf/written
    while read -r line; do
        if [ "${line%% *}" = ok ]; then ok "udf: ${line#ok }"; else bad "udf: ${line#bad }"; fi
    done < <(python3 "$here/udf_check.py" udf/expected.jsonl out.txt)
}

# udf_other NAME BLOCK BYTES OPTIONS: a disc of mkudffs, filled and emptied in part by udfclient
udf_other() {
    local name=$1 block=$2 blocks=$(($3 / $2)) file
    shift 3
    mkudffs -b "$block" -l vol --vid prim --fullvsid 0011223344556677VS --fsid set --new-file "$@" "udf/other/$name" "$blocks" &&
        { printf 'lcd udf/files\ncd /0011223344556677VS:prim:vol:set\n' && for file in 1.bin 2.bin 3.bin sub; do echo "put $file"; done && printf 'rm 2.bin\nput 3.bin 4.bin\nsync\nquit\n'; } |
        timeout 20 udfclient -W -b "$block" "udf/other/$name" || bad "udf: $name was not made"
}

udf_others() {
    local tool file
    for tool in mkudffs udfclient; do
        command -v "$tool" >/dev/null || { skip "udf: $tool is missing"; return; }
    done
    mkdir -p udf/files/sub/sub udf/other
    for file in 1.bin 2.bin 3.bin sub/small.txt sub/sub/large.bin; do
        head -c $((${#file} * 17001)) /dev/zero | tr '\0' "${file: -5:1}" >"udf/files/$file"
    done
    { udf_other hd-102 512 8000000 -m hd -r 1.02 && udf_other hd-201 4096 60000000 -m hd -r 2.01 && udf_other cdrw-150 2048 40000000 -m cdrw -r 1.50; } >udf/log 2>&1
    run hash -q udf/other
    for file in hd-102 hd-201 cdrw-150; do
        is "udf: $file, by mkudffs and udfclient" "$(jq -r --arg p "udf/other/$file!/" 'select(.where[1].allocated and .size > 0 and (.path | startswith($p))) | "\(.where[1].name) \(.sha256)"' out.txt | LC_ALL=C sort)" \
            "$(cd udf/files && for file in 1.bin 3.bin 4.bin sub/small.txt sub/sub/large.bin; do echo "$file $(sha256sum <"${file/4/3}" | cut -c 1-64)"; done)"
    done
}

# A second session whose file only UDF names, and names by a volume of its own.
udf_sessions() {
    local at
    command -v genisoimage >/dev/null || { skip 'udf: genisoimage is missing'; return; }
    mkdir -p udf/1 udf/2 && head -c 5001 /dev/zero | tr '\0' 1 >udf/1/1.bin && head -c 6001 /dev/zero | tr '\0' 2 >udf/2/2.bin
    genisoimage -quiet -udf -o udf/sessions udf/1 2>udf/log
    at=$(($(stat -c %s udf/sessions) / 2048 + 100))
    genisoimage -quiet -udf -hide 2.bin -C "0,$at" -o udf/second udf/2 2>udf/log
    dd if=udf/second of=udf/sessions bs=2048 seek="$at" conv=notrunc 2>udf/log
    run hash -q udf/sessions
    is 'udf: a second session' "$(jq -r 'select(.where[1].allocated) | "\(.where[1].name) \(.where[1].file_system) \(.sha256)"' out.txt)" \
        "1.bin udf $(sha256sum <udf/1/1.bin | cut -c 1-64)
\$session-$((at + 256))/2.bin udf $(sha256sum <udf/2/2.bin | cut -c 1-64)"
}

udf_all() {
    command -v python3 >/dev/null || { skip 'udf: python3 is missing'; return; }
    "$TRAWL" --formats | grep diskimage >/dev/null || { skip 'udf: this build reads no disks'; return; }
    mkdir udf
    udf_written
    udf_others
    udf_sessions
    rm -rf udf
}

udf_all
