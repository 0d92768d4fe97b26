#include "report/totals.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "report/finding.h"
#include "report/order.h"

/** Longest path and longest reason that are kept for the HTML. */
#define PATH_KEPT   4096
#define DETAIL_KEPT 1024

/** A source without slashes at its end ("/" is empty then), and where it is counted. */
struct source_name {
    const char *text;
    size_t len;
    size_t index;
};

static int name_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return order ? order : (a_len > b_len) - (a_len < b_len);
}

static int source_order(const void *pa, const void *pb)
{
    const struct source_name *a = pa, *b = pb;
    int order = name_compare(a->text, a->len, b->text, b->len);
    return order ? order : (a->index > b->index) - (a->index < b->index);
}

void totals_init(struct totals *totals, const struct case_info *info)
{
    *totals = (struct totals){0};
    totals->by_source = ALLOC_ARRAY(struct tally, info->n_sources + 1);
    totals->by_list = ALLOC_ARRAY(uint64_t, info->n_lists + 1);
    totals->list_cells = ALLOC_ARRAY(struct cell, info->n_lists + 1);
    totals->cells = ALLOC_ARRAY(struct cell, size_mul(info->n_lists + 1, LIST_CELLS));
    totals->names = ALLOC_ARRAY(struct source_name, info->n_sources);
    totals->other = info->n_sources;
    for (size_t i = 0; i < info->n_sources; i++) {
        const char *text = info->sources[i];
        size_t n = strlen(text);
        if (strncmp(text, "from:", 5) == 0)
            totals->other = i;
        while (n && text[n - 1] == '/')
            n--;
        totals->names[totals->n_names++] = (struct source_name){text, n, i};
    }
    if (totals->n_names)
        qsort(totals->names, totals->n_names, sizeof(*totals->names), source_order);
}

void totals_free(struct totals *totals)
{
    for (unsigned i = 0; i < totals->n_first_unexamined; i++) {
        free(totals->first_unexamined[i].path);
        free(totals->first_unexamined[i].detail);
    }
    free(totals->by_source);
    free(totals->by_list);
    free(totals->list_cells);
    free(totals->cells);
    free(totals->names);
    *totals = (struct totals){0};
}

/** Where a source of exactly these bytes is counted; `none` if there is no such source. The first one given wins. */
static size_t find_source(const struct totals *totals, const char *text, size_t n, size_t none)
{
    size_t lo = 0, hi = totals->n_names;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (name_compare(totals->names[mid].text, totals->names[mid].len, text, n) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    bool found = lo < totals->n_names && name_compare(totals->names[lo].text, totals->names[lo].len, text, n) == 0;
    return found ? totals->names[lo].index : none;
}

/** The source that is the longest beginning of the path of the file on the host, ending there or at a slash. */
static size_t item_source(const struct totals *totals, const struct item *item)
{
    const struct where *root = item->where;
    while (root->parent)
        root = root->parent;
    const char *name = (const char *)root->name;
    for (size_t n = root->name_len + 1; n-- > 0;) {
        if (n < root->name_len && name[n] != '/')
            continue;
        size_t keep = n; /* "dir//x" lies in "dir" as well */
        while (keep && name[keep - 1] == '/')
            keep--;
        size_t found = find_source(totals, name, keep, SIZE_MAX);
        if (found != SIZE_MAX)
            return found;
    }
    return totals->other;
}

static void tally_add(struct tally *tally, uint64_t bytes)
{
    tally->files++;
    if (__builtin_add_overflow(tally->bytes, bytes, &tally->bytes))
        tally->bytes = UINT64_MAX;
}

/** A copy of at most max bytes, not ending inside a character. */
static char *keep_text(const char *text, size_t n, size_t max)
{
    size_t keep = n < max ? n : max;
    while (keep > 0 && keep < n && ((uint8_t)text[keep] & 0xc0) == 0x80)
        keep--;
    char *kept = mem_alloc(keep + sizeof(" …"));
    memcpy(kept, text, keep);
    memcpy(kept + keep, keep < n ? " …" : "", keep < n ? sizeof(" …") : 1);
    return kept;
}

static void note_unexamined(struct totals *totals, const struct case_info *info, const struct item *item)
{
    totals->unexamined++;
    if (totals->n_first_unexamined == UNEXAMINED_SHOWN)
        return;
    struct unexamined *note = &totals->first_unexamined[totals->n_first_unexamined++];
    *note = (struct unexamined){.status = item->status, .limit = item->limit};
    if (info->no_inventory) /* a reason may quote a name */
        return;
    struct buf path = {0};
    where_path(item->where, &path);
    note->path = keep_text((const char *)path.data, path.len, PATH_KEPT);
    note->detail = item->detail ? keep_text(item->detail, strlen(item->detail), DETAIL_KEPT) : NULL;
    buf_free(&path);
}

void totals_item(struct totals *totals, const struct case_info *info, const struct item *item)
{
    uint64_t bytes = item->size == WHERE_UNKNOWN ? 0 : item->size;
    tally_add(&totals->all, bytes);
    tally_add(&totals->by_status[item->status], bytes);
    tally_add(&totals->by_type[item->type], bytes);
    tally_add(&totals->by_source[item_source(totals, item)], bytes);
    if (!item->where->parent)
        tally_add(&totals->top, bytes);
    enum type_class class = type_class(item->type);
    if (status_examined(item->status) && (class == CLASS_PICTURE || class == CLASS_VIDEO))
        tally_add(class == CLASS_PICTURE ? &totals->pictures : &totals->videos, bytes);
    totals->size_unknown += item->size == WHERE_UNKNOWN;
    totals->low_quality += item->low_quality;
    totals->by_limit[item->limit] += item->limit != LIMIT_NONE;
    if (!status_examined(item->status))
        note_unexamined(totals, info, item);
}

/** Counts the finding in hand, unless it is counted there. totals->findings is its number. */
static void cell_count(struct cell *cell, const struct totals *totals, const struct finding *finding)
{
    if (cell->last == totals->findings)
        return;
    cell->last = totals->findings;
    cell->findings++;
    cell->verdicts[finding->verdict]++;
}

/** Counts a finding once for each list that has it. */
static void count_lists(struct totals *totals, const struct case_info *info, const struct finding *finding)
{
    const struct match_list *matches = &finding->head.matches;
    bool *seen = ALLOC_ARRAY(bool, info->n_lists + 1);
    for (size_t i = 0; i < matches->n; i++) {
        const char *name = matches->items[i].list;
        size_t list = 0;
        while (list < info->n_lists && (info->lists[list].known || strcmp(info->lists[list].name, name) != 0))
            list++;
        totals->by_list[list] += !seen[list];
        seen[list] = true;
        const struct match *match = &finding->head.matches.items[i];
        cell_count(&totals->list_cells[list], totals, finding);
        cell_count(&totals->type_cells[match->type], totals, finding);
        cell_count(&totals->cells[list * LIST_CELLS + match->type * BANDS + match_band(match)], totals, finding);
    }
    free(seen);
}

void totals_finding(struct totals *totals, const struct case_info *info, const struct finding *finding)
{
    const struct match *best = &finding->head.matches.items[0];
    totals->findings++;
    totals->thumbnails += finding->head.thumbnail != NULL;
    totals->locations += finding->n_places;
    totals->unhashed_findings += !finding->head.has_digests;
    totals->by_severity[best->severity]++;
    uint32_t month = month_of(finding->newest), first = MONTH_YEAR * 12 + 1;
    if (month >= first && month - first < MONTHS)
        totals->by_month[month - first]++;
    totals->demoted += !finding->n_clear;
    totals->new_findings += finding->is_new;
    if (!match_is_near(best))
        totals->exact++;
    else
        totals->by_distance[best->distance < DISTANCES ? best->distance : DISTANCES - 1]++;
    cell_count(&totals->all_cell, totals, finding);
    cell_count(&totals->band_cells[match_band(best)], totals, finding);
    count_lists(totals, info, finding);
}
