#include "scan/hide.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/io.h"
#include "report/digest_key.h"

static int make_key(struct hide *hide, int journal_dirfd)
{
    if (getrandom(hide->key, sizeof(hide->key), 0) != (ssize_t)sizeof(hide->key))
        return -EIO;
    int fd = openat(journal_dirfd, HIDE_KEY_FILE, O_CREAT | O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int error = io_write_all(fd, hide->key, sizeof(hide->key));
    if (!error && (fsync(fd) < 0 || fsync(journal_dirfd) < 0))
        error = -errno;
    close(fd);
    return error;
}

int hide_open(struct hide *hide, int journal_dirfd, const struct case_info *info, bool resumed)
{
    hide->sources = info->sources;
    hide->n_sources = info->n_sources;
    if (!resumed)
        return make_key(hide, journal_dirfd);
    int fd = openat(journal_dirfd, HIDE_KEY_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t n = read(fd, hide->key, sizeof(hide->key));
    close(fd);
    return n == (ssize_t)sizeof(hide->key) ? 0 : -EIO;
}

void hide_end(int journal_dirfd)
{
    if (unlinkat(journal_dirfd, HIDE_KEY_FILE, 0) == 0)
        fsync(journal_dirfd);
}

/** Digest of some bytes under the key. The key has one length and stands in front: no two inputs are the same. */
static void keyed(const struct hide *hide, const void *bytes, size_t n, uint8_t out[DIGEST_KEY])
{
    struct buf all = {0};
    buf_put(&all, hide->key, sizeof(hide->key));
    buf_put(&all, bytes, n);
    digest_key(all.data, all.len, out);
    buf_free(&all);
}

/** The longest source that the name begins with, ending there or at a slash; its length without slashes at its end. */
static const char *source_of(const struct hide *hide, const struct where *root, size_t *n)
{
    const char *best = NULL;
    *n = 0;
    for (size_t i = 0; i < hide->n_sources; i++) {
        size_t len = strlen(hide->sources[i]);
        while (len && hide->sources[i][len - 1] == '/')
            len--;
        bool begins = len <= root->name_len && memcmp(hide->sources[i], root->name, len) == 0 &&
                      (len == root->name_len || root->name[len] == '/');
        if (begins && (!best || len > *n)) {
            best = hide->sources[i];
            *n = len;
        }
    }
    return best;
}

void hide_root(const struct hide *hide, const struct where *where, struct buf *out)
{
    uint8_t digest[DIGEST_KEY];
    size_t n;
    while (where->parent)
        where = where->parent;
    const char *source = source_of(hide, where, &n);
    if (source) {
        buf_put(out, source, n);
        buf_byte(out, '/');
    }
    keyed(hide, where->name, where->name_len, digest);
    buf_hex(out, digest, sizeof(digest));
}

/** A layer that only its name tells apart keeps a digest of it, made with the file's own as a salt. */
static void layer_name(const struct where *layer, const void *root, size_t n, struct buf *out)
{
    uint8_t digest[DIGEST_KEY];
    struct buf text = {0};
    out->len = 0;
    if (layer->index != WHERE_UNKNOWN || layer->offset != WHERE_UNKNOWN)
        return;
    if (strcmp(layer->kind, "unreached") == 0 || strcmp(layer->kind, "unaccounted") == 0) {
        buf_put(out, layer->name, layer->name_len);
        return;
    }
    buf_put(&text, root, n);
    buf_put(&text, layer->name, layer->name_len);
    digest_key(text.data, text.len, digest);
    buf_hex(out, digest, sizeof(digest));
    buf_free(&text);
}

struct where *hide_under(const struct where *where, const void *root, size_t n)
{
    size_t layers = (size_t)where->depth + 1;
    const struct where **chain = mem_alloc(size_mul(sizeof(*chain), layers));
    struct buf name = {0};
    for (size_t i = layers; i-- > 0; where = where->parent)
        chain[i] = where;
    struct where *hidden = where_new(NULL, "file", root, n, WHERE_UNKNOWN, WHERE_UNKNOWN);
    for (size_t i = 1; i < layers; i++) {
        layer_name(chain[i], root, n, &name);
        struct where *inner = where_new(hidden, chain[i]->kind, name.data, name.len, chain[i]->index, chain[i]->offset);
        where_unref(hidden);
        hidden = inner;
    }
    buf_free(&name);
    free(chain);
    return hidden;
}

struct where *hide_place(const struct hide *hide, const struct where *where)
{
    struct buf root = {0};
    hide_root(hide, where, &root);
    struct where *hidden = hide_under(where, root.data, root.len);
    buf_free(&root);
    return hidden;
}

void hide_identity(const struct hide *hide, const struct identity *identity, struct identity *out)
{
    static const uint8_t none[sizeof(identity->sample)];
    uint8_t digest[DIGEST_KEY], sample[DIGEST_KEY];
    uint64_t parts[4] = {identity->dev, identity->ino, identity->size, (uint64_t)identity->mtime};
    keyed(hide, parts, sizeof(parts), digest);
    keyed(hide, identity->sample, sizeof(identity->sample), sample);
    bool sampled = memcmp(identity->sample, none, sizeof(none)) != 0;
    *out = (struct identity){0};
    memcpy(&out->dev, digest, sizeof(out->dev));
    memcpy(&out->ino, digest + sizeof(out->dev), sizeof(out->ino));
    if (sampled)
        memcpy(out->sample, sample, sizeof(out->sample));
}

void hide_item(const struct hide *hide, const struct item *item, struct item *out)
{
    *out = (struct item){
        .where = hide_place(hide, item->where),
        .size = item->size,
        .type = item->type,
        .status = item->status,
        .limit = item->limit,
        .low_quality = item->low_quality,
    };
}
