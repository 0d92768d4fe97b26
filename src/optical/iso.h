/* iso.h (private): one tree of an ISO 9660 volume, while it is walked. */
#ifndef OPTICAL_ISO_H
#define OPTICAL_ISO_H

#include "optical/optical.h"

/** Flags of a directory record. */
#define ISO_DIRECTORY  0x02u
#define ISO_ASSOCIATED 0x04u
#define ISO_MORE       0x80u

/** The longest name that is taken: Rock Ridge may join any number of pieces. */
#define ISO_NAME_MAX 2048u

/** A folder that is still to be read. */
struct iso_work {
    struct optical_path path;
    /** In the medium. */
    uint64_t place, size;
};

struct iso_queue {
    struct iso_work *items;
    size_t n, cap, next;
};

/** A tree: what its volume descriptor says, and how far its walk is. */
struct iso_tree {
    struct optical *disc;
    /** Its files go below that folder. */
    struct optical_path session;
    enum optical_tree kind;
    bool is_joliet, is_high_sierra, has_rock_ridge;
    /** Bytes before the fields of Rock Ridge in each record. */
    uint8_t system_skip;
    /** Of a logical block. */
    uint32_t block;
    /** Bytes that the volume lacks in front: it is a later session alone, counted from the disc's beginning. */
    uint64_t shift;
    /** Which disc of a set of how many. */
    uint16_t number, discs;
    /** Folders in turn; and those that Rock Ridge has at another place, read only if nothing there leads to them. */
    struct iso_queue folders, relocated;
    /** Folders of this tree that were read. */
    struct optical_set met;
    /** Pieces of interleaved files. */
    uint64_t pieces;
};

/** A directory record. Its texts are borrowed. */
struct iso_record {
    /** Of its data, in the medium: behind the extended attribute record. */
    uint64_t place;
    uint64_t size;
    uint8_t flags, unit, gap;
    uint16_t number;
    const uint8_t *name, *system;
    size_t name_len, system_len;
    int64_t time;
};

/** What Rock Ridge knows of a record. */
struct rock_ridge {
    char name[ISO_NAME_MAX];
    size_t name_len;
    /** As stat() has it; 0: unknown. */
    uint32_t mode;
    bool is_link, is_sparse, is_device;
    /** This folder stands elsewhere (RE). */
    bool is_relocated;
    /** In the medium: the folder that stands here (CL); ORIGIN_UNKNOWN. */
    uint64_t child;
    int64_t times[ORIGIN_TIMES];
    struct optical_packed packed;
    /** Static words; NULL: nothing is wrong. */
    const char *why;
};

/** From here on are the places of blocks that the volume does not have. */
#define ISO_NOWHERE (UINT64_MAX / 4)

/** Where a block is in the medium; behind the volume's end where it is in no session that the volume holds. */
uint64_t iso_place(const struct iso_tree *tree, uint64_t block);
/** The same of a number in both byte orders, `skip` blocks on: the low byte first, unless it leads nowhere and the
 * other does not. */
uint64_t iso_place_of(const struct iso_tree *tree, const uint8_t field[8], unsigned skip, bool is_folder);
/** True if a folder's first record is at that place. */
bool iso_is_folder(const struct iso_tree *tree, uint64_t place);
/** Behind the volume's last byte. */
uint64_t iso_end(const struct iso_tree *tree);
/** The record that begins the n bytes. False where its lengths are impossible. */
bool iso_record_read(const struct iso_tree *tree, const uint8_t *p, size_t n, struct iso_record *record);
/** Its name as people see it, without version and last point. Returns how many bytes. */
size_t iso_name(const struct iso_tree *tree, const uint8_t *name, size_t n, uint8_t to[ISO_NAME_MAX]);
/** A date of 7 bytes, or of 6 without zone. */
int64_t iso_time(const uint8_t *p, bool has_zone);
/** A date of 17 digits. */
int64_t iso_time_long(const uint8_t p[17]);

bool iso_queue_add(struct iso_tree *tree, struct iso_queue *queue, struct optical_path path, uint64_t place,
                   uint64_t size);
/** Reads all folders below the root that the record tells. */
void iso_walk(struct iso_tree *tree, const struct iso_record *root);
/** ... and those that only a table of paths leads to: at that place, so long. */
void iso_walk_paths(struct iso_tree *tree, uint64_t place, uint64_t size, bool low_first);

/** Looks whether the root's own record tells of Rock Ridge. */
void rock_ridge_probe(struct iso_tree *tree, const struct iso_record *root);
void rock_ridge_read(const struct iso_tree *tree, const struct iso_record *record, struct rock_ridge *out);
/** Forgets that the file is packed where its bytes are not. */
void zisofs_check(struct optical *disc, struct optical_file *file, uint64_t place);

/** Boot images that are no file: after all trees. `catalogue`: its sector. */
void el_torito_list(const struct iso_tree *tree, uint32_t catalogue);

static inline uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint16_t be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

#endif
