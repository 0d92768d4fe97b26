/*
 * disk.h (private): a disk image taken apart: volumes, the files of each, and what no file claims.
 *
 * The work is cut into units, in an order that depends on the image alone; a member's index is its unit's number and
 * its place in there. Several children may therefore take units, and one that died goes on where it stopped.
 */
#ifndef DISK_DISK_H
#define DISK_DISK_H

#include <tsk/libtsk.h>

#include "disk/medium.h"
#include "source/member.h"
#include "trawl/carve.h"
#include "trawl/unpack.h"

#define UNIT_SHIFT UNPACK_UNIT_SHIFT
/** A file's place in its unit, then its stream, or what is carved out of its slack. A pool's file systems share an
 * index: less is left for them. */
#define STREAM_BITS  10
#define SLACK_BITS   17
#define MOST_VOLUMES 256
#define MOST_UNITS   4096
/** Parts in which the files, or the free space, of one volume are read. */
#define MOST_PARTS 8

enum unit_kind {
    /** The medium as a whole. */
    UNIT_MEDIUM,
    UNIT_FILES,
    /** Files that no folder leads to. */
    UNIT_ORPHANS,
    UNIT_UNALLOCATED,
    /** Between volumes. */
    UNIT_GAP,
};

struct unit {
    enum unit_kind kind;
    /** Index of its volume. */
    uint32_t volume;
    uint32_t part, parts;
};

struct volume {
    /** From 1; 0: the medium is one volume, or this is a gap. */
    uint32_t number;
    /** Its number in a table within volume `number`; 0: it is none of such. */
    uint32_t inner;
    bool is_gap;
    /** Has a table of volumes of its own, which is read: it is told, and no more. */
    bool has_table;
    /** The file system of the whole medium, beside a table: its files are read, not what is free. */
    bool is_beside;
    uint64_t start, length;
    enum file_type type;
    char description[64];
};

struct disk;

/** What libtsk reads the medium by: it must begin with libtsk's own struct. */
struct image {
    TSK_IMG_INFO info;
    struct disk *disk;
};

struct disk {
    const struct unpack_input *input;
    struct unpack_sink *sink;
    struct unpack_end *end;
    struct medium medium;
    struct image *image;
    /** While a UFS2 is opened: where it has its superblock, and where libtsk looks for it; length 0: nothing is moved.
     */
    struct {
        uint64_t from, to, length;
    } moved;
    struct volume volumes[MOST_VOLUMES];
    size_t n_volumes;
    struct unit units[MOST_UNITS];
    size_t n_units;
    /** What may still be read behind the ends of the unit's files, and the carver's credit for it. */
    struct {
        uint64_t left, credit;
    } slack;
    /** Units to be read: from first to before last. */
    size_t first_unit, last_unit;
    uint64_t entries;
    /** Of the optical volume that was read last; NULL. */
    struct optical_volume *optical;
    /** After a death: the first file was opened once more. */
    bool opened_again;
};

/** The line of the medium: how it was acquired and, where that was asked, its digests. */
void disk_whole(struct disk *disk, uint64_t index);
/** Finds the volumes; a medium without a table is one. */
void disk_volumes(struct disk *disk);
/** What begins there; and one volume more, NULL where there is no room or no such place. */
enum file_type volume_sniff(struct disk *disk, uint64_t start, uint64_t length);
struct volume *volume_add(struct disk *disk, uint64_t start, uint64_t length);
/** The volumes of a table within the volume that was added last, and what is between them. */
void volumes_nested(struct disk *disk, struct volume *outer);
/** A label has a volume that is all of the medium: others lie in it. */
void volumes_whole(struct disk *disk);
/** Lists the units of all volumes. */
void disk_units(struct disk *disk);
/** Sends a plan where it pays. */
void disk_plan(struct disk *disk);
/** Reads one unit. */
void disk_unit(struct disk *disk, size_t number);

/** A file system that is open, with the pool that it may be in. */
struct filesystem {
    TSK_FS_INFO *fs;
    const TSK_POOL_INFO *pool;
    /** The pool as its volume sees it. */
    TSK_IMG_INFO *pool_image;
    /** Within a pool: which of its volumes; else -1. */
    int in_pool;
    char name[16];
};

/** True if the file system in the volume can be opened. Number `in_pool` of an APFS container; from 0. */
bool filesystem_open(struct disk *disk, const struct volume *volume, int in_pool, struct filesystem *out);
void filesystem_close(struct filesystem *filesystem);
/** How many volumes an APFS container has. */
int filesystem_in_pool(struct disk *disk, const struct volume *volume);
/** libtsk has a folder of files that no folder leads to; in HFS and pools the number of it is that of a file. */
bool filesystem_has_orphans(const struct filesystem *filesystem);
/** True if its root can be read: else nobody knows which bytes are whose. */
bool filesystem_has_root(struct filesystem *filesystem);
/** Why it cannot, as far as its first bytes tell: status and words. */
enum trawl_status filesystem_why(struct disk *disk, const struct volume *volume, char why[UNPACK_DETAIL]);

/** A name in a file system. */
struct name {
    /** In the list's text. */
    size_t path;
    uint64_t inode;
    /** TYPE_OTHER: a file with bytes; TYPE_DIRECTORY: only its named streams count. */
    uint16_t type;
    bool is_deleted, is_taken;
    /** A folder of which nothing was read: words; else NULL. */
    const char *why_unread;
};

struct name_list {
    struct name *items;
    size_t n, cap;
    char *text;
    size_t text_len, text_cap;
    /** Inodes with several names that were met. */
    uint64_t *linked;
    size_t n_linked, linked_cap;
    bool is_cut, no_memory;
    /** The root, or what finds the orphans, cannot be read. */
    bool is_unreadable;
};

/** All names below the root, or the orphans; in an order that the file system alone decides. */
void names_read(struct disk *disk, struct filesystem *filesystem, bool orphans, struct name_list *list);
void names_free(struct name_list *list);

/** One file: all its streams. `index`: of the first one, `end`: of the next file; `prefix`: "p2/". */
void file_read(struct disk *disk, struct filesystem *filesystem, const struct volume *volume, const char *prefix,
               const char *path, const struct name *name, uint64_t index, uint64_t end);
/** Opens a file that may kill its reader, within a line. */
void file_open_again(struct disk *disk, struct filesystem *filesystem, const struct volume *volume, const char *prefix,
                     const char *path, const struct name *name, uint64_t index);
/** The volume's slack may be read. */
void slack_start(struct disk *disk, const struct volume *volume);

/** The medium as what reads it at any place has it. */
struct disk_source {
    struct carve_source source;
    struct medium *medium;
};

void disk_source_set(struct disk_source *source, struct medium *medium);

/** True if src/optical reads the volume. */
bool volume_is_optical(const struct volume *volume);
/** The files of such a volume; of UNIT_ORPHANS: what no tree leads to. `line` ends when they are known; NULL: there is
 * none. */
void optical_files(struct disk *disk, const struct volume *volume, const struct unit *unit, uint64_t index,
                   struct member *line);
void optical_close(struct disk *disk);
/** What nothing of it claims. */
void optical_free_space(struct disk *disk, const struct volume *volume, const struct unit *unit, uint64_t index,
                        struct member *line);

/** Ranges of the medium that are carved. */
struct carve_area {
    /** What is known of all that is found: carved_origin(), or more. */
    const struct origin *origin;
    /** Stands before what the carver calls a file: "p2/"; and how much of that is left out. */
    const char *head;
    size_t head_len, less;
    const struct carve_range *ranges;
    size_t n;
    bool joined;
    /** Of the first file that is found; and how many may be found at most, 0: as many as the limits say. */
    uint64_t index, most;
    /** carve_job.credit. */
    uint64_t *credit;
    /** Files that begin from this place on belong to another part; UINT64_MAX. */
    uint64_t end;
};

struct origin carved_origin(const struct volume *volume, const struct filesystem *filesystem);
/** Returns the index behind the last file. */
uint64_t disk_carve(struct disk *disk, const struct carve_area *what);
/** One range that no file system explains. */
void disk_carve_range(struct disk *disk, const struct volume *volume, const char *prefix,
                      const struct carve_range *range, uint64_t index);
/** Carves the unit's share of a volume whose files nobody can tell. */
void disk_carve_raw(struct disk *disk, const struct volume *volume, const struct unit *unit, uint64_t index);
/** Ranges that nothing claims, ascending: the unit's share of them. `joined`: as in struct carve_job. */
struct free_ranges {
    const struct carve_range *ranges;
    size_t n;
    uint64_t total;
    bool joined;
};

void free_carve(struct disk *disk, const struct origin *origin, const char *prefix, const struct unit *unit,
                uint64_t index, const struct free_ranges *free_ranges);
/** The free ranges of a file system, and what of the volume is behind it, of part `part` of `parts`. `line` ends when
 * they are known; NULL: there is none. */
void unallocated_carve(struct disk *disk, const struct volume *volume, struct filesystem *filesystem,
                       const char *prefix, const struct unit *unit, uint64_t index, struct member *line);

/** "p2/", or nothing where the medium is one volume. */
void volume_prefix(const struct volume *volume, const struct filesystem *filesystem, char prefix[48]);
/** What is known of anything in the volume. */
struct origin volume_origin(enum origin_kind kind, const struct volume *volume, const struct filesystem *filesystem);
void disk_alive(struct disk *disk);

#endif
