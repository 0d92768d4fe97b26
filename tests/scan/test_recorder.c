#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../scratch.h"
#include "scan/recorder.h"

/** An item with the identity in a journal of its own, read back. */
static void round_trip(const struct identity *in, const struct hide *hide, struct identity *out, bool *has)
{
    struct scratch scratch = scratch_make();
    struct recorder recorder = {.hide = hide};
    struct journal_reader *reader;
    struct journal_record record;
    static const uint8_t chain[JOURNAL_CHAIN];
    const uint8_t *bytes;
    size_t n;
    struct item item = {.where = where_new(NULL, "file", "a", 1, WHERE_UNKNOWN, WHERE_UNKNOWN)}, again;
    int dir = open(scratch.path, O_RDONLY | O_DIRECTORY);
    cr_assert_eq(journal_open(dir, 1, 0, chain, &recorder.journal), 0);
    recorder_item(&recorder, &item, in);
    item_clear(&item);
    cr_assert_eq(journal_close(recorder.journal), 0);
    cr_assert_eq(journal_reader_open(dir, &reader), 0);
    cr_assert_eq(journal_reader_next(reader, &record), 1);
    cr_assert_not(recorder_is_reused(&record));
    cr_assert(recorder_read_item(&record, out, has, &bytes, &n));
    cr_assert(item_decode(bytes, n, &again));
    item_clear(&again);
    journal_reader_close(reader);
    close(dir);
    scratch_remove(&scratch);
}

Test(recorder, times_and_parts_of_a_file)
{
    struct identity file = {.dev = 1, .ino = 2, .size = 3, .mtime = 4, .ctime = 5, .segments = 6}, out;
    bool has;
    round_trip(&file, NULL, &out, &has);
    cr_assert(has && memcmp(&file, &out, sizeof(file)) == 0);
    file.segments = 0;
    round_trip(&file, NULL, &out, &has);
    cr_assert(has && memcmp(&file, &out, sizeof(file)) == 0);
    round_trip(NULL, NULL, &out, &has);
    cr_assert(!has && out.ctime == 0 && out.segments == 0);
}

Test(recorder, a_hidden_place_keeps_no_times)
{
    struct hide hide = {0};
    struct identity file = {.dev = 1, .ino = 2, .size = 3, .mtime = 4, .ctime = 5, .segments = 6}, out;
    bool has;
    round_trip(&file, &hide, &out, &has);
    cr_assert(has && !out.size && !out.mtime && !out.ctime && !out.segments);
}

Test(recorder, fronts_that_are_none)
{
    static const uint8_t fronts[][1] = {{0x20}, {0x04}, {0x10}, {0xff}};
    struct identity identity;
    const uint8_t *bytes;
    size_t n;
    bool has;
    for (size_t i = 0; i < sizeof(fronts) / sizeof(*fronts); i++) {
        uint8_t payload[200] = {fronts[i][0]};
        struct journal_record record = {.type = JOURNAL_ITEM, .payload = payload, .n = sizeof(payload)};
        cr_assert_not(recorder_read_item(&record, &identity, &has, &bytes, &n), "%zu", i);
    }
}
