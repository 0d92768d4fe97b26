/*
 * thumbdata.c: the thumbnails of Android's media store (.thumbdata3-*, 4, 5).
 *
 * Slots of equal size, one for each number of a picture in the store: a byte that says whether it is used, a checksum
 * of the picture that it was made of, a length, a JPEG. What an older, longer thumbnail left behind it stays: slots are
 * overwritten, never cleared.
 */
#include <string.h>

#include "document/deliver.h"
#include "source/sniff.h"

enum { SLOT_HEAD = 13, SLOT_LEAST = 10000 };

static const uint32_t slot_sizes[] = {10000, 17000};
enum { SLOT_SIZES = sizeof(slot_sizes) / sizeof(*slot_sizes) };

/** Length of the JPEG in a slot; 0 if there is none. */
static uint32_t slot_length(const uint8_t *p, size_t n, uint32_t slot)
{
    if (n < SLOT_HEAD + 3 || p[0] != 1 || memcmp(p + SLOT_HEAD, "\xff\xd8\xff", 3) != 0)
        return 0;
    uint32_t length = (uint32_t)p[9] << 24 | (uint32_t)p[10] << 16 | (uint32_t)p[11] << 8 | p[12];
    return length > 3 && length <= slot - SLOT_HEAD ? length : 0;
}

/** Looks at the first slots only; number 0 is never used. */
static uint32_t slot_size(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < SLOT_SIZES; i++)
        for (size_t at = 0; at + SLOT_HEAD < n; at += slot_sizes[i]) {
            if (slot_length(p + at, n - at, slot_sizes[i]))
                return slot_sizes[i];
            if (p[at])
                break;
        }
    return 0;
}

bool sniff_thumbdata(const struct head *head)
{
    return head->n > SLOT_HEAD && head->p[0] <= 1 && slot_size(head->p, head->n) != 0;
}

static void read_slots(struct delivery *out, struct window *window, uint32_t slot)
{
    uint64_t size = out->input->size;
    for (uint64_t at = 0, number = 0; at < size; at += slot, number++) {
        size_t n;
        char name[DELIVER_NAME] = "";
        uint64_t holes = window->holes;
        const uint8_t *p = window_at(window, at, slot, &n);
        uint32_t length = p ? slot_length(p, n, slot) : 0;
        if (!length)
            continue;
        bool cut = length > n - SLOT_HEAD, lost = window->holes != holes;
        name_add(name, "%llu.jpg", (unsigned long long)number);
        struct parcel parcel = {.name = name,
                                .name_len = strlen(name),
                                .offset = at + SLOT_HEAD,
                                .bytes = p + SLOT_HEAD,
                                .n = cut ? n - SLOT_HEAD : length,
                                .status = lost  ? TRAWL_IO_ERROR
                                          : cut ? TRAWL_DAMAGED
                                                : TRAWL_OK,
                                .detail = lost  ? HOLES_DETAIL
                                          : cut ? "the file ends inside of it"
                                                : NULL};
        if (!deliver(out, &parcel))
            return;
    }
}

static void thumbdata_run(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end)
{
    struct delivery out;
    struct window window;
    size_t n;
    deliver_init(&out, input, sink, end);
    if (!window_init(&window, input->fd, input->size, 256 << 10)) {
        end_memory(end);
        end->missing = UINT64_MAX;
        return;
    }
    const uint8_t *p = window_at(&window, 0, SNIFF_HEAD, &n);
    uint32_t slot = p ? slot_size(p, n < SNIFF_HEAD ? n : SNIFF_HEAD) : 0;
    if (slot)
        read_slots(&out, &window, slot);
    if (window.error)
        end_note(end, TRAWL_IO_ERROR, "cannot be read at offset %llu", (unsigned long long)window.error_at);
    window_free(&window);
}

static bool thumbdata_handles(enum file_type type)
{
    return type == TYPE_THUMBDATA;
}

const struct unpacker thumbdata_unpacker = {.name = "thumbdata", .handles = thumbdata_handles, .run = thumbdata_run};
