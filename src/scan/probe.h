/* probe.h: whether other files begin somewhere in the bytes of one that passes by. It looks at magic numbers and what
 * stands at fixed places behind them, no more: whoever follows them is in a sandbox. */
#ifndef SCAN_PROBE_H
#define SCAN_PROBE_H

#include "trawl/carve.h"
#include "trawl/type.h"

struct probe {
    /** False: nobody wants to know. */
    bool wanted;
    bool found;
    /** Bytes seen; the last of them, for what lies across two pieces. */
    uint64_t seen;
    uint8_t seam[2 * CARVE_HEAD];
    size_t n_seam;
};

/** Whether files of a type are worth a look; `read`: this build decodes or opens it. */
bool probe_wanted(enum carve_mode carve, enum file_type type, bool read);
/** The next bytes. The file's own first one is passed over: what begins there is the file. */
void probe_add(struct probe *probe, const uint8_t *bytes, size_t n);

#endif
