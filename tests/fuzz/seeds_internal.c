#include "seeds.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/decoder.h"
#include "trawl/item.h"
#include "trawl/match.h"
#include "report/change.h"
#include "trawl/report.h"
#include "trawl/where.h"

static void seed_ring(void)
{
    static const struct {
        const char *name, *bytes;
        size_t n;
    } seeds[] = {
#define RING(name, bytes) {name, bytes, sizeof(bytes) - 1}
        /* Operation 2: an honest message; 0: read; 4: raw bytes; 5: one number of a header; 6: a place; 7: the end. */
        RING("honest", "\0\0\0\0\2\0\0a\5\0\0\0\0\0\0\0\2\1\0b\0\1\0\0\0\0\0\0\2\2\0\0\0\0\0\0\0\0\0\0\2\3\0\0\0\0\0\0"
                       "\0\0\0\0\0\0\0\0"),
        RING("around-the-end", "\xff\xff\0\0\2\1\7x\xff\xff\7\0\0\0\0\0\0\2\1\1y\0\0\1\0\0\0\0\0\0"),
        RING("forged-length", "\0\0\0\0\2\1\0a\5\0\0\0\0\0\0\0\5\1\xff\xff\xff\xff\0"),
        RING("forged-code", "\0\0\0\0\2\0\0a\5\0\0\0\0\0\0\0\5\14\x60\0\0\0\0"),
        RING("written-back", "\2\0\0\0\6\0\1\0\0\0\0\0\0\0\0"),
        RING("raw", "\0\0\0\0\4\x48\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        RING("gone", "\0\0\0\0\2\2\0\0\0\0\0\0\0\0\0\0\7\0\0\0"),
#undef RING
    };
    for (size_t i = 0; i < sizeof(seeds) / sizeof(*seeds); i++)
        seed_write("channel", seeds[i].name, seeds[i].bytes, seeds[i].n);
}

static void seed_answers(void)
{
    struct decoder_answer answer;
    memset(&answer, 0, sizeof(answer));
    struct decode_result *r = &answer.results[0];
    seed_prefixed("answer", "zeros", "\0", 1, &answer, decoder_answer_size(1));
    r->width = 640;
    r->height = 480;
    r->orientation = 6;
    r->has_pdq = r->screen = r->pdq.stable = true;
    r->pdq.quality = 100;
    memset(r->pdq.hash, 0x5c, sizeof(r->pdq.hash));
    seed_prefixed("answer", "ok", "\0", 1, &answer, decoder_answer_size(1));
    seed_prefixed("answer", "descriptors", "\5", 1, &answer, decoder_answer_size(1));
    seed_prefixed("answer", "short", "\1", 1, &answer, decoder_answer_size(1) - 1);
    r->has_rotations = r->rotations_stable = true;
    memset(r->rotations, 0x5c, sizeof(r->rotations));
    seed_prefixed("answer", "rotations", "\0", 1, &answer, decoder_answer_size(1));
    r->status = TRAWL_PARTIAL;
    strcpy(r->detail, "corrupt data after 50 % of the rows");
    seed_prefixed("answer", "partial", "\0", 1, &answer, decoder_answer_size(1));
    memset(r, 0, sizeof(*r));
    r->status = TRAWL_LIMIT;
    r->limit = LIMIT_PIXELS;
    r->width = r->height = 100000;
    strcpy(r->detail, "100000 x 100000 pixels");
    seed_prefixed("answer", "limit", "\0", 1, &answer, decoder_answer_size(1));
    memset(r->detail, 'x', sizeof(r->detail));
    seed_prefixed("answer", "endless", "\0", 1, &answer, decoder_answer_size(1));
}

/** The first byte: what is done to the journal (modulo 5), or 0xc0: raw bytes. Then records: type and flags, length,
 * bytes. */
static void seed_journal(void)
{
    static const char records[] = "\3\0\4one.\1\x03two\x82\5three\x03\0";
    static const char *const harms[] = {"whole", "flipped", "cut", "dropped", "repeated"};
    for (size_t i = 0; i < 5; i++) {
        char prefix[] = {(char)i};
        seed_prefixed("journal", harms[i], prefix, 1, records, sizeof(records) - 1);
    }
    seed_prefixed("journal", "flipped-later", "\1", 1, "\2\0\4one.\1\4two.\1\4four\0\x33\0\7", 23);
    seed_prefixed("journal", "raw", "\xc0", 1, "\0TRWL\1\0\0\0\0\0\0\0\0\0\0\0", 17);
}

static struct item make_item(bool full)
{
    struct where *outer = where_new(NULL, "file", "evidence/a.zip", 14, WHERE_UNKNOWN, WHERE_UNKNOWN);
    struct where *inner = where_new(outer, "zip", "b\xff/c.jpg", 8, 3, 1234);
    struct item item = {.where = full ? inner : where_ref(outer), .size = 17, .type = TYPE_ZIP, .status = TRAWL_OK};
    where_unref(outer);
    if (!full) {
        where_unref(inner);
        return item;
    }
    item.type = TYPE_JPEG;
    item.status = TRAWL_PARTIAL;
    item_detail(&item, "corrupt data\n");
    item.has_digests = item.has_pdq = item.pdq_stable = item.low_quality = true;
    memset(&item.digests, 0x42, sizeof(item.digests));
    item.width = 640;
    item.height = 480;
    item.orientation = 8;
    memset(item.pdq, 0x24, sizeof(item.pdq));
    item.pdq_quality = 33;
    item.matches.items = calloc(2, sizeof(*item.matches.items));
    item.matches.n = item.matches.cap = 2;
    item.matches.items[0] =
        (struct match){.type = HASH_MD5, .severity = 1, .list = "list.csv", .entry = "7", .category = "c"};
    item.matches.items[1] =
        (struct match){.type = HASH_PDQ, .distance = 5, .severity = 9, .list = "l", .entry = "id", .category = ""};
    item.matches.items[1].rotation = PDQ_FLIPY;
    item.has_rotations = true;
    return item;
}

static void seed_items(void)
{
    struct buf bytes = {0};
    static const char identity[57] = "\1dev-----ino-----size----mtime---0123456789abcdef";
    for (int full = 0; full < 2; full++) {
        struct item item = make_item(full);
        bytes.len = 0;
        item_encode(&item, &bytes);
        seed_prefixed("records", full ? "item" : "container", "\0", 1, bytes.data, bytes.len);
        bytes.len = 0;
        where_encode(item.where, &bytes);
        seed_prefixed("records", full ? "place" : "place-outer", "\1", 1, bytes.data, bytes.len);
        bytes.len = 0;
        buf_put(&bytes, full ? identity : "\0", full ? 49 : 1);
        item_encode(&item, &bytes);
        seed_prefixed("records", full ? "journal-item" : "journal-container", "\3", 1, bytes.data, bytes.len);
        item_clear(&item);
    }
    static char *options[] = {"decode=fast", "limit:pixels=5"}, *sources[] = {"evidence"};
    struct list_info list = {
        .path = "lists/a.csv", .name = "a.csv", .format = "csv", .entries = {1, 2, 3, 4}, .duplicates = 5};
    struct case_info info = {.version = "0.1.0",
                             .options = options,
                             .n_options = 2,
                             .sources = sources,
                             .n_sources = 1,
                             .lists = &list,
                             .n_lists = 1,
                             .max_distance = 31,
                             .min_quality = 50};
    bytes.len = 0;
    case_info_encode(&info, &bytes);
    seed_prefixed("records", "case", "\2", 1, bytes.data, bytes.len);
    struct change change = {.kind = CHANGE_CHANGED,
                            .path = (const uint8_t *)"a\n",
                            .path_len = 2,
                            .before = {.known = true},
                            .now = {.known = true, .size = 1, .has_sha256 = true}};
    bytes.len = 0;
    change_encode(&change, &bytes);
    seed_prefixed("records", "change", "\4", 1, bytes.data, bytes.len);
    char path[] = "night", refused[] = "";
    struct since_info since = {.path = path, .recheck = 1, .refused = refused};
    bytes.len = 0;
    since_info_encode(&since, &bytes);
    seed_prefixed("records", "since", "\5", 1, bytes.data, bytes.len);
    buf_free(&bytes);
}

/** An index file of a list. */
static void seed_index(const char *name, char how, const char *list)
{
    char source[32], path[] = P_tmpdir "/trawl-seed-XXXXXX", why[256];
    static uint8_t bytes[1 << 16];
    struct hashset *set = hashset_new();
    int fd = memfd_create("list", 0), out = mkstemp(path);
    if (fd < 0 || out < 0 || fchmod(fd, 0600) || write(fd, list, strlen(list)) != (ssize_t)strlen(list))
        exit(1);
    snprintf(source, sizeof(source), "/proc/self/fd/%d", fd);
    if (hashset_load(set, source, false, HASH_UNKNOWN, stderr, why, sizeof(why)))
        exit(1);
    hashset_seal(set);
    if (hashset_write_index(set, path))
        exit(1);
    close(out);
    out = open(path, O_RDONLY);
    ssize_t n = read(out, bytes, sizeof(bytes));
    seed_prefixed("index", name, &how, 1, bytes, (size_t)n);
    close(out);
    close(fd);
    unlink(path);
    hashset_free(set);
}

static void seed_indexes(void)
{
    static const char lines[] =
        "md5 900150983cd24fb0d6963f7d28e17f72 label\nmd5 900150983cd24fb0d6963f7d28e17f72 other\n"
        "pdq f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22\n";
    static const char table[] = "id,sha1,category,severity\nx-1,a9993e364706816aba3e25717850c26c9cd0d89d,cat,2\n"
                                "x-2,b9993e364706816aba3e25717850c26c9cd0d89d,\xe2\x82\xac,\n";
    seed_index("lines", 0, lines);
    seed_index("table", 32, table);
    seed_index("known", 16 + 32 + 64, table);
    seed_index("version", 1, lines);
}

/** The first five bytes: how far the bytes are from the beginning, and how much longer the file is said to be. */
static void seed_magic(void)
{
    static const struct {
        const char *name;
        uint8_t how;
        uint16_t at;
        const char *bytes;
        size_t n;
    } magic[] = {
#define MAGIC(name, how, at, bytes) {name, how, at, bytes, sizeof(bytes) - 1}
        MAGIC("jpeg", 0, 0, "\xff\xd8\xff\xe0"),
        MAGIC("jxl", 0, 0, "\xff\x0a\xfa\x1f\x01\x90\x08\x10\x10\x09\0\0"),
        MAGIC("ico", 0, 0, "\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0\x10\0\0\0\x16\0\0\0################"),
        MAGIC("heif", 0, 0,
              "\0\0\0\x18"
              "ftypmif1\0\0\0\0heicmif1"),
        MAGIC("mp4", 0, 0,
              "\0\0\0\x10"
              "ftypisom\0\0\2\0"),
        MAGIC("quicktime", 0, 0, "\0\0\0\x08wide\0\0\1\0mdat"),
        MAGIC("mkv", 0, 0, "\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska\x42\x87\x81\4"),
        MAGIC("mpeg", 0, 0, "\0\0\1\xba\x44\0\4\0\4\1\0\0\3\xf8"),
        MAGIC("mpeg-video", 0, 0, "\0\0\1\xb3\x14\0\xf0\x13\xff\xff\xe0\x18"),
        MAGIC("tiff", 0, 0, "II*\0\x08\0\0\0\0\0"),
        MAGIC("bmp", 0, 0, "BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\2\0\0\0\2\0\0\0\1\0\x18\0"),
        MAGIC("pnm", 0, 0, "P5 # c\n 12 13\n255\n"),
        MAGIC("psd", 0, 0, "8BPS\0\1\0\0\0\0\0\0\0\3"),
        MAGIC("cpio", 0, 0, "\xc7\x71\0\0\0\0\xa4\x81\0\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0\0\0a\0"),
        MAGIC("cpio-text", 0, 0,
              "0707010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"),
        MAGIC("lha", 0, 0, "\x16\x96-lh0-\5\0\0\0\5\0\0\0\0\0\0\0\x20\0\1a\0\0hello"),
        MAGIC("skippable", 0, 0, "\x50\x2a\x4d\x18\2\0\0\0xx\x5e\x2a\x4d\x18\0\0\0\0\x28\xb5\x2f\xfd"),
        MAGIC("lzma", 0, 0, "\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0\x12"),
        MAGIC("xar", 0, 0, "xar!\0\x1c\0\1\0\0\0\0"),
        MAGIC("warc", 0, 0, "WARC/1.0\r\nWARC-Type: response\r\n"),
        MAGIC("fat", 0, 0,
              "\xeb\x3c\x90mkfs.fat\0\2\4\1\0\2\0\2\0\x10\xf8\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0FAT16   "),
        MAGIC("ntfs", 0, 0, "\xeb\x52\x90NTFS    \0\2"),
        MAGIC("gpt", 0, 512, "EFI PART\0\0\1\0\x5c\0\0\0"),
        MAGIC("mbr", 0, 446,
              "\x80\1\1\0\7\0\0\0\x3f\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
              "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x55\xaa"),
        MAGIC("hfs", 0, 1024,
              "H+\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0"),
        MAGIC("iso", 1, 0, "\1CD001\1\0"),
        MAGIC("btrfs", 3, 64, "_BHRfS_M"),
        MAGIC("svg", 0, 0,
              "\xef\xbb\xbf<?xml version=\"1.0\"?><!-- c --><!DOCTYPE svg [<!ENTITY a \"b\">]><svg xmlns=\"\">"),
        MAGIC("mail", 0, 0, "From: a@b\r\nTo: c@d\r\n e\r\nSubject: x\r\nDate: y\r\n\r\nz"),
        MAGIC("mbox", 0, 0, "From a@b Mon Jan  1 00:00:00 2024\nSubject: x\n\n"),
        MAGIC("zip-empty", 0, 0, "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        MAGIC("zip-behind", 0, 8,
              "PK\1\2##########################################PK\5\6\0\0\0\0\1\0\1\0\x2e\0\0\0\0\0\0\0\0\0"),
#undef MAGIC
    };
    for (size_t i = 0; i < sizeof(magic) / sizeof(*magic); i++) {
        struct buf bytes = {0};
        buf_u8(&bytes, magic[i].how);
        buf_u32(&bytes, 0);
        memset(buf_reserve(&bytes, magic[i].at), 0, magic[i].at);
        bytes.len += magic[i].at;
        buf_put(&bytes, magic[i].bytes, magic[i].n);
        seed_write("sniff", magic[i].name, bytes.data, bytes.len);
        buf_free(&bytes);
    }
}

static void seed_exif(void)
{
    static const char little[] =
        "Exif\0\0II*\0\x08\0\0\0\2\0\x0f\1\2\0\1\0\0\0x\0\0\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0";
    static const char big[] = "MM\0*\0\0\0\x0a##\0\1\1\x12\0\4\0\0\0\1\0\0\0\x08\0\0\0\0";
    seed_write("exif", "little", little, sizeof(little) - 1);
    seed_write("exif", "big", big, sizeof(big) - 1);
    seed_write("exif", "cut", little, 20);
    seed_write("exif", "far", "II*\0\xfe\xff\xff\xff", 8);
}

void seed_internal(void)
{
    seed_ring();
    seed_answers();
    seed_journal();
    seed_items();
    seed_indexes();
    seed_magic();
    seed_exif();
}
