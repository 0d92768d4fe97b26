/* filesystem.c: opens the file system of a volume, or says why nobody can. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk/disk.h"

static TSK_FS_TYPE_ENUM tsk_type(enum file_type type)
{
    switch (type) {
    case TYPE_EXT:
        return TSK_FS_TYPE_EXT_DETECT;
    case TYPE_NTFS:
        return TSK_FS_TYPE_NTFS_DETECT;
    case TYPE_FAT:
    case TYPE_EXFAT:
        return TSK_FS_TYPE_FAT_DETECT;
    case TYPE_HFS:
        return TSK_FS_TYPE_HFS_DETECT;
    case TYPE_UFS:
        return TSK_FS_TYPE_FFS_DETECT;
    case TYPE_YAFFS2:
        return TSK_FS_TYPE_YAFFS2_DETECT;
    default:
        return TSK_FS_TYPE_DETECT;
    }
}

static void name_of(TSK_FS_TYPE_ENUM type, char name[16])
{
    const char *word = tsk_fs_type_toname(type);
    size_t n = 0;
    memset(name, 0, 16);
    for (; word && word[n] && n < 15; n++)
        name[n] = isalnum((unsigned char)word[n]) ? (char)tolower((unsigned char)word[n]) : '-';
    if (!strcmp(name, "hfsp"))
        strcpy(name, "hfs+");
}

static bool open_apfs(struct disk *disk, const struct volume *volume, int in_pool, struct filesystem *out)
{
    out->pool = tsk_pool_open_img_sing(&disk->image->info, (TSK_OFF_T)volume->start, TSK_POOL_TYPE_APFS);
    const TSK_POOL_VOLUME_INFO *v = out->pool ? out->pool->vol_list : NULL;
    for (int i = 0; v && i < in_pool; i++)
        v = v->next;
    if (!v || v->flags & TSK_POOL_VOLUME_FLAG_ENCRYPTED)
        return false;
    out->pool_image = out->pool->get_img_info(out->pool, v->block);
    if (out->pool_image)
        out->fs = tsk_fs_open_img_decrypt(out->pool_image, (TSK_OFF_T)volume->start, TSK_FS_TYPE_APFS, "");
    out->in_pool = in_pool;
    return out->fs != NULL;
}

/** What libtsk keeps of the medium's bytes is forgotten. */
static void forget(struct disk *disk)
{
    memset(disk->image->info.cache_len, 0, sizeof(disk->image->info.cache_len));
}

/**
 * makefs, with which installation media of BSD are made, puts the superblock of UFS2 at 8192, where that of UFS1
 * stands; libtsk looks at 65536 alone. It reads it once, so while it opens the file system it is shown there.
 */
static TSK_FS_INFO *open_low_ufs2(struct disk *disk, const struct volume *volume)
{
    static const uint8_t little[] = {0x19, 0x01, 0x54, 0x19}, big[] = {0x19, 0x54, 0x01, 0x19};
    uint8_t magic[4] = {0};
    medium_read(&disk->medium, magic, sizeof(magic), volume->start + 8192 + 1372);
    if (volume->length < 65536 + 8192 || (memcmp(magic, little, 4) != 0 && memcmp(magic, big, 4) != 0))
        return NULL;
    disk->moved.from = volume->start + 8192;
    disk->moved.to = volume->start + 65536;
    disk->moved.length = 8192;
    forget(disk);
    TSK_FS_INFO *fs = tsk_fs_open_img(&disk->image->info, (TSK_OFF_T)volume->start, TSK_FS_TYPE_FFS_DETECT);
    disk->moved.length = 0;
    forget(disk);
    return fs;
}

bool filesystem_open(struct disk *disk, const struct volume *volume, int in_pool, struct filesystem *out)
{
    *out = (struct filesystem){.in_pool = -1};
    bool opened;
    if (volume->has_table)
        return false;
    if (volume->type == TYPE_APFS) {
        opened = open_apfs(disk, volume, in_pool, out);
    } else {
        TSK_FS_TYPE_ENUM type = tsk_type(volume->type);
        out->fs = tsk_fs_open_img(&disk->image->info, (TSK_OFF_T)volume->start, type);
        if (!out->fs && (volume->type == TYPE_UFS || volume->type == TYPE_DISK))
            out->fs = open_low_ufs2(disk, volume);
        if (!out->fs && type != TSK_FS_TYPE_DETECT)
            out->fs = tsk_fs_open_img(&disk->image->info, (TSK_OFF_T)volume->start, TSK_FS_TYPE_DETECT);
        opened = out->fs != NULL;
    }
    tsk_error_reset();
    /* Swap and raw are types that hold no file. */
    if (opened && (TSK_FS_TYPE_ISSWAP(out->fs->ftype) || TSK_FS_TYPE_ISRAW(out->fs->ftype)))
        opened = false;
    if (opened)
        name_of(out->fs->ftype, out->name);
    else
        filesystem_close(out);
    return opened;
}

int filesystem_in_pool(struct disk *disk, const struct volume *volume)
{
    const TSK_POOL_INFO *pool =
        tsk_pool_open_img_sing(&disk->image->info, (TSK_OFF_T)volume->start, TSK_POOL_TYPE_APFS);
    int n = pool ? pool->num_vols : 0;
    if (pool)
        tsk_pool_close(pool);
    tsk_error_reset();
    return n;
}

bool filesystem_has_orphans(const struct filesystem *filesystem)
{
    return !filesystem->pool && !TSK_FS_TYPE_ISHFS(filesystem->fs->ftype);
}

void filesystem_close(struct filesystem *filesystem)
{
    if (filesystem->fs)
        tsk_fs_close(filesystem->fs);
    if (filesystem->pool_image)
        tsk_img_close(filesystem->pool_image);
    if (filesystem->pool)
        tsk_pool_close(filesystem->pool);
    *filesystem = (struct filesystem){.in_pool = -1};
}

bool filesystem_has_root(struct filesystem *filesystem)
{
    TSK_FS_DIR *root = tsk_fs_dir_open_meta(filesystem->fs, filesystem->fs->root_inum);
    tsk_fs_dir_close(root);
    tsk_error_reset();
    return root != NULL;
}

static bool all_zeros(struct disk *disk, const struct volume *volume)
{
    static uint8_t bytes[65536];
    size_t n = volume->length < sizeof(bytes) ? (size_t)volume->length : sizeof(bytes);
    n = medium_read(&disk->medium, bytes, n, volume->start);
    for (size_t i = 0; i < n; i++)
        if (bytes[i])
            return false;
    return true;
}

static bool is_swap(struct disk *disk, const struct volume *volume)
{
    uint8_t magic[10] = {0};
    medium_read(&disk->medium, magic, sizeof(magic), volume->start + 4096 - 10);
    return !memcmp(magic, "SWAPSPACE2", 10) || !memcmp(magic, "SWAP-SPACE", 10);
}

/** By its entry in an Apple partition map: the map itself, drivers. */
static bool is_no_filesystem(const struct volume *volume)
{
    return !strcmp(volume->description, "Apple_partition_map") || !strncmp(volume->description, "Apple_Driver", 12) ||
           !strcmp(volume->description, "Apple_Patches");
}

static bool is_old_hfs(struct disk *disk, const struct volume *volume)
{
    uint8_t magic[2] = {0};
    medium_read(&disk->medium, magic, sizeof(magic), volume->start + 1024);
    return !memcmp(magic, "BD", 2);
}

enum trawl_status filesystem_why(struct disk *disk, const struct volume *volume, char why[UNPACK_DETAIL])
{
    if (volume->has_table) {
        detail_format(why, "%s: its volumes are read", volume->description);
        return TRAWL_OK;
    }
    switch (volume->type) {
    case TYPE_LUKS:
    case TYPE_BITLOCKER:
        detail_format(why, "%s volume: needs its key", type_name(volume->type));
        return TRAWL_ENCRYPTED;
    case TYPE_APFS:
        detail_format(why, "apfs: encrypted, or no volume of it can be read");
        return TRAWL_ENCRYPTED;
    case TYPE_CORESTORAGE:
        detail_format(why, "corestorage volume (FileVault, Fusion): needs its key, or its other disk");
        return TRAWL_ENCRYPTED;
    case TYPE_OTHER:
        if (is_swap(disk, volume)) {
            detail_format(why, "swap space");
            return TRAWL_OK;
        }
        if (all_zeros(disk, volume)) {
            detail_format(why, "empty: it begins with zeros");
            return TRAWL_OK;
        }
        if (is_no_filesystem(volume)) {
            detail_format(why, "no file system: %s", volume->description);
            return TRAWL_OK;
        }
        detail_format(why, "no file system that this build knows");
        return TRAWL_UNSUPPORTED;
    case TYPE_HFS:
        if (is_old_hfs(disk, volume)) {
            detail_format(why, "this build does not read HFS without the plus");
            return TRAWL_UNSUPPORTED;
        }
        detail_format(why, "hfs that cannot be opened");
        return TRAWL_DAMAGED;
    case TYPE_XFS:
    case TYPE_BTRFS:
    case TYPE_SQUASHFS:
    case TYPE_LVM:
    case TYPE_REFS:
    case TYPE_RAID:
    case TYPE_F2FS:
    case TYPE_EROFS:
    case TYPE_JFS:
    case TYPE_REISERFS:
    case TYPE_NILFS:
    case TYPE_UBI:
        detail_format(why, "this build does not read %s", type_name(volume->type));
        return TRAWL_UNSUPPORTED;
    case TYPE_DISK:
        detail_format(why, "a table of volumes, none of which lies within it");
        return TRAWL_DAMAGED;
    default:
        detail_format(why, "%s that cannot be opened", type_name(volume->type));
        return TRAWL_DAMAGED;
    }
}
