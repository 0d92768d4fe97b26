#include "trawl/camera.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#include "core/buf.h"
#include "core/escape.h"

bool camera_named(const struct camera *camera)
{
    return camera->make[0] || camera->model[0] || camera->serial[0];
}

bool camera_known(const struct camera *camera)
{
    return camera_named(camera) || camera->time;
}

bool camera_same(const struct camera *a, const struct camera *b)
{
    return a->make[0] && a->model[0] && a->serial[0] && strcmp(a->make, b->make) == 0 &&
           strcmp(a->model, b->model) == 0 && strcmp(a->serial, b->serial) == 0;
}

/** Printable ASCII up to a NUL, and only NULs from there. */
static bool word_sane(const char *word, size_t size)
{
    size_t n = strnlen(word, size);
    for (size_t i = 0; i < n; i++)
        if (word[i] < ' ' || word[i] > '~')
            return false;
    for (size_t i = n; i < size; i++)
        if (word[i])
            return false;
    return n < size;
}

bool camera_sane(const struct camera *camera)
{
    return word_sane(camera->make, CAMERA_MAKE) && word_sane(camera->model, CAMERA_MODEL) &&
           word_sane(camera->serial, CAMERA_SERIAL) && camera->time >= CAMERA_TIME_MIN &&
           camera->time <= CAMERA_TIME_MAX;
}

void camera_time_text(int64_t time, char out[24])
{
    struct tm tm;
    time_t t = (time_t)time;
    out[0] = '\0';
    if (gmtime_r(&t, &tm))
        strftime(out, 24, "%Y-%m-%dT%H:%M:%S", &tm);
}

static void json_word(struct buf *out, const char *comma, const char *name, const char *word)
{
    if (!*word)
        return;
    buf_printf(out, "%s\"%s\":", comma, name);
    escape_json_str(out, word);
}

void camera_json(const struct camera *camera, struct buf *out)
{
    char time[24] = "";
    if (!camera_known(camera))
        return;
    if (camera->time)
        camera_time_text(camera->time, time);
    buf_puts(out, ",\"camera\":{");
    json_word(out, "", "make", camera->make);
    json_word(out, camera->make[0] ? "," : "", "model", camera->model);
    json_word(out, camera->make[0] || camera->model[0] ? "," : "", "serial", camera->serial);
    json_word(out, camera_named(camera) ? "," : "", "time", time);
    buf_byte(out, '}');
}
