/*
 * fuzz_report.c: reports of items whose every word is foreign: names, labels, list names, details. Whatever they are,
 * each file of the case is what its format says, and the order in which the items came makes no difference.
 */
#include "../report/json.h"
#include "core/buf.h"
#include "fuzz.h"
#include "match/csv.h"
#include "report/context.h"
#include "trawl/report.h"

#define ITEMS 12
/** Little, so that sorting also goes by way of files. */
#define MEMORY 4096

static const char *const names[] = {"inventory.jsonl", "report.jsonl", "report.csv", "report.html", "summary.json"};
enum { INVENTORY, FINDINGS, CSV, HTML, SUMMARY, FILES };

/** Reports for other tools: every format that is not above. */
#define EXPORTS_MAX 40
struct exports {
    const char *names[EXPORTS_MAX];
    struct buf files[EXPORTS_MAX];
    size_t n;
};

/** Items as the journal holds them. */
struct items {
    struct item_source source;
    struct buf bytes[ITEMS];
    size_t n, next;
    bool backwards;
};

static int next_item(struct item_source *source, struct item *item)
{
    struct items *items = (struct items *)source;
    if (items->next == items->n)
        return 0;
    const struct buf *bytes = &items->bytes[items->backwards ? items->n - 1 - items->next : items->next];
    items->next++;
    CHECK(item_decode(bytes->data, bytes->len, item));
    return 1;
}

/** Some bytes as a string. */
static char *take_text(struct fuzz_input *in)
{
    size_t n = fuzz_number(in, 1) % 64;
    const uint8_t *bytes = fuzz_bytes(in, &n);
    char *text = calloc(1, n + 1);
    CHECK(text);
    if (n)
        memcpy(text, bytes, n);
    return text;
}

/** A place that no other item has: its index is its number. */
static struct where *take_place(struct fuzz_input *in, size_t number)
{
    static const char *const kinds[] = {"zip", "tar", "carved", "fs", "unreached"};
    struct where *place = NULL;
    for (unsigned depth = 1 + (unsigned)fuzz_number(in, 1) % 3; depth--;) {
        size_t n = fuzz_number(in, 1);
        const uint8_t *name = fuzz_bytes(in, &n);
        struct where *outer = place;
        if (!outer)
            n = strnlen((const char *)name, n); /* a file of the host */
        place = where_new(outer, outer ? kinds[n % 5] : "file", name, n, outer ? number : WHERE_UNKNOWN, WHERE_UNKNOWN);
        where_unref(outer);
    }
    struct where *inner = where_new(place, "zip", "", 0, number, number % 2 ? number : WHERE_UNKNOWN);
    where_unref(place);
    return inner;
}

static void take_match(struct fuzz_input *in, struct item *item, char **texts)
{
    struct match *match = &item->matches.items[item->matches.n++];
    *match = (struct match){.type = (enum hash_type)(fuzz_number(in, 1) % HASH_TYPE_COUNT),
                            .severity = (uint8_t)fuzz_number(in, 1)};
    match->distance = match->type == HASH_PDQ ? (uint16_t)(fuzz_number(in, 2) % 257) : 0;
    match->list = texts[0] = take_text(in);
    match->entry = texts[1] = take_text(in);
    match->category = texts[2] = take_text(in);
    match->value[0] = (uint8_t)fuzz_number(in, 1);
}

static void take_item(struct fuzz_input *in, struct items *items)
{
    struct match matches[3];
    char *texts[9] = {0};
    unsigned how = (unsigned)fuzz_number(in, 1);
    struct item item = {.where = take_place(in, items->n), .matches = {.items = matches}};
    item.size = fuzz_number(in, 1) == 255 ? WHERE_UNKNOWN : fuzz_number(in, 8);
    item.type = (enum file_type)(fuzz_number(in, 1) % TYPE_COUNT);
    item.status = (enum trawl_status)(fuzz_number(in, 1) % TRAWL_STATUS_COUNT);
    item.limit = item.status == TRAWL_LIMIT ? (enum limit_id)(1 + fuzz_number(in, 1) % (LIMIT_COUNT - 1)) : LIMIT_NONE;
    item.has_digests = how & 1;
    memset(&item.digests, (int)(how >> 1 & 3), sizeof(item.digests));
    item.has_pdq = how & 8;
    item.pdq_quality = (int)(fuzz_number(in, 1) % 101);
    item.pdq_stable = how & 16;
    item.width = item.height = how & 32 ? 7 : 0;
    for (unsigned i = 0; i < (how >> 6); i++)
        take_match(in, &item, texts + 3 * i);
    char *detail = how & 4 ? take_text(in) : NULL;
    if (detail)
        item_detail(&item, "%s", detail);
    item_encode(&item, &items->bytes[items->n++]);
    free(detail);
    free(item.detail);
    where_unref(item.where);
    for (size_t i = 0; i < 9; i++)
        free(texts[i]);
}

static struct buf read_file(int dirfd, const char *name)
{
    struct buf out = {0};
    int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
    ssize_t got = 1;
    CHECK(fd >= 0);
    while (got > 0) {
        got = read(fd, buf_reserve(&out, 65536), 65536);
        out.len += got > 0 ? (size_t)got : 0;
    }
    close(fd);
    buf_str(&out);
    return out;
}

static void read_exports(int dirfd, struct exports *exports)
{
    exports->n = 0;
    for (size_t i = 0; i < 2 * report_format_table_size; i++) {
        const struct report_format_row *row = &report_format_table[i / 2];
        if ((row->bit & REPORT_DEFAULT) || !row->files[i % 2])
            continue;
        exports->names[exports->n] = row->files[i % 2];
        exports->files[exports->n++] = read_file(dirfd, row->files[i % 2]);
        unlinkat(dirfd, row->files[i % 2], 0);
    }
}

static void write_reports(struct items *items, const struct case_info *info, const struct case_end *end,
                          struct buf files[FILES], struct exports *exports, struct report_totals *totals)
{
    unsigned formats = 0;
    for (size_t i = 0; i < report_format_table_size; i++)
        formats |= report_format_table[i].bit;
    int dirfd = open(fuzz_folder(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    items->next = 0;
    CHECK(dirfd >= 0 && report_write_bounded(dirfd, info, end, formats, &items->source,
                                             items->backwards ? 1 << 20 : MEMORY, totals) == 0);
    for (size_t i = 0; i < FILES; i++) {
        files[i] = read_file(dirfd, names[i]);
        CHECK(strlen((const char *)files[i].data) == files[i].len);
        unlinkat(dirfd, names[i], 0);
    }
    read_exports(dirfd, exports);
    unlinkat(dirfd, "review_next.jsonl", 0);
    close(dirfd);
}

static size_t count(const struct buf *text, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < text->len; i++)
        n += text->data[i] == (uint8_t)c;
    return n;
}

/** Each line of text, without its end, is clean. */
static void check_lines(const struct buf *text)
{
    const char *p = (const char *)text->data;
    if (strncmp(p, "\xef\xbb\xbf", 3) == 0) /* spreadsheets want it */
        p += 3;
    for (const char *end; *p; p = end + 1) {
        end = strchr(p, '\n');
        CHECK(end);
        size_t n = (size_t)(end - p);
        n -= n && p[n - 1] == '\r';
        CHECK(fuzz_text_clean(p, n));
    }
}

static void check_csv(const struct buf *text)
{
    struct csv_row *row = calloc(1, sizeof(*row));
    size_t fields = 0, used;
    CHECK(row);
    for (size_t at = 0; at < text->len; at += used) {
        CHECK(csv_split(text->data + at, text->len - at, ',', row, &used) == CSV_ROW);
        CHECK(!fields || row->n == fields);
        fields = row->n;
    }
    csv_free(row);
    free(row);
}

/** Only tags that the writer uses, none with an address; scripts are those of an empty report. */
static void check_html(const struct buf *text)
{
    const char *p = (const char *)text->data;
    size_t scripts = 0;
    CHECK(strstr(p, "Content-Security-Policy"));
    for (p = strchr(p, '<'); p; p = strchr(p + 1, '<')) {
        CHECK(p[1] == '/' || p[1] == '!' || (p[1] >= 'a' && p[1] <= 'z'));
        const char *href = strncmp(p, "<a ", 3) == 0 ? strstr(p, "href=\"") : NULL;
        CHECK(!href || (href < strchr(p, '>') && href[6] == '#'));
        CHECK(strncmp(p, "<img", 4) != 0 && strncmp(p, "<iframe", 7) != 0);
        bool script = strncmp(p, "<script", 7) == 0;
        scripts += script;
        p = script ? strstr(p, "</script>") : p;
        CHECK(p);
    }
    CHECK(scripts <= 2);
}

static void check_files(struct buf files[FILES], const struct items *items, const struct case_info *info,
                        const struct report_totals *totals)
{
    CHECK(totals->files == items->n && totals->findings <= totals->locations && totals->locations <= items->n);
    CHECK(info->no_inventory || count(&files[INVENTORY], '\n') == items->n);
    CHECK(count(&files[FINDINGS], '\n') == totals->findings);
    CHECK(json_valid(buf_str(&files[INVENTORY])) && json_valid(buf_str(&files[FINDINGS])) &&
          json_valid(buf_str(&files[SUMMARY])));
    for (size_t i = 0; i < FILES; i++)
        check_lines(&files[i]);
    check_csv(&files[CSV]);
    check_html(&files[HTML]);
}

/** Text is clean, JSON is JSON, elements are ours; the same whatever the order was. */
static void check_exports(struct exports exports[2])
{
    CHECK(exports[0].n == exports[1].n);
    for (size_t i = 0; i < exports[0].n; i++) {
        const char *name = exports[0].names[i], *end = name + strlen(name);
        struct buf *a = &exports[0].files[i], *b = &exports[1].files[i];
        bool binary = strcmp(end - 4, ".kdb") == 0 || strcmp(end - 7, ".sqlite") == 0 || strstr(name, "c4p");
        CHECK(a->len == b->len && (!a->len || memcmp(a->data, b->data, a->len) == 0));
        if (!binary)
            check_lines(a);
        if (strstr(name, "json"))
            CHECK(json_valid((const char *)a->data));
        if (strstr(name, "dfxml") || strstr(name, "cybertip"))
            CHECK(!strstr((const char *)a->data, "<!DOCTYPE") && !strstr((const char *)a->data, "<![CDATA"));
        buf_free(a);
        buf_free(b);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct items items = {.source = {.next = next_item}};
    struct buf files[2][FILES];
    struct exports exports[2];
    struct report_totals totals[2] = {0};
    char *list_name = take_text(&in), *note = take_text(&in), *source = take_text(&in), *option = take_text(&in),
         version[] = "1";
    unsigned how = (unsigned)fuzz_number(&in, 1);
    struct list_info list = {.path = list_name, .name = list_name, .format = "lines"};
    struct case_info info = {.version = version,
                             .options = &option,
                             .n_options = 1,
                             .sources = &source,
                             .n_sources = 1,
                             .lists = &list,
                             .n_lists = 1,
                             .max_distance = 31,
                             .no_inventory = how & 1,
                             .no_sandbox = how & 2};
    struct case_end end = {.complete = how & 4, .interrupted = how & 8, .notes = &note, .n_notes = 1};
    while (in.n && items.n < ITEMS)
        take_item(&in, &items);
    for (int i = 0; i < 2; i++) {
        items.backwards = i;
        write_reports(&items, &info, &end, files[i], &exports[i], &totals[i]);
    }
    check_files(files[0], &items, &info, &totals[0]);
    check_exports(exports);
    CHECK(memcmp(&totals[0], &totals[1], sizeof(totals[0])) == 0);
    for (size_t i = 0; i < FILES; i++) {
        CHECK(files[0][i].len == files[1][i].len &&
              (!files[0][i].len || memcmp(files[0][i].data, files[1][i].data, files[0][i].len) == 0));
        buf_free(&files[0][i]);
        buf_free(&files[1][i]);
    }
    for (size_t i = 0; i < items.n; i++)
        buf_free(&items.bytes[i]);
    free(list_name);
    free(note);
    free(source);
    free(option);
    return 0;
}
