# checks.sh: what holds of every case, whatever the evidence.

# Every path once, each with one status of the contract, and the totals add up.
one_status_each() {
    local case=$1 lines
    lines=$(wc -l <"$case/inventory.jsonl")
    is "$case: no file has two lines" "$(jq -c '[.path, .where]' "$case/inventory.jsonl" | LC_ALL=C sort | LC_ALL=C uniq -d | head -n 3)" ''
    is "$case: statuses are the contract's" "$(jq -r .status "$case/inventory.jsonl" | sort -u |
        grep -Evx 'ok|partial|not-media|suppressed|unsupported|encrypted|damaged|limit|timeout|crashed|io-error|unreached')" ''
    is "$case: limits are named" "$(jq -c 'select(.status == "limit" and (.limit | not)) | .path' "$case/inventory.jsonl" | head -n 3)" ''
    is "$case: files by status add up" "$(jq '[.by_status[].files] | add' "$case/summary.json")" "$lines"
    is "$case: files by type add up" "$(jq '[.by_type[].files] | add' "$case/summary.json")" "$lines"
    is "$case: files by source add up" "$(jq '[.by_source[].files] | add' "$case/summary.json")" "$lines"
    is "$case: statuses are counted right" "$(jq -r '.by_status | to_entries[] | select(.value.files > 0) | "\(.key) \(.value.files)"' "$case/summary.json" | sort)" \
        "$(jq -r .status "$case/inventory.jsonl" | sort | uniq -c | awk '{ print $2, $1 }')"
    is "$case: bytes add up" "$(jq '([.by_status[].bytes] | add) == ([.by_type[].bytes] | add)' "$case/summary.json")" true
}

# The system calls of a whole scan: no program started but trawl-readers beside it, no socket, nothing written outside the case. $1: the log, $2: the case.
quiet_calls() {
    local log=$1 case outside
    case=$(realpath "$2")
    is 'strace: one execve' "$(grep -E 'execve(at)?\(' "$log" | grep -cvF "execve(\"${TRAWL%/*}/trawl-readers\", [\"trawl-readers\", \"--zygote\", \"sandboxed\"]")" 1
    is 'strace: trawl-readers once at most' "$(grep -E 'execve(at)?\(' "$log" | grep -c -- --zygote | awk '{ print ($1 <= 1) }')" 1
    is 'strace: no socket' "$(grep -E '(^|[^a-z])socket\(' "$log" | head -n 3)" ''
    outside=$(grep -E 'open(at|at2)?\(|creat\(' "$log" | grep -E 'O_WRONLY|O_RDWR|O_CREAT|O_TMPFILE|creat\(' | grep -vE '= -1 E|= \?' |
        grep -vF -e "= $case" | awk -v case="$case" '{ at = match($0, /= [0-9]+<[^>]*>/); name = substr($0, RSTART, RLENGTH); sub(/^= [0-9]+</, "", name); if (index(name, case) != 1 && name !~ /^\/dev\/(null|tty)/ && name !~ /^\/memfd:/) print }' |
        head -n 3)
    is 'strace: no file opened for writing outside the case' "$outside" ''
}

# straced NAME CASE ARGUMENT...: a scan under strace, then its calls
straced() {
    local name=$1 case=$2
    shift 2
    if [ -n "${ASAN_OPTIONS:-}" ]; then
        skip "$name: the leak checker does not work under strace"
        return
    fi
    if ! strace -f -o /dev/null true 2>/dev/null; then
        skip "$name: strace is missing or not allowed here"
        return
    fi
    strace -f -y -e trace=execve,execveat,socket,open,openat,openat2,creat -o strace.log "$TRAWL" "$@" >out.txt 2>err.txt </dev/null
    quiet_calls strace.log "$case"
}

# refused NEEDLE ARGUMENT...
refused() {
    local needle=$1 before after
    shift
    before=$(find . ! -name out.txt ! -name err.txt | sort)
    run "$@"
    after=$(find . ! -name out.txt ! -name err.txt | sort)
    if [ "$status" != 64 ]; then
        bad "trawl $*: status $status, not 64"
    elif [ -s out.txt ] || [ "$(wc -l <err.txt)" != 1 ] || ! grep -q '^trawl: ' err.txt; then
        bad "trawl $*: not one line on stderr: $(head -n 3 err.txt | tr '\n' ' ')"
    elif ! grep -qF -- "$needle" err.txt; then
        bad "trawl $*: does not say '$needle': $(cat err.txt)"
    elif [ "$before" != "$after" ]; then
        bad "trawl $*: left something behind"
    else
        ok "trawl $* is refused"
    fi
}
