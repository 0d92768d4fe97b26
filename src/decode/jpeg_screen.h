/* jpeg_screen.h: the rows of a reduced luma picture without libjpeg. */
#ifndef DECODE_JPEG_SCREEN_H
#define DECODE_JPEG_SCREEN_H

#include "decode/jpeg_run.h"

/**
 * Puts the picture whose header run->cinfo has just read into run->sink, 1/denominator of its size. True if it is whole
 * and without fault. False: nothing is in the sink, libjpeg is where it was, and must judge the file.
 */
bool jpeg_screen(struct jpeg_run *run, unsigned denominator);

#endif
