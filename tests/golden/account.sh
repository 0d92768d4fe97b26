# account.sh (sourced): what people say of findings, how long cases are kept, who did what.
mkdir -p account
for i in 1 2 3 4; do printf 'account %s' "$i" >"account/$i"; done
(cd account && md5sum 1 2 3) | awk '{ print "md5 " $1 }' >account.txt
expect 1 'account: scan' scan -q --retain 30 -o case-account -l account.txt account
sha() { sha256sum "account/$1" | cut -d ' ' -f 1; }
is 'transparency names no file' "$(grep -c account/ case-account/transparency.json)" 0
is 'transparency: findings' "$(jq -c '[.findings.unique_contents, .examined.all.files, .retention_days]' case-account/transparency.json)" '[3,4,30]'

# A table as spreadsheets write it: other columns, a byte order mark, semicolons, CR LF, a comment of two lines.
printf '\xef\xbb\xbfrank;sha256;comment;verdict;reviewer\r\n1;%s;"a\nb";confirmed;X\r\n2;%s;;FALSE;X\r\n3;%s;;;\r\n9;%064d;;rejected;Y\r\n;zz;;yes;\r\n;%s;;perhaps;\r\n' \
    "$(sha 1)" "$(sha 2)" "$(sha 3)" 0 "$(sha 3)" >verdicts.csv
expect 2 'review: bad rows are told' review case-account verdicts.csv
same 'review: stdout is transparency.json' out.txt case-account/transparency.json
is 'review: rows are named' "$(grep -o 'verdicts.csv:[0-9]*' err.txt | tr '\n' ' ')" 'verdicts.csv:7 verdicts.csv:8 '
is 'review: counts' "$(jq -c '.findings.by_technology.md5 | [.findings, .confirmed, .rejected, .false_positive_ratio]' out.txt)" '[3,1,1,0.5]'
is 'review: Wilson' "$(jq -c '.findings.all.interval' out.txt)" '[0.094531,0.905469]'
is 'review: without a finding' "$(jq -c '[.review.verdicts, .review.without_a_finding]' out.txt)" '[3,1]'
is 'review: in the report' "$(jq -r 'select(.verdict) | .verdict' case-account/report.jsonl | sort | tr '\n' ' ')" 'confirmed rejected '
expect 0 'review: the case is whole' verify case-account
printf 'sha256,verdict\n%s,confirmed\n' "$(sha 2)" >again.csv
expect 0 'review: again' review -q case-account again.csv
is 'review: the last one counts' "$(jq -c '.findings.all | [.confirmed, .rejected]' out.txt)" '[2,0]'
expect 64 'review: no such columns' review case-account account.txt
expect 64 'review: no table' review case-account no-such-file
cp -r case-account case-account-report
expect 1 'review: trawl report says the same' report -q case-account-report
same_case 'review: reports are derived' case-account case-account-report

is 'access log: who did what' "$(jq -r .what case-account/journal/access.log | tr '\n' ' ')" 'scan scan ended review verify review review '
is 'access log: the command' "$(head -n 1 case-account/journal/access.log | jq -r .command | grep -c -- '--retain 30 -o case-account')" 1
expect 2 'purge: not before its time' purge case-account
[ -f case-account/inventory.jsonl ] && ok 'purge: nothing is deleted' || bad 'purge: deleted too early'
sed -i '2s/"uid":/"uid":1/' case-account-report/journal/access.log
expect 2 'access log: a changed line is found' verify case-account-report
is 'access log: which' "$(grep 'access log' out.txt)" 'access log: CHANGED: line 3 does not follow the one before it'
# As if it had ended long ago.
sed -i 's/"end": "20[0-9]*/"end": "2001/' case-account/run.json
echo mine >case-account/notes.txt
expect 0 'purge: when its time is over' purge case-account
is 'purge: what is left' "$(cd case-account && find . -type f | LC_ALL=C sort | tr '\n' ' ')" './journal/access.log ./notes.txt ./transparency.json '
is 'purge: is told' "$(tail -n 1 case-account/journal/access.log | jq -r .what)" purge
expect 0 'purge --now' purge -q --now case-account-report
expect 64 'purge: no case' purge account
rm -rf account case-account case-account-report
