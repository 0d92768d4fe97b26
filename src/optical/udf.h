/*
 * udf.h (private): UDF 1.02 to 2.60, by ECMA-167 (3rd edition) and OSTA's UDF.
 *
 * Blocks of a partition are not where its numbers say: a partition may be a table of single blocks (virtual, for discs
 * that are written once), have spare packets for bad ones (sparable), or be a file in another partition (metadata).
 */
#ifndef OPTICAL_UDF_H
#define OPTICAL_UDF_H

#include "optical/optical.h"
#include "source/bytes.h"

/** Partition maps of one volume, at most. */
#define UDF_MAPS 16

enum udf_tag {
    UDF_PRIMARY = 1,
    UDF_ANCHOR = 2,
    UDF_POINTER = 3,
    UDF_PARTITION = 5,
    UDF_LOGICAL = 6,
    UDF_TERMINATING = 8,
    UDF_FILE_SET = 256,
    UDF_IDENTIFIER = 257,
    UDF_ALLOCATION = 258,
    UDF_INDIRECT = 259,
    UDF_TERMINAL = 260,
    UDF_FILE = 261,
    UDF_EXTENDED_FILE = 266,
};

enum udf_map_kind { MAP_PHYSICAL, MAP_VIRTUAL, MAP_SPARABLE, MAP_METADATA };

/** Blocks of a partition: `count` from `block` on. */
struct udf_extent {
    uint32_t block;
    uint16_t map;
    /** In bytes. */
    uint64_t length;
};

/** A file in the medium that is a partition: its pieces, and where in the partition each ends, in bytes. */
struct udf_pieces {
    struct origin_run *runs;
    uint64_t *ends;
    size_t n;
};

struct udf_map {
    enum udf_map_kind kind;
    /** Of the partition descriptor. */
    uint16_t number;
    /** Offset in the medium, and blocks, of the physical partition below; length 0: there is none of that number. */
    uint64_t start;
    uint32_t length;
    /** The map that describes the same partition as it is. */
    uint16_t below;
    /** Virtual: entry i is the block of number i. */
    uint32_t *table;
    uint32_t n_table;
    /** Sparable: pairs of a packet's first block and where, in blocks of the volume, it is now; ascending. */
    uint32_t packet;
    uint32_t *spared;
    uint32_t n_spared;
    /** Metadata: its file, and its mirror where that has blocks of its own; n 0: there is none. */
    struct udf_pieces pieces[2];
};

/** What a map says of tables and files elsewhere, in blocks. */
struct udf_loads {
    /** Sparable: bytes of a table, and where its copies are, in blocks of the volume. */
    uint32_t table_size, tables[4], n_tables;
    /** Metadata: entries in the partition below; and whether the mirror has a copy of its own. */
    uint32_t metadata, mirror;
    bool is_copied;
};

struct udf {
    struct optical *disc;
    uint32_t block;
    struct udf_map maps[UDF_MAPS];
    struct udf_loads loads[UDF_MAPS];
    unsigned n_maps;
    /** Which of a map's pieces udf_locate goes by. */
    unsigned copy;
    /** Where the file sets begin. */
    struct udf_extent file_set;
    /** Offsets of the entries that were met, in whatever session: those of the first. */
    struct optical_set entries, *met;
    /** Steps from an entry to a newer one so far. */
    uint64_t hops;
    /** Sector of the anchor's first sequence of descriptors. */
    uint32_t sequence;
    /** Another session of the disc; NULL. */
    struct udf *next;
    /** Steps that were spent on finding pieces of files. */
    uint64_t steps;
};

/** A file entry. */
struct udf_node {
    /** Offset in the medium, and the partition's map and block. */
    uint64_t at;
    uint16_t map;
    uint32_t block;
    /** File type of the ICB, and how its pieces are told. */
    uint8_t type;
    uint16_t flags;
    uint64_t size;
    int64_t times[ORIGIN_TIMES];
    /** Its allocation descriptors, or bytes, in `bytes`. */
    uint32_t descriptors, descriptors_len;
    /** The folder of its named streams; length 0: none. */
    struct udf_extent streams;
    uint8_t *bytes;
};

/** Length of an extent; the two bits above are its type. */
#define UDF_LENGTH(word) ((word)&0x3fffffffu)

/** A long allocation descriptor. */
static inline struct udf_extent udf_long_extent(const uint8_t *p)
{
    return (struct udf_extent){le32(p + 4), le16(p + 8), UDF_LENGTH(le32(p))};
}

/** True if n bytes are a descriptor: sum and, where it is long enough, CRC. */
bool udf_tag_ok(const uint8_t *bytes, size_t n);
unsigned udf_tag_id(const uint8_t *bytes);

/** Sets up the maps that the logical volume descriptor lists. */
void udf_maps_read(struct udf *udf, const uint8_t *table, size_t n, unsigned count);
/** After the partitions are known: tables and files that the maps need. */
void udf_maps_load(struct udf *udf);

/** Where a block is; *blocks: how many follow it in the medium, at least 1 and at most `want`. False: nowhere. */
bool udf_locate(const struct udf *udf, uint16_t map, uint32_t block, uint64_t want, uint64_t *at, uint64_t *blocks);
/** The descriptor in a block, and *at: where that is; out of the mirror where there is none in the metadata file.
 * False: there is none. */
bool udf_descriptor_read(struct udf *udf, uint16_t map, uint32_t block, uint8_t *to, uint64_t *at);
/** True if the blocks of the map stand in a mirror, too. */
bool udf_has_mirror(const struct udf *udf, uint16_t map);

/**
 * Reads the entry that an ICB leads to, the newest of several. `node->bytes` is the caller's, of one block. False:
 * none.
 */
bool udf_node_read(struct udf *udf, const struct udf_extent *icb, struct udf_node *node);
/** An entry out of the block that is in node->bytes and stands at `at`; map and block are set. */
bool udf_node_parse(struct udf *udf, struct udf_node *node);
/** Adds its pieces to the next file. False where they cannot be told to the end; *why: static words. */
bool udf_node_runs(struct udf *udf, const struct udf_node *node, const char **why);

/** All files of the file set, and the streams, below that folder. */
void udf_tree_list(struct udf *udf, struct optical_path root);

#endif
