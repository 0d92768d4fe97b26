/* order.h: which finding comes first, and which of its matches stands for it. */
#ifndef REPORT_ORDER_H
#define REPORT_ORDER_H

#include <stdbool.h>

#include "report/place.h"
#include "trawl/match.h"
#include "trawl/report.h"

struct buf;
struct finding;
struct item;
struct where;

/** The order in words, for --help and for the report. */
extern const char report_order_help[];

/** Steps of distance that rank alike. */
enum band { BAND_EXACT, BAND_10, BAND_20, BAND_31, BAND_FAR, BANDS };

enum band match_band(const struct match *match);
/** "exact", "near 0-10" ... */
const char *band_name(enum band band);
/** True for a perceptual match; a digest is exact. */
bool match_is_near(const struct match *match);
/** Quality of what a near match looked at: the picture, or the frame of a video; -1 where that is not known. */
int match_quality(const struct item *item, const struct match *match);
/** A video: how much of it matched, and the frame, in words, with a comma in front; else nothing. */
void match_video_words(const struct match *match, struct buf *out);
/** The more telling match is the lesser. Total over matches that differ. */
int match_compare(const struct match *a, const struct match *b, const struct case_info *info);
/** Orders by what makes a list entry one: 0 if both are the same entry. */
int match_identity(const struct match *a, const struct match *b);
/** Appends the key that sorts findings into their rank. No key is the beginning of another one's key and a number of 8
 * bytes. */
void order_key(const struct finding *finding, struct buf *out);
/** What stands behind a place, and the newest time that is known of an item (0: none). */
enum place_state where_state(const struct where *where);
int64_t item_newest(const struct item *item);
/** The month of a time, counted from the year 0; 0 where there is none. */
uint32_t month_of(int64_t seconds);
/** "allocated", "deleted", "carved". */
const char *place_state_name(enum place_state state);

/** Why a finding stands where it stands: its sort keys in words, in their order. */
#define WHY_MAX 12
struct why {
    char words[WHY_MAX][80];
    size_t n;
};
void order_why(const struct finding *finding, struct why *why);

#endif
