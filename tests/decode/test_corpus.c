/* Published hashes, and collections of valid and hostile pictures that lie beside the checkout. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <sys/resource.h>

#include "pictures.h"

#define DATA "../shared/data/"

static struct decode_result decode(const struct file_bytes *file, enum file_type type, bool exact)
{
    struct decode_request request = request_for(type, exact);
    struct decode_result result;
    decode_picture(&request, file->data, file->size, &result);
    cr_assert(decode_result_sane(&result), "%s", result.detail);
    return result;
}

static enum file_type type_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && strcmp(dot, ".png") == 0 ? TYPE_PNG : dot && strcmp(dot, ".jpg") == 0 ? TYPE_JPEG : TYPE_OTHER;
}

static int hex_distance(const uint8_t hash[PDQ_BYTES], const char *hex)
{
    uint8_t want[PDQ_BYTES];
    for (int i = 0; i < PDQ_BYTES; i++)
        if (sscanf(hex + 2 * i, "%2hhx", &want[i]) != 1)
            return 256;
    return pdq_distance(hash, want);
}

/** Lines "path,hash,..." or, with the size, "path,width,height,hash,quality,...". The folders' names are the
 * producer's. */
static int check_line(const char *line, bool with_size)
{
    char path[256], hex[65], at[512];
    uint32_t width = 0, height = 0;
    int quality = -1;
    int n = with_size ? sscanf(line, "%255[^,],%u,%u,%64[0-9a-f],%d", path, &width, &height, hex, &quality)
                      : sscanf(line, "%255[^,],%64[0-9a-f]", path, hex);
    if (n != (with_size ? 5 : 2))
        return 0;
    const char *name = strncmp(path, "reg-test-input/", 15) == 0 ? path + 15
                       : strncmp(path, "misc-images/", 12) == 0  ? path + 12
                                                                 : path;
    snprintf(at, sizeof(at), DATA "pdq/images/%s", name);
    struct file_bytes file = read_whole(at);
    cr_assert(file.data, "%s", at);
    struct decode_result result = decode(&file, type_of(name), true);
    cr_assert_eq(result.status, TRAWL_OK, "%s: %s", name, result.detail);
    cr_assert_eq(hex_distance(result.pdq.hash, hex), 0, "%s", name);
    cr_assert(!with_size || (result.width == width && result.height == height && result.pdq.quality == quality), "%s",
              name);
    free(file.data);
    return 1;
}

static void check_csv(const char *path, bool with_size, int rows)
{
    char line[1024];
    int n = 0;
    FILE *f = fopen(path, "r");
    if (!f) {
        fprintf(stderr, "skipped: %s is not there\n", path);
        return;
    }
    while (fgets(line, sizeof(line), f))
        n += check_line(line, with_size);
    fclose(f);
    cr_assert_eq(n, rows, "%s", path);
}

Test(corpus, published_hashes_are_met_exactly, .timeout = 120)
{
    check_csv(DATA "pdq/expected/fullres-tx.csv", false, 14);
    check_csv(DATA "pdq/expected/fullres-rust-darwinium.csv", false, 8);
    check_csv(DATA "pdq/expected/observed-fullres-cpp-libjpegturbo2.1.5.csv", true, 21);
}

Test(corpus, screening_hashes_are_near, .timeout = 120)
{
    static const char *const folders[] = {DATA "pdq/images/bridge-mods", DATA "pdq/images/dih"};
    for (int i = 0; i < 2; i++) {
        DIR *dir = opendir(folders[i]);
        for (struct dirent *e; dir && (e = readdir(dir));) {
            char path[512];
            snprintf(path, sizeof(path), "%s/%s", folders[i], e->d_name);
            if (type_of(path) != TYPE_JPEG)
                continue;
            struct file_bytes file = read_whole(path);
            struct decode_result exact = decode(&file, TYPE_JPEG, true), fast = decode(&file, TYPE_JPEG, false);
            cr_assert_leq(pdq_distance(exact.pdq.hash, fast.pdq.hash), 10, "%s", path);
            free(file.data);
        }
        if (dir)
            closedir(dir);
        else
            fprintf(stderr, "skipped: %s is not there\n", folders[i]);
    }
}

/** Runs every picture of a folder through `check`; returns how many there were. */
static unsigned for_each(const char *folder, void (*check)(const char *name, const struct decode_result *result))
{
    unsigned n = 0;
    DIR *dir = opendir(folder);
    if (!dir)
        fprintf(stderr, "skipped: %s is not there\n", folder);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        char path[512];
        snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
        enum file_type type = type_of(e->d_name);
        if (type == TYPE_OTHER || strstr(e->d_name, "12000")) /* that one has a test of its own */
            continue;
        struct file_bytes file = read_whole(path);
        for (int exact = 0; exact < 2; exact++) {
            struct decode_result result = decode(&file, type, exact);
            check(e->d_name, &result);
        }
        free(file.data);
        n++;
    }
    if (dir)
        closedir(dir);
    return n;
}

static void check_pngsuite(const char *name, const struct decode_result *result)
{
    if (name[0] == 'x')
        cr_assert((result->status == TRAWL_DAMAGED || result->status == TRAWL_PARTIAL) && result->detail[0], "%s",
                  name);
    else
        cr_assert_eq(result->status, TRAWL_OK, "%s: %s", name, result->detail);
    cr_assert_eq(result->orientation, strncmp(name, "exif", 4) == 0 ? result->orientation : 0);
}

static void check_libpng(const char *name, const struct decode_result *result)
{
    if (strstr(name, "crashers_huge_IDAT")) /* image data is read as far as it goes, whatever its length claims */
        cr_assert(result->status == TRAWL_PARTIAL && result->detail[0], "%s", name);
    else if (strstr(name, "crashers_huge"))
        cr_assert(result->status == TRAWL_DAMAGED && result->detail[0], "%s", name);
    else if (!strstr(name, "crashers"))
        cr_assert_eq(result->status, TRAWL_OK, "%s: %s", name, result->detail);
    cr_assert(result->status == TRAWL_OK || result->detail[0], "%s", name);
}

/** What each of the traps must come to; none may come to more. */
static void check_selfmade(const char *name, const struct decode_result *result)
{
    static const struct {
        const char *name;
        enum trawl_status status;
        enum limit_id limit;
    } rows[] = {
        {"empty", TRAWL_DAMAGED, LIMIT_NONE},
        {"one_byte", TRAWL_DAMAGED, LIMIT_NONE},
        {"random", TRAWL_DAMAGED, LIMIT_NONE},
        {"poly_jpeg_zip", TRAWL_OK, LIMIT_NONE},
        {"jpeg_app1_60000", TRAWL_OK, LIMIT_NONE},
        {"jpeg_ff_fill", TRAWL_DAMAGED, LIMIT_NONE},
        {"jpeg_progressive_65500", TRAWL_LIMIT, LIMIT_PIXELS},
        {"jpeg_scanbomb_2048", TRAWL_LIMIT, LIMIT_JPEG_WARNINGS},
        {"jpeg_scanbomb_65500", TRAWL_LIMIT, LIMIT_PIXELS},
        {"jpeg_soi_only", TRAWL_DAMAGED, LIMIT_NONE},
        {"jpeg_truncated_half", TRAWL_PARTIAL, LIMIT_NONE},
        {"png_100k", TRAWL_OK, LIMIT_NONE},
        {"png_30000", TRAWL_LIMIT, LIMIT_PIXELS},
        {"png_60000", TRAWL_LIMIT, LIMIT_PIXELS},
        {"png_adam7", TRAWL_LIMIT, LIMIT_PIXELS},
        {"png_dims_2147483647", TRAWL_LIMIT, LIMIT_PIXELS},
        {"png_dims_zero", TRAWL_DAMAGED, LIMIT_NONE},
        {"png_iccp_bomb", TRAWL_OK, LIMIT_NONE},
        {"png_ztxt_bomb", TRAWL_OK, LIMIT_NONE},
    };
    size_t i = 0;
    while (i < sizeof(rows) / sizeof(*rows) && strncmp(name, rows[i].name, strlen(rows[i].name)) != 0)
        i++;
    cr_assert_lt(i, sizeof(rows) / sizeof(*rows), "%s is not in the table", name);
    cr_assert(result->status == rows[i].status && result->limit == rows[i].limit, "%s: %s (%s)", name,
              status_name(result->status), result->detail);
    cr_assert(result->status == TRAWL_OK || result->detail[0], "%s", name);
}

Test(corpus, valid_and_corrupt_png, .timeout = 120)
{
    for_each(DATA "hostile/pngsuite", check_pngsuite);
    for_each(DATA "hostile/libpng-test", check_libpng);
}

Test(corpus, traps, .timeout = 120)
{
    for_each(DATA "hostile/selfmade", check_selfmade);
}

/** 1.1 GiB of samples, in the memory of one decoder. */
Test(corpus, large_png_is_streamed, .timeout = 300)
{
    struct file_bytes file = read_whole(DATA "hostile/selfmade/png_12000x12000_rgba16.png");
    if (!file.data) {
        fprintf(stderr, "skipped: the large PNG is not there\n");
        return;
    }
#ifndef TRAWL_SANITIZED
    struct rlimit memory = {768 << 20, 768 << 20};
    cr_assert_eq(setrlimit(RLIMIT_AS, &memory), 0);
    struct decode_result result = decode(&file, TYPE_PNG, false);
    cr_assert(result.status == TRAWL_OK && result.has_pdq && result.width == 12000, "%s", result.detail);
#endif
    free(file.data);
}
