/*
 * weights.h: the reference's two box filters and its decimation along one axis, as 64 weighted sums of neighbouring
 * pixels.
 *
 * A box over a box is a tent. Windows are clipped to the picture and divided by the clipped count, as the reference
 * does.
 */
#ifndef HASH_WEIGHTS_H
#define HASH_WEIGHTS_H

#include <stdbool.h>
#include <stdint.h>

/** Samples along either axis of the decimated picture. */
#define AXIS_SAMPLES 64

struct axis {
    /** Pixels along the axis as they are fed. */
    uint32_t size;
    /** Different tents: fewer than 64 where a small picture is sampled twice at one pixel. */
    unsigned count;
    /** The most tents that are begun and not ended at any one pixel. */
    unsigned open;
    /** Floats from one tent's weights to the next's: a multiple of KERNEL_LANES, zeros behind the last weight. */
    uint32_t stride;
    /** Which tent each sample is. */
    uint8_t tent[AXIS_SAMPLES];
    /** First pixel of each tent and how many; both ends ascend. Beyond count: zeros. */
    uint32_t start[AXIS_SAMPLES], length[AXIS_SAMPLES];
    float *weights;
    /** Under the lock of the cache: streams that use it, when it was last asked for, whether the cache holds it. */
    unsigned users;
    uint64_t asked;
    bool kept;
};

/** The window of the box filters: an N-pixel axis is averaged over N/64 pixels in two passes. */
static inline uint32_t axis_window(uint32_t size)
{
    return (size - 1) / (2 * AXIS_SAMPLES) + 1;
}

/** The pixel that the reference samples, in double and truncated as it does. */
static inline uint32_t axis_sample(uint32_t size, unsigned i)
{
    return (uint32_t)(((double)i + 0.5) * size / AXIS_SAMPLES);
}

/**
 * The tents of an axis of `full` pixels for `reduced` pixels, each a block of `denominator`, the last one clipped.
 * Shared, cached, thread-safe. NULL where memory is missing. axis_put gives it back (NULL is fine).
 */
const struct axis *axis_get(uint32_t full, uint32_t reduced, unsigned denominator);
void axis_put(const struct axis *axis);

#endif
