/*
 * review.h: what to look at next: pictures on no list that lie beside findings. One that the camera of a finding there
 * took, about the same time, may be new material of the same hand; one that names any camera is likelier to be a first
 * generation than one that names none.
 */
#ifndef REPORT_REVIEW_H
#define REPORT_REVIEW_H

#include "core/sorter.h"
#include "report/output.h"
#include "trawl/item.h"

/** Pictures of one camera within this many seconds belong together. */
#define REVIEW_SECONDS (24 * 3600)
/** Cameras of findings that are remembered of one folder. */
#define REVIEW_CAMERAS 256
/** Rows written, and rows shown on the page. */
#define REVIEW_ROWS  10000
#define REVIEW_SHOWN 100

/** The lower, the more urgent. */
enum review_hint {
    /** The camera (make, model, serial) of a finding in the folder, within REVIEW_SECONDS. */
    REVIEW_SAME_TIME,
    /** The camera of a finding in the folder, at another time. */
    REVIEW_SAME_CAMERA,
    /** A camera is named. */
    REVIEW_CAMERA,
    REVIEW_BESIDE,
    REVIEW_HINTS
};

/** A row as the page shows it. */
struct review_row {
    enum review_hint hint;
    uint64_t findings;
    unsigned severity;
    struct camera camera;
    /** Display form; owned. */
    char *path;
};

struct review {
    struct sorter *sorter;
    uint64_t total, by_hint[REVIEW_HINTS];
    struct review_row shown[REVIEW_SHOWN];
    size_t n_shown;
};

/** What is remembered of the findings of one folder. */
struct review_folder {
    struct camera *cameras;
    size_t n, cap;
    uint8_t severity;
    bool any;
};

/** A finding of the folder. */
void review_folder_finding(struct review_folder *folder, const struct item *item, uint8_t severity);
void review_folder_free(struct review_folder *folder);
/** A picture beside `findings` of them. Returns 0 or -errno. */
int review_picture(struct review *review, const struct review_folder *folder, uint64_t findings,
                   const struct item *item);

void review_open(struct review *review, int spill_dirfd, size_t memory);
/** Writes the first REVIEW_ROWS as JSON lines and keeps the first REVIEW_SHOWN. Returns 0 or -errno. */
int review_write(struct review *review, struct output *out);
void review_free(struct review *review);
/** "same camera within a day" ... */
const char *review_hint_name(enum review_hint hint);

#endif
