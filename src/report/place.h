/* place.h: what stands behind a place. */
#ifndef REPORT_PLACE_H
#define REPORT_PLACE_H

/** A file, a deleted one, bytes that were found without one. */
enum place_state { PLACE_ALLOCATED, PLACE_DELETED, PLACE_CARVED };

#endif
