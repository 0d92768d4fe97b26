/*
 * optical.h (private): an optical disc, or its image: ISO 9660 with Rock Ridge, Joliet, UDF.
 *
 * Such a volume may have several trees of names over the same bytes: each is listed, and what they share is told once.
 * The lists hold places only; bytes are read when files are delivered. All offsets are those of the medium, in bytes.
 */
#ifndef OPTICAL_OPTICAL_H
#define OPTICAL_OPTICAL_H

#include "source/member.h"
#include "source/ranges.h"
#include "trawl/carve.h"
#include "trawl/unpack.h"

/** What all trees but UDF count in. */
#define OPTICAL_SECTOR 2048u

/** The first that names a file gives it its line. */
enum optical_tree { TREE_ROCK_RIDGE, TREE_UDF, TREE_JOLIET, TREE_ISO9660, TREE_BOOT, OPTICAL_TREES };

/** Raw bytes in the disc's text. */
struct optical_path {
    size_t at, n;
};

/** How zisofs packed a file. */
struct optical_packed {
    /** 0: as it is. */
    uint64_t size;
    /** Logarithm of the block's size, 15 to 20. */
    uint8_t block_shift, header_size;
};

struct optical_file {
    struct optical_path path;
    /** enum file_type: TYPE_OTHER for what has bytes, or TYPE_SYMLINK ... */
    uint16_t type;
    /** enum optical_tree. */
    uint8_t tree;
    /** enum origin_allocated. */
    uint8_t allocated;
    /** As stored. */
    uint64_t size;
    /** Of the disc's runs; joined where they follow each other, and no longer than the size. A hole's offset is
     * ORIGIN_UNKNOWN, and reads as zeros. */
    size_t first_run, n_runs;
    /** UDF: sector of its file entry; else ORIGIN_UNKNOWN. */
    uint64_t inode;
    int64_t times[ORIGIN_TIMES];
    struct optical_packed packed;
    /** What is wrong with it as far as its entry tells (its bytes are read nevertheless, where it has runs). */
    enum trawl_status status;
    /** Static words; NULL: nothing. */
    const char *why;
};

/** Numbers that were met. */
struct optical_set {
    uint64_t *items;
    size_t n, cap;
};

struct optical {
    /** Set by who opens it. */
    struct carve_source *source;
    /** The volume in the medium. */
    uint64_t start, size;
    const struct unpack_input *input;
    struct unpack_sink *sink;
    /** Takes what is wrong with the volume. */
    struct unpack_end *end;

    struct optical_file *files;
    size_t n_files, files_cap;
    /** From this one on they were found where no tree leads. */
    size_t n_listed;
    struct origin_run *runs;
    size_t n_runs, runs_cap;
    /** Runs that belong to a file already; those behind it to the next one that is added. */
    size_t runs_used;
    char *text;
    size_t text_len, text_cap;
    /** Folders, descriptors and bytes of files that are there. */
    struct ranges claimed;
    struct optical_set folders;
    /** Bytes of folders that were read: they may overlap each other, but not without end. */
    uint64_t folder_bytes;
    /** Bit by enum optical_tree. */
    unsigned trees;
    /** The smallest block in which a tree has its files: what is behind a file's end in its last one is its slack. */
    uint32_t block;
    /** How far the volume goes by its own words, from `start`; 0: it does not say. */
    uint64_t declared;
    /** What was learned of its UDF; NULL: nothing. */
    struct udf *udf;
    /** A limit, or missing memory, ended the list; it is noted in `end`. */
    bool is_cut;
};

/** Lists the trees. Nothing is found twice. False if there is no tree that can be read; `end` says why. */
bool optical_list(struct optical *disc);
/** Adds what no tree leads to: sessions, orphaned file entries. After optical_list. */
void optical_list_rest(struct optical *disc);
void optical_free(struct optical *disc);
/** The ranges that nothing claims, ascending; *n of them, to be freed. NULL where memory is missing. */
struct carve_range *optical_unclaimed(struct optical *disc, size_t *n);
/** "iso9660", "udf": the tree's name in a place. */
const char *optical_tree_name(unsigned tree);

/* For the readers of trees. */

/** n bytes of the medium. False where not all are there; those are zeros. */
bool optical_read(struct optical *disc, void *to, size_t n, uint64_t offset);
/** The path of a name in a folder (of n = 0: the root). False where memory is missing or there are too many. */
bool optical_path_add(struct optical *disc, struct optical_path folder, const void *name, size_t n,
                      struct optical_path *path);
/** The same of a stream of a file, behind a colon. */
bool optical_path_stream(struct optical *disc, struct optical_path file, const void *name, size_t n,
                         struct optical_path *path);
/** The path so far, with more at its end: a stream's name. Only of the path added last. */
bool optical_path_more(struct optical *disc, struct optical_path *path, const void *more, size_t n);
/** A piece of the next file that is added. Pieces of length 0 are none. */
bool optical_run_add(struct optical *disc, uint64_t offset, uint64_t length);
/** Forgets the pieces. */
void optical_runs_drop(struct optical *disc);
/** A new file, with the pieces added since the last one; cut at its size. */
bool optical_file_add(struct optical *disc, const struct optical_file *file);
/** One that knows nothing but its path and tree. */
struct optical_file optical_file_of(struct optical_path path, enum optical_tree tree);
/** A line for a folder, or an entry, that cannot be read. */
bool optical_unread_add(struct optical *disc, struct optical_path path, enum optical_tree tree, const char *why);
void optical_claim(struct optical *disc, uint64_t offset, uint64_t length);
/** True if something claims the byte: only after optical_claims_join. */
bool optical_is_claimed(const struct optical *disc, uint64_t offset);
void optical_claims_join(struct optical *disc);
/** True at the first time that a number is met. */
bool optical_set_add(struct optical *disc, struct optical_set *set, uint64_t number);
bool optical_set_has(const struct optical_set *set, uint64_t number);
/** UTF-16, high byte first, as UTF-8 (a lone surrogate in three bytes); `to` has room for 3 bytes of each unit. Returns
 * how many bytes. */
size_t optical_utf16(const uint8_t *from, size_t units, uint8_t *to);
/** Nanoseconds since 1970 of a date, which may be nonsense: ORIGIN_NO_TIME. `zone`: minutes east of Greenwich. */
int64_t optical_time(int year, int month, int day, int hour, int minute, int second, int zone);

/** ISO 9660, its Rock Ridge, Joliet and boot images; `from`: the offset of its first descriptor, 16 sectors behind the
 * start of the volume or of a session. False if there is none. `session`: its files go below that folder. */
bool iso_list(struct optical *disc, uint64_t from, struct optical_path session);
/** UDF. False if there is none. */
bool udf_list(struct optical *disc);
/** What is searched for in what nothing claims: blocks of `step` bytes, so many apart from where the volume begins. */
struct optical_sought {
    uint32_t step;
    bool (*is_it)(const uint8_t *block, size_t n);
};

/** Where it is; `at` to be freed. */
struct optical_found {
    uint64_t *at;
    size_t n, cap;
};

bool udf_is_anchor(const uint8_t *block, size_t n);
bool udf_is_entry(const uint8_t *block, size_t n);
uint32_t udf_block(const struct udf *udf);
/** Volumes of UDF whose anchors nothing claims: those of other sessions. */
void udf_list_sessions(struct optical *disc, const struct optical_found *anchors);
/** File entries in blocks that nothing claims. */
void udf_list_orphans(struct optical *disc, const struct optical_found *entries);
void udf_free(struct udf *udf);

/* Delivery. */

struct optical_out {
    /** Stands before each path: "p2/". */
    const char *prefix;
    /** Of the first file; the next one's is `stride` higher. */
    uint64_t index, stride;
    /** Files i with i / 32 % parts == part only; parts 0: all. */
    uint32_t part, parts;
    /** What is known of all. Its kind decides whether the layer is one of a file system. */
    struct origin origin;
    /** Why bytes of the range are bad; NULL: nobody knows, or they are not. May be NULL. */
    const char *(*why_bad)(const struct optical_out *out, uint64_t start, uint64_t end, char why[UNPACK_DETAIL]);
    void *context;
};

/** Hands over files from number `from` to before `to`. */
void optical_deliver(struct optical *disc, const struct optical_out *out, size_t from, size_t to);
/** A file that zisofs packed, to the member; how it ended. */
enum trawl_status optical_unpack(struct optical *disc, const struct optical_file *file, struct member *member,
                                 char why[UNPACK_DETAIL]);
/** Bytes of a file from `at` of its own, over holes and runs. Returns how many: fewer than n only at its end. */
size_t optical_file_read(struct optical *disc, const struct optical_file *file, void *to, size_t n, uint64_t at);

/** The row for ISO 9660 as a file. */
extern const struct unpacker optical_unpacker;

#endif
