/* ole_file.h: OLE files, written by libgsf. */
#ifndef TESTS_DOCUMENT_OLE_FILE_H
#define TESTS_DOCUMENT_OLE_FILE_H

#include <gsf/gsf-outfile-msole.h>
#include <gsf/gsf-output-memory.h>
#include <gsf/gsf-utils.h>

#include "documents.h"

static inline void ole_put(GsfOutfile *storage, const char *name, const struct buf *bytes)
{
    GsfOutput *stream = gsf_outfile_new_child(storage, name, FALSE);
    gsf_output_write(stream, bytes->len, bytes->data);
    gsf_output_close(stream);
    g_object_unref(stream);
}

static inline GsfOutfile *ole_storage(GsfOutfile *in, const char *name)
{
    return (GsfOutfile *)gsf_outfile_new_child(in, name, TRUE);
}

static inline GsfOutfile *ole_new(GsfOutput **memory)
{
    gsf_init();
    *memory = gsf_output_memory_new();
    return gsf_outfile_msole_new(*memory);
}

/** Closes the file and takes its bytes. */
static inline struct buf ole_close(GsfOutfile *root, GsfOutput *memory)
{
    struct buf bytes = {0};
    gsf_output_close((GsfOutput *)root);
    buf_put(&bytes, gsf_output_memory_get_bytes((GsfOutputMemory *)memory), (size_t)gsf_output_size(memory));
    g_object_unref(root);
    g_object_unref(memory);
    return bytes;
}

/** Windows XP's Thumbs.db: number 12, so stream "21", is of "Ferien.bmp"; and one without a name. */
static inline struct buf make_thumbs(const struct buf *picture)
{
    GsfOutput *memory;
    GsfOutfile *root = ole_new(&memory);
    struct buf catalogue = {0}, stream = {0};
    put_le(&catalogue, 16, 2);
    put_zeros(&catalogue, 14);
    put_le(&catalogue, 16 + 2 * 11 + 2, 4);
    put_le(&catalogue, 12, 4);
    put_zeros(&catalogue, 8);
    put_utf16(&catalogue, "Ferien.bmp");
    put_zeros(&catalogue, 4);
    ole_put(root, "Catalog", &catalogue);
    put_le(&stream, 12, 4);
    put_le(&stream, 1, 4);
    put_le(&stream, picture->len, 4);
    buf_put(&stream, picture->data, picture->len);
    ole_put(root, "21", &stream);
    ole_put(root, "9", &stream);
    stream.len = 0;
    put_le(&stream, 24, 4);
    put_le(&stream, 3, 4);
    put_le(&stream, picture->len, 4);
    put_zeros(&stream, 12);
    buf_put(&stream, picture->data, picture->len);
    ole_put(root, "256_0123456789abcdef", &stream);
    buf_free(&catalogue);
    buf_free(&stream);
    return ole_close(root, memory);
}

/** A presentation's pictures, a workbook's drawing in pieces, a package, an attachment of a message. */
static inline struct buf make_office(const struct buf *a, const struct buf *b)
{
    GsfOutput *memory;
    GsfOutfile *root = ole_new(&memory), *inner;
    struct buf stream = {0}, drawing = {0};
    put_zeros(&stream, 5);
    put_blip(&stream, 0xf01d, 0x46a, 1, a);
    put_blip(&stream, 0xf01e, 0x6e1, 2, b);
    ole_put(root, "Pictures", &stream);
    stream.len = 0;
    put_blip(&drawing, 0xf01d, 0x46b, 2, a);
    for (size_t i = 0; i < drawing.len; i += 500) {
        size_t n = drawing.len - i < 500 ? drawing.len - i : 500;
        put_le(&stream, i ? 0x3c : 0xeb, 2);
        put_le(&stream, n, 2);
        buf_put(&stream, drawing.data + i, n);
    }
    ole_put(root, "Workbook", &stream);
    struct buf package = make_package("C:\\a\\holiday.jpg", b);
    stream.len = 0;
    put_le(&stream, package.len, 4);
    buf_put(&stream, package.data, package.len);
    inner = ole_storage(root, "ObjectPool");
    ole_put(inner, "\001Ole10Native", &stream);
    gsf_output_close((GsfOutput *)inner);
    g_object_unref(inner);
    inner = ole_storage(root, "__attach_version1.0_#00000000");
    ole_put(inner, "__substg1.0_37010102", a);
    stream.len = 0;
    put_utf16(&stream, "long name.jpg");
    ole_put(inner, "__substg1.0_3707001F", &stream);
    gsf_output_close((GsfOutput *)inner);
    g_object_unref(inner);
    buf_free(&package);
    buf_free(&drawing);
    buf_free(&stream);
    return ole_close(root, memory);
}

#endif
