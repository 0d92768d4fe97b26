/* seeds_iso.c: images of ISO 9660, sector by sector, each without the zeros at its end. */
#include "../optical/iso_build.h"
#include "seeds.h"

static struct iso_image image;

static void write_image(const char *name)
{
    struct buf bytes = {0};
    buf_put(&bytes, "\1\2", 2);
    for (unsigned sector = 0; sector < ISO_SECTORS; sector++) {
        size_t n = ISO_SECTOR;
        while (n && !iso_at(&image, sector)[n - 1])
            n--;
        const uint8_t head[3] = {(uint8_t)sector, (uint8_t)n, (uint8_t)(n >> 8)};
        if (n)
            buf_put(&bytes, head, 3);
        buf_put(&bytes, iso_at(&image, sector), n);
    }
    seed_write("iso", name, bytes.data, bytes.len);
    buf_free(&bytes);
}

/** Several pieces, units, a folder, a table of paths, a later session. */
static void seed_plain(void)
{
    iso_begin(&image, 0, NULL, 0);
    iso_fill(&image, ISO_DATA, 20);
    iso_file(&image, ISO_ROOT, "A.TXT;1", ISO_DATA, 20);
    iso_file(&image, ISO_ROOT, "TWO;1", ISO_DATA, 2048)[25] = 0x80;
    iso_file(&image, ISO_ROOT, "TWO;1", ISO_DATA + 3, 100);
    uint8_t *p = iso_file(&image, ISO_ROOT, "UNITS;1", ISO_DATA, 5000);
    p[26] = 1;
    p[27] = 2;
    iso_record(&image, ISO_ROOT, "D", 1, ISO_FOLDER, ISO_SECTOR, 2, NULL, 0);
    iso_folder(&image, ISO_FOLDER, ISO_ROOT, NULL, 0);
    iso_file(&image, ISO_FOLDER, "B.;1", ISO_DATA + 4, 10)[25] = 4;
    iso_put32(iso_at(&image, ISO_PRIMARY) + 132, 22);
    iso_at(&image, ISO_PRIMARY)[140] = 30;
    memcpy(iso_at(&image, 30), "\1\0\24\0\0\0\1\0\0\0\4\0\31\0\0\0\1\0LOST", 22);
    iso_folder(&image, 25, ISO_ROOT, NULL, 0);
    iso_file(&image, 25, "C", ISO_DATA + 5, 10);
    iso_descriptor(&image, 56, 1, 58);
    iso_folder(&image, 58, 58, NULL, 0);
    iso_file(&image, 58, "NEW;1", 60, 10);
    write_image("plain");
}

/** Rock Ridge with all its fields, Joliet and a boot image beside it. */
static void seed_trees(void)
{
    uint8_t fields[220], body[40] = {0};
    size_t n = 0;
    iso_begin(&image, 2, ISO_ROCK_RIDGE);
    iso_joliet(&image, ISO_PRIMARY + 1, ISO_OTHER_ROOT);
    iso_folder(&image, ISO_OTHER_ROOT, ISO_OTHER_ROOT, NULL, 0);
    iso_record(&image, ISO_OTHER_ROOT, "\0b\0\366\0;\0001", 8, ISO_DATA, 10, 0, NULL, 0);
    memcpy(iso_at(&image, ISO_PRIMARY + 2), "\0CD001\1EL TORITO SPECIFICATION", 30);
    iso_at(&image, ISO_PRIMARY + 2)[71] = 30;
    memcpy(iso_at(&image, 30), "\1", 1);
    memcpy(iso_at(&image, 30) + 30, "\x55\xaa\x88\4\0\0\0\0\1\0\50", 11);
    iso_field(fields, &n, "NM", "\1na", 3);
    iso_put32(body, 0100644);
    iso_field(fields, &n, "PX", body, 32);
    iso_field(fields, &n, "TF", "\2\144\1\1\0\0\0\0", 8);
    iso_field_more(fields, &n, 31, 0, 64);
    iso_record(&image, ISO_ROOT, "A", 1, ISO_DATA, 60, 0, fields, n);
    n = 0;
    iso_field(fields, &n, "NM", "\0me", 3);
    iso_field(fields, &n, "ZF", "pz\4\17\20\0\0\0\0\0\0\20", 12);
    memcpy(iso_at(&image, 31), fields, n);
    memcpy(iso_at(&image, ISO_DATA),
           "\x37\xe4\x53\x96\xc9\xdb\xd6\x07\20\0\0\0\4\17\0\0\30\0\0\0\44\0\0\0x\234KL\244\36\0\0\0\0\1", 36);
    n = 0;
    iso_put32(body, ISO_FOLDER);
    iso_field(fields, &n, "CL", body, 8);
    iso_record(&image, ISO_ROOT, "DEEP", 4, ISO_DATA, 0, 0, fields, n);
    n = 0;
    iso_field(fields, &n, "RE", "", 0);
    iso_record(&image, ISO_ROOT, "MOVED", 5, ISO_FOLDER, ISO_SECTOR, 2, fields, n);
    n = 0;
    iso_field(fields, &n, "SL", "\0\0\1x", 4);
    iso_record(&image, ISO_ROOT, "LINK", 4, 0, 0, 0, fields, n);
    iso_folder(&image, ISO_FOLDER, ISO_ROOT, NULL, 0);
    iso_file(&image, ISO_FOLDER, "C;1", ISO_DATA + 1, 10);
    write_image("trees");
}

void seed_isos(void)
{
    seed_plain();
    seed_trees();
}
