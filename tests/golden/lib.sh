# lib.sh: counting and comparing, for run.sh and its parts.
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
