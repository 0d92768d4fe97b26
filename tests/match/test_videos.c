#include "match_test.h"

#include "match/hashset.h"
#include "match/video_signal.h"

#define FRAMES 60

/** A video of frames that are far from each other and from those of other videos. */
static void make_video(uint64_t seed, struct video_frame *frames, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        frames[i] = (struct video_frame){.number = (uint32_t)i, .time_ms = (uint32_t)i * 1000, .quality = 100};
        random_bytes(&seed, frames[i].pdq, PDQ_BYTES);
    }
}

/** As python-threatexchange writes it. */
static void put_signal(struct buf *out, const struct video_frame *frames, size_t n)
{
    buf_byte(out, '[');
    for (size_t i = 0; i < n; i++) {
        buf_puts(out, i ? ", \"" : "\"");
        buf_hex(out, frames[i].pdq, PDQ_BYTES);
        buf_printf(out, ",%u,%.3g\"", frames[i].quality, frames[i].time_ms / 1000.0);
    }
    buf_byte(out, ']');
}

static struct match_list look_up(const struct hashset *set, const struct video_frame *frames, size_t n, unsigned file,
                                 unsigned list)
{
    struct match_list out = {0};
    struct video_query query = {frames, n, 50, PDQ_RADIUS, file, list};
    hashset_match_video(set, &query, &out);
    return out;
}

/** What the reference counts: different good hashes, and which of them have one within the radius on the other side. */
static size_t distinct(const struct video_frame *frames, size_t n, const struct video_frame **out)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        bool again = frames[i].quality < 50;
        for (size_t k = 0; k < kept; k++)
            again = again || memcmp(out[k]->pdq, frames[i].pdq, PDQ_BYTES) == 0;
        if (!again)
            out[kept++] = &frames[i];
    }
    return kept;
}

static uint32_t count_near(const struct video_frame **a, size_t n, const struct video_frame **b, size_t m)
{
    uint32_t near = 0;
    for (size_t i = 0; i < n; i++) {
        bool any = false;
        for (size_t k = 0; k < m; k++)
            any = any || pdq_distance(a[i]->pdq, b[k]->pdq) <= PDQ_RADIUS;
        near += any;
    }
    return near;
}

/** Shares as by comparing each frame with each, for videos that share frames, repeat some, and have dark ones. */
Test(match_videos, shares_are_those_of_brute_force, .timeout = 60)
{
    enum { VIDEOS = 12 };
    static struct video_frame videos[VIDEOS][FRAMES], query[FRAMES];
    const struct video_frame *a[FRAMES], *b[FRAMES];
    uint64_t state = 7;
    struct buf text = {0};
    for (size_t v = 0; v < VIDEOS; v++) {
        make_video(v, videos[v], FRAMES);
        for (size_t i = 0; i < FRAMES; i++) {
            if (v && random64(&state) % 3 == 0)
                memcpy(videos[v][i].pdq, videos[v - 1][i].pdq, PDQ_BYTES);
            if (i && random64(&state) % 8 == 0)
                memcpy(videos[v][i].pdq, videos[v][i - 1].pdq, PDQ_BYTES);
            videos[v][i].quality = random64(&state) % 10 ? 100 : 49;
        }
        buf_puts(&text, v % 2 ? "vpdq " : "VPDQ ");
        put_signal(&text, videos[v], FRAMES);
        buf_byte(&text, '\n');
    }
    struct loaded loaded = load_bytes(text.data, text.len, HASH_UNKNOWN);
    cr_assert_eq(loaded.result, 0, "%s", loaded.why);
    cr_assert(hashset_has_videos(loaded.set) && !hashset_has_pdq(loaded.set));
    for (size_t v = 0; v < VIDEOS; v++) {
        memcpy(query, videos[v], sizeof(query));
        for (size_t i = 0; i < FRAMES; i++)
            flip_bits(&state, query[i].pdq, (unsigned)(random64(&state) % 44));
        struct match_list found = look_up(loaded.set, query, FRAMES, 0, 0);
        size_t n = distinct(query, FRAMES, a), expected = 0;
        for (size_t other = 0; other < VIDEOS; other++) {
            char entry[16];
            size_t m = distinct(videos[other], FRAMES, b);
            uint32_t file_near = count_near(a, n, b, m);
            expected += file_near > 0;
            snprintf(entry, sizeof(entry), "%zu", other + 1);
            for (size_t i = 0; i < found.n; i++) {
                const struct match_video *video = &found.items[i].video;
                if (strcmp(found.items[i].entry, entry) != 0)
                    continue;
                cr_assert(found.items[i].type == HASH_VPDQ && video->is_video);
                cr_assert(video->file_near == file_near && video->file_frames == n);
                cr_assert(video->list_near == count_near(b, m, a, n) && video->list_frames == m);
                cr_assert_eq(pdq_distance(found.items[i].value, found.items[i].observed), found.items[i].distance);
                cr_assert_eq(memcmp(query[video->number].pdq, found.items[i].observed, PDQ_BYTES), 0);
            }
        }
        cr_assert_eq(found.n, expected);
        free(found.items);
    }
    loaded_free(&loaded);
    buf_free(&text);
}

/** A share that is reached counts, one that is missed by a frame does not: of the file, and of the list. */
Test(match_videos, shares)
{
    static struct video_frame listed[FRAMES], query[FRAMES];
    struct buf text = {0};
    make_video(1, listed, 50);
    make_video(2, query, 10);
    memcpy(query, listed, 8 * sizeof(*query));
    put_signal(&text, listed, 50);
    struct loaded loaded = load_bytes(text.data, text.len, HASH_VPDQ);
    cr_assert_eq(loaded.result, 0, "%s", loaded.why);
    static const struct {
        unsigned file, list;
        size_t found;
    } rows[] = {{80, 0, 1}, {81, 0, 0}, {80, 16, 1}, {80, 17, 0}, {0, 0, 1}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct match_list found = look_up(loaded.set, query, 10, rows[i].file, rows[i].list);
        cr_assert_eq(found.n, rows[i].found, "%u %u", rows[i].file, rows[i].list);
        free(found.items);
    }
    /* A second track is a video of its own. */
    make_video(3, query, 10);
    make_video(1, query + 10, 10);
    for (size_t i = 10; i < 20; i++)
        query[i].track = 1;
    struct match_list found = look_up(loaded.set, query, 20, 80, 0);
    cr_assert(found.n == 1 && found.items[0].video.track == 1 && found.items[0].video.file_frames == 10);
    free(found.items);
    loaded_free(&loaded);
    buf_free(&text);
}

/** Of a listed picture the nearest frame is told, of equally near ones the first. */
Test(match_videos, frames_and_listed_pictures)
{
    static struct video_frame query[FRAMES];
    struct buf text = {0};
    make_video(1, query, FRAMES);
    buf_puts(&text, "pdq ");
    buf_hex(&text, query[20].pdq, PDQ_BYTES);
    query[20].pdq[3] ^= 7;
    memcpy(query[40].pdq, query[20].pdq, PDQ_BYTES);
    memcpy(query[30].pdq, query[20].pdq, PDQ_BYTES);
    query[30].pdq[3] ^= 1;
    query[30].quality = 49;
    struct loaded loaded = load_bytes(text.data, text.len, HASH_UNKNOWN);
    struct match_list found = look_up(loaded.set, query, FRAMES, 80, 0);
    cr_assert_eq(found.n, 1);
    cr_assert(found.items[0].type == HASH_PDQ && found.items[0].distance == 3 && found.items[0].video.is_video);
    cr_assert(found.items[0].video.number == 20 && found.items[0].video.time_ms == 20000 &&
              !found.items[0].video.list_frames);
    free(found.items);
    loaded_free(&loaded);
    buf_free(&text);
}

/** The forms in which videos are listed, bad ones among them. */
Test(match_videos, lists)
{
    static struct video_frame listed[8];
    struct buf signal = {0}, text = {0};
    make_video(9, listed, 8);
    listed[7].quality = 20;
    put_signal(&signal, listed, 8);
    const char *json = buf_str(&signal);
    for (int form = 0; form < 4; form++) {
        static const char *const entries[] = {"2", "x", "8-a", "x"};
        text.len = 0;
        if (form == 0) {
            buf_printf(&text, "vpdq [\"12,3\"]\nvpdq %s\nmd5 " MD5_A "\nvpdq []\n", json);
        } else if (form == 1) {
            for (size_t i = 0; i < 8; i++) {
                video_frame_text(&listed[i], &text);
                buf_byte(&text, '\n');
            }
        } else if (form == 2) {
            buf_puts(&text, "signal_type,signal_str,id\nvpdq,\"");
            for (const char *p = json; *p; p++)
                buf_printf(&text, *p == '"' ? "\"\"" : "%c", *p);
            buf_puts(&text, "\",8-a\npdq," PDQ_A ",9\n");
        } else {
            buf_puts(&text, "vpdq {");
            for (size_t i = 0; i < 8; i++) {
                buf_printf(&text, "%s\"%zu\": {\"quality\": %u, \"hash\": \"", i ? ", " : "", i, listed[i].quality);
                buf_hex(&text, listed[i].pdq, PDQ_BYTES);
                buf_printf(&text, "\", \"timestamp\": %zu.25}", i);
            }
            buf_puts(&text, "}\n");
        }
        struct loaded loaded = load_bytes(text.data, text.len, HASH_UNKNOWN);
        cr_assert_eq(loaded.result, 0, "form %d: %s", form, loaded.why);
        cr_assert_eq(hashset_list(loaded.set, 0)->bad_rows, form == 0 ? 2 : 0, "form %d: %s", form, loaded.log);
        struct match_list found = look_up(loaded.set, listed, 8, 100, 100);
        cr_assert_eq(found.n, 1, "form %d", form);
        cr_assert(found.items[0].video.list_frames == 7 && found.items[0].video.file_frames == 7);
        cr_assert_str_eq(found.items[0].entry, form == 3 ? "1" : entries[form], "form %d", form);
        free(found.items);
        loaded_free(&loaded);
    }
    buf_free(&signal);
    buf_free(&text);
}

/** Compiled and mapped it finds the same, with the index of many frames too. */
Test(match_videos, index, .timeout = 120)
{
    static const char *const names[] = {"x.index", NULL};
    enum { VIDEOS = 200 };
    static struct video_frame frames[VIDEOS][FRAMES];
    struct buf text = {0};
    for (size_t v = 0; v < VIDEOS; v++) {
        make_video(100 + v, frames[v], FRAMES);
        buf_puts(&text, "vpdq ");
        put_signal(&text, frames[v], FRAMES);
        buf_byte(&text, '\n');
    }
    struct loaded loaded = load_bytes(text.data, text.len, HASH_UNKNOWN);
    char *folder = folder_new(), *path = path_in(folder, names[0]);
    cr_assert_eq(hashset_write_index(loaded.set, path), 0);
    struct loaded mapped = load_path(path, HASH_UNKNOWN);
    cr_assert_eq(mapped.result, 0, "%s", mapped.why);
    cr_assert(mapped.set->parts[0].near_video.offsets, "12,000 frames have an index");
    for (size_t v = 0; v < VIDEOS; v += 7) {
        struct match_list a = look_up(loaded.set, frames[v], FRAMES, 80, 0);
        struct match_list b = look_up(mapped.set, frames[v], FRAMES, 80, 0);
        cr_assert(a.n == 1 && b.n == 1 && (size_t)atoi(a.items[0].entry) == v + 1);
        cr_assert_str_eq(a.items[0].entry, b.items[0].entry);
        cr_assert_eq(memcmp(&a.items[0].video, &b.items[0].video, sizeof(a.items[0].video)), 0);
        free(a.items);
        free(b.items);
    }
    loaded_free(&mapped);
    loaded_free(&loaded);
    free(path);
    folder_remove(folder, names);
    buf_free(&text);
}

/** Seconds as Python prints them, and what is no frame. */
Test(match_videos, one_frame)
{
    static const struct {
        const char *text;
        bool good;
        uint32_t number, ms;
        unsigned quality;
    } rows[] = {
        {PDQ_A ",100,0.033", true, 0, 33, 100},
        {PDQ_A ",7,1.23e+03", true, 0, 1230000, 7},
        {PDQ_A ",7,5e-2", true, 0, 50, 7},
        {" 12,99," PDQ_A ",0.4\r", true, 12, 400, 99},
        {PDQ_A ",101,1", false, 0, 0, 0},
        {PDQ_A ",1", false, 0, 0, 0},
        {PDQ_A ",1,", false, 0, 0, 0},
        {"1,2,3,4", false, 0, 0, 0},
        {PDQ_A ",1,1,1", false, 0, 0, 0},
        {PDQ_A ",1,.", false, 0, 0, 0},
        {PDQ_A ",1,9e99", true, 0, UINT32_MAX, 1},
        {"", false, 0, 0, 0},
        {"4294967295,1," PDQ_A ",1", false, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct video_frame frame;
        bool good = video_signal_frame((const uint8_t *)rows[i].text, strlen(rows[i].text), &frame);
        cr_assert_eq(good, rows[i].good, "%s", rows[i].text);
        cr_assert(!good || (frame.number == rows[i].number && frame.time_ms == rows[i].ms &&
                            frame.quality == rows[i].quality),
                  "%s", rows[i].text);
    }
}
