/* seeds_disk.c: disk images, the smallest of each kind. */
#include "../disk/build.h"
#include "seeds.h"

/** Two sectors of a CD, of mode 1 and mode 2. */
static void seed_cd(void)
{
    static uint8_t cd[2 * 2352];
    for (unsigned i = 0; i < 2; i++) {
        memset(cd + i * 2352 + 1, 0xff, 10);
        memcpy(cd + i * 2352 + 12, i ? "\0\2\1\2" : "\0\2\0\1", 4);
        memset(cd + i * 2352 + 24, 'a' + (int)i, 2048);
    }
    seed_prefixed("medium", "cd", "\7\0", 2, cd, sizeof(cd));
}

void seed_disks(void)
{
    static const char *const names[BUILD_DISKS] = {"qcow2", "vdi",  "vhd", "vmdk",      "vmdk-stream", "vmdk-text",
                                                   "ewf",   "ewf2", "aff", "parallels", "sparseimage", "dmg"};
    static const char kinds[BUILD_DISKS] = {5, 6, 3, 2, 2, 2, 0, 0, 1, 8, 9, 9};
    for (int i = 0; i < BUILD_DISKS; i++) {
        struct buf bytes = {0};
        char prefix[2] = {kinds[i], 0};
        build_disk((enum build_disk)i, &bytes);
        if (i == BUILD_VMDK_TEXT) {
            size_t text = bytes.len;
            disk_put_block(&bytes, text, 0, 4096);
            disk_put_block(&bytes, text + 4096, 2, 4096);
            prefix[1] = (char)(8192 * 256 / bytes.len);
        }
        seed_prefixed("medium", names[i], prefix, 2, bytes.data, bytes.len);
        buf_free(&bytes);
    }
    seed_prefixed("medium", "raw", "\7\x80", 2, "abcdefgh", 8);
    seed_cd();
}
