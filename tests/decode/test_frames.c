#include "listed.h"

#ifdef HAVE_GIF
#include "gifs.h"

#define W 96
#define H 80

/** A frame of the test animation, and what is to become of it. */
struct drawn {
    int left, top, width, height, disposal;
    bool interlaced;
};

static const struct drawn drawing[] = {
    {0, 0, W, H, DISPOSE_DO_NOT, false},           {10, 6, 40, 30, DISPOSE_BACKGROUND, false},
    {30, 20, 50, 44, DISPOSE_PREVIOUS, true},      {4, 40, 60, 36, DISPOSAL_UNSPECIFIED, false},
    {70, 60, 26, 20, DISPOSE_PREVIOUS, false},     {0, 0, 50, 50, DISPOSE_BACKGROUND, true},
    {20, 30, 76, 50, DISPOSAL_UNSPECIFIED, false},
};
#define FRAMES (sizeof(drawing) / sizeof(*drawing))
/** One colour of 256 shows what was there before. */
#define CLEAR 9

static struct file_bytes animation(uint16_t *indices[FRAMES])
{
    struct file_bytes out = {NULL, 0};
    GifColorType colours[256];
    for (unsigned i = 0; i < 256; i++)
        colours[i] = gif_colour(i);
    ColorMapObject *map = GifMakeMapObject(256, colours);
    GifFileType *gif = EGifOpen(&out, gif_append, NULL);
    EGifSetGifVersion(gif, true);
    EGifPutScreenDesc(gif, W, H, 8, 3, map);
    for (size_t i = 0; i < FRAMES; i++) {
        const struct drawn *f = &drawing[i];
        const struct gif_kind kind = {
            .left = f->left, .top = f->top, .width = f->width, .height = f->height, .interlaced = f->interlaced};
        GraphicsControlBlock control = {.TransparentColor = CLEAR, .DisposalMode = f->disposal};
        GifByteType extension[4];
        indices[i] = photo_samples((uint32_t)f->width, (uint32_t)f->height, 1, 255, (uint32_t)i + 40);
        for (int k = 0; k < f->width * f->height; k += 7)
            indices[i][k] = CLEAR;
        EGifGCBToExtension(&control, extension);
        EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, 4, extension);
        /* gif_put_frame writes a control of its own, which would win. */
        GifByteType line[W];
        static const int first[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
        EGifPutImageDesc(gif, kind.left, kind.top, kind.width, kind.height, kind.interlaced, NULL);
        for (int pass = 0; pass < (kind.interlaced ? 4 : 1); pass++)
            for (int y = kind.interlaced ? first[pass] : 0; y < kind.height; y += kind.interlaced ? step[pass] : 1) {
                for (int x = 0; x < kind.width; x++)
                    line[x] = (GifByteType)indices[i][y * kind.width + x];
                EGifPutLine(gif, line, kind.width);
            }
    }
    GifFreeMapObject(map);
    EGifCloseFile(gif, NULL);
    return out;
}

/** Pixel by pixel, from the beginning for each frame: -1 is nothing, shown white. */
static void compose(uint16_t *const indices[FRAMES], size_t upto, uint8_t *rgb)
{
    static int now[W * H], before[W * H];
    for (int i = 0; i < W * H; i++)
        now[i] = -1;
    for (size_t n = 0; n <= upto; n++) {
        const struct drawn *f = &drawing[n];
        memcpy(before, now, sizeof(now));
        for (int y = 0; y < f->height; y++)
            for (int x = 0; x < f->width; x++)
                if (indices[n][y * f->width + x] != CLEAR)
                    now[(y + f->top) * W + x + f->left] = indices[n][y * f->width + x];
        for (int y = 0; n < upto && f->disposal == DISPOSE_BACKGROUND && y < f->height; y++)
            for (int x = 0; x < f->width; x++)
                now[(y + f->top) * W + x + f->left] = -1;
        if (n < upto && f->disposal == DISPOSE_PREVIOUS)
            memcpy(now, before, sizeof(now));
    }
    for (int i = 0; i < W * H; i++) {
        GifColorType c = now[i] < 0 ? (GifColorType){255, 255, 255} : gif_colour((unsigned)now[i]);
        rgb[i * 3] = c.Red;
        rgb[i * 3 + 1] = c.Green;
        rgb[i * 3 + 2] = c.Blue;
    }
}

Test(frames, gif_as_shown)
{
    uint16_t *indices[FRAMES];
    uint8_t *rgb = malloc(W * H * 3);
    struct file_bytes file = animation(indices);
    struct decode_request request = request_for(TYPE_GIF, true);
    cr_assert(shown(&request, &file).has_extras);
    const struct decode_extras *extras = listed(&request, &file);
    cr_assert_eq(extras->n, FRAMES - 1);
    for (uint32_t i = 1; i < FRAMES; i++) {
        compose(indices, i, rgb);
        check_extra(&extras->items[i - 1], EXTRA_FRAME, i + 1);
        check_pixels(&extras->items[i - 1], rgb, W, H);
    }
    /* Any of them alone. */
    request.first = 3;
    request.count = 1;
    extras = listed(&request, &file);
    cr_assert(extras->n == 1 && extras->more);
    compose(indices, 4, rgb);
    check_extra(&extras->items[0], EXTRA_FRAME, 5);
    check_pixels(&extras->items[0], rgb, W, H);
    for (size_t i = 0; i < FRAMES; i++)
        free(indices[i]);
    free(rgb);
    free(file.data);
}

Test(frames, gif_sampled)
{
    uint16_t *indices = photo_samples(24, 20, 1, 255, 3);
    struct gif_kind kind = PHOTO_GIF(24, 20);
    struct decode_request request = request_for(TYPE_GIF, true);
    kind.frames = 41;
    struct file_bytes file = make_gif(indices, kind);
    cr_assert_eq(listed(&request, &file)->n, 15);
    request.limits.value[LIMIT_FRAMES] = 5;
    const struct decode_extras *extras = listed(&request, &file);
    cr_assert_eq(extras->n, 4);
    for (uint32_t i = 0; i < 4; i++)
        check_extra(&extras->items[i], EXTRA_FRAME, 11 + 10 * i);
    for (uint64_t none = 0; none < 2; none++) {
        request.limits.value[LIMIT_FRAMES] = none;
        cr_assert_eq(listed(&request, &file)->n, 0);
    }
    free(indices);
    free(file.data);
}

/** Frames behind a break are lines all the same. */
Test(frames, gif_cut)
{
    uint16_t *indices[FRAMES];
    struct file_bytes file = animation(indices);
    struct decode_request request = request_for(TYPE_GIF, true);
    for (size_t size = 0; size < file.size; size += 97) {
        struct file_bytes cut = {file.data, size};
        const struct decode_extras *extras = listed(&request, &cut);
        for (uint32_t i = 0; i < extras->n; i++)
            cr_assert_neq(extras->items[i].result.status, TRAWL_STATUS_COUNT);
        if (size > file.size - 400)
            cr_assert_neq(extras->items[extras->n - 1].result.status, TRAWL_OK);
    }
    for (size_t i = 0; i < FRAMES; i++)
        free(indices[i]);
    free(file.data);
}
#endif

#ifdef HAVE_WEBP
#include "webps.h"

Test(frames, webp)
{
    uint16_t *samples = photo_samples(60, 40, 3, 255, 5);
    struct file_bytes still = make_webp(samples, 60, 40, 3, true);
    struct file_bytes file = make_animated_webp(&still, 60, 40, 60, 40, 0, 0, 9);
    struct decode_request request = request_for(TYPE_WEBP, true);
    struct decode_result first = shown(&request, &file);
    cr_assert(first.has_extras);
    request.limits.value[LIMIT_FRAMES] = 5;
    const struct decode_extras *extras = listed(&request, &file);
    cr_assert_eq(extras->n, 4);
    for (uint32_t i = 0; i < 4; i++) {
        check_extra(&extras->items[i], EXTRA_FRAME, 3 + 2 * i);
        cr_assert_eq(memcmp(extras->items[i].result.pdq.hash, first.pdq.hash, PDQ_BYTES), 0);
    }
    cr_assert_not(shown(&request, &still).has_extras);
    free(samples);
    free(still.data);
    free(file.data);
}
#endif

#ifdef HAVE_TIFF
#include "tiffs.h"

Test(frames, tiff_pages)
{
    uint16_t *samples = photo_samples(60, 40, 3, 255, 5);
    for (int kind = 0; kind < 4; kind++) {
        struct tiff_kind k = PHOTO_TIFF;
        k.pages = 70;
        k.big_endian = kind & 1;
        k.big_tiff = kind & 2;
        struct file_bytes file = make_tiff(samples, 60, 40, k);
        struct decode_request request = request_for(TYPE_TIFF, true);
        struct decode_result first = shown(&request, &file);
        uint32_t page = 2;
        cr_assert(first.has_extras);
        for (bool more = true; more; request.first += DECODE_EXTRAS) {
            const struct decode_extras *extras = listed(&request, &file);
            more = extras->more;
            for (uint32_t i = 0; i < extras->n; i++) {
                check_extra(&extras->items[i], EXTRA_PAGE, page++);
                cr_assert_eq(memcmp(extras->items[i].result.pdq.hash, first.pdq.hash, PDQ_BYTES), 0);
            }
        }
        cr_assert_eq(page, 71);
        free(file.data);
    }
    free(samples);
}
#endif

#ifdef HAVE_HEIF
#define WIDTH  96u
#define HEIGHT 64u
#include "make_heif.h"

Test(frames, heif_pictures_and_thumbnails)
{
    struct file_bytes file = {NULL, 0};
    struct heif_context *context = heif_context_alloc();
    struct heif_encoder *encoder;
    struct heif_writer writer = {.writer_api_version = 1, .write = heif_append};
    struct decode_request request = request_for(TYPE_AVIF, true);
    if (heif_context_get_encoder_for_format(context, heif_compression_AV1, &encoder).code != heif_error_Ok) {
        heif_context_free(context);
        cr_skip_test("this libheif has no encoder");
    }
    heif_encoder_set_lossy_quality(encoder, 95);
    for (uint32_t i = 0; i < 3; i++) {
        uint8_t *pixels = photo_bytes(WIDTH, HEIGHT, 3, i + 3);
        struct heif_image *image = heif_image_of(pixels, 3);
        struct heif_image_handle *handle, *thumbnail = NULL;
        must(heif_context_encode_image(context, image, encoder, NULL, &handle).code == heif_error_Ok);
        if (i != 1)
            heif_context_encode_thumbnail(context, image, handle, encoder, NULL, 48, &thumbnail);
        heif_image_handle_release(thumbnail);
        heif_image_handle_release(handle);
        heif_image_release(image);
        free(pixels);
    }
    heif_context_write(context, &writer, &file);
    heif_encoder_release(encoder);
    heif_context_free(context);
    cr_assert(shown(&request, &file).has_extras);
    const struct decode_extras *extras = listed(&request, &file);
    static const struct {
        enum extra_kind kind;
        uint32_t number, seed;
    } wanted[] = {{EXTRA_THUMBNAIL, 1, 3}, {EXTRA_PICTURE, 2, 4}, {EXTRA_PICTURE, 3, 5}, {EXTRA_THUMBNAIL, 2, 5}};
    cr_assert_eq(extras->n, 4);
    for (uint32_t i = 0; i < 4; i++) {
        uint8_t *pixels = photo_bytes(WIDTH, HEIGHT, 3, wanted[i].seed);
        struct canvas canvas = {WIDTH, HEIGHT, 3, WIDTH * 3, pixels};
        struct decode_result hash;
        memset(&hash, 0, sizeof(hash));
        canvas_hash(&request, &canvas, &hash);
        check_extra(&extras->items[i], wanted[i].kind, wanted[i].number);
        cr_assert_eq(extras->items[i].result.width == 48, wanted[i].kind == EXTRA_THUMBNAIL);
        /* A third of the size keeps little of patches that are 16 pixels wide; another picture is 128 bits off. */
        cr_assert_leq(pdq_distance(hash.pdq.hash, extras->items[i].result.pdq.hash),
                      wanted[i].kind == EXTRA_THUMBNAIL ? 70 : 24, "%u", i);
        free(pixels);
    }
    free(file.data);
}
#endif
