/*
 * heif.c: HEIF (HEIC) and AVIF by libheif: the primary picture, turned, mirrored and cropped as its boxes say, which is
 * how every viewer shows it; EXIF's orientation only repeats them and is not looked at. Of a sequence only a still
 * picture is read. What else is in the file: heif_parts.c.
 */
#include "decode/sink.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include <dav1d/dav1d.h>

#include "decode/heif_parts.h"

/** One pass of libheif over one picture. */
struct heif_run {
    const struct picture *picture;
    struct decode_result *result;
    struct heif_context *context;
    struct heif_image_handle *handle;
    struct heif_image *image;
    struct sink sink;
    /** Bytes of memory, roughly: planes of the decoder and of libheif, of 16 bits where it is not 8, and RGB. */
    uint64_t needed;
    /** The library found a fault, but gives a picture all the same; or empty. */
    char warning[96];
};

/*
 * libheif asks its decoders for threads, which the sandbox forbids, and has no setting for it: these two functions
 * stand before those of the libraries of the same name (a program's own symbols come first), and ask for none.
 */
int de265_start_worker_threads(void *decoder, int threads);
int de265_start_worker_threads(void *decoder, int threads)
{
    (void)decoder, (void)threads;
    return 0;
}

static int (*real_dav1d_open)(Dav1dContext **, const Dav1dSettings *);
/** Of the picture in hand. */
static uint64_t pixels_allowed = UINT32_MAX;

static void heif_warm_up(void)
{
    void *found = dlsym(RTLD_NEXT, "dav1d_open");
    memcpy(&real_dav1d_open, &found, sizeof(found));
    heif_init(NULL);
}

int dav1d_open(Dav1dContext **context, const Dav1dSettings *settings)
{
    if (!real_dav1d_open)
        heif_warm_up();
    if (!real_dav1d_open)
        return -1;
    Dav1dSettings own = *settings;
    own.n_threads = 1;
    own.max_frame_delay = 1;
    own.frame_size_limit = pixels_allowed < UINT32_MAX ? (unsigned)pixels_allowed : UINT32_MAX;
    own.logger.callback = NULL;
    return real_dav1d_open(context, &own);
}

static void end_failed(struct heif_run *run, struct heif_error error)
{
    if (error.subcode == heif_suberror_Security_limit_exceeded || error.code == heif_error_Memory_allocation_error)
        decode_end_limit(run->result, LIMIT_DECODE_MEMORY, "%s", error.message);
    else if (error.code == heif_error_Unsupported_feature || error.code == heif_error_Unsupported_filetype)
        decode_end(run->result, TRAWL_UNSUPPORTED, "%s", error.message);
    else
        decode_end(run->result, TRAWL_DAMAGED, "%s", error.message);
}

/** True if the step went well; else its end is told. */
static bool done(struct heif_run *run, struct heif_error error)
{
    if (error.code == heif_error_Ok)
        return true;
    end_failed(run, error);
    return false;
}

static bool open_picture(struct heif_run *run)
{
    const struct picture *picture = run->picture;
    run->context = heif_context_alloc();
    if (!run->context) {
        decode_end_memory(run->result);
        return false;
    }
    heif_context_set_max_decoding_threads(run->context, 0);
    if (!done(run, heif_context_read_from_memory_without_copy(run->context, picture->data, picture->size, NULL)) ||
        !done(run, heif_part_handle(run->context, picture->part, &run->handle)))
        return false;
    if (!picture->part)
        run->result->has_extras = heif_has_extras(run->context, run->handle);
    int width = heif_image_handle_get_width(run->handle), height = heif_image_handle_get_height(run->handle);
    if (width <= 0 || height <= 0) {
        decode_end(run->result, TRAWL_DAMAGED, "a picture of no size");
        return false;
    }
    bool deep = heif_image_handle_get_luma_bits_per_pixel(run->handle) > 8;
    run->needed = (uint64_t)width * (uint64_t)height * (deep ? 15 : 6);
    return decode_size(picture, (uint32_t)width, (uint32_t)height, run->result);
}

/** Strictly first: only so does the library tell of damage. */
static bool decode_image(struct heif_run *run, enum heif_chroma chroma)
{
    struct heif_decoding_options *options = heif_decoding_options_alloc();
    if (!options) {
        decode_end_memory(run->result);
        return false;
    }
    options->convert_hdr_to_8bit = 1;
    options->strict_decoding = 1;
    struct heif_error error = heif_decode_image(run->handle, &run->image, heif_colorspace_RGB, chroma, options);
    bool memory = error.code == heif_error_Ok || decode_memory(run->picture, run->needed, run->result);
    if (error.code != heif_error_Ok && memory && error.code != heif_error_Memory_allocation_error) {
        snprintf(run->warning, sizeof(run->warning), "%s", error.message);
        options->strict_decoding = 0;
        error = heif_decode_image(run->handle, &run->image, heif_colorspace_RGB, chroma, options);
    }
    heif_decoding_options_free(options);
    return memory && done(run, error);
}

static void put_rows(struct heif_run *run, bool alpha)
{
    int stride, width = heif_image_get_primary_width(run->image), height = heif_image_get_primary_height(run->image);
    uint8_t *pixels = heif_image_get_plane(run->image, heif_channel_interleaved, &stride);
    if (!pixels || width <= 0 || height <= 0) {
        decode_end(run->result, TRAWL_DAMAGED, "a picture of no size");
        return;
    }
    if (!decode_size(run->picture, (uint32_t)width, (uint32_t)height, run->result))
        return;
    if (!sink_begin(&run->sink, run->picture, (uint32_t)width, (uint32_t)height, 3)) {
        decode_end_memory(run->result);
        return;
    }
    for (int y = 0; y < height; y++, pixels += stride) {
        if (alpha)
            decode_flatten(pixels, pixels, (uint32_t)width);
        sink_row(&run->sink, pixels);
    }
    if (*run->warning)
        decode_end(run->result, TRAWL_PARTIAL, "%s", run->warning);
    else
        decode_end(run->result, TRAWL_OK, "%s", "");
    sink_finish(&run->sink, run->picture, run->result);
}

static void heif_pass(const struct picture *picture, struct decode_result *result)
{
    struct heif_run run = {.picture = picture, .result = result};
    pixels_allowed = picture->request->limits.value[LIMIT_PIXELS];
    if (open_picture(&run)) {
        bool alpha = heif_image_handle_has_alpha_channel(run.handle);
        if (decode_image(&run, alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB))
            put_rows(&run, alpha);
    }
    sink_free(&run.sink);
    heif_image_release(run.image);
    heif_image_handle_release(run.handle);
    heif_context_free(run.context);
}

static void heif_decode(const struct decode_request *request, const uint8_t *data, size_t size,
                        struct decode_result *result)
{
    decode_passes(request, data, size, heif_pass, result);
}

void heif_part_decode(const struct decode_request *request, const uint8_t *data, size_t size, uint64_t part,
                      struct decode_result *result)
{
    decode_passes_part(request, data, size, part, heif_pass, result);
}

const struct decoder heif_decoder = {.type = TYPE_HEIF,
                                     .name = "heif",
                                     .library = "libheif",
                                     .version = heif_get_version,
                                     .warm_up = heif_warm_up,
                                     .decode = heif_decode,
                                     .extras = heif_extras};
const struct decoder avif_decoder = {.type = TYPE_AVIF,
                                     .name = "avif",
                                     .library = "libheif",
                                     .version = heif_get_version,
                                     .decode = heif_decode,
                                     .extras = heif_extras};
