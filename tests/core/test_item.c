/* Items in JSON, and in the journal and back. */
#include "items.h"

static void check_json(const struct item *item, const char *expected)
{
    struct buf out = {0};
    item_json(item, &out);
    cr_assert_str_eq(buf_str(&out), expected);
    buf_free(&out);
}

#define MD5    "11111111111111111111111111111111"
#define SHA1   "2222222222222222222222222222222222222222"
#define SHA256 "3333333333333333333333333333333333333333333333333333333333333333"
#define PDQ    "abababababababababababababababababababababababababababababababab"
#define WHERE                                                                                                          \
    "\"where\":[{\"kind\":\"file\",\"name\":\"a.zip\"},{\"kind\":\"zip\",\"name\":\"b\\\\x5c\xc3\xa4.jpg\","           \
    "\"raw\":\"625cc3a42e6a7067\",\"index\":7}]}\n"

Test(item, json_of_everything)
{
    struct item item = full_item();
    check_json(&item,
               "{\"path\":\"a.zip!/"
               "b\\\\x5c\xc3\xa4.jpg\",\"size\":1234,\"type\":\"jpeg\",\"status\":\"limit\",\"limit\":\"pixels\","
               "\"detail\":\"300 pixels\",\"md5\":\"" MD5 "\",\"sha1\":\"" SHA1 "\",\"sha256\":\"" SHA256
               "\",\"width\":640,\"height\":480,\"orientation\":6,\"pdq\":\"" PDQ
               "\",\"pdq_quality\":49,\"pdq_stable\":false,\"low_quality\":true," WHERE);
    item.pdq_is_screen = true;
    item.pdq_stable = true;
    item.low_quality = false;
    item.orientation = 0;
    item.status = TRAWL_OK;
    item.limit = LIMIT_NONE;
    free(item.detail);
    item.detail = NULL;
    check_json(
        &item,
        "{\"path\":\"a.zip!/b\\\\x5c\xc3\xa4.jpg\",\"size\":1234,\"type\":\"jpeg\",\"status\":\"ok\",\"md5\":\"" MD5
        "\",\"sha1\":\"" SHA1 "\",\"sha256\":\"" SHA256 "\",\"width\":640,\"height\":480,\"pdq_screen\":\"" PDQ
        "\",\"pdq_quality\":49," WHERE);
    item_clear(&item);
}

Test(item, json_of_nearly_nothing)
{
    struct item item = {.where = where_new(NULL, "file", "x", 1, WHERE_UNKNOWN, WHERE_UNKNOWN),
                        .size = WHERE_UNKNOWN,
                        .status = TRAWL_UNREACHED};
    check_json(&item, "{\"path\":\"x\",\"size\":null,\"type\":\"other\",\"status\":\"unreached\",\"where\":[{\"kind\":"
                      "\"file\",\"name\":\"x\"}]}\n");
    item.size = 0;
    item.type = TYPE_SYMLINK;
    item.status = TRAWL_NOT_MEDIA;
    check_json(&item, "{\"path\":\"x\",\"size\":0,\"type\":\"symlink\",\"status\":\"not-media\",\"where\":[{\"kind\":"
                      "\"file\",\"name\":\"x\"}]}\n");
    item_clear(&item);
}

Test(item, detail_is_escaped_and_replaced)
{
    struct item item = {0};
    item_detail(&item, "name '%s' at %u", "\xff\n\xe2\x80\xae\\", 5u);
    cr_assert_str_eq(item.detail, "name '\\xff\\x0a\\xe2\\x80\\xae\\x5c' at 5");
    item_detail(&item, "again");
    cr_assert_str_eq(item.detail, "again");
    item_clear(&item);
    cr_assert_null(item.detail);
    item_clear(&item);
}

Test(item, encoding_comes_back)
{
    struct item item = full_item();
    check_round_trip(&item);
    item.pdq_is_screen = item.pdq_stable = true;
    item.has_digests = false;
    item.size = WHERE_UNKNOWN;
    check_round_trip(&item);
    item.matches.n = 0;
    item.has_pdq = false;
    check_round_trip(&item);
    item_clear(&item);
}

Test(item, every_type_status_limit_and_quality_comes_back)
{
    struct item item = full_item();
    for (int t = 0; t < TYPE_COUNT; t++) {
        item.type = (enum file_type)t;
        check_round_trip(&item);
    }
    for (int s = 0; s < TRAWL_STATUS_COUNT; s++) {
        item.status = (enum trawl_status)s;
        check_round_trip(&item);
    }
    for (int l = 0; l < LIMIT_COUNT; l++) {
        item.limit = (enum limit_id)l;
        check_round_trip(&item);
    }
    for (int q = 0; q <= 100; q++) {
        item.pdq_quality = q;
        check_round_trip(&item);
    }
    for (uint32_t o = 0; o <= 8; o++) {
        item.orientation = o;
        check_round_trip(&item);
    }
    for (uint16_t d = 0; d <= 256; d++) {
        item.matches.items[3].distance = d;
        check_round_trip(&item);
    }
    item_clear(&item);
}

/** Rotations of matches, and hashes of turned pictures; without them the bytes are those of versions before them. */
Test(item, rotations_come_back)
{
    struct item item = full_item();
    struct buf with = {0}, without = {0}, json = {0};
    item_encode(&item, &with);
    item.matches.items[3].rotation = PDQ_ORIGINAL;
    item_encode(&item, &without);
    cr_assert_eq(with.len, without.len + 1 + item.matches.n);
    cr_assert_arr_eq(with.data, without.data, without.len);
    cr_assert_arr_eq(with.data + without.len, "\x0d\0\0\0\7", 5);
    with.data[with.len - 1] = PDQ_ROTATIONS;
    cr_assert(refused(with.data, with.len));
    with.data[with.len - 1] = 0;
    cr_assert(refused(with.data, with.len), "none is turned: then there is no field");
    with.data[with.len - 4] = 1;
    cr_assert(refused(with.data, with.len), "an MD5 of a turned picture");
    item.has_rotations = true;
    for (int i = 0; i < PDQ_ROTATIONS - 1; i++)
        memset(item.rotations[i], 0x10 + i, PDQ_BYTES);
    check_round_trip(&item);
    item_json(&item, &json);
    const char *text = strstr(buf_str(&json), ",\"pdq_rotations\":{\"rotate90\":\"10101010");
    cr_assert(text && strstr(text, ",\"flipMinus1\":\"16161616") && strstr(text, "1616\"},\"low_quality\":true"));
    buf_free(&with);
    buf_free(&without);
    buf_free(&json);
    item_clear(&item);
}

/** What lists say beside a category; without it the bytes are those of versions before it. */
Test(item, words_of_matches_come_back)
{
    struct item item = full_item(), back;
    struct buf with = {0}, without = {0};
    item_encode(&item, &without);
    item.matches.items[1].flags = MATCH_VICTIM_IDENTIFIED | MATCH_VIDEO;
    item.matches.items[1].code = "A1";
    item.matches.items[2].series = "s\xc3\xa4";
    item.matches.items[3].photodna = "AAAA";
    item_encode(&item, &with);
    cr_assert_arr_eq(with.data, without.data, without.len);
    cr_assert_eq(with.data[without.len], 0x0f);
    check_round_trip(&item);
    cr_assert(item_decode(with.data, with.len, &back));
    cr_assert_str_eq(back.matches.items[0].code, "");
    cr_assert_str_eq(back.matches.items[2].series, "s\xc3\xa4");
    cr_assert_str_eq(match_flag_name(MATCH_VIDEO), "video");
    cr_assert_null(match_flag_name(MATCH_FLAGS_ALL + 1));
    with.data[without.len + 3] = 0xff;
    cr_assert(refused(with.data, with.len), "a flag of a newer version");
    buf_byte(&without, 0x0f);
    for (size_t i = 0; i < item.matches.n * 16; i++)
        buf_byte(&without, 0);
    cr_assert(refused(without.data, without.len), "no words need no field");
    item_clear(&back);
    item_clear(&item);
    buf_free(&with);
    buf_free(&without);
}

/** What EXIF says of the camera. */
Test(item, camera_comes_back)
{
    struct item item = full_item(), back;
    struct buf bytes = {0}, line = {0};
    item.camera = (struct camera){.make = "Acme", .model = "One \"x\"", .serial = "007", .time = 1717200000};
    check_round_trip(&item);
    item_encode(&item, &bytes);
    cr_assert(item_decode(bytes.data, bytes.len, &back));
    cr_assert_str_eq(back.camera.model, "One \"x\"");
    item_json(&back, &line);
    cr_assert(strstr(buf_str(&line), ",\"camera\":{\"make\":\"Acme\",\"model\":\"One \\\"x\\\"\",\"serial\":\"007\","
                                     "\"time\":\"2024-06-01T00:00:00\"}"));
    item_clear(&back);
    item.camera = (struct camera){.time = CAMERA_TIME_MAX};
    check_round_trip(&item);
    bytes.len = 0;
    item_encode(&item, &bytes);
    bytes.data[bytes.len - 1] = 0x7f;
    cr_assert(refused(bytes.data, bytes.len), "a time that no camera has");
    item_clear(&item);
    buf_free(&bytes);
    buf_free(&line);
}

/** Frames, what matches of a video say, and the line of JSON; a frame out of order is refused. */
Test(item, videos_come_back)
{
    struct item item = full_item(), back;
    struct buf bytes = {0}, line = {0};
    struct video_frame frames[] = {{.number = 0, .quality = 100, .pdq = {1}},
                                   {.number = 30, .time_ms = 1001, .quality = 7},
                                   {.number = 2, .time_ms = 90, .track = 1}};
    for (size_t i = 0; i < 3; i++) {
        RESERVE(item.frames.items, item.frames.n, item.frames.cap);
        item.frames.items[item.frames.n++] = frames[i];
    }
    item.duration_ms = 61234;
    item.matches.items[3].video = (struct match_video){.is_video = true, .quality = 90, .number = 30, .time_ms = 1001};
    add_match(&item, HASH_VPDQ, 12, "videos", "7", "");
    item.matches.items[item.matches.n - 1].video = (struct match_video){
        .is_video = true, .track = 1, .number = 2, .file_near = 8, .file_frames = 10, .list_near = 1, .list_frames = 3};
    item_encode(&item, &bytes);
    cr_assert(item_decode(bytes.data, bytes.len, &back));
    cr_assert(back.duration_ms == 61234 && back.frames.n == 3);
    cr_assert_eq(memcmp(back.frames.items, frames, sizeof(frames)), 0);
    for (size_t i = 0; i < item.matches.n; i++)
        cr_assert_eq(memcmp(&back.matches.items[i].video, &item.matches.items[i].video, sizeof(struct match_video)), 0);
    item_json(&back, &line);
    cr_assert(strstr(buf_str(&line), ",\"duration\":61.234,\"frames\":[\"0,100,0100"), "%s", buf_str(&line));
    cr_assert(strstr(buf_str(&line), ",1.001\"],\"frames_track2\":[\"2,0,0000"), "%s", buf_str(&line));
    item_clear(&back);
    bytes.len = 0;
    item.frames.items[1].number = 0;
    item_encode(&item, &bytes);
    cr_assert_not(item_decode(bytes.data, bytes.len, &back));
    bytes.len = 0;
    item.frames.items[1].number = 30;
    item.matches.items[item.matches.n - 1].video.list_near = 4;
    item_encode(&item, &bytes);
    cr_assert_not(item_decode(bytes.data, bytes.len, &back));
    item_clear(&item);
    buf_free(&bytes);
    buf_free(&line);
}

/** Behind all else, so that without one the bytes are those of versions before it; and of listed pictures only. */
Test(item, thumbnail_comes_back)
{
    struct item item = full_item(), back;
    struct buf with = {0}, without = {0}, json = {0};
    item_encode(&item, &without);
    item.thumbnail = ALLOC_ARRAY(uint8_t, THUMBNAIL_BYTES);
    for (unsigned i = 0; i < THUMBNAIL_BYTES; i++)
        item.thumbnail[i] = (uint8_t)(i * 7 + i / 256);
    check_round_trip(&item);
    item_encode(&item, &with);
    cr_assert_eq(with.len, without.len + 1 + THUMBNAIL_BYTES);
    cr_assert_arr_eq(with.data, without.data, without.len);
    cr_assert(item_decode(with.data, with.len, &back));
    cr_assert_arr_eq(back.thumbnail, item.thumbnail, THUMBNAIL_BYTES);
    item_json(&back, &json);
    cr_assert_null(strstr(buf_str(&json), "thumb"), "the inventory has none");
    item_clear(&back);
    cr_assert_null(back.thumbnail);
    for (size_t n = without.len + 1; n < with.len; n += 31)
        cr_assert(refused(with.data, n), "cut at %zu", n);
    item.matches.n = 0;
    with.len = 0;
    item_encode(&item, &with);
    cr_assert(refused(with.data, with.len), "of a picture on no list");
    buf_free(&with);
    buf_free(&without);
    buf_free(&json);
    item_clear(&item);
}

static uint8_t (*turned_of(const uint8_t pdq[PDQ_BYTES], int salt))[PDQ_BYTES]
{
    uint8_t(*turned)[PDQ_BYTES] = (uint8_t(*)[PDQ_BYTES])ALLOC_ARRAY(uint8_t, PDQ_ROTATIONS * PDQ_BYTES);
    memcpy(turned[PDQ_ORIGINAL], pdq, PDQ_BYTES);
    for (int i = 1; i < PDQ_ROTATIONS; i++)
        memset(turned[i], salt + i, PDQ_BYTES);
    return turned;
}

static bool same_hash(const struct picture_hash *a, const struct picture_hash *b)
{
    if (memcmp(a->pdq, b->pdq, PDQ_BYTES) || a->quality != b->quality || a->stable != b->stable ||
        !a->turned != !b->turned)
        return false;
    return !a->turned || memcmp(a->turned, b->turned, PDQ_ROTATIONS * PDQ_BYTES) == 0;
}

/** What a picture's decoding came to, in all its forms; the line of JSON does not show it. */
Test(item, memory_comes_back)
{
    for (unsigned form = 0; form < 1u << 5; form++) {
        struct item item = full_item(), back;
        struct picture_memory *memory = &item.memory;
        struct buf before = {0}, after = {0}, bytes = {0};
        item_json(&item, &before);
        memory->kept = true;
        memory->doubtful = form & 1 ? 256 : 3;
        memory->first.quality = 71;
        memory->first.stable = form & 2;
        memcpy(memory->first.pdq, item.pdq, PDQ_BYTES);
        memory->has_exact = form & 4;
        if (memory->has_exact) {
            memory->exact = (struct picture_hash){.quality = 99, .stable = form & 8};
            memset(memory->exact.pdq, 0xa5, PDQ_BYTES);
        }
        if (form & 16) {
            memory->first.turned = turned_of(memory->first.pdq, 7);
            memory->exact.turned = memory->has_exact ? turned_of(memory->exact.pdq, 77) : NULL;
        }
        check_round_trip(&item);
        item_encode(&item, &bytes);
        cr_assert(item_decode(bytes.data, bytes.len, &back));
        cr_assert(back.memory.kept && back.memory.doubtful == memory->doubtful);
        cr_assert(same_hash(&back.memory.first, &memory->first));
        cr_assert(back.memory.has_exact == memory->has_exact && !back.memory.exact_failed);
        cr_assert(same_hash(&back.memory.exact, &memory->exact));
        item_json(&back, &after);
        cr_assert_str_eq(buf_str(&before), buf_str(&after));
        item_clear(&item);
        item_clear(&back);
        buf_free(&before);
        buf_free(&after);
        buf_free(&bytes);
    }
}
