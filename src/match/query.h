/* query.h: one line of `trawl match`: which hashes it asks for. */
#ifndef MATCH_QUERY_H
#define MATCH_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/match.h"

/** A JSON line may name the same field twice. */
#define QUERY_HASHES_MAX 8
/** Tracks of one video. */
#define QUERY_VIDEOS_MAX 8

struct query {
    struct {
        enum hash_type type;
        uint8_t value[32];
    } hashes[QUERY_HASHES_MAX];
    size_t n;
    /** Frames of a video's tracks, as video_signal.h has them; borrowed from the line. */
    struct {
        const uint8_t *text;
        size_t len;
    } videos[QUERY_VIDEOS_MAX];
    size_t n_videos;
    /** Of the PDQ; -1 where the line does not say. */
    int quality;
    /** A JSON line has "pdq_rotations": the PDQ of the picture turned and mirrored, from PDQ_ROTATE90 on. */
    bool has_rotations;
    uint8_t rotations[PDQ_ROTATIONS - 1][PDQ_BYTES];
    /** A JSON line has a "pdq_screen", which is no PDQ and is not looked up. */
    bool screen;
    /** A JSON line without a hash, of a file that counts as examined all the same (a link, a folder). */
    bool nothing;
};

enum query_kind { QUERY_BLANK, QUERY_HASHES, QUERY_BAD };

/**
 * Lines as hash_line.h has them, and JSON lines of `trawl hash`. `bare` is --type. QUERY_BAD: `why` says what is wrong;
 * the good hashes of a JSON line are there all the same.
 */
enum query_kind query_parse(const uint8_t *text, size_t n, enum hash_type bare, struct query *query, const char **why);

#endif
