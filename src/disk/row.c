#include "disk/row.h"

static bool handles(enum file_type type)
{
    return type_class(type) == CLASS_DISK && type != TYPE_SQUASHFS;
}

const struct unpacker disk_unpacker = {
    .name = "diskimage",
    .handles = handles,
    .run = disk_run,
    .heavy = true,
    .library = "libtsk",
    .version = disk_version,
};
