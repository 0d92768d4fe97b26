/*
 * libpng 1.6.39 allocates and zero-fills what a chunk's header claims: a file of 57 bytes with a huge sCAL, iTXt, zTXt,
 * tEXt, sPLT or pCAL takes 1 GiB, whatever png_set_chunk_malloc_max says. So libpng never sees a chunk that the pixels
 * do not need.
 */
#include "decode/png_chunks.h"

#include <string.h>

#include "decode/exif.h"

/** Length, name and checksum. */
#define CHUNK_FRAME 12

#define CHUNK_HEAD 8

struct chunk {
    uint32_t length;
    uint8_t name[5];
    /** Payload bytes that the file really has; less than `length` where it ends inside. */
    size_t there;
};

/** The chunk at `at`; false where not even its header is there. */
static bool chunk_at(const struct png_chunks *chunks, size_t at, struct chunk *chunk)
{
    if (at > chunks->size || chunks->size - at < CHUNK_HEAD)
        return false;
    const uint8_t *p = chunks->data + at;
    size_t left = chunks->size - at - CHUNK_HEAD;
    chunk->length = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    memcpy(chunk->name, p + 4, 4);
    chunk->name[4] = '\0';
    chunk->there = chunk->length < left ? chunk->length : left;
    return true;
}

static bool chunk_is(const struct chunk *chunk, const char *name)
{
    return memcmp(chunk->name, name, 4) == 0;
}

static bool chunk_critical(const struct chunk *chunk)
{
    return !(chunk->name[0] & 0x20);
}

static bool chunk_kept(const struct chunk *chunk)
{
    if (chunk_is(chunk, "tRNS"))
        return chunk->there == chunk->length;
    return chunk_is(chunk, "IHDR") || chunk_is(chunk, "PLTE") || chunk_is(chunk, "IDAT") || chunk_is(chunk, "IEND");
}

/** Where the next chunk begins; the end of the file where this one claims to go beyond it. */
static size_t chunk_next(const struct png_chunks *chunks, size_t at, const struct chunk *chunk)
{
    size_t left = chunks->size - at;
    return chunk->length > left || left - chunk->length < CHUNK_FRAME ? chunks->size : at + CHUNK_FRAME + chunk->length;
}

static void chunk_note(struct png_chunks *chunks, size_t at, const struct chunk *chunk, const struct limits *limits)
{
    const uint8_t *payload = chunks->data + at + CHUNK_HEAD;
    if (chunk_critical(chunk) && !chunk_kept(chunk) && !chunks->unknown[0])
        memcpy(chunks->unknown, chunk->name, sizeof(chunks->unknown));
    if (!chunk_critical(chunk) && chunk->there < chunk->length && !chunks->broken[0])
        memcpy(chunks->broken, chunk->name, sizeof(chunks->broken));
    if (chunk_is(chunk, "eXIf") && !limit_exceeded(limits, LIMIT_PNG_CHUNK_BYTES, chunk->length)) {
        if (!chunks->exif_bytes) {
            chunks->exif_at = at + CHUNK_HEAD;
            chunks->exif_bytes = chunk->there;
        }
        chunks->orientation = chunks->orientation ? chunks->orientation : exif_orientation(payload, chunk->there);
        if (!camera_known(&chunks->camera))
            exif_camera(payload, chunk->there, &chunks->camera);
    }
}

void png_chunks_open(struct png_chunks *chunks, const uint8_t *data, size_t size, const struct limits *limits)
{
    size_t first = size < PNG_SIGNATURE_BYTES ? size : PNG_SIGNATURE_BYTES;
    *chunks = (struct png_chunks){.data = data, .size = size, .head_given = CHUNK_HEAD, .stretch = first};
    struct chunk chunk;
    for (size_t at = first; chunk_at(chunks, at, &chunk); at = chunk_next(chunks, at, &chunk)) {
        if (at == first && chunk_is(&chunk, "CgBI"))
            chunks->apple = true;
        chunk_note(chunks, at, &chunk, limits);
        if (chunk_is(&chunk, "IEND"))
            return;
    }
}

/**
 * Opens the next chunk that is kept. False at the end. Of image data that the file cuts off the head says what there
 * is: libpng asks for 8 KiB at once and would not look at fewer.
 */
static bool chunks_advance(struct png_chunks *chunks)
{
    struct chunk chunk;
    while (chunk_at(chunks, chunks->at, &chunk)) {
        size_t next = chunk_next(chunks, chunks->at, &chunk);
        if (chunk_kept(&chunk)) {
            memcpy(chunks->head, chunks->data + chunks->at, CHUNK_HEAD);
            if (chunk_is(&chunk, "IDAT"))
                for (int i = 0; i < 4; i++)
                    chunks->head[i] = (uint8_t)(chunk.there >> (24 - 8 * i));
            chunks->head_given = 0;
            chunks->at += CHUNK_HEAD;
            chunks->stretch = next;
            return true;
        }
        chunks->at = next;
    }
    return false;
}

/** Copies up to n of the `have` bytes at `from`. */
static size_t give(uint8_t *out, size_t n, const uint8_t *from, size_t have)
{
    size_t some = have < n ? have : n;
    memcpy(out, from, some);
    return some;
}

size_t png_chunks_read(struct png_chunks *chunks, uint8_t *out, size_t n)
{
    size_t given = 0;
    while (given < n) {
        size_t some;
        if (chunks->head_given < CHUNK_HEAD) {
            some = give(out + given, n - given, chunks->head + chunks->head_given, CHUNK_HEAD - chunks->head_given);
            chunks->head_given += some;
        } else if (chunks->at < chunks->stretch) {
            some = give(out + given, n - given, chunks->data + chunks->at, chunks->stretch - chunks->at);
            chunks->at += some;
        } else if (chunks_advance(chunks)) {
            some = 0;
        } else {
            break;
        }
        given += some;
    }
    return given;
}
