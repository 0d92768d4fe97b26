/* container.h: an open container, between container.c (its life) and pull.c (its members). */
#ifndef SCAN_CONTAINER_H
#define SCAN_CONTAINER_H

#include "sandbox/unpacker.h"
#include "scan/ledger.h"
#include "scan/run.h"

struct container {
    struct source source;
    struct run *run;
    /** NULL for a container of the host. Owns a reference. */
    struct container *parent;
    /** Weight of the tree: of the outermost container, which owns it, and shared by all inside. */
    struct ledger *ledger;
    /** Its entry in the parent's list; NULL for the outermost. */
    struct ledger_entry *entry;
    struct ledger_list *list;
    int fd;
    struct unpacker_job job;
    struct unpacker_handle unpacker;
    bool running;
    /** The source, the worker that digests it, and each member in somebody's hands. Changed atomically. */
    unsigned refs;
    /** The container's own record. Its worker writes it until it drops its reference; then only the last reference
     * does. */
    struct item item;
    struct identity identity;
    bool has_identity;
    uint64_t charged;
    /** Below: owned by whoever pulls. Index that the next member must at least have. */
    uint64_t next_index;
    uint64_t entries, out_bytes;
    /** How often the child died since next_index grew; how often at all. */
    unsigned deaths_here, deaths;
    /** A limit ended the reading of bytes, but the remaining names cost nothing: each gets its line. */
    bool names_only;
    /** What became of it: status ok until something ends it. */
    enum trawl_status status;
    enum limit_id limit;
    char detail[256];
    /** A rest was not seen; UINT64_MAX: nobody knows how many members. 0: none. */
    uint64_t missing;
    /** Bytes of the container that its reader could not explain. */
    uint64_t unaccounted;
};

/** Which limit a tree of containers is over. */
enum limit_id container_tree_limit(const struct container *container);
/** Says what became of the container. */
void container_end_with(struct container *container, enum trawl_status status, enum limit_id limit, const char *detail);
/** The source's pull: the next member, in the worker's slot. */
bool container_pull(struct source *source, struct worker *worker, struct work *work);
/** Ends the child, if one runs. `how` may be NULL. */
void container_stop(struct container *container, struct child_exit *how);

#endif
