/* pick.h (private): which frames of a video are hashed. */
#ifndef VIDEO_PICK_H
#define VIDEO_PICK_H

#include <stdbool.h>
#include <stdint.h>

#include "trawl/video.h"

/**
 * Key frames nearer than this to the last one that was taken are passed over, so that a video of nothing but key frames
 * has two a second.
 */
#define PICK_KEY_GAP_MS 500
#define PICK_SECOND_MS  1000

struct pick {
    enum video_frames mode;
    /** Frames a second as the file says, rounded down, as vPDQ counts its seconds; 0: it does not say. */
    uint32_t every;
    bool any, any_key;
    int64_t last_ms, last_key_ms;
};

/** True if the frame `number`, at that time, is to be hashed. Remembers that it is. */
static inline bool pick_take(struct pick *pick, uint32_t number, int64_t ms, bool key)
{
    bool first = key && (!pick->any_key || ms < pick->last_key_ms || ms - pick->last_key_ms >= PICK_KEY_GAP_MS);
    bool second = pick->mode == VIDEO_ONE_SECOND &&
                  ((pick->every && number % pick->every == 0) || !pick->any || ms - pick->last_ms >= PICK_SECOND_MS);
    if (pick->mode != VIDEO_ALL && !first && !second)
        return false;
    pick->any = true;
    pick->last_ms = ms;
    if (first) {
        pick->any_key = true;
        pick->last_key_ms = ms;
    }
    return true;
}

#endif
