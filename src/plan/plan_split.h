/* plan_split.h: containers that are large enough to be read by several shards. */
#ifndef PLAN_PLAN_SPLIT_H
#define PLAN_PLAN_SPLIT_H

#include "plan/plan.h"
#include "trawl/scan.h"

/** Asks readers of containers; their sandbox is opened when the first one is met. */
struct plan_splitter;

struct plan_splitter *plan_splitter_new(const struct scan_options *options);
/** Writes the file as several units, if it is a container that can be read so. Returns false where it is not. */
bool plan_splitter_write(struct plan_splitter *splitter, struct plan_writer *writer, const struct plan_file *file);
/** 0, or the exit status with which no reader could be asked; that was said on stderr. */
int plan_splitter_free(struct plan_splitter *splitter);

#endif
