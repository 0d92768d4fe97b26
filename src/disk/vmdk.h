/* vmdk.h (private): a VMware disk: extents after each other, each flat or sparse, named by a text. */
#ifndef DISK_VMDK_H
#define DISK_VMDK_H

#include "disk/medium.h"

#define VMDK_MOST_EXTENTS 1024
#define VMDK_TEXT_MAX     65536u

enum vmdk_kind { VMDK_FLAT, VMDK_SPARSE, VMDK_ZEROS, VMDK_ABSENT };

struct vmdk_extent {
    enum vmdk_kind kind;
    uint32_t segment;
    /** In the medium; and where a flat one begins in its segment. */
    uint64_t start, length, at;
    /** Sparse: bytes of a grain, grains of a table, where the directory stands, and how many tables it has. */
    uint64_t grain, directory;
    uint32_t per_table, tables;
    bool is_packed;
};

struct vmdk {
    struct vmdk_extent extents[VMDK_MOST_EXTENTS];
    size_t n;
    /** The table that was read last: its place, and its numbers. */
    uint64_t table_at;
    uint32_t table_segment;
    uint8_t *table;
    uint32_t table_n;
};

/** Reads the text of a descriptor: the extents it lists, by the names of the segments that are there. */
bool vmdk_descriptor(struct medium *medium, const char *text);
/** True where the text needs a parent: the medium fails. */
bool vmdk_needs_parent(struct medium *medium, const char *text);
/** The header of a sparse extent in a segment. */
bool vmdk_sparse(struct medium *medium, uint32_t segment, struct vmdk_extent *extent);

#endif
