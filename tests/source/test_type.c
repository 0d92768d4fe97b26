#include <criterion/criterion.h>

#include <string.h>

#include "trawl/type.h"

Test(type, every_type_has_a_name_of_its_own)
{
    for (int i = 0; i < TYPE_COUNT; i++) {
        const char *name = type_name((enum file_type)i);
        cr_assert_not_null(name);
        cr_assert_gt(strlen(name), 0);
        cr_assert_eq(type_from_name(name), (enum file_type)i, "%s is the name of two types", name);
    }
}

Test(type, names_are_the_contract)
{
    cr_assert_str_eq(type_name(TYPE_OTHER), "other");
    cr_assert_str_eq(type_name(TYPE_JPEG), "jpeg");
    cr_assert_str_eq(type_name(TYPE_RAW_PHOTO), "raw");
    cr_assert_str_eq(type_name(TYPE_7Z), "7z");
    cr_assert_str_eq(type_name(TYPE_ISO9660), "iso9660");
    cr_assert_str_eq(type_name(TYPE_COMPRESS), "compress");
    cr_assert_str_eq(type_name(TYPE_DEVICE), "device");
}

Test(type, numbers_and_names_out_of_range_are_other)
{
    cr_assert_str_eq(type_name(TYPE_COUNT), "other");
    cr_assert_str_eq(type_name((enum file_type) - 1), "other");
    cr_assert_eq(type_class(TYPE_COUNT), CLASS_OTHER);
    cr_assert_eq(type_from_name("no such type"), TYPE_OTHER);
    cr_assert_eq(type_from_name(""), TYPE_OTHER);
}

Test(type, classes)
{
    cr_assert_eq(type_class(TYPE_JPEG), CLASS_PICTURE);
    cr_assert_eq(type_class(TYPE_SVG), CLASS_PICTURE);
    cr_assert_eq(type_class(TYPE_MPEGTS), CLASS_VIDEO);
    cr_assert_eq(type_class(TYPE_WARC), CLASS_ARCHIVE);
    cr_assert_eq(type_class(TYPE_GZIP), CLASS_FILTER);
    cr_assert_eq(type_class(TYPE_GRZIP), CLASS_FILTER);
    cr_assert_eq(type_class(TYPE_EWF), CLASS_DISK);
    cr_assert_eq(type_class(TYPE_BITLOCKER), CLASS_DISK);
    cr_assert_eq(type_class(TYPE_THUMBCACHE), CLASS_DOCUMENT);
    cr_assert_eq(type_class(TYPE_SYMLINK), CLASS_SPECIAL);
    cr_assert_eq(type_class(TYPE_OTHER), CLASS_OTHER);
}
