/* run.h: what one run shares, what each worker owns, and what travels from a source to the worker that pulled it. */
#ifndef SCAN_RUN_H
#define SCAN_RUN_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "core/budget.h"
#include "core/buf.h"
#include "core/progress.h"
#include "sandbox/decoder.h"
#include "sandbox/slot.h"
#include "scan/metrics.h"
#include "scan/recorder.h"
#include "scan/rules.h"
#include "scan/stack.h"
#include "trawl/digest.h"
#include "trawl/item.h"
#include "trawl/scan.h"
#include "trawl/unpack.h"

struct container;
struct ledger_entry;
struct seen;
struct videos_seen;
struct hand;
struct readers;
struct since;

/** Where the processor time went, in nanoseconds; for run.json. Added to by workers. */
struct run_times {
    atomic_ullong unpack, decode, digest, match, journal;
};

struct run {
    const struct scan_options *options;
    struct zygote *zygote;
    /** The second zygote, started when a file needs it. */
    struct readers *readers;
    struct rules rules;
    struct budget budget;
    struct stack stack;
    struct recorder recorder;
    struct hide hide;
    /** --since: the older case; NULL without. */
    struct since *since;
    struct progress progress;
    struct run_times times;
    struct metrics metrics;
    /** What decoding gave, by content; and how many decodings that was. */
    struct seen *seen;
    struct videos_seen *videos;
    atomic_ullong decoded;
    /** Set by SIGINT, SIGTERM and by an output that cannot be written. */
    atomic_bool stop;
    /** The source of sources could not be read to its end. */
    atomic_bool incomplete;
    /** First -errno with which no process could be had: then nothing can be examined, and nothing may be said of any
     * item. */
    atomic_int failed;
    /** Folder for items that outgrow memory. */
    int spill_dir;
    /** Held for reading by a worker with an item in hand; for writing by one whose item must run alone. Only used where
     * `suspects`. */
    pthread_rwlock_t alone;
    bool suspects;
    /** Files of the host that items in flight at the last run's death are or are in. */
    char *const *first;
    size_t n_first;
};

struct worker {
    struct run *run;
    unsigned number;
    pthread_t thread;
    struct slot slot;
    struct decoder_handle decoder;
    /** Forked by the second zygote; its zygote is NULL until then. */
    struct decoder_handle heavy_decoder;
    struct digest_stream *digest;
    struct digest_context *digests;
    /** 1 MiB for reading. */
    uint8_t *block;
    /** What one small picture took when several were last decoded together. */
    uint64_t picture_ns;
    /** It holds run->alone for writing. */
    bool is_alone;
};

#define BLOCK_SIZE (1u << 20)

/** How a worker finds the bytes of an item. */
enum content {
    /** There are none: not a regular file, or it could not be read. */
    CONTENT_NONE,
    /** A file of the host, behind work->fd. */
    CONTENT_FILE,
    /** In the worker's slot. */
    CONTENT_SLOT,
    /** They passed by: digests and type are known, the bytes are gone. */
    CONTENT_STREAMED,
};

/** One item on its way; owned by the worker that pulled it. */
struct work {
    enum content content;
    /** Owns a reference. */
    struct where *where;
    /** The container it came out of, which stays open at least until the item is recorded; NULL for files of the host.
     */
    struct container *parent;
    /** Its entry in the ledger of its tree; NULL for files of the host, and once a container has taken it over. */
    struct ledger_entry *entry;
    /** What it is where it is not a regular file; TYPE_OTHER for a regular one. */
    enum file_type special;
    uint64_t size;
    /** Host: open for reading, closed by the worker; else -1. */
    int fd;
    struct stat st;
    /** Status known so far (ok while nothing was wrong), with its limit and words. */
    enum trawl_status status;
    enum limit_id limit;
    char detail[256];
    /** What it says of itself; owned; NULL. */
    char *facts;
    /** Bytes are missing: no digest may be claimed. */
    bool not_whole;
    /** CONTENT_STREAMED: what the bytes were. */
    enum file_type type;
    struct digests digests;
    bool zip_tail;
    /** Other files begin in it. */
    bool holds_files;
    /** All bytes, where the item waits in a hand (hand.h), and that hand; and whether `digests` are of them. */
    const uint8_t *bytes;
    struct hand *hand;
    bool is_digested;
    /** Budget bytes taken. */
    uint64_t charged;
    bool admitted;
    /** scan --plan: parts of the container that the file is; the others are read by other shards. */
    struct unpack_share share;
};

/** The source of sources: what the command line names. Pushes itself; `run->incomplete` tells afterwards. */
void roots_open(struct run *run);

/**
 * Opens the work's bytes as a container: pushes a source that gives its members. `item` moves into it: it is recorded
 * when all members are. `behind`: what else the file is, behind a video. `carves`: the carver reads it, whatever the
 * type. Takes the descriptor and the work's ledger entry. `charged` budget bytes are given back at its end.
 */
struct container *container_open(struct run *run, struct work *work, struct item *item, const struct identity *identity,
                                 int fd, enum file_type type, enum file_type behind, bool carves, uint64_t charged);
/** A member that did not become a container is done. Takes NULL. */
void container_member_done(struct container *container, struct ledger_entry *entry);
/** The container's own item, for the worker that still digests it; gone with that worker's reference. */
struct item *container_item(struct container *container);
struct container *container_ref(struct container *container);
/** Takes NULL. The last one records the container's item. */
void container_unref(struct container *container);

/** Gives back all that the item holds but its place: descriptor, budget, its container, its hand. */
void work_release(struct run *run, struct work *work);
/** Gives up an item without a record: the run was stopped. */
void work_drop(struct run *run, struct work *work);
/** Lets the progress line show what the worker has in hand. */
void work_show(struct worker *worker, const struct work *work);
/** Processes one pulled item to its record. */
void work_process(struct worker *worker, struct work *work);
/** No process can be started: stops the run; what was not examined is left to the next one. */
void run_fail(struct run *run, int error);
/** Sets an item's status, limit and, where there are words, detail. */
void work_status(struct item *item, enum trawl_status status, enum limit_id limit, const char *detail);
/** Joins what became of a container, as its parts tell, with what is said of it as a file: the worse status is told. */
void work_settle(struct item *item, enum trawl_status status, enum limit_id limit, const char *detail);
/** Records an item and counts it. Clears the item. */
void work_record(struct run *run, struct item *item, const struct identity *identity);
/**
 * An earlier run died with this item in hand: from now on the worker runs alone (it waits until the others have put
 * theirs down), or, where the item brought the scanner down before, the item is set aside with a status.
 */
void work_suspect(struct worker *worker, struct work *work, const struct done_row *row);

/** The worker's thread. */
void *worker_main(void *worker);

#endif
