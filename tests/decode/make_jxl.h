/* make_jxl.h: JPEG XL by libjxl; WIDTH and HEIGHT are those of the includer. */
#ifndef TESTS_DECODE_MAKE_JXL_H
#define TESTS_DECODE_MAKE_JXL_H

#include "pictures.h"

#include <jxl/encode.h>

static inline struct file_bytes jxl_finish(JxlEncoder *encoder)
{
    struct file_bytes file = {malloc(1 << 20), 1 << 20};
    uint8_t *next = file.data;
    size_t left = file.size;
    must(JxlEncoderProcessOutput(encoder, &next, &left) == JXL_ENC_SUCCESS);
    file.size -= left;
    return file;
}

static inline struct file_bytes make_jxl(const uint8_t *pixels, unsigned channels, bool lossless,
                                         JxlOrientation orientation)
{
    JxlEncoder *encoder = JxlEncoderCreate(NULL);
    JxlBasicInfo info;
    JxlEncoderInitBasicInfo(&info);
    info.xsize = WIDTH;
    info.ysize = HEIGHT;
    info.num_color_channels = channels == 1 ? 1 : 3;
    info.bits_per_sample = 8;
    info.alpha_bits = channels == 4 ? 8 : 0;
    info.num_extra_channels = channels == 4;
    info.uses_original_profile = lossless;
    info.orientation = orientation;
    must(JxlEncoderSetBasicInfo(encoder, &info) == JXL_ENC_SUCCESS);
    JxlColorEncoding colours;
    JxlColorEncodingSetToSRGB(&colours, channels == 1);
    must(JxlEncoderSetColorEncoding(encoder, &colours) == JXL_ENC_SUCCESS);
    JxlEncoderFrameSettings *settings = JxlEncoderFrameSettingsCreate(encoder, NULL);
    JxlEncoderSetFrameLossless(settings, lossless);
    if (!lossless)
        JxlEncoderSetFrameDistance(settings, 1);
    JxlPixelFormat format = {.num_channels = channels, .data_type = JXL_TYPE_UINT8};
    must(JxlEncoderAddImageFrame(settings, &format, pixels, (size_t)WIDTH * HEIGHT * channels) == JXL_ENC_SUCCESS);
    JxlEncoderCloseInput(encoder);
    struct file_bytes file = jxl_finish(encoder);
    JxlEncoderDestroy(encoder);
    return file;
}

#endif
