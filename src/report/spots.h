/* spots.h: where to look first: the folders, archives and volumes with the most and the most severe findings. */
#ifndef REPORT_SPOTS_H
#define REPORT_SPOTS_H

#include <stddef.h>
#include <stdint.h>

enum spot_kind { SPOT_FOLDER, SPOT_ARCHIVE, SPOT_VOLUME, SPOT_KINDS };

/** Kept of each kind. */
#define SPOTS_KEPT 50
/** Severities that count by themselves; what is above the last counts as the last. */
#define SPOT_SEVERITIES 10

struct spot {
    enum spot_kind kind;
    /** Display form; owned. */
    char *path;
    /** "folder", or what kind of container it is ("zip"). */
    char type[24];
    /** Distinct contents that are on a list, those of demoted entries left out; and their places. */
    uint64_t findings, places;
    uint64_t by_severity[SPOT_SEVERITIES];
};

/** The first of each kind, in order; and how many there are. */
struct spots {
    struct spot items[SPOT_KINDS][SPOTS_KEPT];
    size_t n[SPOT_KINDS];
    uint64_t total[SPOT_KINDS];
};

/** Takes the spot, and its path, if it is among the first. */
void spots_add(struct spots *spots, struct spot *spot);
void spots_free(struct spots *spots);
/** The most severe of its findings. */
unsigned spot_severity(const struct spot *spot);
/** "folders", "archives", "volumes". */
const char *spot_kind_name(enum spot_kind kind);

#endif
