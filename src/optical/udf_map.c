/* udf_map.c: from the block of a partition, of whatever kind, to its place in the medium. */
#include <stdlib.h>
#include <string.h>

#include "optical/udf.h"

/** Entries of a virtual partition, and blocks with something in them, from the end of the medium, among which its table
 * is searched. */
#define MOST_VIRTUAL (16u << 20)
#define LAST_BLOCKS  1024u
#define PIECE        (256u << 10)
#define NOT_RECORDED 0xffffffffu
/** Types of the ICB. */
#define FILE_UNSPECIFIED 0
#define FILE_VIRTUAL     248

static void read_type_2(struct udf_map *map, struct udf_loads *loads, const uint8_t *p)
{
    map->number = le16(p + 38);
    if (!memcmp(p + 5, "*UDF Virtual Partition", 22)) {
        map->kind = MAP_VIRTUAL;
    } else if (!memcmp(p + 5, "*UDF Sparable Partition", 23)) {
        map->kind = MAP_SPARABLE;
        map->packet = le16(p + 40);
        loads->n_tables = p[42] < 4 ? p[42] : 4;
        loads->table_size = le32(p + 44);
        for (uint32_t i = 0; i < loads->n_tables; i++)
            loads->tables[i] = le32(p + 48 + 4 * i);
    } else if (!memcmp(p + 5, "*UDF Metadata Partition", 23)) {
        map->kind = MAP_METADATA;
        loads->metadata = le32(p + 40);
        loads->mirror = le32(p + 44);
        loads->is_copied = p[58] & 1;
    }
}

void udf_maps_read(struct udf *udf, const uint8_t *table, size_t n, unsigned count)
{
    udf->n_maps = 0;
    memset(udf->loads, 0, sizeof(udf->loads));
    for (size_t at = 0; udf->n_maps < count && udf->n_maps < UDF_MAPS && n - at >= 6;) {
        const uint8_t *p = table + at;
        struct udf_map *map = &udf->maps[udf->n_maps];
        if (p[1] < 6 || p[1] > n - at)
            break;
        *map = (struct udf_map){.kind = MAP_PHYSICAL, .number = le16(p + 4)};
        if (p[0] == 2 && p[1] >= 64)
            read_type_2(map, &udf->loads[udf->n_maps], p);
        udf->n_maps++;
        at += p[1];
    }
    if (udf->n_maps < count)
        end_note(udf->disc->end, TRAWL_DAMAGED, "udf: %u of %u partition maps can be read", udf->n_maps, count);
}

static bool locate_physical(const struct udf *udf, const struct udf_map *map, uint32_t block, uint64_t want,
                            uint64_t *at, uint64_t *blocks)
{
    if (block >= map->length)
        return false;
    uint64_t left = map->length - block;
    *at = map->start + (uint64_t)block * udf->block;
    *blocks = want < left ? want : left;
    return true;
}

static int compare_packets(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return x[0] < y[0] ? -1 : x[0] > y[0];
}

static bool locate_sparable(const struct udf *udf, const struct udf_map *map, uint32_t block, uint64_t want,
                            uint64_t *at, uint64_t *blocks)
{
    if (!locate_physical(udf, map, block, want, at, blocks) || !map->packet || !map->n_spared)
        return block < map->length;
    uint32_t within = block % map->packet, left = map->packet - within;
    *blocks = *blocks < left ? *blocks : left;
    const uint32_t packet = block - within;
    const uint32_t *pair = bsearch(&packet, map->spared, map->n_spared, 2 * sizeof(*pair), compare_packets);
    if (pair)
        *at = udf->disc->start + ((uint64_t)pair[1] + within) * udf->block;
    return true;
}

static bool locate_metadata(const struct udf *udf, const struct udf_map *map, uint32_t block, uint64_t want,
                            uint64_t *at, uint64_t *blocks)
{
    const struct udf_pieces *pieces = &map->pieces[udf->copy && map->pieces[1].n ? 1 : 0];
    uint64_t offset = (uint64_t)block * udf->block;
    size_t low = 0, high = pieces->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (pieces->ends[middle] <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == pieces->n || pieces->runs[low].offset == ORIGIN_UNKNOWN)
        return false;
    uint64_t left = (pieces->ends[low] - offset) / udf->block;
    *at = pieces->runs[low].offset + pieces->runs[low].length - (pieces->ends[low] - offset);
    *blocks = want < left ? want : left;
    return left;
}

bool udf_locate(const struct udf *udf, uint16_t map_number, uint32_t block, uint64_t want, uint64_t *at,
                uint64_t *blocks)
{
    if (map_number >= udf->n_maps)
        return false;
    const struct udf_map *map = &udf->maps[map_number], *below = &udf->maps[map->below];
    switch (map->kind) {
    case MAP_METADATA:
        return locate_metadata(udf, map, block, want, at, blocks);
    case MAP_VIRTUAL:
        if (block >= map->n_table || map->table[block] == NOT_RECORDED)
            return false;
        block = map->table[block];
        want = 1;
        break;
    default:
        below = map;
    }
    return below->kind == MAP_SPARABLE ? locate_sparable(udf, below, block, want, at, blocks)
                                       : locate_physical(udf, below, block, want, at, blocks);
}

bool udf_has_mirror(const struct udf *udf, uint16_t map)
{
    return map < udf->n_maps && udf->maps[map].pieces[1].n;
}

bool udf_descriptor_read(struct udf *udf, uint16_t map, uint32_t block, uint8_t *to, uint64_t *at)
{
    unsigned before = udf->copy, copies = udf_has_mirror(udf, map) ? 2 : 1;
    bool found = false;
    for (unsigned i = 0; i < copies && !found; i++) {
        uint64_t blocks;
        udf->copy = i;
        found = udf_locate(udf, map, block, 1, at, &blocks) && optical_read(udf->disc, to, udf->block, *at) &&
                udf_tag_ok(to, udf->block);
    }
    if (found && udf->copy > before)
        end_note(udf->disc->end, TRAWL_DAMAGED, "udf: a part of the metadata file cannot be read: its mirror is");
    udf->copy = before;
    return found;
}

static void pieces_free(struct udf_pieces *pieces)
{
    free(pieces->runs);
    free(pieces->ends);
    *pieces = (struct udf_pieces){0};
}

/** A copy of n runs. */
static struct udf_pieces pieces_of_runs(struct udf *udf, const struct origin_run *runs, size_t n)
{
    uint64_t end = 0;
    struct udf_pieces pieces = {calloc(n, sizeof(*pieces.runs)), calloc(n, sizeof(*pieces.ends)), n};
    if (!pieces.runs || !pieces.ends) {
        end_memory(udf->disc->end);
        pieces_free(&pieces);
    }
    for (size_t i = 0; i < pieces.n; i++) {
        pieces.runs[i] = runs[i];
        pieces.ends[i] = end += runs[i].length;
    }
    return pieces;
}

/** The pieces of the entry in that block of the partition below: none where there is no such entry. */
static struct udf_pieces pieces_of_entry(struct udf *udf, uint16_t below, uint32_t block)
{
    struct optical *disc = udf->disc;
    struct udf_node node = {.bytes = malloc(udf->block)};
    const struct udf_extent icb = {block, below, udf->block};
    struct udf_pieces pieces = {0};
    const char *why = NULL;
    if (node.bytes && udf_node_read(udf, &icb, &node) && udf_node_runs(udf, &node, &why) &&
        disc->n_runs > disc->runs_used)
        pieces = pieces_of_runs(udf, disc->runs + disc->runs_used, disc->n_runs - disc->runs_used);
    optical_runs_drop(disc);
    free(node.bytes);
    return pieces;
}

/** The mirror has an entry of its own, and often nothing else. */
static void load_metadata(struct udf *udf, struct udf_map *map, const struct udf_loads *loads)
{
    struct udf_pieces *first = &map->pieces[0], *mirror = &map->pieces[1];
    *first = pieces_of_entry(udf, map->below, loads->metadata);
    *mirror = pieces_of_entry(udf, map->below, loads->mirror);
    if (!first->n) {
        end_note(udf->disc->end, TRAWL_DAMAGED, "udf: the metadata file cannot be read%s",
                 mirror->n ? ": its mirror is" : "");
        *first = *mirror;
        *mirror = (struct udf_pieces){0};
    } else if (!loads->is_copied || (mirror->n && mirror->runs[0].offset == first->runs[0].offset)) {
        pieces_free(mirror);
    }
    /* The mirror's entries are no lost ones. */
    for (size_t i = 0; i < mirror->n; i++)
        if (mirror->runs[i].offset != ORIGIN_UNKNOWN)
            optical_claim(udf->disc, mirror->runs[i].offset, mirror->runs[i].length);
}

/** Of several copies of the table, the first that can be read. */
static void load_sparing(struct udf *udf, struct udf_map *map, const struct udf_loads *loads)
{
    uint32_t size = loads->table_size < (1u << 20) ? loads->table_size : 1u << 20;
    uint8_t *p = malloc(size + 1);
    for (uint32_t i = 0; p && i < loads->n_tables && !map->spared; i++) {
        uint64_t at = udf->disc->start + (uint64_t)loads->tables[i] * udf->block;
        if (size < 56 || !optical_read(udf->disc, p, size, at) || memcmp(p + 17, "*UDF Sparing Table", 18) != 0)
            continue;
        optical_claim(udf->disc, at, size);
        uint32_t n = le16(p + 48), most = (size - 56) / 8;
        n = n < most ? n : most;
        map->spared = calloc(n + 1, 2 * sizeof(*map->spared));
        for (uint32_t k = 0; map->spared && k < n; k++) {
            uint32_t original = le32(p + 56 + 8 * k);
            if (original >= 0xfffffff0u)
                continue;
            map->spared[2 * map->n_spared] = original;
            map->spared[2 * map->n_spared++ + 1] = le32(p + 60 + 8 * k);
        }
    }
    if (map->spared)
        qsort(map->spared, map->n_spared, 2 * sizeof(*map->spared), compare_packets);
    else
        end_note(udf->disc->end, TRAWL_DAMAGED, "udf: no table of spare packets can be read");
    free(p);
}

/** The table out of a file's bytes: it has a head since UDF 2.00, and a tail before. False: they are none. */
static bool take_table(struct udf_map *map, const uint8_t *p, uint64_t size, bool has_head)
{
    uint64_t from = 0, to = size;
    if (has_head) {
        from = size >= 152 ? le16(p) : size;
    } else {
        if (size < 36 || memcmp(p + size - 36 + 1, "*UDF Virtual Alloc Tbl", 22) != 0)
            return false;
        to = size - 36;
    }
    if (from >= to || (to - from) / 4 > MOST_VIRTUAL)
        return false;
    map->table = calloc((to - from) / 4 + 1, sizeof(*map->table));
    for (uint64_t at = from; map->table && to - at >= 4; at += 4)
        map->table[map->n_table++] = le32(p + at);
    return map->table != NULL;
}

/** The table of a virtual partition, if the block at `at` is its entry. */
static bool load_virtual_at(struct udf *udf, struct udf_map *map, struct udf_node *node)
{
    struct optical *disc = udf->disc;
    const char *why = NULL;
    bool taken = false;
    if (!udf_node_parse(udf, node) || (node->type != FILE_VIRTUAL && node->type != FILE_UNSPECIFIED) ||
        node->size > 4ull * MOST_VIRTUAL + 4096 || !udf_node_runs(udf, node, &why)) {
        optical_runs_drop(disc);
        return false;
    }
    struct optical_file file = {.first_run = disc->runs_used, .n_runs = disc->n_runs - disc->runs_used};
    uint8_t *bytes = malloc(node->size + 1);
    if (bytes && optical_file_read(disc, &file, bytes, node->size, 0) == node->size)
        taken = take_table(map, bytes, node->size, node->type == FILE_VIRTUAL);
    optical_runs_drop(disc);
    free(bytes);
    return taken;
}

static bool is_zero(const uint8_t *p, size_t n)
{
    return !*p && !memcmp(p, p + 1, n - 1);
}

/** The table's entry is the last thing that was written; images may have zeros behind it. */
static void load_virtual(struct udf *udf, struct udf_map *map, uint16_t below)
{
    struct optical *disc = udf->disc;
    struct udf_node node = {.map = below};
    uint8_t *piece = malloc(PIECE);
    uint64_t first = map->start > disc->start ? map->start : disc->start;
    uint64_t end = disc->start + disc->size / udf->block * udf->block;
    for (unsigned tried = 0; piece && end > first && tried < LAST_BLOCKS && !map->table;) {
        size_t n = end - first < PIECE ? (size_t)(end - first) : PIECE;
        optical_read(disc, piece, n, end - n);
        for (size_t at = n; at >= udf->block && tried < LAST_BLOCKS && !map->table; at -= udf->block) {
            node.bytes = piece + at - udf->block;
            node.at = end - n + at - udf->block;
            node.block = (uint32_t)((node.at - map->start) / udf->block);
            if (is_zero(node.bytes, udf->block))
                continue;
            tried++;
            if (load_virtual_at(udf, map, &node))
                optical_claim(disc, node.at, udf->block);
        }
        end -= n;
    }
    if (!map->table)
        end_note(disc->end, TRAWL_DAMAGED, "udf: the table of its virtual partition is not there");
    free(piece);
}

/** The map that says how the partition below is laid out. */
static uint16_t map_below(const struct udf *udf, unsigned number)
{
    for (unsigned i = 0; i < udf->n_maps; i++)
        if (udf->maps[i].number == udf->maps[number].number &&
            (udf->maps[i].kind == MAP_PHYSICAL || udf->maps[i].kind == MAP_SPARABLE))
            return (uint16_t)i;
    return (uint16_t)number;
}

void udf_maps_load(struct udf *udf)
{
    for (unsigned i = 0; i < udf->n_maps; i++)
        udf->maps[i].below = map_below(udf, i);
    for (unsigned i = 0; i < udf->n_maps; i++)
        if (udf->maps[i].kind == MAP_SPARABLE)
            load_sparing(udf, &udf->maps[i], &udf->loads[i]);
    for (unsigned i = 0; i < udf->n_maps; i++) {
        if (udf->maps[i].kind == MAP_VIRTUAL)
            load_virtual(udf, &udf->maps[i], udf->maps[i].below);
        else if (udf->maps[i].kind == MAP_METADATA)
            load_metadata(udf, &udf->maps[i], &udf->loads[i]);
    }
}
