/*
 * screen.c: how far screening hashes are from exact ones, what that costs in true matches, and what it saves in time.
 * Usage: screen FOLDER...   (make bench-screen PICTURES=FOLDER): every JPEG below, and edited variants of it.
 *
 * The list entry is the exact hash of a picture as it was, the evidence a variant of it: re-encoded, resized, cropped,
 * brightened, captioned ... A pair within 31 bits is a true match; it is lost where the variant's screening hash is
 * further from the entry than 31 and the margin.
 */
#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "decode/jpeg_screen.h"
#include "screen_edit.h"
#include "trawl/decode.h"

/* The decoder without its screening part. */
static bool never(struct jpeg_run *run, unsigned denominator)
{
    return run && !denominator;
}
#define jpeg_screen  never
#define jpeg_decoder plain_decoder
#include "decode/jpeg.c"
#undef jpeg_screen
#undef jpeg_decoder

/* Limits as in scan/picture.c. */
enum { RADIUS = 31, QUALITY = 50, QUALITY_MARGIN = 15, DOUBTFUL = 16, MARGINS = 6, FARTHEST = 257 };
static const int margins[MARGINS] = {4, 8, 12, 16, 20, 24};

struct class
{
    const char *name;
    /** Screening hashes by their distance to the exact one; left out: those that are not asked (too doubtful). */
    unsigned count[FARTHEST], doubtful;
    /** True matches, and how many of them a margin loses; with those that are decoded exactly whatever it says. */
    unsigned matches, lost[MARGINS];
    /** Milliseconds. */
    double own, plain, exact;
};
static struct class sizes[] = {{.name = "short side < 383, full scale"},
                               {.name = "383 - 764, 1/2"},
                               {.name = "765 - 1528, 1/4"},
                               {.name = "from 1529, 1/8"}},
                    types[] = {{.name = "baseline, 4:2:0"},
                               {.name = "baseline, 4:4:4"},
                               {.name = "baseline, other or grey"},
                               {.name = "progressive"}},
                    all = {.name = "all"};
static unsigned files, low_quality, quality_lost;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double decode_as(const struct bytes *file, bool exact, const struct decoder *decoder, struct decode_result *out)
{
    struct decode_request request = {.type = TYPE_JPEG, .exact = exact};
    limits_default(&request.limits);
    memset(out, 0, sizeof(*out));
    double start = now();
    decoder->decode(&request, file->data, file->size, out);
    return now() - start;
}

static struct class *size_of(const struct decode_result *result)
{
    uint32_t side = result->width < result->height ? result->width : result->height;
    return &sizes[side < 383 ? 0 : side < 765 ? 1 : side < 1529 ? 2 : 3];
}

/** By the frame header. */
static struct class *type_of(const struct bytes *file)
{
    const uint8_t *p = file->data + 2, *end = file->data + file->size;
    while (end - p > 20 && p[0] == 0xFF && (p[1] < 0xC0 || p[1] > 0xC2))
        p += 2 + (p[2] << 8 | p[3]);
    if (end - p <= 20 || p[0] != 0xFF || p[1] > 0xC1)
        return &types[3];
    return &types[p[9] == 1 ? 2 : p[11] == 0x22 ? 0 : p[11] == 0x11 ? 1 : 2];
}

/** One picture with its exact and its screening hash; `entry`: the listed hash, NULL for the original itself. */
static void note(const struct bytes *file, const struct decode_result *exact, const struct decode_result *screen,
                 const struct decode_result *entry)
{
    struct class *classes[] = {size_of(exact), type_of(file), &all};
    int distance = pdq_distance(exact->pdq.hash, screen->pdq.hash);
    bool match = entry && pdq_distance(exact->pdq.hash, entry->pdq.hash) <= RADIUS;
    int seen = entry ? pdq_distance(screen->pdq.hash, entry->pdq.hash) : 0;
    bool doubtful = screen->pdq.doubtful > DOUBTFUL;
    for (unsigned i = 0; i < 3; i++) {
        if (doubtful)
            classes[i]->doubtful++;
        else
            classes[i]->count[distance]++;
        classes[i]->matches += match;
        for (unsigned m = 0; m < MARGINS; m++)
            classes[i]->lost[m] += match && !doubtful && seen > RADIUS + margins[m];
    }
}

static bool both(const struct bytes *file, struct decode_result *exact, struct decode_result *screen)
{
    decode_as(file, true, decode_find(TYPE_JPEG), exact);
    decode_as(file, false, decode_find(TYPE_JPEG), screen);
    if (!exact->has_pdq || !screen->has_pdq)
        return false;
    low_quality += exact->pdq.quality < QUALITY;
    quality_lost += exact->pdq.quality >= QUALITY && screen->pdq.quality + QUALITY_MARGIN < QUALITY;
    return exact->pdq.quality >= QUALITY;
}

/** The fastest of three, in turns. */
static void measure(const struct bytes *file, struct class *class)
{
    double own = INFINITY, plain = INFINITY;
    struct decode_result result;
    for (unsigned i = 0; i < 3; i++) {
        own = fmin(own, decode_as(file, false, decode_find(TYPE_JPEG), &result));
        plain = fmin(plain, decode_as(file, false, &plain_decoder, &result));
    }
    class->own += own;
    class->plain += plain;
    class->exact += decode_as(file, true, decode_find(TYPE_JPEG), &result);
}

static int visit(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)walk;
    struct bytes file = {NULL, 0};
    struct decode_result entry, exact, screen;
    if (kind != FTW_F || !edit_read(path, &file))
        return 0;
    if (file.size > 3 && memcmp(file.data, "\xFF\xD8\xFF", 3) == 0 && both(&file, &entry, &screen)) {
        files++;
        note(&file, &entry, &screen, NULL);
        measure(&file, size_of(&entry));
        struct picture_rgb original;
        bool opened = edit_open(&file, &original);
        for (unsigned i = 0; opened && i < EDITS; i++) {
            struct bytes variant = edit_make(&original, i);
            if (variant.data && both(&variant, &exact, &screen))
                note(&variant, &exact, &screen, &entry);
            free(variant.data);
        }
        free(original.rgb);
    }
    free(file.data);
    return 0;
}

/** P(X <= k) of a binomial distribution. */
static double binomial_below(unsigned k, unsigned n, double p)
{
    double sum = 0;
    for (unsigned i = 0; i <= k; i++)
        sum += exp(lgamma(n + 1.0) - lgamma(i + 1.0) - lgamma(n - i + 1.0) + i * log(p) + (n - i) * log1p(-p));
    return sum;
}

/** Upper end of the 95 % Clopper-Pearson interval of k in n. */
static double upper_bound(unsigned k, unsigned n)
{
    double low = (double)k / n, high = 1;
    for (unsigned i = 0; i < 60 && k < n; i++) {
        double middle = (low + high) / 2;
        if (binomial_below(k, n, middle) > 0.025)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static int percentile(const struct class *class, unsigned n, double share)
{
    unsigned seen = 0;
    for (int d = 0; d < FARTHEST; d++)
        if ((seen += class->count[d]) > share * n)
            return d;
    return 0;
}

static void print_distances(const struct class *class)
{
    unsigned n = 0, far = 0;
    double sum = 0;
    int most = 0;
    for (int d = 0; d < FARTHEST; d++) {
        n += class->count[d];
        sum += (double)d * class->count[d];
        most = class->count[d] ? d : most;
        far += d > 24 ? class->count[d] : 0;
    }
    if (n)
        printf("%-30s %6u  mean %.2f  p90 %d  p99 %d  p99.9 %d  max %d;  beyond 24: %u (95 %%: < %.5f);  doubtful %.1f "
               "%%\n",
               class->name, n, sum / n, percentile(class, n, 0.9), percentile(class, n, 0.99),
               percentile(class, n, 0.999), most, far, upper_bound(far, n),
               100.0 * class->doubtful / (n + class->doubtful));
}

static void print_losses(const struct class *class)
{
    if (!class->matches)
        return;
    printf("%-30s %6u ", class->name, class->matches);
    for (unsigned m = 0; m < MARGINS; m++)
        printf("  %d: %u (< %.5f)", margins[m], class->lost[m], upper_bound(class->lost[m], class->matches));
    printf("\n");
}

static void print_times(const struct class *class)
{
    if (class->exact > 0)
        printf("%-30s own %.0f  libjpeg %.0f  ratio %.2f;  exact %.0f\n", class->name, class->own, class->plain,
               class->own / class->plain, class->exact);
}

static void print_all(void (*print)(const struct class *class))
{
    for (unsigned i = 0; i < 4; i++)
        print(&sizes[i]);
    for (unsigned i = 0; i < 4; i++)
        print(&types[i]);
    print(&all);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        nftw(argv[i], visit, 16, FTW_PHYS);
    if (!files) {
        fprintf(stderr, "usage: screen FOLDER...   (make bench-screen PICTURES=FOLDER): no JPEG with a hash found\n");
        return 64;
    }
    printf("%u JPEGs and their variants; left out, quality under %d: %u; quality misjudged by more than 15: %u\n",
           files, QUALITY, low_quality, quality_lost);
    printf("\nBits from the screening to the exact hash\n");
    print_all(print_distances);
    printf("\nTrue matches (variant within %d bits of its original), and those that a margin loses (95 %% bound)\n",
           RADIUS);
    print_all(print_losses);
    printf("\nMilliseconds of processor time for the originals\n");
    print_all(print_times);
    return 0;
}
