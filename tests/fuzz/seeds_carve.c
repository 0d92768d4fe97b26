/* seeds_carve.c: files of every kind that the carver finds, alone, cut, and behind each other. */
#include "../carve/made.h"
#include "../decode/pictures.h"
#include "seeds.h"

static void one(const char *name, struct buf *bytes, struct buf *all)
{
    seed_prefixed("carve", name, "\0\0\0\0", 4, bytes->data, bytes->len);
    buf_put(all, bytes->data, bytes->len * 2 / 3);
    buf_put(all, bytes->data, bytes->len);
    buf_free(bytes);
}

static void picture(const char *name, struct file_bytes file, struct buf *all)
{
    struct buf bytes = {0};
    buf_put(&bytes, file.data, file.size);
    free(file.data);
    one(name, &bytes, all);
}

void seed_carved(void)
{
    struct buf bytes = {0}, all = {0};
    made_mp4(&bytes, "mp42", true);
    one("mp4", &bytes, &all);
    made_fragmented(&bytes);
    one("fragmented", &bytes, &all);
    made_boxed(&bytes, "jp2");
    one("jp2", &bytes, &all);
    made_boxed(&bytes, "jxl");
    one("jxl", &bytes, &all);
    made_avi(&bytes, true);
    one("avi", &bytes, &all);
    made_mkv(&bytes, "matroska", false);
    one("mkv", &bytes, &all);
    made_mkv(&bytes, "webm", true);
    one("webm", &bytes, &all);
    made_asf(&bytes);
    one("asf", &bytes, &all);
    made_flv(&bytes);
    one("flv", &bytes, &all);
    made_7z(&bytes);
    one("7z", &bytes, &all);
    made_pdf(&bytes, 2);
    one("pdf", &bytes, &all);
    picture("jpeg", make_photo_jpeg(40, 30, PHOTO_JPEG), &all);
    picture("png", make_photo_png(20, 15, PHOTO_PNG), &all);
    static const char tiff[] =
        "II*\0\10\0\0\0\3\0\0\1\3\0\1\0\0\0\4\0\0\0\x11\1\4\0\1\0\0\0\x32\0\0\0\x17\1\4\0\1\0\0\0\4"
        "\0\0\0\0\0\0\0\1\2\3";
    static const char gif[] = "GIF89a\4\0\4\0\0\0\0,\0\0\0\0\4\0\4\0\0\2\3\1\2\3\0;";
    seed_prefixed("carve", "tiff", "\0\0\0\0", 4, tiff, sizeof(tiff));
    seed_prefixed("carve", "gif", "\0\0\0\0", 4, gif, sizeof(gif) - 1);
    seed_prefixed("carve", "all", "\0\0\0\0", 4, all.data, all.len);
    seed_prefixed("carve", "ranges", "\2\x80\x08\x10", 4, all.data, all.len);
    seed_prefixed("carve", "joined", "\3\x80\x08\x10", 4, all.data, all.len);
    buf_free(&all);
}
