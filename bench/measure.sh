# measure.sh: pairs of commands in turns, medians, a table and its JSON. Part of pipeline.sh and compare.sh.
rounds=${BENCH_ROUNDS:-5}
results=()
have() { command -v "$1" >/dev/null 2>&1; }

# times COMMAND...: sets $cpu and $wall, milliseconds of the command and all its children
times() {
    local TIMEFORMAT='%U %S %R' line
    rm -rf case.out
    line=$({ time "$@" >/dev/null 2>&1 </dev/null; } 2>&1)
    read -r cpu wall <<<"$(awk '{ printf "%d %d", 1000 * ($1 + $2), 1000 * $3 }' <<<"$line")"
}

median() { printf '%s\n' "$@" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# row NAME UNIT ONE OTHER WORDS: a line of the table and of the JSON, with the ratio ONE / OTHER
row() {
    local ratio
    ratio=$(awk -v a="$3" -v b="$4" 'BEGIN { printf "%.3f", b ? a / b : 0 }')
    printf '%-48s %9s %9s %8s   %s\n' "$1" "$3" "$4" "$ratio" "$5"
    results+=("$(jq -cn --arg name "$1" --arg unit "$2" --argjson one "$3" --argjson other "$4" --argjson ratio "$ratio" \
        --arg words "$5" '{name: $name, unit: $unit, one: $one, other: $other, ratio: $ratio, words: $words}')")
}

# pair NAME cpu|wall WORDS ONE OTHER: two functions in turns
pair() {
    local name=$1 unit=$2 words=$3 one=$4 other=$5 a=() b=() i
    for ((i = 0; i < rounds; i++)); do
        times "$one"
        a+=("${!unit}")
        times "$other"
        b+=("${!unit}")
    done
    row "$name" "ms $unit" "$(median "${a[@]}")" "$(median "${b[@]}")" "$words"
}

# save FILE: all rows of this run
save() {
    printf '%s\n' "${results[@]}" | jq -s --arg date "$(date -u +%F)" --arg cpu "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" \
        --arg pictures "$pictures" '{date: $date, cpu: $cpu, pictures: $pictures, rows: .}' >"$1"
}
