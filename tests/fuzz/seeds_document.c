/* seeds_document.c: documents and stores; what a library would have to write comes from tests/golden/documents. */
#include "../document/documents.h"
#include "seeds.h"

static void seed_document(const char *name, char type, struct buf bytes)
{
    char prefix[3] = {type, 1, 0x55};
    seed_prefixed("document", name, prefix, sizeof(prefix), bytes.data, bytes.len);
    buf_free(&bytes);
}

static void seed_file(const char *name, char type, const char *path)
{
    static uint8_t bytes[65536];
    struct buf copy = {0};
    FILE *file = fopen(path, "rb");
    if (!file)
        return;
    buf_put(&copy, bytes, fread(bytes, 1, sizeof(bytes), file));
    fclose(file);
    seed_document(name, type, copy);
}

void seed_documents(void)
{
    struct buf pictures[2] = {picture_bytes(0, 60), picture_bytes(1, 70)}, mail = {0}, box = {0};
    seed_document("thumbcache-vista", 0, make_thumbcache(20, pictures, 2));
    seed_document("thumbcache-7", 0, make_thumbcache(21, pictures, 2));
    seed_document("thumbcache-10", 0, make_thumbcache(32, pictures, 2));
    seed_document("thumbdata", 1, make_thumbdata(10000, &pictures[0]));
    seed_document("text", 2, make_text(&pictures[0]));
    seed_document("bplist", 3, make_bplist(&pictures[0]));
    seed_document("rtf", 4, make_rtf(&pictures[0], &pictures[1]));
    seed_document("vcard", 5, make_vcard(&pictures[0]));
    seed_document("pdf", 7, make_pdf(&pictures[0]));
    put_mail(&mail, &pictures[0]);
    buf_puts(&box, "From a@b.org Thu Jan  1 00:00:00 2004\n");
    buf_put(&box, mail.data, mail.len);
    put_uu(&box, &pictures[0]);
    seed_document("mbox", 10, box);
    seed_document("mail", 9, mail);
    seed_file("thumbs", 6, "tests/golden/documents/Thumbs.db");
    seed_file("office", 6, "tests/golden/documents/office.ole");
    seed_file("sqlite", 8, "tests/golden/documents/chat.db");
    buf_free(&pictures[0]);
    buf_free(&pictures[1]);
}
