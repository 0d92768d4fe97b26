/* store.c: what is known of a disc so far: paths, files, their pieces, and which bytes have an owner. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "optical/optical.h"

/** Memory for text, files and pieces: some half a gigabyte. */
#define MOST_TEXT  (256u << 20)
#define MOST_RUNS  (8u << 20)
#define MOST_FILES 4000000u

static void cut_by_memory(struct optical *disc)
{
    disc->is_cut = true;
    end_memory(disc->end);
}

static bool grow(struct optical *disc, void **items, size_t *cap, size_t need, size_t size)
{
    if (need <= *cap)
        return true;
    size_t wanted = *cap * 2 < need ? need + 255 : *cap * 2;
    void *more = reallocarray(*items, wanted, size);
    if (!more) {
        cut_by_memory(disc);
        return false;
    }
    *items = more;
    *cap = wanted;
    return true;
}

bool optical_read(struct optical *disc, void *to, size_t n, uint64_t offset)
{
    struct carve_source *source = disc->source;
    uint64_t holes = source->holes;
    size_t got = source->read(source, to, n, offset);
    if (got < n)
        memset((uint8_t *)to + got, 0, n - got);
    return got == n && source->holes == holes;
}

static bool add_text(struct optical *disc, const void *text, size_t n)
{
    if (disc->is_cut || n > MOST_TEXT - disc->text_len) {
        if (!disc->is_cut)
            cut_by_memory(disc);
        return false;
    }
    if (!grow(disc, (void **)&disc->text, &disc->text_cap, disc->text_len + n, 1))
        return false;
    if (n)
        memcpy(disc->text + disc->text_len, text, n);
    disc->text_len += n;
    return true;
}

static bool join(struct optical *disc, struct optical_path folder, char separator, const void *name, size_t n,
                 struct optical_path *path)
{
    size_t at = disc->text_len;
    /* First the room: the folder's text moves with it. */
    if (folder.n + n + 1 > MOST_TEXT - disc->text_len ||
        !grow(disc, (void **)&disc->text, &disc->text_cap, disc->text_len + folder.n + n + 1, 1)) {
        if (!disc->is_cut)
            cut_by_memory(disc);
        return false;
    }
    if (!add_text(disc, folder.n ? disc->text + folder.at : "", folder.n) ||
        !add_text(disc, &separator, folder.n || separator == ':') || !add_text(disc, name, n))
        return false;
    *path = (struct optical_path){at, disc->text_len - at};
    return true;
}

bool optical_path_add(struct optical *disc, struct optical_path folder, const void *name, size_t n,
                      struct optical_path *path)
{
    return join(disc, folder, '/', name, n, path);
}

bool optical_path_stream(struct optical *disc, struct optical_path file, const void *name, size_t n,
                         struct optical_path *path)
{
    return join(disc, file, ':', name, n, path);
}

bool optical_path_more(struct optical *disc, struct optical_path *path, const void *more, size_t n)
{
    if (path->at + path->n != disc->text_len || !add_text(disc, more, n))
        return false;
    path->n += n;
    return true;
}

bool optical_run_add(struct optical *disc, uint64_t offset, uint64_t length)
{
    struct origin_run *last = disc->n_runs > disc->runs_used ? &disc->runs[disc->n_runs - 1] : NULL;
    if (!length)
        return true;
    if (last &&
        (offset == ORIGIN_UNKNOWN ? last->offset == ORIGIN_UNKNOWN
                                  : last->offset != ORIGIN_UNKNOWN && last->offset + last->length == offset) &&
        !__builtin_add_overflow(last->length, length, &last->length))
        return true;
    if (disc->n_runs >= MOST_RUNS) {
        cut_by_memory(disc);
        return false;
    }
    if (!grow(disc, (void **)&disc->runs, &disc->runs_cap, disc->n_runs + 1, sizeof(*disc->runs)))
        return false;
    disc->runs[disc->n_runs++] = (struct origin_run){offset, length};
    return true;
}

void optical_runs_drop(struct optical *disc)
{
    disc->n_runs = disc->runs_used;
}

/** Cuts the new pieces at the file's size. Returns how many are left. */
static size_t cut_runs(struct optical *disc, uint64_t size)
{
    size_t i = disc->runs_used;
    for (; i < disc->n_runs && size; i++) {
        if (disc->runs[i].length > size)
            disc->runs[i].length = size;
        size -= disc->runs[i].length;
    }
    disc->n_runs = i;
    return i - disc->runs_used;
}

struct optical_file optical_file_of(struct optical_path path, enum optical_tree tree)
{
    struct optical_file file = {.path = path, .tree = (uint8_t)tree, .inode = ORIGIN_UNKNOWN, .status = TRAWL_OK};
    file.type = TYPE_OTHER;
    file.allocated = ORIGIN_ALLOCATED;
    for (int i = 0; i < ORIGIN_TIMES; i++)
        file.times[i] = ORIGIN_NO_TIME;
    return file;
}

bool optical_file_add(struct optical *disc, const struct optical_file *file)
{
    if (disc->is_cut)
        return false;
    if (disc->n_files >= MOST_FILES || limit_exceeded(&disc->input->limits, LIMIT_ENTRIES, disc->n_files + 1)) {
        end_note(disc->end, TRAWL_LIMIT, "more files than are read");
        disc->end->limit = disc->end->limit ? disc->end->limit : LIMIT_ENTRIES;
        disc->is_cut = true;
        return false;
    }
    if (!grow(disc, (void **)&disc->files, &disc->files_cap, disc->n_files + 1, sizeof(*disc->files)))
        return false;
    struct optical_file *to = &disc->files[disc->n_files++];
    *to = *file;
    to->first_run = disc->runs_used;
    to->n_runs = cut_runs(disc, file->size);
    disc->runs_used = disc->n_runs;
    if (disc->sink->alive)
        disc->sink->alive(disc->sink);
    return true;
}

bool optical_unread_add(struct optical *disc, struct optical_path path, enum optical_tree tree, const char *why)
{
    struct optical_file file = optical_file_of(path, tree);
    file.status = TRAWL_DAMAGED;
    file.why = why;
    optical_runs_drop(disc);
    return optical_file_add(disc, &file);
}

void optical_claim(struct optical *disc, uint64_t offset, uint64_t length)
{
    uint64_t end;
    if (__builtin_add_overflow(offset, length, &end))
        end = UINT64_MAX;
    ranges_add(&disc->claimed, offset, end);
}

void optical_claims_join(struct optical *disc)
{
    ranges_join(&disc->claimed);
    if (disc->claimed.incomplete)
        cut_by_memory(disc);
}

bool optical_is_claimed(const struct optical *disc, uint64_t offset)
{
    const struct ranges *claimed = &disc->claimed;
    size_t low = 0, high = claimed->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (claimed->items[middle].end <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < claimed->n && claimed->items[low].start <= offset;
}

struct carve_range *optical_unclaimed(struct optical *disc, size_t *n)
{
    uint64_t at = disc->start, end = disc->start + disc->size;
    optical_claims_join(disc);
    struct carve_range *ranges = calloc(disc->claimed.n + 1, sizeof(*ranges));
    *n = 0;
    if (!ranges) {
        cut_by_memory(disc);
        return NULL;
    }
    for (size_t i = 0; i < disc->claimed.n && at < end; i++) {
        const struct range *range = &disc->claimed.items[i];
        if (range->start > at)
            ranges[(*n)++] = (struct carve_range){at, range->start < end ? range->start : end};
        at = range->end > at ? range->end : at;
    }
    if (at < end)
        ranges[(*n)++] = (struct carve_range){at, end};
    return ranges;
}

/** Spreads numbers that are multiples of a sector. */
static size_t slot_of(const struct optical_set *set, uint64_t number)
{
    return (size_t)((number * UINT64_C(0x9e3779b97f4a7c15)) >> 20) & (set->cap - 1);
}

/** 0 marks a free slot. */
static void put(struct optical_set *set, uint64_t number)
{
    size_t at = slot_of(set, number);
    while (set->items[at])
        at = (at + 1) & (set->cap - 1);
    set->items[at] = number;
    set->n++;
}

bool optical_set_has(const struct optical_set *set, uint64_t number)
{
    if (!set->cap)
        return false;
    for (size_t at = slot_of(set, number + 1); set->items[at]; at = (at + 1) & (set->cap - 1))
        if (set->items[at] == number + 1)
            return true;
    return false;
}

bool optical_set_add(struct optical *disc, struct optical_set *set, uint64_t number)
{
    if (optical_set_has(set, number))
        return false;
    if (set->n * 2 >= set->cap) {
        struct optical_set wider = {.cap = set->cap ? set->cap * 2 : 1024};
        wider.items = calloc(wider.cap, sizeof(*wider.items));
        if (!wider.items) {
            cut_by_memory(disc);
            return false;
        }
        for (size_t i = 0; i < set->cap; i++)
            if (set->items[i])
                put(&wider, set->items[i]);
        free(set->items);
        *set = wider;
    }
    put(set, number + 1);
    return true;
}

void optical_free(struct optical *disc)
{
    free(disc->files);
    free(disc->runs);
    free(disc->text);
    free(disc->folders.items);
    ranges_free(&disc->claimed);
    disc->files = NULL;
    disc->runs = NULL;
    disc->text = NULL;
    disc->folders = (struct optical_set){0};
    if (disc->udf)
        udf_free(disc->udf);
    disc->udf = NULL;
}

static size_t put_utf8(uint32_t code, uint8_t *to)
{
    if (code < 0x80) {
        to[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (uint8_t)(0xc0 | code >> 6);
        to[1] = (uint8_t)(0x80 | (code & 63));
        return 2;
    }
    size_t n = code < 0x10000 ? 3 : 4;
    to[0] = (uint8_t)(n == 3 ? 0xe0 | code >> 12 : 0xf0 | code >> 18);
    for (size_t i = 1; i < n; i++)
        to[i] = (uint8_t)(0x80 | (code >> 6 * (n - 1 - i) & 63));
    return n;
}

size_t optical_utf16(const uint8_t *from, size_t units, uint8_t *to)
{
    size_t n = 0;
    for (size_t i = 0; i < units; i++) {
        uint32_t code = (uint32_t)from[2 * i] << 8 | from[2 * i + 1];
        if (code >= 0xd800 && code < 0xdc00 && i + 1 < units && (from[2 * i + 2] & 0xfc) == 0xdc) {
            uint32_t low = (uint32_t)from[2 * i + 2] << 8 | from[2 * i + 3];
            code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
            i++;
        }
        n += put_utf8(code, to + n);
    }
    return n;
}

int64_t optical_time(int year, int month, int day, int hour, int minute, int second, int zone)
{
    /* Nanoseconds of an int64 reach from 1678 to 2261. */
    if (year < 1678 || year > 2261 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 23 ||
        minute < 0 || minute > 59 || second < 0 || second > 60 || zone < -1440 || zone > 1440)
        return ORIGIN_NO_TIME;
    struct tm tm = {.tm_year = year - 1900,
                    .tm_mon = month - 1,
                    .tm_mday = day,
                    .tm_hour = hour,
                    .tm_min = minute,
                    .tm_sec = second};
    return ((int64_t)timegm(&tm) - zone * INT64_C(60)) * INT64_C(1000000000);
}
