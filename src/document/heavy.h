/* heavy.h (private): what the readers with large libraries are called by; linked into trawl-readers only, so weak. */
#ifndef DOCUMENT_HEAVY_H
#define DOCUMENT_HEAVY_H

#include "trawl/unpack.h"

#define HEAVY_READER(word)                                                                                             \
    void word##_run(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end)                \
        __attribute__((weak));                                                                                         \
    const char *word##_version(void) __attribute__((weak));                                                            \
    void word##_warm_up(void) __attribute__((weak));                                                                   \
    extern const struct unpacker word##_unpacker

HEAVY_READER(ole);
HEAVY_READER(pdf);
HEAVY_READER(sqlite);
HEAVY_READER(mail);
HEAVY_READER(pst);

#endif
