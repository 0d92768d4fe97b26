# lib.sh: counting and comparing, and running parts side by side, for run.sh and its parts; for tests/stress as well.
passed=0 failed=0 skipped=0

ok() { passed=$((passed + 1)); [ -z "${GOLDEN_VERBOSE:-}" ] || echo "ok      $*"; }
bad() { failed=$((failed + 1)); echo "FAILED  $*" >&2; }
skip() { skipped=$((skipped + 1)); echo "skipped $*" >&2; }

# is NAME GOT WANTED
is() {
    if [ "$2" = "$3" ]; then ok "$1"; else bad "$1: got '$2', not '$3'"; fi
}

# same NAME FILE FILE
same() {
    if cmp -s "$2" "$3"; then
        ok "$1"
    else
        bad "$1:"
        diff "$2" "$3" 2>&1 | head -n 8 | cut -c 1-300 >&2
    fi
}

# all that must not differ between two cases; what may is run.json and journal/
same_case() {
    if diff -rq -x run.json -x journal "$2" "$3" >diff.txt 2>&1; then
        ok "$1"
    else
        bad "$1: $(head -n 3 diff.txt | tr '\n' ' ')"
        diff -r -x run.json -x journal "$2" "$3" 2>&1 | head -n 8 | cut -c 1-300 >&2
    fi
}

# run trawl with stdout and stderr in files; sets $status
run() {
    "$TRAWL" "$@" >out.txt 2>err.txt </dev/null
    status=$?
}

# run, and the status must be $1
expect() {
    local want=$1 name=$2
    shift 2
    run "$@"
    if [ "$status" = "$want" ]; then
        ok "$name"
    else
        bad "$name: status $status, not $want: $(head -n 2 err.txt | cut -c 1-200 | tr '\n' ' ')"
    fi
}

# made FOLDER: the made evidence in it, a copy of what is made once for all parts.
made() { mkdir -p "$1" && cp -a "$MADE/." "$1" || bad 'made evidence'; }
made_once() { MADE=$work/made && "$MAKE_EVIDENCE" set "$MADE" || bad 'make_evidence'; }

# One part, in a folder and a shell of its own; it leaves its counts behind.
part_run() {
    passed=0 failed=0 skipped=0
    mkdir -p "$work/$1" && cd "$work/$1" || exit 1
    RANDOM=${STRESS_SEED:-1}
    . "$here/$1.sh"
    cd "$work/$1" && echo "$passed $failed $skipped ${EPOCHREALTIME/[.,]/}" >"$work/$1.end"
}

# parts_run LANES PART...: so many parts at a time, in folders under $work; what they say comes in their order, as soon as they end.
parts_run() {
    local lanes=$1 part parts told=0
    shift
    parts=("$@")
    trap 'kill $(jobs -p) 2>/dev/null; exit 130' INT TERM
    for part; do
        while [ "$(jobs -rp | wc -l)" -ge "$lanes" ]; do
            wait -n
            parts_tell
        done
        echo "${EPOCHREALTIME/[.,]/}" >"$work/$part.begun"
        (part_run "$part") >"$work/$part.log" 2>&1 &
    done
    while wait -n; [ $? != 127 ]; do parts_tell; done
    trap - INT TERM
    # Those behind one that did not come to its end.
    for part in "${parts[@]:told}"; do part_tell "$part"; done
}
parts_tell() {
    while [ -e "$work/${parts[told]:-none}.end" ]; do
        part_tell "${parts[told]}"
        told=$((told + 1))
    done
}
part_tell() {
    local p f s end
    cat "$work/$1.log" "$work/$1/figures.txt" 2>/dev/null
    if read -r p f s end 2>/dev/null <"$work/$1.end"; then
        passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
        [ -z "${GOLDEN_VERBOSE:-}${timed:-}" ] || echo "part    $1: $(((end - $(cat "$work/$1.begun")) / 1000)) ms"
    else
        bad "the part $1 did not come to its end"
    fi
}
