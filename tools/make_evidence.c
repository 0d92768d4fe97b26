/*
 * make_evidence: a small evidence set, hash lists, and the truth about both. For `make demo` and the golden tests.
 *
 *   make_evidence set DIR            DIR/evidence, DIR/lists, DIR/truth.tsv, DIR/status.tsv
 *   make_evidence nest OUT FILE...   the files in a zip in a tar.gz in a zip
 *   make_evidence exfat IMAGE ...    exfat.h
 *   make_evidence ntfs IMAGE ...     ntfs.h
 *
 * truth.tsv: one line per content that is on the list: tier, distance, types that hit, paths joined by "|"; by brute
 * force. status.tsv: path, type, status of every file whose fate is certain.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/escape.h"
#include "exfat.h"
#include "ntfs.h"
#include "pack.h"
#include "picture.h"
#include "trawl/decode.h"
#include "trawl/digest.h"
#include "trawl/match.h"

/** Pictures of the set are this large; 0.1 s each. */
#define WIDTH  800
#define HEIGHT 600

/** One content, wherever it lies. */
struct content {
    struct buf data;
    enum file_type type;
    const char *status;
    bool has_pdq;
    struct pdq_result pdq;
    struct digests digests;
    /** Contract paths, as they are written in reports. */
    char *paths[4];
    size_t n_paths;
};

struct entry {
    enum hash_type type;
    const uint8_t *value;
    const char *label;
};

/** The contents by what they are for. */
enum {
    HIT_SHA256,
    HIT_MD5,
    HIT_SHA1_TEXT,
    HIT_PDQ_ORIGINAL,
    HIT_PDQ_EDITED,
    HIT_PNG,
    HIT_BOTH,
    HOSTILE_NAME,
    BROKEN,
    DECOY_A,
    DECOY_B,
    DECOY_GREY,
    NOTES,
    SYSTEM_FILE,
    EMPTY,
    N_CONTENTS
};

static struct content contents[N_CONTENTS];
/** Where the set is made. */
static const char *base;

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "make_evidence: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void save(const char *name, const struct buf *data)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", base, name);
    for (char *slash = path + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
        *slash = '\0';
        if (mkdir(path, 0755) != 0 && errno != EEXIST)
            fail(path);
    }
    FILE *file = fopen(path, "wb");
    if (!file || (data->len && fwrite(data->data, 1, data->len, file) != data->len) || fclose(file) != 0)
        fail(path);
}

/** Notes a place of a content: the contract's path of these layers (up to NULL). */
static void place(struct content *content, const char *layer, ...)
{
    struct buf path = {0};
    va_list layers;
    va_start(layers, layer);
    for (const char *separator = ""; layer; layer = va_arg(layers, const char *), separator = "!/") {
        buf_puts(&path, separator);
        escape_text(&path, layer, strlen(layer));
    }
    va_end(layers);
    content->paths[content->n_paths++] = mem_strdup(buf_str(&path));
    buf_free(&path);
}

/** A file of the evidence folder that is this content. */
static void place_file(struct content *content, const char *name)
{
    save(name, &content->data);
    place(content, name, NULL);
}

static void make_jpeg(struct content *content, uint32_t seed, int quality, enum jpeg_kind kind)
{
    struct picture picture;
    picture_make(&picture, seed, WIDTH, HEIGHT);
    picture_jpeg(&picture, quality, kind, &content->data);
    picture_free(&picture);
    content->type = TYPE_JPEG;
    content->status = "ok";
}

static void make_png(struct content *content, uint32_t seed)
{
    struct picture picture;
    picture_make(&picture, seed, WIDTH / 2, HEIGHT / 2);
    picture_png(&picture, &content->data);
    picture_free(&picture);
    content->type = TYPE_PNG;
    content->status = "ok";
}

/** What somebody who shares a picture does to it: smaller, and compressed again. */
static void make_edited(struct content *content, uint32_t seed)
{
    struct picture original, edited;
    picture_make(&original, seed, WIDTH, HEIGHT);
    picture_shrink(&original, &edited, WIDTH * 5 / 8, HEIGHT * 5 / 8);
    picture_jpeg(&edited, 40, JPEG_BASELINE, &content->data);
    picture_free(&original);
    picture_free(&edited);
    content->type = TYPE_JPEG;
    content->status = "ok";
}

static void make_text(struct content *content, const char *text, const char *status)
{
    buf_puts(&content->data, text);
    content->type = TYPE_OTHER;
    content->status = status;
}

static void make_contents(void)
{
    make_jpeg(&contents[HIT_SHA256], 7, 88, JPEG_BASELINE);
    make_jpeg(&contents[HIT_MD5], 14, 90, JPEG_PROGRESSIVE);
    make_text(&contents[HIT_SHA1_TEXT], "A text that is on a list by its SHA-1.\n", "not-media");
    make_jpeg(&contents[HIT_PDQ_ORIGINAL], 21, 95, JPEG_BASELINE);
    make_edited(&contents[HIT_PDQ_EDITED], 21);
    make_png(&contents[HIT_PNG], 28);
    make_jpeg(&contents[HIT_BOTH], 35, 80, JPEG_BASELINE);
    make_jpeg(&contents[HOSTILE_NAME], 42, 75, JPEG_BASELINE);
    make_jpeg(&contents[DECOY_A], 49, 85, JPEG_BASELINE);
    make_jpeg(&contents[DECOY_B], 56, 85, JPEG_PROGRESSIVE);
    make_jpeg(&contents[DECOY_GREY], 63, 85, JPEG_GREY);
    make_text(&contents[NOTES], "Notes about a holiday. Nothing of it is on any list.\n", "not-media");
    make_text(&contents[SYSTEM_FILE], "A file that every machine has: on the list of known files.\n", "suppressed");
    make_text(&contents[EMPTY], "", "not-media");
    make_jpeg(&contents[BROKEN], 70, 85, JPEG_BASELINE);
    contents[BROKEN].data.len = contents[BROKEN].data.len * 6 / 10;
    contents[BROKEN].status = "partial";
    for (size_t i = 0; i < N_CONTENTS; i++) {
        struct content *content = &contents[i];
        struct decode_request request = {.type = content->type, .exact = true};
        struct decode_result result = {0};
        limits_default(&request.limits);
        digest_buffer(content->data.data, content->data.len, &content->digests);
        if (type_class(content->type) == CLASS_PICTURE)
            decode_picture(&request, content->data.data, content->data.len, &result);
        content->has_pdq = result.has_pdq;
        content->pdq = result.pdq;
    }
}

/** A name that would drive a terminal, run as a formula, leave the folder and break HTML. */
#define HOSTILE "../=cmd|'/C calc'!A1 \033[2J<script>alert(1)</script>\xe2\x80\xaegpj.\xff.jpg"

/** What backup.tar.gz holds, in this zip. */
static void place_backup(const char *zip)
{
    static const char backup[] = "backup.tar.gz", inner[] = "inner.zip";
    place(&contents[HIT_MD5], zip, backup, inner, "pictures/1.jpg", NULL);
    place(&contents[HIT_SHA256], zip, backup, inner, "pictures/no picture by its name.dat", NULL);
    place(&contents[HOSTILE_NAME], zip, backup, inner, HOSTILE, NULL);
    place(&contents[DECOY_B], zip, backup, inner, "pictures/2.jpg", NULL);
    place(&contents[HIT_SHA1_TEXT], zip, backup, "letter.txt", NULL);
}

static void make_evidence(void)
{
    static const struct buf readme = {(uint8_t *)"For the archive's own sake.\n", 28, 28};
    struct buf inner = {0}, middle = {0}, outer = {0};
    place_file(&contents[HIT_SHA256], "evidence/camera/IMG_0001.jpg");
    place_file(&contents[DECOY_A], "evidence/camera/IMG_0002.jpg");
    place_file(&contents[DECOY_GREY], "evidence/camera/IMG_0003.jpg");
    place_file(&contents[BROKEN], "evidence/camera/IMG_0004.jpg");
    place_file(&contents[HIT_PDQ_EDITED], "evidence/phone/sent/edited.jpg");
    place_file(&contents[HIT_PNG], "evidence/phone/screenshot.png");
    place_file(&contents[NOTES], "evidence/notes.txt");
    place_file(&contents[SYSTEM_FILE], "evidence/system.dll");
    place_file(&contents[EMPTY], "evidence/empty");

    const struct member deep[] = {{"pictures/1.jpg", &contents[HIT_MD5].data},
                                  {"pictures/no picture by its name.dat", &contents[HIT_SHA256].data},
                                  {HOSTILE, &contents[HOSTILE_NAME].data},
                                  {"pictures/2.jpg", &contents[DECOY_B].data}};
    pack_zip(deep, 4, &inner);
    const struct member wrapped[] = {{"inner.zip", &inner}, {"letter.txt", &contents[HIT_SHA1_TEXT].data}};
    pack_tar_gz(wrapped, 2, &middle);
    const struct member mail[] = {
        {"readme.txt", &readme}, {"backup.tar.gz", &middle}, {"photo.jpg", &contents[HIT_BOTH].data}};
    pack_zip(mail, 3, &outer);
    save("evidence/mail.zip", &outer);
    place(&contents[HIT_BOTH], "evidence/mail.zip", "photo.jpg", NULL);
    place_backup("evidence/mail.zip");
    /* Cut in its last member: what was not examined must be told. */
    outer.len = outer.len * 9 / 10;
    save("evidence/cut.zip", &outer);
    place_backup("evidence/cut.zip");
    buf_free(&inner);
    buf_free(&middle);
    buf_free(&outer);
}

#define N_ENTRIES 8
static struct entry entries[N_ENTRIES];

static void make_lists(void)
{
    struct buf list = {0}, known = {0};
    entries[0] = (struct entry){HASH_SHA256, contents[HIT_SHA256].digests.sha256, "demo-1 a photo"};
    entries[1] = (struct entry){HASH_MD5, contents[HIT_MD5].digests.md5, "demo-2 a progressive photo"};
    entries[2] = (struct entry){HASH_SHA1, contents[HIT_SHA1_TEXT].digests.sha1, "demo-3 a letter"};
    entries[3] = (struct entry){HASH_PDQ, contents[HIT_PDQ_ORIGINAL].pdq.hash, "demo-4 a picture that was edited"};
    entries[4] = (struct entry){HASH_PDQ, contents[HIT_PNG].pdq.hash, "demo-5 a screenshot"};
    entries[5] = (struct entry){HASH_SHA256, contents[HIT_BOTH].digests.sha256, "demo-6 known by both"};
    entries[6] = (struct entry){HASH_MD5, contents[HOSTILE_NAME].digests.md5, "demo-7 a hostile name"};
    entries[7] = (struct entry){HASH_PDQ, contents[HIT_BOTH].pdq.hash, "demo-8 known by both"};
    buf_puts(&list, "# known pictures of the demonstration\n");
    for (size_t i = 0; i < N_ENTRIES; i++) {
        buf_printf(&list, "%s ", hash_type_name(entries[i].type));
        buf_hex(&list, entries[i].value, hash_type_bytes(entries[i].type));
        buf_printf(&list, " %s\n", entries[i].label);
    }
    buf_puts(&known, "sha256 ");
    buf_hex(&known, contents[SYSTEM_FILE].digests.sha256, 32);
    buf_puts(&known, " system.dll\n");
    save("lists/demo.txt", &list);
    save("lists/ignore.txt", &known);
    buf_free(&list);
    buf_free(&known);
}

/** 0 for an exact hit, the distance for a near one, -1 for none. */
static int entry_distance(const struct entry *entry, const struct content *content)
{
    static const int near = PDQ_RADIUS, least_quality = 50;
    const uint8_t *digests[] = {content->digests.md5, content->digests.sha1, content->digests.sha256};
    if (entry->type != HASH_PDQ)
        return memcmp(digests[entry->type], entry->value, hash_type_bytes(entry->type)) == 0 ? 0 : -1;
    if (!content->has_pdq || content->pdq.quality < least_quality)
        return -1;
    int distance = pdq_distance(content->pdq.hash, entry->value);
    return distance <= near ? distance : -1;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/** One line of truth.tsv, if the content is there and on the list. */
static void truth_line(struct content *content, struct buf *out)
{
    unsigned types = 0;
    int nearest = -1;
    bool exact = false;
    for (size_t i = 0; i < N_ENTRIES; i++) {
        int distance = entry_distance(&entries[i], content);
        if (distance < 0)
            continue;
        types |= 1u << entries[i].type;
        exact |= entries[i].type != HASH_PDQ;
        nearest = nearest < 0 || distance < nearest ? distance : nearest;
    }
    if (!types || !content->n_paths)
        return;
    buf_printf(out, "%s\t%d\t", exact ? "exact" : "near", exact ? 0 : nearest);
    /* In the order of their names. */
    static const enum hash_type order[] = {HASH_MD5, HASH_PDQ, HASH_SHA1, HASH_SHA256};
    const char *separator = "";
    for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
        if (types >> order[i] & 1) {
            buf_printf(out, "%s%s", separator, hash_type_name(order[i]));
            separator = ",";
        }
    qsort(content->paths, content->n_paths, sizeof(*content->paths), by_text);
    for (size_t i = 0; i < content->n_paths; i++)
        buf_printf(out, "%s%s", i ? "|" : "\t", content->paths[i]);
    buf_byte(out, '\n');
}

static void make_truth(void)
{
    struct buf truth = {0}, status = {0};
    for (size_t i = 0; i < N_CONTENTS; i++) {
        truth_line(&contents[i], &truth);
        for (size_t j = 0; j < contents[i].n_paths; j++)
            buf_printf(&status, "%s\t%s\t%s\n", contents[i].paths[j], type_name(contents[i].type), contents[i].status);
    }
    buf_puts(&status, "evidence/mail.zip\tzip\tok\n"
                      "evidence/mail.zip!/backup.tar.gz\tgzip\tok\n"
                      "evidence/mail.zip!/backup.tar.gz!/inner.zip\tzip\tok\n"
                      "evidence/mail.zip!/readme.txt\tother\tnot-media\n");
    save("truth.tsv", &truth);
    save("status.tsv", &status);
    buf_free(&truth);
    buf_free(&status);
}

static int make_set(const char *dir)
{
    base = dir;
    make_contents();
    make_evidence();
    make_lists();
    make_truth();
    return 0;
}

static void load(const char *path, struct buf *out)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail(path);
    for (size_t n = 1; n; out->len += n)
        n = fread(buf_reserve(out, 65536), 1, 65536, file);
    fclose(file);
}

static int make_nest(const char *path, size_t n, char **files)
{
    struct member *members = ALLOC_ARRAY(struct member, n);
    struct buf *data = ALLOC_ARRAY(struct buf, n), inner = {0}, middle = {0}, outer = {0};
    for (size_t i = 0; i < n; i++) {
        const char *slash = strrchr(files[i], '/');
        load(files[i], &data[i]);
        members[i] = (struct member){slash ? slash + 1 : files[i], &data[i]};
    }
    pack_zip(members, n, &inner);
    pack_tar_gz(&(struct member){"inner.zip", &inner}, 1, &middle);
    pack_zip(&(struct member){"middle.tar.gz", &middle}, 1, &outer);
    base = ".";
    save(path, &outer);
    for (size_t i = 0; i < n; i++)
        buf_free(&data[i]);
    free(data);
    free(members);
    buf_free(&inner);
    buf_free(&middle);
    buf_free(&outer);
    return 0;
}

/** A zip of n members, all of the first file but for one of each other file in a thousand. */
static int make_many(const char *path, size_t n, size_t n_files, char **files)
{
    struct buf *data = ALLOC_ARRAY(struct buf, n_files), outer = {0};
    struct member *members = ALLOC_ARRAY(struct member, n);
    char(*names)[80] = mem_alloc(size_mul(n, sizeof(*names)));
    base = ".";
    for (size_t i = 0; i < n_files; i++)
        load(files[i], &data[i]);
    for (size_t i = 0; i < n; i++) {
        size_t file = i % 1000 < n_files ? i % 1000 : 0;
        const char *slash = strrchr(files[file], '/');
        snprintf(names[i], sizeof(names[i]), "%.50s-%zu", slash ? slash + 1 : files[file], i);
        members[i] = (struct member){names[i], &data[file]};
    }
    pack_zip(members, n, &outer);
    save(path, &outer);
    for (size_t i = 0; i < n_files; i++)
        buf_free(&data[i]);
    free(data);
    free(members);
    free(names);
    buf_free(&outer);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "set") == 0)
        return make_set(argv[2]);
    if (argc > 3 && strcmp(argv[1], "nest") == 0)
        return make_nest(argv[2], (size_t)argc - 3, argv + 3);
    if (argc > 4 && strcmp(argv[1], "many") == 0)
        return make_many(argv[2], strtoul(argv[3], NULL, 10), (size_t)argc - 4, argv + 4);
    if (argc > 2 && strcmp(argv[1], "exfat") == 0)
        return exfat_edit(argc - 2, argv + 2);
    if (argc > 2 && strcmp(argv[1], "ntfs") == 0)
        return ntfs_edit(argc - 2, argv + 2);
    fprintf(
        stderr,
        "usage: make_evidence set DIR | nest OUT FILE... | many OUT N FILE... | exfat IMAGE ... | ntfs IMAGE ...\n");
    return EXIT_USAGE;
}
