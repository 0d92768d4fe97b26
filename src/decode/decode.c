#include "trawl/decode.h"

#include <string.h>

#include "decode/extras.h"
#include "decode/raster.h"
#include "decode/sink.h"

const struct decoder *const decode_table[] = {
    &jpeg_decoder, &png_decoder,  &bmp_decoder, &ico_decoder, &raw_decoder,
#ifdef HAVE_GIF
    &gif_decoder,
#endif
#ifdef HAVE_WEBP
    &webp_decoder,
#endif
#ifdef HAVE_TIFF
    &tiff_decoder,
#endif
#ifdef HAVE_HEIF
    &heif_decoder, &avif_decoder,
#endif
#ifdef HAVE_JP2
    &jp2_decoder,
#endif
#ifdef HAVE_JXL
    &jxl_decoder,
#endif
#ifdef HAVE_RASTER
    &psd_decoder,  &dds_decoder,  &pcx_decoder, &tga_decoder, &pnm_decoder,
#endif
    NULL,
};

const struct decoder *decode_find(enum file_type type)
{
    for (const struct decoder *const *row = decode_table; *row; row++)
        if ((*row)->type == type)
            return *row;
    return NULL;
}

void decode_warm_up(void)
{
    for (const struct decoder *const *row = decode_table; *row; row++)
        if ((*row)->warm_up)
            (*row)->warm_up();
}

void decode_picture(const struct decode_request *request, const uint8_t *data, size_t size,
                    struct decode_result *result)
{
    memset(result, 0, sizeof(*result));
    const struct decoder *decoder = decode_find(request->type);
    if (!decoder || !decoder->decode)
        decode_end(result, TRAWL_UNSUPPORTED, "this build has no decoder for this type");
    else if (!size)
        decode_end(result, TRAWL_DAMAGED, "no bytes");
    else if (limit_exceeded(&request->limits, LIMIT_DECODE_BYTES, size))
        decode_end_limit(result, LIMIT_DECODE_BYTES, "%zu bytes", size);
    else
        decoder->decode(request, data, size, result);
}

void decode_extras(const struct decode_request *request, const uint8_t *data, size_t size, struct decode_extras *out)
{
    const struct decoder *decoder = decode_find(request->type);
    struct extras extras = {.request = request, .out = out};
    /* All of it crosses the border. */
    memset(out, 0, sizeof(*out));
    if (decoder && decoder->extras && size)
        decoder->extras(data, size, &extras);
}

const char *extra_kind_name(enum extra_kind kind)
{
    static const char *const names[EXTRA_KINDS] = {"thumbnail", "preview", "picture", "page", "frame"};
    return (unsigned)kind < EXTRA_KINDS ? names[kind] : "other";
}

/** A bool out of foreign memory may hold any byte; reading it as a bool would be undefined. */
static bool is_bool(const bool *flag)
{
    unsigned char byte;
    memcpy(&byte, flag, 1);
    return byte <= 1;
}

static bool status_sane(const struct decode_result *r)
{
    switch (r->status) {
    case TRAWL_OK:
    case TRAWL_PARTIAL:
    case TRAWL_UNSUPPORTED:
    case TRAWL_DAMAGED:
        return r->limit == LIMIT_NONE;
    case TRAWL_LIMIT:
        return r->limit > LIMIT_NONE && r->limit < LIMIT_COUNT;
    default:
        return false;
    }
}

static bool size_sane(const struct decode_result *r)
{
    return r->width <= INT32_MAX && r->height <= INT32_MAX && !r->width == !r->height && r->orientation <= 8;
}

static bool pdq_sane(const struct decode_result *r)
{
    static const uint8_t zero[PDQ_BYTES];
    if (!is_bool(&r->has_pdq) || !is_bool(&r->screen) || !is_bool(&r->pdq.stable))
        return false;
    bool examined = r->status == TRAWL_OK || r->status == TRAWL_PARTIAL;
    bool large = r->width >= PDQ_MIN_SIDE && r->height >= PDQ_MIN_SIDE;
    if (r->has_pdq != (examined && large))
        return false;
    if (r->has_pdq)
        return r->pdq.quality >= 0 && r->pdq.quality <= 100 && r->pdq.doubtful >= 0 && r->pdq.doubtful <= PDQ_BYTES * 8;
    return !r->screen && !r->pdq.stable && !r->pdq.quality && !r->pdq.doubtful &&
           memcmp(r->pdq.hash, zero, PDQ_BYTES) == 0;
}

static bool rotations_sane(const struct decode_result *r)
{
    static const uint8_t zeros[sizeof(r->rotations)];
    if (!is_bool(&r->has_rotations) || !is_bool(&r->rotations_stable))
        return false;
    if (r->has_rotations)
        return r->has_pdq && memcmp(r->rotations[PDQ_ORIGINAL], r->pdq.hash, PDQ_BYTES) == 0;
    return !r->rotations_stable && memcmp(r->rotations, zeros, sizeof(zeros)) == 0;
}

static bool thumbnail_sane(const struct decode_result *r)
{
    static const uint8_t zeros[THUMBNAIL_BYTES];
    if (!is_bool(&r->has_thumbnail))
        return false;
    return r->has_thumbnail ? r->has_pdq : memcmp(r->thumbnail, zeros, sizeof(zeros)) == 0;
}

static bool detail_sane(const struct decode_result *r)
{
    for (size_t i = 0; i < sizeof(r->detail); i++) {
        if (!r->detail[i])
            return true;
        if (r->detail[i] < ' ' || r->detail[i] > '~')
            return false;
    }
    return false;
}

bool decode_result_sane(const struct decode_result *result)
{
    if (!is_bool(&result->has_extras))
        return false;
    bool seen = result->status != TRAWL_OK || result->width || result->has_extras;
    return seen && status_sane(result) && size_sane(result) && pdq_sane(result) && rotations_sane(result) &&
           detail_sane(result) && camera_sane(&result->camera) && thumbnail_sane(result);
}

static bool extra_sane(const struct decode_extra *extra, uint64_t size)
{
    static const struct decode_result none;
    if ((unsigned)extra->kind >= EXTRA_KINDS || !extra->number)
        return false;
    if (!extra->size)
        return !extra->offset && decode_result_sane(&extra->result);
    return extra->offset < size && extra->size <= size - extra->offset &&
           memcmp(&extra->result, &none, sizeof(none)) == 0;
}

bool decode_extras_sane(const struct decode_extras *extras, uint64_t size)
{
    if (extras->n > DECODE_EXTRAS || !is_bool(&extras->more) || (extras->more && !extras->n))
        return false;
    for (uint32_t i = 0; i < extras->n; i++)
        if (!extra_sane(&extras->items[i], size))
            return false;
    return true;
}
