#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../decode/extras.h"
#include "../scratch.h"
#include "sandbox/decoder.h"

struct fixture {
    struct scratch scratch;
    struct zygote *zygote;
    struct slot slot;
    struct decoder_handle decoder;
    atomic_bool stop;
};

static void begin(struct fixture *f, bool sandboxed)
{
    f->zygote = zygote_start(sandboxed);
    cr_assert_not_null(f->zygote);
    f->scratch = scratch_make();
    cr_assert_eq(slot_open(&f->slot, f->scratch.fd), 0);
    atomic_store(&f->stop, false);
    decoder_open(&f->decoder, f->zygote, &f->stop);
}

static void end(struct fixture *f)
{
    decoder_close(&f->decoder);
    decoder_close(&f->decoder);
    slot_close(&f->slot);
    zygote_stop(f->zygote);
    scratch_remove(&f->scratch);
}

static void load(struct fixture *f, const struct file_bytes *file, uint64_t memory)
{
    slot_reset(&f->slot, memory);
    cr_assert_eq(slot_append(&f->slot, file->data, file->size), 0);
}

/** What the child says is what this process computes itself. */
static void check(struct fixture *f, const struct file_bytes *file, enum file_type type, bool exact, uint64_t memory)
{
    struct decode_request request = request_for(type, exact);
    struct decode_result here, there;
    memset(&here, 0, sizeof(here));
    memset(&there, 0xee, sizeof(there));
    decode_picture(&request, file->data, file->size, &here);
    load(f, file, memory);
    decoder_run(&f->decoder, &f->slot, &request, &there);
    cr_assert_eq(there.status, here.status, "%s", there.detail);
    cr_assert_str_eq(there.detail, here.detail);
    cr_assert(there.width == here.width && there.height == here.height && there.has_pdq == here.has_pdq);
    cr_assert(there.screen == here.screen && there.pdq.quality == here.pdq.quality &&
              there.pdq.stable == here.pdq.stable);
    cr_assert_eq(memcmp(there.pdq.hash, here.pdq.hash, PDQ_BYTES), 0);
}

Test(decoder, pictures, .timeout = 60)
{
    static struct fixture f;
    struct file_bytes jpeg = make_photo_jpeg(300, 200, PHOTO_JPEG), png = make_photo_png(150, 170, PHOTO_PNG);
    struct file_bytes noise = {(uint8_t *)"no picture at all", 17}, nothing = {(uint8_t *)"", 0};
    begin(&f, true);
    check(&f, &png, TYPE_PNG, true, SLOT_MAX);
    pid_t pid = f.decoder.pid;
    cr_assert_gt(pid, 0);
    for (int round = 0; round < 3; round++)
        for (int exact = 0; exact < 2; exact++) {
            check(&f, &jpeg, TYPE_JPEG, exact, SLOT_MAX);
            check(&f, &png, TYPE_PNG, exact, SLOT_MAX);
            check(&f, &noise, TYPE_JPEG, exact, SLOT_MAX);
            check(&f, &nothing, TYPE_PNG, exact, SLOT_MAX);
            check(&f, &png, TYPE_JPEG, exact, SLOT_MAX);
            struct file_bytes half = {jpeg.data, jpeg.size / 2};
            check(&f, &half, TYPE_JPEG, exact, SLOT_MAX);
        }
    cr_assert_eq(f.decoder.pid, pid, "one child for all");
    end(&f);
    free(jpeg.data);
    free(png.data);
}

/** Pictures that went to a file, between others that did not, and the slot's memory taken away now and then. */
Test(decoder, however_the_bytes_are_kept, .timeout = 60)
{
    static struct fixture f;
    struct file_bytes jpeg = make_photo_jpeg(200, 300, PHOTO_JPEG), png = make_photo_png(64, 64, PHOTO_PNG);
    uint64_t seed = 3;
    begin(&f, true);
    unsigned before = scratch_open_files();
    for (int i = 0; i < 60; i++) {
        uint64_t r = scratch_random(&seed);
        check(&f, r & 1 ? &jpeg : &png, r & 1 ? TYPE_JPEG : TYPE_PNG, r & 2, r & 4 ? 100 : SLOT_MAX);
        if (!(r & 24)) {
            load(&f, &png, r & 32 ? 100 : SLOT_MAX);
            close(slot_detach(&f.slot));
        }
    }
    cr_assert_leq(scratch_open_files(), before + 3, "one socket, and a file where the last picture is in one");
    end(&f);
    free(jpeg.data);
    free(png.data);
}

/** Several pictures in one slot and one round trip give what each gives by itself. */
Test(decoder, parts, .timeout = 60)
{
    static struct fixture f;
    struct file_bytes files[DECODER_PARTS] = {
        make_photo_jpeg(300, 200, PHOTO_JPEG), make_photo_png(150, 170, PHOTO_PNG),
        {(uint8_t *)"no picture at all", 17},  {(uint8_t *)"", 0},
        make_photo_jpeg(64, 64, PHOTO_JPEG),   make_photo_png(5, 5, PHOTO_PNG),
        make_photo_jpeg(700, 500, PHOTO_JPEG), make_photo_png(33, 44, PHOTO_PNG),
    };
    begin(&f, true);
    for (unsigned n = 1; n <= DECODER_PARTS; n++)
        for (int exact = 0; exact < 2; exact++) {
            struct decoder_part parts[DECODER_PARTS];
            struct decode_result there[DECODER_PARTS];
            struct decode_request request = request_for(TYPE_OTHER, exact);
            slot_reset(&f.slot, SLOT_MAX);
            for (unsigned i = 0; i < n; i++) {
                parts[i] = (struct decoder_part){f.slot.len, files[i].size, i % 4 == 1 ? TYPE_PNG : TYPE_JPEG};
                cr_assert_eq(slot_append(&f.slot, files[i].data, files[i].size), 0);
            }
            cr_assert(decoder_run_parts(&f.decoder, &f.slot, &request, parts, n, there));
            for (unsigned i = 0; i < n; i++) {
                struct decode_result here;
                memset(&here, 0, sizeof(here));
                request.type = parts[i].type;
                decode_picture(&request, files[i].data, files[i].size, &here);
                cr_assert_eq(memcmp(&here, &there[i], sizeof(here)), 0, "part %u of %u", i, n);
            }
        }
    /* One by one works on, and so does a child that is killed in between. */
    check(&f, &files[0], TYPE_JPEG, true, SLOT_MAX);
    for (int i = 0; i < 3; i++) {
        struct decoder_part parts[2] = {{0, files[0].size, TYPE_JPEG}, {0, files[0].size, TYPE_JPEG}};
        struct decode_result there[2];
        struct decode_request request = request_for(TYPE_OTHER, true);
        load(&f, &files[0], SLOT_MAX);
        kill(f.decoder.pid, SIGKILL);
        cr_assert_not(decoder_run_parts(&f.decoder, &f.slot, &request, parts, 2, there));
        cr_assert(decoder_run_parts(&f.decoder, &f.slot, &request, parts, 2, there));
        cr_assert_eq(memcmp(&there[0], &there[1], sizeof(there[0])), 0);
    }
    end(&f);
    for (unsigned i = 0; i < DECODER_PARTS; i++)
        if (i != 2 && i != 3)
            free(files[i].data);
}

/** A part beyond the slot is refused by the child, and what is short of memory is left to a second try. */
Test(decoder, parts_that_are_left, .timeout = 60)
{
    static struct fixture f;
    struct file_bytes jpeg = make_photo_jpeg(300, 200, PHOTO_JPEG);
    struct decode_request request = request_for(TYPE_OTHER, true);
    struct decode_result there[2];
    struct decoder_part parts[2] = {{0, jpeg.size, TYPE_JPEG}, {SLOT_MAX, 1, TYPE_JPEG}};
    begin(&f, true);
    load(&f, &jpeg, SLOT_MAX);
    cr_assert_not(decoder_run_parts(&f.decoder, &f.slot, &request, parts, 2, there));
    check(&f, &jpeg, TYPE_JPEG, true, SLOT_MAX);
    end(&f);
    free(jpeg.data);
}

/** Nobody notices that a child is replaced: after its ten thousand items, or because it was killed between two. */
Test(decoder, children_come_and_go, .timeout = 60)
{
    static struct fixture f;
    struct file_bytes png = make_photo_png(64, 64, PHOTO_PNG);
    begin(&f, true);
    check(&f, &png, TYPE_PNG, true, SLOT_MAX);
    pid_t first = f.decoder.pid;
    f.decoder.items = 9999;
    check(&f, &png, TYPE_PNG, true, SLOT_MAX);
    cr_assert_eq(f.decoder.pid, first);
    check(&f, &png, TYPE_PNG, true, SLOT_MAX);
    cr_assert_neq(f.decoder.pid, first, "a fresh child");
    cr_assert_gt(f.decoder.cpu_ns, 0u, "what the old one used is counted");
    for (int i = 0; i < 5; i++) {
        kill(f.decoder.pid, SIGKILL);
        check(&f, &png, TYPE_PNG, true, SLOT_MAX);
        check(&f, &png, TYPE_PNG, true, SLOT_MAX);
        cr_assert_not(f.decoder.second);
    }
    end(&f);
    free(png.data);
}

/** A child that does not answer is waited for, until the run is stopped. */
Test(decoder, stopped, .timeout = 60)
{
    static struct fixture f;
    struct file_bytes png = make_photo_png(64, 64, PHOTO_PNG);
    struct decode_request request = request_for(TYPE_PNG, true);
    struct decode_result result;
    begin(&f, true);
    check(&f, &png, TYPE_PNG, true, SLOT_MAX);
    kill(f.decoder.pid, SIGSTOP);
    atomic_store(&f.stop, true);
    load(&f, &png, SLOT_MAX);
    decoder_run(&f.decoder, &f.slot, &request, &result);
    cr_assert_eq(result.status, TRAWL_UNREACHED);
    cr_assert_str_eq(result.detail, "interrupted");
    cr_assert_eq(f.decoder.pid, 0, "it is not left behind");
    end(&f);
    free(png.data);
}

/** No process can be started: that is no crash, neither of the item nor of the program. */
Test(decoder, no_zygote, .timeout = 60)
{
    static struct fixture f;
    struct file_bytes png = make_photo_png(64, 64, PHOTO_PNG);
    struct decode_request request = request_for(TYPE_PNG, true);
    struct decode_result result;
    begin(&f, true);
    check(&f, &png, TYPE_PNG, true, SLOT_MAX);
    char name[64], line[256];
    int parent = 0;
    snprintf(name, sizeof(name), "/proc/%d/status", (int)f.decoder.pid);
    FILE *status = fopen(name, "r");
    while (status && fgets(line, sizeof(line), status))
        if (sscanf(line, "PPid: %d", &parent) == 1)
            break;
    fclose(status);
    cr_assert_gt(parent, 1);
    kill(parent, SIGKILL);
    struct pollfd gone = {f.decoder.socket, 0, 0};
    cr_assert_eq(poll(&gone, 1, -1), 1, "the child goes with it");
    load(&f, &png, SLOT_MAX);
    decoder_run(&f.decoder, &f.slot, &request, &result);
    cr_assert_eq(result.status, TRAWL_UNREACHED, "nothing is known of the picture");
    cr_assert_neq(f.decoder.failed, 0);
    cr_assert_str_not_empty(result.detail);
    cr_assert_not(result.has_pdq);
    end(&f);
    free(png.data);
}

/** Lists of extras cross the border as they are, of a part of the slot as of all of it. */
Test(decoder, extras)
{
    struct fixture f;
    begin(&f, true);
    struct file_bytes thumbnail = make_photo_jpeg(160, 120, PHOTO_JPEG), photo = make_photo_jpeg(640, 480, PHOTO_JPEG),
                      exif = exif_block(&thumbnail, 0, 0, true), both = {NULL, 0};
    static struct decode_extras extras;
    struct decode_result end_of, result;
    jpeg_insert(&photo, 2, 0xe1, exif.data, exif.size);
    bytes_add(&both, "before", 6);
    bytes_add(&both, photo.data, photo.size);
    load(&f, &both, 1 << 20);
    const struct decoder_part part = {6, photo.size, TYPE_JPEG};
    for (uint32_t count = 1; count <= DECODE_EXTRAS; count *= 2) {
        struct decode_request request = request_for(TYPE_JPEG, true);
        request.extras = true;
        request.count = count;
        cr_assert(decoder_run_extras(&f.decoder, &f.slot, &request, &part, &extras, &end_of));
        cr_assert(extras.n == 1 && !extras.more && extras.items[0].size == thumbnail.size);
        cr_assert_eq(memcmp(photo.data + extras.items[0].offset, thumbnail.data, thumbnail.size), 0);
        /* The thumbnail itself, where it stands in the slot. */
        const struct decoder_part inner = {6 + extras.items[0].offset, extras.items[0].size, TYPE_JPEG};
        request.extras = false;
        decoder_run_part(&f.decoder, &f.slot, &request, &inner, &result);
        cr_assert(result.status == TRAWL_OK && result.width == 160 && result.height == 120, "%s", result.detail);
    }
    free(both.data);
    free(photo.data);
    free(exif.data);
    free(thumbnail.data);
    end(&f);
}
