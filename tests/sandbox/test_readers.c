#include "sandbox/readers.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/selftest.h"

Test(readers, stands_beside_the_program)
{
    char path[4096];
    cr_assert(readers_path(path, sizeof(path)));
    cr_assert_not_null(strstr(path, "/" READERS_PROGRAM));
    cr_assert_eq(access(path, X_OK), 0);
    char small[8];
    cr_assert_not(readers_path(small, sizeof(small)));
}

/** The second zygote forks and reaps as the first does, its children are as confined, and it is gone at the end. */
Test(readers, is_a_zygote)
{
    char why[256];
    struct zygote *first = zygote_start(true);
    cr_assert_not_null(first);
    struct readers *readers = readers_new(first, true);
    cr_assert(readers_present(readers));
    struct zygote *zygote = readers_zygote(readers, why, sizeof(why));
    cr_assert_not_null(zygote, "%s", why);
    cr_assert_str_empty(why);
    cr_assert_neq(zygote, first);
    cr_assert_eq(readers_zygote(readers, why, sizeof(why)), zygote);
    cr_assert_eq(sandbox_selftest_all(zygote, why, sizeof(why)), 0, "%s", why);
    readers_free(readers);
    zygote_stop(first);
}
