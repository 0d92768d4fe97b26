/* optical.c: a volume that is an optical disc's: ISO 9660, UDF. Read by src/optical; libtsk lists one tree of the
 * first, and knows nothing of the second. */
#include <stdlib.h>
#include <string.h>

#include "disk/disk.h"
#include "optical/optical.h"

/** Place of a unit's first file; the volume's own line stands before. */
#define FIRST_FILE 2u

bool volume_is_optical(const struct volume *volume)
{
    return volume->type == TYPE_ISO9660 || volume->type == TYPE_UDF;
}

static const char *why_bad(const struct optical_out *out, uint64_t start, uint64_t end, char why[UNPACK_DETAIL])
{
    const struct disk *disk = out->context;
    const struct bad_range *bad = medium_bad_in(&disk->medium, start, end);
    return bad ? bad_words(bad, why) : NULL;
}

/** The lists of a volume; what is wrong with it goes to `end`. */
static bool open_volume(struct disk *disk, const struct volume *volume, struct disk_source *source,
                        struct optical *disc, struct unpack_end *end)
{
    disk_source_set(source, &disk->medium);
    *end = (struct unpack_end){.status = TRAWL_OK};
    *disc = (struct optical){.source = &source->source,
                             .start = volume->start,
                             .size = volume->length,
                             .input = disk->input,
                             .sink = disk->sink,
                             .end = end};
    return optical_list(disc);
}

/** Names of the trees that were read. */
static const char *tree_words(const struct optical *disc, char words[UNPACK_DETAIL])
{
    words[0] = '\0';
    for (unsigned tree = 0; tree < OPTICAL_TREES; tree++)
        if (disc->trees >> tree & 1 && !strstr(words, optical_tree_name(tree))) {
            strcat(words, *words ? ", " : "");
            strcat(words, optical_tree_name(tree));
        }
    return words;
}

/** Says in the volume's line, and the image's, what became of it. */
static void end_line(struct disk *disk, const struct volume *volume, const struct optical *disc, struct member *line,
                     const struct unpack_end *said)
{
    char words[UNPACK_DETAIL];
    enum trawl_status status = said->status == TRAWL_LIMIT ? TRAWL_OK : said->status;
    if (said->status == TRAWL_LIMIT || (!volume->number && said->status != TRAWL_OK))
        end_note(disk->end, said->status, "%s", said->detail);
    if (said->limit && !disk->end->limit)
        disk->end->limit = said->limit;
    member_end(line, status, UINT64_MAX, *said->detail ? said->detail : tree_words(disc, words));
}

void optical_files(struct disk *disk, const struct volume *volume, const struct unit *unit, uint64_t index,
                   struct member *line)
{
    struct disk_source source;
    struct optical disc;
    struct unpack_end said;
    char prefix[48];
    bool orphans = unit->kind == UNIT_ORPHANS;
    open_volume(disk, volume, &source, &disc, &said);
    if (orphans)
        optical_list_rest(&disc);
    if (line)
        end_line(disk, volume, &disc, line, &said);
    volume_prefix(volume, NULL, prefix);
    struct optical_out out = {
        .prefix = prefix,
        .index = index + FIRST_FILE,
        .stride = 1,
        .part = unit->part,
        .parts = unit->parts,
        .origin = volume_origin(ORIGIN_FS, volume, NULL),
        .why_bad = why_bad,
        .context = disk,
    };
    optical_deliver(&disc, &out, orphans ? disc.n_listed : 0, orphans ? disc.n_files : disc.n_listed);
    disk->entries += said.entries;
    optical_free(&disc);
}

void optical_free_space(struct disk *disk, const struct volume *volume, const struct unit *unit, uint64_t index,
                        struct member *line)
{
    struct disk_source source;
    struct optical disc;
    struct unpack_end said;
    char prefix[48];
    size_t n = 0;
    bool listed = open_volume(disk, volume, &source, &disc, &said);
    struct carve_range *ranges = listed ? optical_unclaimed(&disc, &n) : NULL;
    if (line)
        member_end(line, TRAWL_OK, UINT64_MAX, "");
    volume_prefix(volume, NULL, prefix);
    const struct origin origin = carved_origin(volume, NULL);
    /* With the ends of files among them they are no stream. */
    struct free_ranges all = {ranges, n, 0, disk->input->carve != CARVE_ALL};
    for (size_t i = 0; i < n; i++)
        all.total += ranges[i].end - ranges[i].start;
    if (ranges)
        free_carve(disk, &origin, prefix, unit, index + FIRST_FILE, &all);
    else
        disk_carve_raw(disk, volume, unit, index + FIRST_FILE);
    free(ranges);
    optical_free(&disc);
}
