#!/bin/sh
# demo.sh BUILD: makes a small evidence set and a hash list, scans, shows the first findings.
set -u
build=$1
demo=build/demo
trawl=$(cd "$build" && pwd)/trawl
make=$(cd "$build" && pwd)/make_evidence
rm -rf "$demo"
mkdir -p "$demo" && cd "$demo" || exit 1
"$make" set . || exit 1

echo
echo "\$ trawl scan -l lists/demo.txt --known lists/ignore.txt -o case evidence"
"$trawl" scan --progress never -l lists/demo.txt --known lists/ignore.txt -o case evidence
status=$?
case $status in
0 | 1 | 2 | 3) ;;
*) exit $status ;;
esac

# Values are JSON strings on one line; a path that is too long loses its beginning.
awk '
    function value(name, at, text) {
        at = "\"" name "\":(\"([^\"\\\\]|\\\\.)*\"|[0-9]+)"
        if (!match($0, at)) return ""
        text = substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3)
        gsub(/^"|"$/, "", text); gsub(/\\\\/, "\\", text); gsub(/\\"/, "\"", text); gsub(/\\u003c/, "<", text)
        return text
    }
    function tail(text, width) { return length(text) <= width ? text : "..." substr(text, length(text) - width + 4) }
    BEGIN {
        format = "%4s  %-5s  %4s  %-26s  %s\n"
        printf "\n" format, "rank", "match", "bits", "on the list as", "first place"
        print "-------------------------------------------------------------------------------"
    }
    NR <= 10 { printf format, value("rank"), value("tier"), value("distance"), substr(value("category"), 1, 26), tail(value("path"), 32) }
' case/report.jsonl

echo
echo "exit status $status: $([ $status = 3 ] && echo 'findings, and not everything could be examined (see the report)')"
echo "report for people:   $demo/case/report.html"
echo "report for machines: $demo/case/report.jsonl, report.csv, inventory.jsonl, summary.json"
