/* make_seeds.c: writes the seeds of the fuzz targets, one folder each. Usage: make_seeds FOLDER. What was found goes
 * beside them. */
#include "seeds.h"

#include <sys/stat.h>

const char *seed_root;

void seed_write(const char *target, const char *name, const void *bytes, size_t n)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", seed_root, target);
    mkdir(path, 0777);
    snprintf(path, sizeof(path), "%s/%s/%s", seed_root, target, name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, n, file) != n || fclose(file)) {
        perror(path);
        exit(1);
    }
}

void seed_prefixed(const char *target, const char *name, const char *prefix, size_t prefix_len, const void *bytes,
                   size_t n)
{
    struct buf all = {0};
    buf_put(&all, prefix, prefix_len);
    buf_put(&all, bytes, n);
    seed_write(target, name, all.data, all.len);
    buf_free(&all);
}

void seed_text(const char *target, const char *name, const char *prefix, size_t prefix_len, const char *text)
{
    seed_prefixed(target, name, prefix, prefix_len, text, strlen(text));
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: make_seeds FOLDER\n");
        return 64;
    }
    seed_root = argv[1];
    mkdir(seed_root, 0777);
    seed_texts();
    seed_internal();
    seed_containers();
    seed_archives();
    seed_pictures();
    seed_formats();
    seed_coded();
    seed_documents();
    seed_carved();
    seed_disks();
    seed_optical();
    seed_isos();
    return 0;
}
