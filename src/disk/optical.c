/* optical.c: a volume that is an optical disc's: ISO 9660, UDF. Read by src/optical; libtsk lists one tree of the
 * first, and knows nothing of the second. */
#include <stdlib.h>
#include <string.h>

#include "disk/disk.h"
#include "optical/optical.h"
#include "sandbox/mock.h"

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

/** The lists of a volume, for all of its units that one child reads. */
struct optical_volume {
    struct optical disc;
    struct disk_source source;
    /** What is wrong with it. */
    struct unpack_end said;
    const struct volume *volume;
    bool has_tree, has_rest;
};

void optical_close(struct disk *disk)
{
    if (disk->optical)
        optical_free(&disk->optical->disc);
    free(disk->optical);
    disk->optical = NULL;
}

/** The volume's trees and, with `rest`, what none of them leads to. NULL where memory is missing. */
static struct optical_volume *open_volume(struct disk *disk, const struct volume *volume, bool rest)
{
    if (disk->optical && disk->optical->volume != volume)
        optical_close(disk);
    struct optical_volume *optical = disk->optical;
    if (!optical) {
        optical = disk->optical = calloc(1, sizeof(*optical));
        if (!optical) {
            end_memory(disk->end);
            return NULL;
        }
        optical->volume = volume;
        disk_source_set(&optical->source, &disk->medium);
        optical->disc = (struct optical){.source = &optical->source.source,
                                         .start = volume->start,
                                         .size = volume->length,
                                         .input = disk->input,
                                         .sink = disk->sink,
                                         .end = &optical->said};
        optical->has_tree = optical_list(&optical->disc);
    }
    if (rest && !optical->has_rest)
        optical_list_rest(&optical->disc);
    optical->has_rest |= rest;
    return optical;
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

/** Says in the image's line what became of the volume: a limit, and all where it is the only one. */
static void note_end(struct disk *disk, const struct volume *volume, const struct unpack_end *said)
{
    if (said->status == TRAWL_LIMIT || (!volume->number && said->status != TRAWL_OK))
        end_note(disk->end, said->status, "%s", said->detail);
    if (said->limit && !disk->end->limit)
        disk->end->limit = said->limit;
}

static void end_line(const struct optical *disc, struct member *line, const struct unpack_end *said)
{
    char words[UNPACK_DETAIL];
    enum trawl_status status = said->status == TRAWL_LIMIT ? TRAWL_OK : said->status;
    member_end(line, status, UINT64_MAX, *said->detail ? said->detail : tree_words(disc, words));
}

void optical_files(struct disk *disk, const struct volume *volume, const struct unit *unit, uint64_t index,
                   struct member *line)
{
    char prefix[48];
    bool orphans = unit->kind == UNIT_ORPHANS;
    mock_step(orphans ? "orphans" : "names", unit->part + 1);
    struct optical_volume *optical = open_volume(disk, volume, orphans);
    if (!optical) {
        if (line)
            member_end(line, TRAWL_LIMIT, UINT64_MAX, "not enough memory for its names");
        return;
    }
    struct optical *disc = &optical->disc;
    note_end(disk, volume, &optical->said);
    if (line)
        end_line(disc, line, &optical->said);
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
    uint64_t before = optical->said.entries;
    optical_deliver(disc, &out, orphans ? disc->n_listed : 0, orphans ? disc->n_files : disc->n_listed);
    disk->entries += optical->said.entries - before;
}

void optical_free_space(struct disk *disk, const struct volume *volume, const struct unit *unit, uint64_t index,
                        struct member *line)
{
    char prefix[48];
    mock_step("free", unit->part + 1);
    struct optical_volume *optical = open_volume(disk, volume, true);
    /* With the ends of files among them they are no stream. */
    struct free_ranges all = {.joined = disk->input->carve != CARVE_ALL};
    struct carve_range *ranges = optical && optical->has_tree ? optical_unclaimed(&optical->disc, &all.n) : NULL;
    all.ranges = ranges;
    for (size_t i = 0; ranges && i < all.n; i++)
        all.total += ranges[i].end - ranges[i].start;
    if (line)
        member_end(line, TRAWL_OK, UINT64_MAX, "");
    volume_prefix(volume, NULL, prefix);
    const struct origin origin = carved_origin(volume, NULL);
    if (ranges)
        free_carve(disk, &origin, prefix, unit, index + FIRST_FILE, &all);
    else
        disk_carve_raw(disk, volume, unit, index + FIRST_FILE);
    free(ranges);
}
