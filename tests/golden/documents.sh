# documents.sh: documents and stores that hold the same two pictures: each comes out with its exact digest, at its place.

# Lines of a document whose reader this build lacks are left out of what is expected.
documents() {
    local lines='.[] | [.path, .type, .status, .sha256] | @tsv'
    cp -r "$here/documents" documents
    run hash -q documents
    is 'documents: status' "$status" "$(jq -rs 'if any(.[]; .status == "unsupported") then 2 else 0 end' out.txt)"
    jq -rs "$lines" out.txt >got.txt
    cp "$here/documents.txt" wanted.txt
    jq -r 'select(.status == "unsupported") | .path' out.txt | while read -r path; do
        skip "documents: no reader for $path"
        awk -F '\t' -v path="$path" 'index($1, path) != 1' wanted.txt >less.txt && mv less.txt wanted.txt
        awk -F '\t' -v path="$path" 'index($1, path) != 1' got.txt >less.txt && mv less.txt got.txt
    done
    same 'documents: every picture, byte for byte' got.txt wanted.txt
    cp out.txt first.txt
    for jobs in 1 7; do
        run hash -q -j "$jobs" documents
        same "documents: the same at -j $jobs" out.txt first.txt
    done
    is 'documents: what was rendered says so' "$(jq -r 'select(.type == "bmp" and (.path | test("pdf!"))) | .detail != null' out.txt | sort -u)" true
}

# A text of each kind is no container unless it holds a file.
plain_texts() {
    mkdir plain
    printf '{"a": "nothing in base64, "}' >plain/a.json
    printf '<html><img src="data:image/svg+xml,x"></html>' >plain/a.html
    printf 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nEND:VCARD\r\n' >plain/a.vcf
    printf 'From: a@b.org\nTo: c@d.org\nSubject: s\nDate: Thu, 1 Jan 2004 00:00:00 +0000\n\nhello\n' >plain/a.eml
    run hash -q plain
    is 'plain texts' "$(jq -r '.type + " " + .status' out.txt | sort | tr '\n' ';')" 'eml not-media;other not-media;other not-media;vcard not-media;'
}

mkdir -p documents-run
cd documents-run || exit 1
documents
plain_texts
cd ..
