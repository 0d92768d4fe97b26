/* container.h: an open container, between container.c (its life), part.c (what one unpacker reads of it) and pull.c
 * (the members). */
#ifndef SCAN_CONTAINER_H
#define SCAN_CONTAINER_H

#include "sandbox/unpacker.h"
#include "scan/ledger.h"
#include "scan/segments.h"
#include "scan/run.h"
#include "scan/video.h"

/** What one unpacker at a time reads of a container: all, a range of a large zip, or what is behind its ranges. */
struct part {
    struct source source;
    struct container *container;
    /** Where its items go in the ledger; its own place there, NULL where it is the whole container. */
    struct ledger_list *list;
    struct ledger_entry *entry;
    /** Its end is 0 where the part ends with the container. */
    struct unpack_range range;
    /** What its unpacker was asked; while that runs, it stays. */
    struct unpacker_job job;
    struct unpacker_handle unpacker;
    bool running;
    /** It is another shard's. */
    bool skipped;
    /** Index that the next member must at least have. */
    uint64_t next_index;
    /** How often the child died since next_index grew; how often at all. */
    unsigned deaths_here, deaths;
    /** Where the last one was, and how often one was forgotten since members followed. */
    uint64_t died_at;
    unsigned forgotten;
    /** The member that is to be kept however large, if there is one. */
    uint64_t keep_index;
    bool keeps;
    /** A limit ended the reading of bytes, but the remaining names cost nothing: each gets its line. */
    bool names_only;
    /** What became of it: status ok until something ends it. */
    enum trawl_status status;
    enum limit_id limit;
    char detail[256];
    /** A rest was not seen; UINT64_MAX: all behind next_index, however much that is. 0: none. */
    uint64_t missing;
    /** Bytes of the container that its reader could not explain. */
    uint64_t unaccounted;
};

struct container {
    struct run *run;
    /** NULL for a container of the host. Owns a reference. */
    struct container *parent;
    /** Weight of the tree: of the outermost container, which owns it, and shared by all inside. */
    struct ledger *ledger;
    /** Its entry in the parent's list; NULL for the outermost. */
    struct ledger_entry *entry;
    int fd;
    /** Files of the host that go on with it. */
    struct segments segments;
    /** What all its unpackers are asked alike. */
    struct unpacker_job job;
    /** The parts that are open, the worker that digests it, and each member in somebody's hands. Changed atomically. */
    unsigned refs;
    /** The container's own record. Its worker writes it until it drops its reference; then only the last reference
     * does. */
    struct item item;
    struct identity identity;
    bool has_identity;
    uint64_t charged;
    /** It is read as a video; then, if that is not TYPE_OTHER, as what stands behind it in the same file. */
    bool is_video;
    enum file_type behind;
    /** Of a video; its one part takes it in. */
    struct video_taken video;
    /** Members met and bytes that came out, of all parts. */
    atomic_ullong entries, out_bytes;
    /** In the order of their members: the first; where it is read in ranges, the others and what is behind them. */
    struct part first, *more;
    size_t n_more;
    /** The last of them, what is behind the ranges, is read, too. */
    bool has_behind;
    atomic_uint open_parts;
    /** scan --plan: other shards read parts of it; these are read here. */
    bool is_shared;
    struct unpack_share share;
};

/** Which limit a tree of containers is over. */
enum limit_id container_tree_limit(const struct container *container);
/** True where some item of a finished part made the tree too heavy: cuts it. */
void container_part_done(struct container *container, struct ledger_entry *part);

/** Opens the container's first part, which is all of it until a plan comes. */
void part_open_first(struct container *container, struct ledger_list *list);
/** The reader's plan. Returns false if it makes no sense. */
bool part_split(struct part *first, const struct channel_message *message, const uint8_t *payload);
/** Says what became of the part. */
/** Of a disk: the rest of the unit is told in a line, and given up. False where nothing follows. */
bool part_next_unit(struct part *part, const char *why);
void part_end_with(struct part *part, enum trawl_status status, enum limit_id limit, const char *detail);
/** The part that tells what became of the container: the first with a status, else with words. */
const struct part *part_telling(const struct container *container);
/** False where the container was to be divided, but is not, and is another shard's. */
bool part_is_ours(struct part *part);
/** Bytes that a container of the host may give to be read in ranges; `size` with all its segments. */
uint64_t container_split_bytes(const struct limits *limits, uint64_t size);
/** The source's pull: the next member, in the worker's slot. */
bool part_pull(struct source *source, struct worker *worker, struct work *work);
/** Ends the child, if one runs. `how` may be NULL. */
void part_stop(struct part *part, struct child_exit *how);

#endif
