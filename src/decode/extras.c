#include "decode/extras.h"

#include <stdlib.h>
#include <string.h>

#include "decode/sink.h"

struct decode_extra *extras_next(struct extras *extras, enum extra_kind kind, uint32_t number)
{
    const struct decode_request *request = extras->request;
    struct decode_extras *out = extras->out;
    const uint32_t most = request->count < DECODE_EXTRAS ? request->count : DECODE_EXTRAS;
    if (extras->met++ < request->first || !out || out->more)
        return NULL;
    if (out->n == most) {
        out->more = true;
        return NULL;
    }
    struct decode_extra *extra = &out->items[out->n++];
    extra->kind = kind;
    extra->number = number;
    return extra;
}

struct decode_extra *extras_count(struct extras *extras, enum extra_kind kind, uint32_t first)
{
    return extras_next(extras, kind, first + extras->numbers[kind]++);
}

void extras_jpeg(struct extras *extras, enum extra_kind kind, const uint8_t *data, size_t size, uint64_t offset,
                 uint64_t n)
{
    if (offset > size || n > size - offset || n < 4 || memcmp(data + offset, "\xff\xd8\xff", 3) != 0)
        return;
    struct decode_extra *extra = extras_count(extras, kind, kind == EXTRA_PICTURE ? 2 : 1);
    if (!extra)
        return;
    extra->offset = offset;
    extra->size = n;
}

bool extras_any(const struct decode_request *request, const uint8_t *data, size_t size,
                void (*list)(const uint8_t *data, size_t size, struct extras *extras))
{
    struct extras extras = {.request = request};
    list(data, size, &extras);
    return extras.met;
}

static void canvas_pass(const struct picture *picture, struct decode_result *result)
{
    const struct canvas *canvas = (const struct canvas *)(const void *)picture->data;
    struct sink sink = {0};
    uint8_t *rgb = canvas->channels == 4 ? malloc((size_t)canvas->width * 3) : NULL;
    result->width = canvas->width;
    result->height = canvas->height;
    if ((canvas->channels == 4 && !rgb) ||
        !sink_begin(&sink, picture, canvas->width, canvas->height, canvas->channels == 1 ? 1 : 3)) {
        decode_end_memory(result);
    } else {
        for (uint32_t y = 0; y < canvas->height; y++) {
            const uint8_t *row = canvas->pixels + y * canvas->stride;
            if (rgb)
                decode_flatten(rgb, row, canvas->width);
            sink_row(&sink, rgb ? rgb : row);
        }
        decode_end(result, TRAWL_OK, "%s", "");
        sink_finish(&sink, picture, result);
    }
    sink_free(&sink);
    free(rgb);
}

void canvas_hash(const struct decode_request *request, const struct canvas *canvas, struct decode_result *result)
{
    decode_passes(request, (const uint8_t *)canvas, sizeof(*canvas), canvas_pass, result);
}

uint32_t extras_sample(uint32_t n, uint32_t wanted, uint32_t i)
{
    return wanted < 2 ? 0 : (uint32_t)((uint64_t)i * (n - 1) / (wanted - 1));
}

uint32_t extras_samples(const struct extras *extras, uint32_t n)
{
    uint64_t most = extras->request->limits.value[LIMIT_FRAMES];
    return most < n ? (uint32_t)most : n;
}
