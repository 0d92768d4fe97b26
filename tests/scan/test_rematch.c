#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../scratch.h"
#include "core/alloc.h"
#include "core/buf.h"
#include "scan/ask_back.h"
#include "scan/rematch.h"

/** A set with one list of these lines. */
static struct hashset *list_of(const char *lines)
{
    struct scratch scratch = scratch_make();
    struct hashset *set = hashset_new();
    char path[160], why[512] = "";
    snprintf(path, sizeof(path), "%s/list.txt", scratch.path);
    FILE *file = fopen(path, "w");
    cr_assert(file && fputs(lines, file) >= 0 && fclose(file) == 0);
    cr_assert_eq(hashset_load(set, path, false, HASH_UNKNOWN, NULL, why, sizeof(why)), 0, "%s", why);
    hashset_seal(set);
    scratch_remove(&scratch);
    return set;
}

/** A PDQ that says something, `bits` of it changed. */
static void pdq_of(unsigned bits, uint8_t out[PDQ_BYTES])
{
    for (unsigned i = 0; i < PDQ_BYTES; i++)
        out[i] = i % 2 ? 0x5a : 0xc3;
    for (unsigned i = 0; i < bits; i++)
        out[i % PDQ_BYTES] ^= (uint8_t)(1u << i / PDQ_BYTES);
}

static struct hashset *pdq_list(void)
{
    uint8_t pdq[PDQ_BYTES];
    struct buf line = {0};
    pdq_of(0, pdq);
    buf_puts(&line, "pdq ");
    buf_hex(&line, pdq, sizeof(pdq));
    buf_byte(&line, '\n');
    struct hashset *set = list_of(buf_str(&line));
    buf_free(&line);
    return set;
}

static struct rules rules_for(const struct hashset *set)
{
    return (struct rules){
        .lists = set, .near = hashset_has_pdq(set), .max_distance = 31, .min_quality = 50, .file_share = 80};
}

/** As a fast scan records a picture whose screening hash is `bits` from the list's. */
static struct item picture(unsigned bits)
{
    struct item item = {.type = TYPE_JPEG, .has_digests = true, .has_pdq = true, .pdq_is_screen = true};
    item.where = where_new(NULL, "file", "x", 1, WHERE_UNKNOWN, WHERE_UNKNOWN);
    pdq_of(bits, item.pdq);
    item.pdq_quality = 90;
    item.memory = (struct picture_memory){.kept = true, .first = {.quality = 80}};
    pdq_of(bits, item.memory.first.pdq);
    return item;
}

static void check(const struct rules *rules, struct item *item, enum rematched expected, size_t matches, int quality)
{
    cr_assert_eq(rematch_item(rules, item), expected);
    if (expected == REMATCH_DONE)
        cr_assert(item->matches.n == matches && item->pdq_quality == quality, "%zu matches, quality %d",
                  item->matches.n, item->pdq_quality);
    item_clear(item);
}

Test(rematch, screening_hashes)
{
    struct hashset *set = pdq_list();
    const struct rules rules = rules_for(set);
    struct item item = picture(60);
    check(&rules, &item, REMATCH_DONE, 0, 80);
    item = picture(47);
    check(&rules, &item, REMATCH_REREAD, 0, 0);
    item = picture(60);
    item.memory.doubtful = 17;
    check(&rules, &item, REMATCH_REREAD, 0, 0);
    item = picture(60);
    item.memory.kept = false;
    check(&rules, &item, REMATCH_REREAD, 0, 0);
    item = picture(0);
    item.memory.first.quality = 30;
    check(&rules, &item, REMATCH_DONE, 0, 30);
    item = picture(0);
    item.has_pdq = false;
    item.memory.exact_failed = true;
    check(&rules, &item, REMATCH_REREAD, 0, 0);
    hashset_free(set);
}

/** What was decoded exactly before need not be again. */
Test(rematch, exact_hashes)
{
    struct hashset *set = pdq_list();
    struct rules rules = rules_for(set);
    for (unsigned bits = 31; bits <= 32; bits++) {
        struct item item = picture(40);
        item.memory.has_exact = true;
        item.memory.exact.quality = 99;
        pdq_of(bits, item.memory.exact.pdq);
        check(&rules, &item, REMATCH_DONE, bits == 31, 99);
        item = picture(bits);
        item.pdq_is_screen = item.memory.kept = false;
        check(&rules, &item, REMATCH_DONE, bits == 31, 90);
    }
    struct item item = picture(40);
    item.memory.has_exact = true;
    item.memory.exact.quality = 99;
    rules.near = false;
    check(&rules, &item, REMATCH_DONE, 0, 80);
    hashset_free(set);
}

static const char zeros_md5[] = "md5 00000000000000000000000000000000\n";

static void add_match(struct item *item)
{
    RESERVE(item->matches.items, item->matches.n, item->matches.cap);
    item->matches.items[item->matches.n++] =
        (struct match){.type = HASH_MD5, .list = "l", .entry = "1", .category = ""};
}

/** What was not decoded, or not looked into, because of lists is read where they say something else now. */
Test(rematch, what_lists_kept_from_being_read)
{
    struct hashset *set = list_of(zeros_md5);
    struct rules rules = rules_for(set);
    struct item item = picture(0);
    item.status = TRAWL_SUPPRESSED;
    check(&rules, &item, REMATCH_REREAD, 0, 0);
    rules.no_decode_hits = true;
    item = picture(0);
    check(&rules, &item, REMATCH_REREAD, 0, 0);
    item = picture(0);
    add_match(&item);
    check(&rules, &item, REMATCH_DONE, 1, 90);
    item = picture(0);
    add_match(&item);
    item.digests.md5[0] = 1;
    check(&rules, &item, REMATCH_REREAD, 0, 0);
    rules.no_decode_hits = false;
    rules.thumbnails = true;
    item = picture(0);
    check(&rules, &item, REMATCH_REREAD, 0, 0);
    item = picture(0);
    add_match(&item);
    item.digests.md5[0] = 1;
    item.thumbnail = ALLOC_ARRAY(uint8_t, THUMBNAIL_BYTES);
    cr_assert_eq(rematch_item(&rules, &item), REMATCH_DONE);
    cr_assert(!item.thumbnail && !item.matches.n);
    item_clear(&item);
    hashset_free(set);
}

Test(rematch, options_of_a_case_come_back)
{
    char *texts[] = {"decode=exact",   "max-distance=12",  "min-quality=60", "flood=9",
                     "rotations=yes",  "carve=all",        "frames=all",     "file-share=70 list-share=20",
                     "thumbnails=yes", "no-inventory=yes", "retain=3",       "limit depth=5"};
    struct case_info info = {.options = texts, .n_options = sizeof(texts) / sizeof(*texts)};
    struct scan_options o;
    char why[200];
    scan_options_default(&o, true);
    cr_assert(ask_back(&info, &o, why, sizeof(why)));
    cr_assert(o.decode_exact && o.max_distance == 12 && o.min_quality == 60 && o.flood == 9 && o.rotations);
    cr_assert(o.carve == CARVE_ALL && o.frames == VIDEO_ALL && o.file_share == 70 && o.list_share == 20);
    cr_assert(o.thumbnails && o.no_inventory && o.retain_days == 3 && o.limits.value[LIMIT_DEPTH] == 5);
    texts[3] = "colour=blue";
    cr_assert_not(ask_back(&info, &o, why, sizeof(why)));
    cr_assert(strstr(why, "colour=blue"));
}
