/* mail_sink.h (private): a stream of GMime that a part is decoded into: the bytes go straight on as a member. */
#ifndef DOCUMENT_MAIL_SINK_H
#define DOCUMENT_MAIL_SINK_H

#include <gmime/gmime.h>

#include "document/deliver.h"

/** Bytes of a part that are seen before it is named, and of a text that are kept to look for files in it. */
enum { MAIL_HEAD = 4096, MAIL_TEXT = 32 << 20 };

struct mail_part {
    struct delivery *out;
    /** Lacks its ending where `named` is false. */
    char name[DELIVER_NAME];
    bool named;
    /** The first bytes, or of a text all; how many are kept. */
    GByteArray *kept;
    size_t keep;
    struct member member;
    bool begun, refused;
    uint64_t size;
};

GMimeStream *mail_sink_new(struct mail_part *part);
/** Announces the part, if that was not done, with what was kept. */
void mail_part_begin(struct mail_part *part);

#endif
