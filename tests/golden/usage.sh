# usage.sh: wrong usage is one line on stderr, status 64, nothing on stdout, nothing made.

mkdir -p usage/ev/sub usage/full usage/nocase
cd usage || exit 1
echo text >ev/file
echo text >full/other
echo "md5 00000000000000000000000000000000 x" >good.txt
echo "no hash in here" >bad.txt
printf '%064d\n' 0 >bare.txt
printf 'ev\nmissing\n' >from.txt

refused 'no command'
refused 'did you mean scan?' scna
refused 'see trawl --help' frobnicate
refused 'did you mean --version?' --verison
refused 'no SOURCE' scan
refused 'no SOURCE' hash
refused 'did you mean --max-distance?' scan --max-distnace=3 ev
refused 'takes no option --list' hash --list x ev
refused 'needs an argument' scan -j
refused '1 to 1024' scan -j 0 ev
refused 'trawl plan --help' plan
refused '0 to 64' scan --max-distance 65 ev
refused 'size' scan -m 12Q ev
refused 'no limit is called' scan --limit deth=3 ev
refused 'NAME=VALUE' scan --limit depth ev
refused 'no such report' scan --report pdf ev
refused 'no such SIMD level' scan --simd mmx ev
refused 'missing: No such file' scan -o case missing
refused 'missing: No such file' hash missing
refused 'missing: No such file' scan -o case ev missing
refused 'missing: No such file' scan -o case --from from.txt
refused 'nofrom: No such file' scan -o case --from nofrom
refused 'list missing' scan -o case -l missing ev
refused 'is a folder' scan -o case -l ev ev
refused 'bare.txt' scan -o case -l bare.txt ev
refused 'missing' scan -o case --known missing ev
refused 'inside the evidence' scan -o ev/case ev
refused 'inside the evidence' scan -o ev/sub/../case ev
refused 'inside the evidence' scan -o case .
refused 'inside the evidence' scan .
refused 'the metrics would be inside the evidence' scan --metrics ev/x.prom -o case ev
refused 'none: No such file' scan --metrics none/x.prom -o case ev
refused 'is a folder' scan --metrics nocase -o case ev
refused 'no case folder' scan -o full ev
refused 'is no folder' scan -o good.txt ev
refused 'No such file' scan -o none/case ev
refused 'no CASE' report
refused 'No such file' report missing
refused 'no case folder' report nocase
refused 'one CASE' report nocase full
refused 'no CASE' verify
refused 'no case folder' verify nocase
if [ "$(id -u)" != 0 ]; then
    chmod 0 ev/file
    refused 'Permission denied' scan -o case ev/file
    chmod 600 ev/file
fi
expect 64 'a list without a hash' scan -o case -l bad.txt ev
is 'its bad row is shown, then one line' "$(sed 's/:.*//' err.txt | tr '\n' ' ')" 'bad.txt trawl '
expect 64 'a bare line of 64 digits without --type' scan -q -o case1 -l bare.txt ev
expect 0 'the same line with --type' scan -q -o case2 --type sha256 -l bare.txt ev
expect 0 'trawl --help' --help
expect 0 'trawl --formats' --formats
is 'trawl --formats fits 80 columns' "$(awk 'length > 80' out.txt)" ""
expect 0 'trawl --version' --version
for word in trawl compiler libarchive libjpeg-turbo libpng zlib OpenSSL libseccomp SIMD; do
    if grep -q "^$word " out.txt; then ok "--version names $word"; else bad "--version does not name $word"; fi
done
for command in scan hash list match report verify; do
    expect 0 "trawl $command --help" "$command" --help
    is "trawl $command --help fits 80 columns" "$(awk 'length > 80' out.txt)" ""
done
cd ..
