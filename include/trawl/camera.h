/* camera.h: what a picture's EXIF says of the camera that took it. Plain data: crosses the process border by memcpy. */
#ifndef TRAWL_CAMERA_H
#define TRAWL_CAMERA_H

#include <stdbool.h>
#include <stdint.h>

struct buf;

/** Longest words, with their NUL; what is longer is cut. */
#define CAMERA_MAKE   24
#define CAMERA_MODEL  40
#define CAMERA_SERIAL 32

struct camera {
    /** Printable ASCII, NUL-terminated, zeros behind it; empty where the file says nothing. */
    char make[CAMERA_MAKE], model[CAMERA_MODEL];
    /** Of the camera's body. */
    char serial[CAMERA_SERIAL];
    /** Seconds since 1970 by the camera's own clock, whose zone nobody knows; 0: unknown. */
    int64_t time;
};

/** From 1900 on, 2199 at the latest: what lies outside is no time a camera can have had. */
#define CAMERA_TIME_MIN INT64_C(-2208988800)
#define CAMERA_TIME_MAX INT64_C(7258118399)

/** True if it names a make, a model or a serial number. */
bool camera_named(const struct camera *camera);
/** True if anything is known. */
bool camera_known(const struct camera *camera);
/** True if both name the same make, model and serial number, and all three are there. */
bool camera_same(const struct camera *a, const struct camera *b);
/** True if it holds only what its fields may hold. */
bool camera_sane(const struct camera *camera);
/** "2024-05-31T12:00:00": no zone. Room for 24 bytes. */
void camera_time_text(int64_t time, char out[24]);
/** Appends ,"camera":{...} where anything is known. */
void camera_json(const struct camera *camera, struct buf *out);

#endif
