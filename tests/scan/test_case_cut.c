#include <criterion/criterion.h>
#include <unistd.h>

#include "../scratch.h"
#include "core/alloc.h"
#include "core/spill.h"
#include "scan/case_cut.h"
#include "scan/ledger.h"
#include "scan/recorder.h"

/** A journal being written, and a reader of what becomes of its items. */
struct fixture {
    struct scratch scratch;
    struct recorder recorder;
    struct cut_list cuts;
};

static void begin(struct fixture *f)
{
    static const uint8_t zeros[JOURNAL_CHAIN];
    memset(f, 0, sizeof(*f));
    f->scratch = scratch_make();
    cr_assert_eq(journal_open(f->scratch.fd, 1, 0, zeros, &f->recorder.journal), 0);
}

static void read_cuts(struct fixture *f)
{
    cr_assert_eq(journal_close(f->recorder.journal), 0);
    cr_assert_eq(cut_list_read(&f->cuts, f->scratch.fd, f->scratch.fd), 0);
}

static void end(struct fixture *f)
{
    cut_list_free(&f->cuts);
    cut_list_free(&f->cuts);
    scratch_remove(&f->scratch);
}

static struct where *host(const char *name)
{
    return where_new(NULL, "file", name, strlen(name), WHERE_UNKNOWN, WHERE_UNKNOWN);
}

/** A member of that container. Takes the reference of `parent`: places are written inside out. */
static struct where *in(struct where *parent, const char *kind, uint64_t index)
{
    struct where *where =
        where_new(parent, kind, "m", 1, index, strcmp(kind, "unreached") == 0 ? WHERE_UNKNOWN : index);
    where_unref(parent);
    return where;
}

static struct where *rest_of(struct where *container, uint64_t index)
{
    return in(container, "unreached", index);
}

/** Records an item of that size. Takes the place. */
static void put(struct fixture *f, struct where *where, uint64_t size)
{
    bool rest = strcmp(where->kind, "unreached") == 0;
    struct item item = {.where = where, .size = size, .status = rest ? TRAWL_UNREACHED : TRAWL_NOT_MEDIA};
    recorder_item(&f->recorder, &item, NULL);
    item_clear(&item);
}

static void cut(struct fixture *f, const char *name, uint64_t allowed)
{
    struct where *where = host(name);
    recorder_cut(&f->recorder, where, LIMIT_RATIO, allowed);
    where_unref(where);
}

/** What becomes of an item. */
enum fate { DROPPED, KEPT, AT_LIMIT, NAMED };

static enum fate apply(const struct fixture *f, struct where *where, bool matched)
{
    struct item item = {.where = where, .size = 5, .status = TRAWL_NOT_MEDIA};
    if (matched) {
        item.matches.items = ALLOC_ARRAY(struct match, 1);
        item.matches.items[0] = (struct match){.list = "l", .entry = "e", .category = ""};
        item.matches.n = item.matches.cap = 1;
    }
    bool kept = cut_list_apply(&f->cuts, &item);
    enum fate fate = !kept                            ? DROPPED
                     : item.status == TRAWL_NOT_MEDIA ? KEPT
                     : item.status == TRAWL_LIMIT     ? AT_LIMIT
                                                      : NAMED;
    if (fate == AT_LIMIT)
        cr_assert(item.limit == LIMIT_RATIO && item.detail && strstr(item.detail, "ratio"));
    if (fate == NAMED)
        cr_assert(item.status == TRAWL_UNREACHED && item.size == WHERE_UNKNOWN && item.detail && !item.matches.n);
    item_clear(&item);
    return fate;
}

/** The `$unreached` lines of the cuts themselves; returns how many. */
static unsigned count_rests(struct fixture *f)
{
    struct item item;
    unsigned n = 0;
    while (cut_list_rest(&f->cuts, &item)) {
        cr_assert_eq(item.status, TRAWL_UNREACHED);
        cr_assert_not_null(strstr(item.detail, "ratio"));
        cr_assert_str_eq(item.where->kind, "unreached");
        item_clear(&item);
        n++;
    }
    return n;
}

Test(case_cut, no_cut)
{
    static struct fixture f;
    begin(&f);
    put(&f, host("a.zip"), 10);
    put(&f, in(host("a.zip"), "zip", 0), 1ull << 50);
    read_cuts(&f);
    cr_assert_eq(f.cuts.n, 0u);
    cr_assert_eq(apply(&f, in(host("a.zip"), "zip", 0), false), KEPT);
    cr_assert_eq(count_rests(&f), 0u);
    end(&f);
}

/** Six members of a zip or a tar: the fourth is too much. */
Test(case_cut, members_of_one_container)
{
    static const char *const kinds[] = {"zip", "tar"};
    for (int k = 0; k < 2; k++) {
        static struct fixture f;
        const char *kind = kinds[k];
        begin(&f);
        put(&f, host("other.zip"), 1ull << 60);
        for (uint64_t i = 6; i-- > 0;)
            put(&f, in(host("a.zip"), kind, i), 2000);
        cut(&f, "a.zip", 10000);
        put(&f, host("a.zip"), 1ull << 60);
        put(&f, rest_of(host("a.zip"), 6), WHERE_UNKNOWN);
        read_cuts(&f);
        for (uint64_t i = 0; i < 6; i++)
            cr_assert_eq(apply(&f, in(host("a.zip"), kind, i), false),
                         i < 3 ? KEPT
                         : k   ? DROPPED
                               : NAMED,
                         "%s %d", kind, (int)i);
        cr_assert_eq(apply(&f, in(host("a.zip"), kind, 5), true), KEPT, "a finding is never left out");
        cr_assert_eq(apply(&f, host("a.zip"), false), AT_LIMIT);
        cr_assert_eq(apply(&f, rest_of(host("a.zip"), 6), false), DROPPED);
        static const char *const others[] = {"other.zip", "a.zi", "a.zip2", "a.zip/b", ""};
        for (size_t i = 0; i < 5; i++) {
            cr_assert_eq(apply(&f, host(others[i]), false), KEPT);
            cr_assert_eq(apply(&f, in(host(others[i]), kind, 9), false), KEPT);
        }
        cr_assert_eq(count_rests(&f), 1u);
        end(&f);
    }
}

/** Exactly what is allowed is not too much. */
Test(case_cut, at_the_limit)
{
    for (uint64_t less = 0; less < 2; less++) {
        static struct fixture f;
        begin(&f);
        for (uint64_t i = 0; i < 4; i++)
            put(&f, in(host("a.zip"), "zip", i), i ? 1000 : WHERE_UNKNOWN);
        cut(&f, "a.zip", 4 * LEDGER_ITEM_WEIGHT + 3000 - less);
        read_cuts(&f);
        cr_assert_eq(apply(&f, in(host("a.zip"), "zip", 3), false), less ? NAMED : KEPT);
        cr_assert_eq(apply(&f, host("a.zip"), false), less ? AT_LIMIT : KEPT);
        cr_assert_eq(apply(&f, rest_of(host("a.zip"), 2), false), less ? DROPPED : KEPT);
        cr_assert_eq(count_rests(&f), less);
        end(&f);
    }
}

/** a.zip holds 0: a file, 1: a zip, 2: a tar with a zip in it that is too much, 3: a zip. */
static struct where *inner(uint64_t member, uint64_t i)
{
    struct where *where = in(host("a.zip"), "zip", member);
    return member == 2 ? in(in(where, "tar", 0), "zip", i) : in(where, "zip", i);
}

Test(case_cut, containers_inside)
{
    static struct fixture f;
    begin(&f);
    for (uint64_t member = 4; member-- > 0;)
        put(&f, in(host("a.zip"), "zip", member), 100);
    for (uint64_t member = 1; member < 4; member++)
        for (uint64_t i = 0; i < 5; i++)
            put(&f, inner(member, i), 1000);
    put(&f, in(in(host("a.zip"), "zip", 2), "tar", 0), 100);
    put(&f, in(in(host("a.zip"), "zip", 2), "tar", 1), 100);
    /* Up to the third of the innermost: 0, 1, its five, 2, the tar's first, three. */
    cut(&f, "a.zip", 12 * LEDGER_ITEM_WEIGHT + 4 * 100 + 5 * 1000 + 3 * 1000 - 1);
    put(&f, host("a.zip"), 100);
    read_cuts(&f);
    for (uint64_t i = 0; i < 5; i++) {
        cr_assert_eq(apply(&f, inner(1, i), false), KEPT);
        cr_assert_eq(apply(&f, inner(2, i), false), i < 2 ? KEPT : NAMED, "%d", (int)i);
        cr_assert_eq(apply(&f, inner(3, i), false), DROPPED, "the end is not inside of its container");
        cr_assert_eq(apply(&f, inner(3, i), true), KEPT);
    }
    cr_assert_eq(apply(&f, in(host("a.zip"), "zip", 0), false), KEPT);
    cr_assert_eq(apply(&f, in(host("a.zip"), "zip", 1), false), KEPT);
    cr_assert_eq(apply(&f, in(host("a.zip"), "zip", 2), false), AT_LIMIT);
    cr_assert_eq(apply(&f, in(in(host("a.zip"), "zip", 2), "tar", 0), false), AT_LIMIT);
    cr_assert_eq(apply(&f, in(in(host("a.zip"), "zip", 2), "tar", 1), false), DROPPED,
                 "a tar's later names are not known");
    cr_assert_eq(apply(&f, in(host("a.zip"), "zip", 3), false), NAMED, "a zip's are");
    cr_assert_eq(apply(&f, host("a.zip"), false), AT_LIMIT);
    cr_assert_eq(count_rests(&f), 1u);
    end(&f);
}

/**
 * A container before the end that ended early for a reason of its own keeps the line which says so; those of containers
 * around or behind the end are the cut's doing.
 */
Test(case_cut, lines_of_what_was_not_reached)
{
    static struct fixture f;
    begin(&f);
    for (uint64_t member = 0; member < 6; member++) {
        put(&f, in(host("a.zip"), "zip", member), 100);
        for (uint64_t i = 0; i < 2; i++)
            put(&f, in(in(host("a.zip"), "zip", member), "tar", i), 1000);
        put(&f, rest_of(in(host("a.zip"), "zip", member), 2), WHERE_UNKNOWN);
    }
    /* The end is the first member of 3. */
    cut(&f, "a.zip", 11 * LEDGER_ITEM_WEIGHT + 4 * 100 + 6 * 1000 + 500);
    put(&f, rest_of(host("a.zip"), 6), WHERE_UNKNOWN);
    read_cuts(&f);
    for (uint64_t member = 0; member < 6; member++)
        cr_assert_eq(apply(&f, rest_of(in(host("a.zip"), "zip", member), 2), false), member < 3 ? KEPT : DROPPED, "%d",
                     (int)member);
    cr_assert_eq(apply(&f, in(host("a.zip"), "zip", 3), false), AT_LIMIT);
    cr_assert_eq(apply(&f, rest_of(host("a.zip"), 6), false), DROPPED);
    end(&f);
}

/** A place that was recorded twice counts as what was recorded last. */
Test(case_cut, items_recorded_again)
{
    static struct fixture f;
    begin(&f);
    put(&f, in(host("a.zip"), "zip", 0), 1u << 30);
    put(&f, in(host("a.zip"), "zip", 1), 10);
    cut(&f, "a.zip", 20000);
    put(&f, in(host("a.zip"), "zip", 0), 5);
    put(&f, in(host("a.zip"), "zip", 1), 17000);
    put(&f, in(host("a.zip"), "zip", 2), 10);
    cut(&f, "a.zip", 20000);
    read_cuts(&f);
    cr_assert_eq(f.cuts.n, 1u, "the same tree, met by another run");
    cr_assert_eq(apply(&f, in(host("a.zip"), "zip", 0), false), KEPT);
    cr_assert_eq(apply(&f, in(host("a.zip"), "zip", 1), false), KEPT);
    cr_assert_eq(apply(&f, in(host("a.zip"), "zip", 2), false), NAMED);
    cr_assert_eq(count_rests(&f), 1u);
    end(&f);
}

/** Sizes that no file has: their sum is too much, not little. */
Test(case_cut, huge_sizes)
{
    static const uint64_t sizes[] = {UINT64_MAX - 1, UINT64_MAX - 1023, UINT64_MAX - 1024, UINT64_MAX / 2, 1ull << 63};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        static struct fixture f;
        begin(&f);
        for (uint64_t k = 0; k < 4; k++)
            put(&f, in(host("a.tar"), "tar", k), k ? sizes[i] : 1);
        cut(&f, "a.tar", UINT64_MAX - 2);
        read_cuts(&f);
        cr_assert_eq(apply(&f, in(host("a.tar"), "tar", 0), false), KEPT);
        cr_assert_eq(apply(&f, in(host("a.tar"), "tar", 3), false), DROPPED, "%zu", i);
        end(&f);
    }
}

/** Records that are none are passed over. */
Test(case_cut, broken_records)
{
    static struct fixture f;
    struct buf payload = {0};
    struct where *root = host("a.zip");
    begin(&f);
    buf_u8(&payload, LIMIT_COUNT);
    buf_u64(&payload, 1);
    where_encode(root, &payload);
    cr_assert_eq(journal_append(f.recorder.journal, JOURNAL_CUT, payload.data, payload.len, false), 0);
    payload.data[0] = LIMIT_RATIO;
    for (size_t n = 0; n < payload.len; n++)
        cr_assert_eq(journal_append(f.recorder.journal, JOURNAL_CUT, payload.data, n, false), 0);
    put(&f, in(host("a.zip"), "zip", 0), 5);
    read_cuts(&f);
    cr_assert_eq(f.cuts.n, 0u);
    end(&f);
    begin(&f);
    cut(&f, "a.zip", 5000);
    put(&f, in(host("a.zip"), "zip", 0), 5000);
    cr_assert_eq(journal_append(f.recorder.journal, JOURNAL_ITEM, "\0nonsense", 9, false), 0);
    cr_assert_eq(journal_append(f.recorder.journal, JOURNAL_ITEM, NULL, 0, false), 0);
    read_cuts(&f);
    cr_assert_eq(apply(&f, host("a.zip"), false), AT_LIMIT);
    end(&f);
    where_unref(root);
    buf_free(&payload);
}

#define TREE 120

/** A place and its order. */
struct place {
    struct where *where;
    struct buf key;
    uint64_t size;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *x = *(const struct place *const *)a, *y = *(const struct place *const *)b;
    return key_compare(x->key.data, x->key.len, y->key.data, y->key.len);
}

/** Any tree, recorded in any order: the end is the first place, in the order of the inventory, with which it weighs too
 * much. */
static void check_tree(uint64_t seed)
{
    static struct fixture f;
    static struct place places[TREE];
    struct place *sorted[TREE];
    uint64_t n = 1 + scratch_random(&seed) % TREE, allowed = scratch_random(&seed) % (n * 3000), sum = 0;
    size_t at = 0;
    begin(&f);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t r = scratch_random(&seed), parent = r % (i + 1);
        struct where *outer = parent == i ? host("t") : where_ref(places[parent].where);
        places[i] = (struct place){.where = in(outer, r >> 32 & 1 ? "zip" : "tar", i), .size = r >> 40 & 4095};
        where_key(places[i].where, &places[i].key);
        sorted[i] = &places[i];
    }
    for (uint64_t i = 0; i < n; i++) {
        struct place *swap = sorted[i];
        uint64_t k = scratch_random(&seed) % n;
        sorted[i] = sorted[k];
        sorted[k] = swap;
    }
    for (uint64_t i = 0; i < n; i++)
        put(&f, where_ref(sorted[i]->where), sorted[i]->size);
    cut(&f, "t", allowed);
    read_cuts(&f);
    qsort(sorted, n, sizeof(*sorted), compare_places);
    while (at < n && (sum += sorted[at]->size + LEDGER_ITEM_WEIGHT) <= allowed)
        at++;
    cr_assert_eq(f.cuts.items[0].end_key.len > 0, at < n);
    for (size_t i = 0; i < n; i++) {
        enum fate fate = apply(&f, where_ref(sorted[i]->where), false);
        if (i < at)
            cr_assert(fate == KEPT || (fate == AT_LIMIT && at < n), "before the end");
        else
            cr_assert(fate == DROPPED || fate == NAMED, "at the end or behind");
    }
    if (at < n)
        cr_assert_eq(key_compare(sorted[at]->key.data, sorted[at]->key.len, f.cuts.items[0].end_key.data,
                                 f.cuts.items[0].end_key.len),
                     0);
    for (uint64_t i = 0; i < n; i++) {
        where_unref(places[i].where);
        buf_free(&places[i].key);
    }
    end(&f);
}

Test(case_cut, any_tree, .timeout = 60)
{
    for (uint64_t seed = 1; seed <= 60; seed++)
        check_tree(seed);
}
