#include "videos.h"

#include "core/match_video.h"

/** The same moving picture in each: frames, and how many of them are key frames half a second apart. */
static const struct {
    const char *name;
    size_t frames;
    uint32_t last_ms;
} versions[] = {
    {"h264.mp4", 20, 1900},       {"h264.ts", 20, 1900},  {"h264.3gp", 20, 1900}, {"hevc.mkv", 20, 1900},
    {"vp9.webm", 20, 1900},       {"vp8.webm", 20, 1900}, {"av1.mp4", 20, 1900},  {"mpeg4.avi", 20, 1900},
    {"wmv2.wmv", 20, 1900},       {"flv1.flv", 20, 1900}, {"mjpeg.mov", 10, 900}, {"cover.mp4", 20, 1900},
    {"attachment.mkv", 20, 1900},
};
#define N (sizeof(versions) / sizeof(*versions))

static bool seed(struct watched *w, const char *name, enum video_frames mode, const struct limits *limits)
{
    char path[128];
    snprintf(path, sizeof(path), SEEDS "%s", name);
    return watch(w, path, mode, limits);
}

/** Whatever the codec, these are the same frames. */
Test(video, all_codecs, .timeout = 60)
{
    struct watched first, w;
    if (!seed(&first, versions[0].name, VIDEO_ALL, NULL))
        cr_skip_test("this build reads no videos");
    for (size_t i = 0; i < N; i++) {
        seed(&w, versions[i].name, VIDEO_ALL, NULL);
        cr_assert_eq(w.end.status, TRAWL_OK, "%s: %s", versions[i].name, w.end.detail);
        cr_assert_eq(w.frames.n, versions[i].frames, "%s: %zu", versions[i].name, w.frames.n);
        cr_assert(w.info.width == 96 && w.info.height == 64);
        for (size_t f = 0; f < w.frames.n; f++) {
            int distance = pdq_distance(w.frames.items[f].pdq, first.frames.items[f].pdq);
            cr_assert_leq(distance, 40, "%s, frame %zu: %d bits", versions[i].name, f, distance);
            cr_assert_eq(w.frames.items[f].number, f);
            cr_assert_geq(w.frames.items[f].quality, 80);
        }
        uint32_t last = w.frames.items[w.frames.n - 1].time_ms;
        cr_assert(last + 2 >= versions[i].last_ms && last <= versions[i].last_ms + 2, "%s: %u", versions[i].name, last);
        watched_free(&w);
    }
    watched_free(&first);
}

static bool is_among(const struct video_frame *frame, const struct video_hashes *all)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->items[i].number == frame->number)
            return memcmp(all->items[i].pdq, frame->pdq, PDQ_BYTES) == 0 && all->items[i].time_ms == frame->time_ms;
    return false;
}

/** Fewer frames, but the same ones: each with the hash, time and number that it has among all. */
Test(video, fewer_frames_are_the_same_ones, .timeout = 60)
{
    struct watched all, some;
    for (size_t i = 0; i < N; i++)
        for (int mode = VIDEO_ONE_SECOND; mode <= VIDEO_KEYFRAMES; mode++) {
            if (!seed(&all, versions[i].name, VIDEO_ALL, NULL))
                cr_skip_test("this build reads no videos");
            seed(&some, versions[i].name, (enum video_frames)mode, NULL);
            cr_assert_eq(some.end.status, TRAWL_OK);
            cr_assert(some.frames.n >= 1 && some.frames.n <= 6, "%s: %zu", versions[i].name, some.frames.n);
            cr_assert_eq(some.frames.items[0].number, 0);
            for (size_t f = 0; f < some.frames.n; f++)
                cr_assert(is_among(&some.frames.items[f], &all.frames), "%s, %s: frame %u", versions[i].name,
                          video_frames_name((enum video_frames)mode), some.frames.items[f].number);
            /* One each second. */
            if (mode == VIDEO_ONE_SECOND && all.frames.n == 20)
                cr_assert(some.frames.n >= 3 && some.frames.items[some.frames.n - 1].time_ms >= 1000);
            watched_free(&some);
            seed(&some, versions[i].name, VIDEO_NONE, NULL);
            cr_assert(!some.frames.n && some.info.width == 96);
            watched_free(&some);
            watched_free(&all);
        }
}

Test(video, what_is_beside_the_tracks)
{
    struct watched w;
    if (!seed(&w, "attachment.mkv", VIDEO_NONE, NULL))
        cr_skip_test("this build reads no videos");
    cr_assert_str_eq(buf_str(&w.names), "$attachment/0-note.txt\n");
    cr_assert_str_eq(buf_str(&w.bytes), "a file beside the video\n");
    watched_free(&w);
    seed(&w, "cover.mp4", VIDEO_KEYFRAMES, NULL);
    cr_assert_str_eq(buf_str(&w.names), "$cover/0.jpg\n");
    cr_assert(w.bytes.len == 676 && memcmp(w.bytes.data, "\xff\xd8\xff", 3) == 0);
    cr_assert(memcmp(w.bytes.data + w.bytes.len - 2, "\xff\xd9", 2) == 0, "to its last byte");
    watched_free(&w);
}

/** Bitmap subtitles of each kind, rendered; the file says itself where streams are met late. */
Test(video, subtitles)
{
    static const struct {
        const char *name, *names;
        size_t frames;
    } rows[] = {{"subtitle.mkv", "$subtitle/1/00000.bmp\n$subtitle/1/00001.bmp\n", 20},
                {"subtitle.mp4", "$subtitle/1/00000.bmp\n$subtitle/1/00001.bmp\n", 20},
                {"subtitle.ts", "$subtitle/1/00000.bmp\n$subtitle/1/00001.bmp\n", 20},
                {"subtitle.avi", "$subtitle/1/00000.bmp\n$subtitle/1/00001.bmp\n", 20},
                {"subtitle.mpg", "$subtitle/0/00000.bmp\n$subtitle/0/00001.bmp\n", 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        for (int mode = VIDEO_ONE_SECOND; mode <= VIDEO_NONE; mode++) {
            struct watched w;
            if (!seed(&w, rows[i].name, (enum video_frames)mode, NULL))
                cr_skip_test("this build reads no videos");
            cr_assert_eq(w.end.status, TRAWL_OK, "%s: %s", rows[i].name, w.end.detail);
            cr_assert_str_eq(buf_str(&w.names), rows[i].names, "%s: %s", rows[i].name, buf_str(&w.names));
            cr_assert(w.end.entries == 2 && (mode != VIDEO_ALL || w.frames.n == rows[i].frames));
            cr_assert(w.bytes.len == 2 * (54 + 96 * 64 * 3) && memcmp(w.bytes.data, "BM", 2) == 0);
            watched_free(&w);
        }
}

/** Squares of 8 x 8, each a grey of its own: (3 x + 5 y) mod 16, from 15 to 244. */
Test(video, subtitle_pixels)
{
    struct watched w;
    if (!seed(&w, "subtitle.mkv", VIDEO_NONE, NULL))
        cr_skip_test("this build reads no videos");
    for (size_t y = 0; y < 64; y++)
        for (size_t x = 0; x < 96; x++)
            for (size_t c = 0; c < 3; c++) {
                int grey = 13 * (1 + (int)((x / 8 * 3 + y / 8 * 5) % 16));
                int got = w.bytes.data[54 + 3 * (96 * y + x) + c];
                cr_assert_leq(abs(got - grey * 255 / 219), 1, "%zu, %zu: %d", x, y, got);
            }
    watched_free(&w);
}

Test(video, limits_of_subtitles)
{
    static const struct {
        enum limit_id id;
        uint64_t value, entries;
    } rows[] = {{LIMIT_VIDEO_FRAMES, 1, 1}, {LIMIT_ENTRIES, 1, 1}, {LIMIT_VIDEO_PIXELS, 96 * 64 - 1, 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct watched w;
        struct limits limits;
        limits_default(&limits);
        limits.value[rows[i].id] = rows[i].value;
        if (!seed(&w, "subtitle.mkv", VIDEO_NONE, &limits))
            cr_skip_test("this build reads no videos");
        cr_assert(w.end.status == TRAWL_LIMIT && w.end.limit == rows[i].id, "%s", w.end.detail);
        cr_assert_eq(w.end.entries, rows[i].entries);
        watched_free(&w);
    }
}

Test(video, each_track)
{
    struct watched w;
    struct limits limits;
    if (!seed(&w, "tracks.mp4", VIDEO_ALL, NULL))
        cr_skip_test("this build reads no videos");
    cr_assert(w.end.status == TRAWL_OK && w.frames.n == 40);
    for (size_t i = 0; i < 40; i++)
        cr_assert(w.frames.items[i].track == i / 20 && w.frames.items[i].number == i % 20);
    watched_free(&w);
    limits_default(&limits);
    limits.value[LIMIT_VIDEO_TRACKS] = 1;
    seed(&w, "tracks.mp4", VIDEO_ALL, &limits);
    cr_assert(w.end.status == TRAWL_LIMIT && w.end.limit == LIMIT_VIDEO_TRACKS && w.frames.n == 20);
    watched_free(&w);
}

/** What decodes of a broken one is hashed, and it is said. */
Test(video, cut)
{
    struct watched w, whole;
    if (!seed(&w, "cut.mp4", VIDEO_ALL, NULL))
        cr_skip_test("this build reads no videos");
    seed(&whole, "h264.mp4", VIDEO_ALL, NULL);
    cr_assert(w.end.status == TRAWL_PARTIAL && strstr(w.end.detail, "could not be read"), "%s", w.end.detail);
    cr_assert(w.frames.n >= 5 && w.frames.n < 20);
    for (size_t i = 0; i < 5; i++)
        cr_assert(is_among(&w.frames.items[i], &whole.frames));
    watched_free(&w);
    seed(&w, "cut.mp4", VIDEO_KEYFRAMES, NULL);
    cr_assert_eq(w.end.status, TRAWL_PARTIAL);
    watched_free(&w);
    watched_free(&whole);
}

/** A stream that only says in which order its pictures are decoded, two of three of them shown before the one that was
 * decoded before: its key frames are all found, each at its own time. */
Test(video, raw_mpeg2)
{
    struct watched all, key;
    if (!seed(&all, "mpeg2.m2v", VIDEO_ALL, NULL))
        cr_skip_test("this build reads no videos");
    seed(&key, "mpeg2.m2v", VIDEO_KEYFRAMES, NULL);
    cr_assert(all.end.status == TRAWL_OK && key.end.status == TRAWL_OK);
    cr_assert(all.frames.n == 50 && key.frames.n == 4, "%zu, %zu", all.frames.n, key.frames.n);
    for (size_t i = 0; i < key.frames.n; i++)
        cr_assert(key.frames.items[i].number == 15 * i && is_among(&key.frames.items[i], &all.frames), "%zu: %u at %u",
                  i, key.frames.items[i].number, key.frames.items[i].time_ms);
    watched_free(&all);
    watched_free(&key);
}

/** Reads the first `part` tenths of a seed. */
static bool seed_cut(struct watched *w, const char *name, size_t part, enum video_frames mode)
{
    char from[128], to[] = "/dev/shm/trawl-video-XXXXXX";
    uint8_t bytes[32768];
    snprintf(from, sizeof(from), SEEDS "%s", name);
    int in = open(from, O_RDONLY | O_CLOEXEC), out = mkstemp(to);
    ssize_t n = read(in, bytes, sizeof(bytes));
    cr_assert(n > 1000 && out >= 0 && write(out, bytes, (size_t)n * part / 10) > 0);
    bool read_it = watch(w, to, mode, NULL);
    unlink(to);
    close(in);
    close(out);
    return read_it;
}

/** Where all that is wanted decodes, the headers tell that there was more. */
Test(video, cut_between_frames, .timeout = 60)
{
    static const struct {
        const char *name;
        enum trawl_status status;
    } rows[] = {{"wmv2.wmv", TRAWL_PARTIAL},
                {"vp9.webm", TRAWL_PARTIAL},
                {"hevc.mkv", TRAWL_PARTIAL},
                {"av1.mp4", TRAWL_DAMAGED}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        for (int mode = VIDEO_ONE_SECOND; mode <= VIDEO_ALL; mode++)
            for (size_t part = 6; part <= 9; part += 3) {
                struct watched w;
                if (!seed_cut(&w, rows[i].name, part, (enum video_frames)mode))
                    cr_skip_test("this build reads no videos");
                cr_assert_eq(w.end.status, rows[i].status, "%s, %s: %s", rows[i].name,
                             video_frames_name((enum video_frames)mode), w.end.detail);
                cr_assert_eq(w.frames.n > 0, rows[i].status == TRAWL_PARTIAL);
                watched_free(&w);
            }
}

/** Each limit is told by its name, and what came before it stays. */
Test(video, limits)
{
    static const struct {
        enum limit_id id;
        uint64_t value;
        size_t frames;
    } rows[] = {{LIMIT_VIDEO_FRAMES, 7, 7}, {LIMIT_VIDEO_SECONDS, 0, 10}, {LIMIT_VIDEO_PIXELS, 96 * 64 - 1, 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct watched w;
        struct limits limits;
        limits_default(&limits);
        limits.value[rows[i].id] = rows[i].value;
        if (!seed(&w, "h264.mp4", VIDEO_ALL, &limits))
            cr_skip_test("this build reads no videos");
        cr_assert(w.end.status == TRAWL_LIMIT && w.end.limit == rows[i].id, "%s", w.end.detail);
        cr_assert(strstr(w.end.detail, limit_table[rows[i].id].name), "%s", w.end.detail);
        cr_assert_eq(w.frames.n, rows[i].frames, "%s: %zu", limit_table[rows[i].id].name, w.frames.n);
        watched_free(&w);
    }
}

/** Any byte may be wrong: the reader ends, and says something that can be. */
Test(video, damage, .timeout = 120)
{
    static const char *const names[] = {"h264.mp4", "vp9.webm",     "mpeg4.avi",   "flv1.flv",    "wmv2.wmv",
                                        "h264.ts",  "subtitle.mkv", "subtitle.ts", "subtitle.mp4"};
    uint64_t random = 1;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        for (int round = 0; round < 12; round++) {
            char from[128], to[] = "/dev/shm/trawl-video-XXXXXX";
            struct watched w;
            uint8_t bytes[32768];
            snprintf(from, sizeof(from), SEEDS "%s", names[i]);
            int in = open(from, O_RDONLY | O_CLOEXEC), out = mkstemp(to);
            ssize_t n = read(in, bytes, sizeof(bytes));
            cr_assert(n > 1000 && out >= 0);
            for (int k = 0; k < 10; k++) {
                random = random * 6364136223846793005u + 1442695040888963407u;
                bytes[64 + (random >> 33) % ((size_t)n - 64)] ^= (uint8_t)(random >> 25) | 1;
            }
            cr_assert_eq(write(out, bytes, (size_t)n), n);
            bool read_it = watch(&w, to, VIDEO_ONE_SECOND, NULL);
            unlink(to);
            close(in);
            close(out);
            if (!read_it)
                cr_skip_test("this build reads no videos");
            cr_assert(w.end.status == TRAWL_OK || w.end.detail[0]);
            watched_free(&w);
        }
}

/** The published hashes of vPDQ: within 10 bits where the frame is good, qualities and times as published. */
Test(video, published_hashes, .timeout = 120)
{
    static const char *const names[] = {"chair-19-sd-bar", "chair-22-with-small-logo-bar", "doorknob-hd-no-bar",
                                        "pattern-sd-grey-bar", "test-padded-dimensions"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char path[256], line[256];
        struct watched w;
        size_t n = 0;
        snprintf(path, sizeof(path), "../shared/data/vpdq/%s.txt", names[i]);
        FILE *published = fopen(path, "r");
        if (!published)
            cr_skip_test("../shared/data/vpdq is absent");
        snprintf(path, sizeof(path), "../shared/data/vpdq/videos/%s.mp4", names[i]);
        if (!watch(&w, path, VIDEO_ALL, NULL))
            cr_skip_test("this build reads no videos");
        while (fgets(line, sizeof(line), published)) {
            unsigned number, quality;
            double seconds;
            char hex[65];
            uint8_t pdq[PDQ_BYTES];
            cr_assert_eq(sscanf(line, "%u,%u,%64[0-9a-f],%lf", &number, &quality, hex, &seconds), 4);
            for (int k = 0; k < PDQ_BYTES; k++) {
                unsigned byte;
                sscanf(hex + 2 * k, "%2x", &byte);
                pdq[k] = (uint8_t)byte;
            }
            cr_assert_lt(n, w.frames.n);
            const struct video_frame *frame = &w.frames.items[n++];
            cr_assert(frame->number == number && frame->time_ms == (uint32_t)(seconds * 1000 + 0.5));
            cr_assert(frame->quality + 1 >= (int)quality && frame->quality <= quality + 1);
            cr_assert(quality < 80 || pdq_distance(frame->pdq, pdq) <= 10, "%s, frame %u", names[i], number);
        }
        cr_assert_eq(n, w.frames.n);
        fclose(published);
        watched_free(&w);
    }
}
