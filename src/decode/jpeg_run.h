/* jpeg_run.h: libjpeg held on a lead: bytes from memory, errors as values, losses on record. */
#ifndef DECODE_JPEG_RUN_H
#define DECODE_JPEG_RUN_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

#include "decode/sink.h"

/** A point in the coded data: `row` of `rows` rows of MCUs in scan `scan` (from 1). scan 0: no such point. */
struct jpeg_point {
    int scan;
    uint32_t row, rows;
};

/** One pass of libjpeg over one picture. Everything that must be freed hangs here, so that a longjmp loses nothing. */
struct jpeg_run {
    struct jpeg_decompress_struct cinfo;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    jmp_buf failed;
    const struct picture *picture;
    struct decode_result *result;
    struct sink sink;
    /** One row of libjpeg's, one of RGB. Owned. */
    uint8_t *row, *rgb;
    /** Bytes of the picture that are given to libjpeg. */
    size_t size;
    /** The file has more than one scan: libjpeg takes all of them in before the first row comes out. */
    bool multiscan;
    /** After the rows: no scan is missing. */
    bool complete;
    /** End of the last stretch of coded data that was taken in without an error. */
    size_t good;
    /** libjpeg asked for bytes beyond the last one. */
    bool exhausted;
    /** Where the data of a scan ended too early. */
    struct jpeg_point end;
    /** Where libjpeg first warned of lost or corrupt data, how often it did, and its words. */
    struct jpeg_point loss;
    uint64_t losses;
    char loss_text[JMSG_LENGTH_MAX];
    /** The limit that ended the run. */
    enum limit_id limit;
    /** libjpeg's message code and words of the error that ended the run; 0: none. */
    int fatal;
    char fatal_text[JMSG_LENGTH_MAX];
};

/** Hooks everything up; libjpeg itself starts in the first guarded step (jpeg_run_create). */
void jpeg_run_init(struct jpeg_run *run, const struct picture *picture, size_t size, struct decode_result *result);
/** Calls step(run). False if libjpeg gave up or a limit was reached in it: run->fatal or run->limit tells. */
bool jpeg_run_guard(struct jpeg_run *run, void (*step)(struct jpeg_run *run));
/** Ends the guarded step: memory is missing. */
_Noreturn void jpeg_run_no_memory(struct jpeg_run *run);
/** A step: makes the decompressor. */
void jpeg_run_create(struct jpeg_run *run);
void jpeg_run_free(struct jpeg_run *run);
/** Bytes that libjpeg has taken so far, without a marker that it has read but not yet looked at. */
size_t jpeg_run_position(const struct jpeg_run *run);

#endif
