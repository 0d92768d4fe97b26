/*
 * share.h: a container that several shards read, each some of its parts (part.c): what this one knows of it goes into
 * the journal beside its line, and `trawl merge` makes one line of all (plan/merge_ranges.c).
 */
#ifndef SCAN_SHARE_H
#define SCAN_SHARE_H

#include "scan/container.h"

/** Of a container, once all its parts that are read here have ended, before that is told in its line. */
void share_record(struct container *container);
/** Of a file that did not become a container. */
void share_record_file(struct run *run, const struct item *item, const struct identity *identity,
                       const struct unpack_share *share);

#endif
