/*
 * ole.c: OLE files, by libgsf: Thumbs.db, Office documents before 2007, messages of Outlook.
 *
 * Storages are walked with a stack of our own; of each stream ole_stream.c says what is in it.
 */
#include "document/heavy.h"
#include "document/ole.h"

#include <gsf/gsf-infile-msole.h>
#include <gsf/gsf-infile.h>
#include <gsf/gsf-input-memory.h>
#include <gsf/gsf-utils.h>
#include <gsf/gsf.h>
#include <stdlib.h>
#include <string.h>

enum { OLE_DEPTH = 64 };

struct ole_walk {
    struct ole *ole;
    struct {
        GsfInfile *storage;
        int next, count;
        size_t path;
    } stack[OLE_DEPTH];
    int depth;
    char path[DELIVER_NAME];
    uint64_t broken, children;
    bool stopped;
};

/** All bytes of a stream, to be freed. */
static uint8_t *stream_bytes(GsfInput *input, size_t most, size_t *n)
{
    gsf_off_t size = gsf_input_size(input);
    if (size < 0 || (uint64_t)size > most)
        return NULL;
    uint8_t *bytes = malloc((size_t)size + 1);
    gsf_input_seek(input, 0, G_SEEK_SET);
    if (bytes && size && !gsf_input_read(input, (size_t)size, bytes)) {
        free(bytes);
        return NULL;
    }
    *n = (size_t)size;
    return bytes;
}

uint8_t *ole_beside(const struct ole_stream *stream, const char *name, size_t *n)
{
    GsfInput *input = gsf_infile_child_by_name((GsfInfile *)stream->storage, name);
    uint8_t *bytes = input ? stream_bytes(input, 64 << 10, n) : NULL;
    if (input)
        g_object_unref(input);
    return bytes;
}

static void push(struct ole_walk *walk, GsfInfile *storage, size_t path)
{
    if (walk->depth == OLE_DEPTH) {
        deliver_too_deep(&walk->ole->out, OLE_DEPTH);
        g_object_unref(storage);
        return;
    }
    int i = walk->depth++;
    walk->stack[i].storage = storage;
    walk->stack[i].count = gsf_infile_num_children(storage);
    walk->stack[i].next = 0;
    walk->stack[i].path = path;
}

static void read_stream(struct ole_walk *walk, GsfInput *input, const char *name, GsfInfile *storage)
{
    struct ole_stream stream = {.path = walk->path, .name = name, .storage = (struct ole_storage *)storage};
    uint8_t *bytes = stream_bytes(input, (size_t)walk->ole->out.input->size, &stream.n);
    if (!bytes) {
        walk->broken++;
        return;
    }
    stream.p = bytes;
    ole_stream_read(walk->ole, &stream);
    free(bytes);
}

/** The next child of the innermost storage. */
static void step(struct ole_walk *walk)
{
    int top = walk->depth - 1, i = walk->stack[top].next++;
    GsfInfile *storage = walk->stack[top].storage;
    walk->path[walk->stack[top].path] = '\0';
    if (i >= walk->stack[top].count) {
        g_object_unref(storage);
        walk->depth--;
        return;
    }
    walk->stopped = deliver_too_many(&walk->ole->out, ++walk->children);
    const char *name = gsf_infile_name_by_index(storage, i);
    GsfInput *child = name ? gsf_infile_child_by_index(storage, i) : NULL;
    if (!child) {
        walk->broken++;
        return;
    }
    name_add(walk->path, "%s%s", *walk->path ? "/" : "", name);
    if (GSF_IS_INFILE(child) && gsf_infile_num_children(GSF_INFILE(child)) >= 0) {
        push(walk, GSF_INFILE(child), strlen(walk->path));
        return;
    }
    read_stream(walk, child, name, storage);
    g_object_unref(child);
}

static void read_catalogue(struct ole *ole, GsfInfile *root)
{
    GsfInput *input = gsf_infile_child_by_name(root, "Catalog");
    if (!input)
        return;
    ole->is_thumbs = true;
    ole->catalogue = stream_bytes(input, (size_t)ole->out.input->size, &ole->catalogue_n);
    g_object_unref(input);
}

static void walk_file(struct ole *ole, GsfInfile *root)
{
    struct ole_walk walk = {.ole = ole};
    read_catalogue(ole, root);
    push(&walk, root, 0);
    while (walk.depth && !ole->out.full && !walk.stopped)
        step(&walk);
    while (walk.depth)
        g_object_unref(walk.stack[--walk.depth].storage);
    free(ole->catalogue);
    if (ole->encrypted)
        end_note(ole->out.end, TRAWL_ENCRYPTED, "%s", ole->encrypted);
    if (walk.broken)
        end_note(ole->out.end, TRAWL_DAMAGED, "%llu streams cannot be read", (unsigned long long)walk.broken);
}

void ole_run(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end)
{
    struct ole ole = {0};
    struct window window;
    GError *error = NULL;
    deliver_init(&ole.out, input, sink, end);
    const uint8_t *p = deliver_load(&ole.out, &window);
    if (!p)
        return;
    GsfInput *memory = gsf_input_memory_new(p, (gsf_off_t)input->size, FALSE);
    GsfInfile *root = memory ? gsf_infile_msole_new(memory, &error) : NULL;
    if (root) {
        walk_file(&ole, root);
    } else {
        end_note(end, TRAWL_DAMAGED, "libgsf: %s", error ? error->message : "cannot be opened");
        end->missing = UINT64_MAX;
        deliver_carved_whole(&ole.out);
    }
    g_clear_error(&error);
    if (memory)
        g_object_unref(memory);
    window_free(&window);
}

const char *ole_version(void)
{
    static char version[32];
    snprintf(version, sizeof(version), "%d.%d.%d", libgsf_major_version, libgsf_minor_version, libgsf_micro_version);
    return version;
}

/** libgsf complains to standard error, which belongs to people; it registers its classes when first used. */
static void be_silent(const char *domain, GLogLevelFlags level, const char *message, void *data)
{
    (void)domain, (void)level, (void)message, (void)data;
}

void ole_warm_up(void)
{
    gsf_init();
    g_log_set_default_handler(be_silent, NULL);
}
