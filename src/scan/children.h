/* children.h: which process forks the child that reads a type. */
#ifndef SCAN_CHILDREN_H
#define SCAN_CHILDREN_H

#include "sandbox/readers.h"
#include "scan/run.h"
#include "trawl/decode.h"

/** False: the type is read by trawl-readers, and that program is not beside this one. */
bool run_reads(const struct run *run, bool heavy);
/** The zygote for a light or a heavy reader. NULL: it could not be started; words were printed at the first time. */
struct zygote *run_zygote(struct run *run, bool heavy);
/** The worker's decoder for a type. NULL: none can be had, and the run is stopped. */
struct decoder_handle *worker_decoder(struct worker *worker, enum file_type type);

#endif
