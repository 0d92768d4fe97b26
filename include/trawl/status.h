/* status.h: the one vocabulary of what became of a file. */
#ifndef TRAWL_STATUS_H
#define TRAWL_STATUS_H

#include <stdbool.h>

/** What became of one file. Every file gets exactly one. Order is the journal's encoding: append only. */
enum trawl_status {
    /** Read and, where it is media or a container, understood in full. */
    TRAWL_OK,
    /** Media decoded in part; hashed all the same. */
    TRAWL_PARTIAL,
    /** Nothing to decode: hashed and matched exactly. */
    TRAWL_NOT_MEDIA,
    /** On a --known list: not decoded. */
    TRAWL_SUPPRESSED,
    /** A media, container or file-system type that this build cannot read. */
    TRAWL_UNSUPPORTED,
    /** Needs a key that nobody gave. */
    TRAWL_ENCRYPTED,
    /** Broken beyond what its reader can use. */
    TRAWL_DAMAGED,
    /** A limit was reached; the item names it. */
    TRAWL_LIMIT,
    /** A parser used up its processor time. */
    TRAWL_TIMEOUT,
    /** A parser died, twice. */
    TRAWL_CRASHED,
    /** Bytes that the medium would not give. */
    TRAWL_IO_ERROR,
    /** Inside a container whose reading ended early. */
    TRAWL_UNREACHED,
    TRAWL_STATUS_COUNT
};

/** The contract's word for it ("not-media"). Never NULL. */
const char *status_name(enum trawl_status status);

/** True for ok, partial, not-media and suppressed: all that counts as examined. */
bool status_examined(enum trawl_status status);

/** Exit status bits of the program (CONTRACT: "Exit status"). */
enum {
    EXIT_FINDINGS = 1,
    EXIT_UNEXAMINED = 2,
    EXIT_USAGE = 64,
    EXIT_INTERNAL = 70,
    EXIT_OUTPUT = 74,
};

#endif
