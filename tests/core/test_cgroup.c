#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/cgroup.h"
#include "core/cpu.h"

/** Writes root/path with its folders. */
static void put(const char *root, const char *path, const char *text)
{
    char name[512];
    snprintf(name, sizeof(name), "%s/%s", root, path);
    for (char *slash = name + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(name, 0700);
        *slash = '/';
    }
    FILE *file = fopen(name, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

static char *new_root(void)
{
    char *root = strdup(P_tmpdir "/cgroup-test-XXXXXX");
    cr_assert_not_null(mkdtemp(root));
    return root;
}

static void drop_root(char *root)
{
    char command[600];
    snprintf(command, sizeof(command), "rm -rf '%s'", root);
    cr_assert_eq(system(command), 0);
    free(root);
}

Test(cgroup, version_2_takes_the_least_on_the_way_up)
{
    char *root = new_root();
    struct cgroup_limits limits;
    put(root, "proc/self/cgroup", "0::/a/b/c\n");
    put(root, "proc/self/mountinfo",
        "30 20 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n");
    put(root, "sys/fs/cgroup/a/b/c/memory.max", "max\n");
    put(root, "sys/fs/cgroup/a/b/c/cpu.max", "max 100000\n");
    put(root, "sys/fs/cgroup/a/b/memory.max", "5000000000\n");
    put(root, "sys/fs/cgroup/a/b/cpu.max", "250000 100000\n");
    put(root, "sys/fs/cgroup/a/memory.max", "7000000000\n");
    put(root, "sys/fs/cgroup/a/cpu.max", "400000 100000\n");
    cgroup_read(root, &limits);
    cr_assert_eq(limits.memory, 5000000000u);
    cr_assert_eq(limits.millicpus, 2500);
    drop_root(root);
}

Test(cgroup, version_1_has_a_hierarchy_for_each_controller)
{
    char *root = new_root();
    struct cgroup_limits limits;
    put(root, "proc/self/cgroup", "4:memory:/box\n3:cpu,cpuacct:/box\n1:name=systemd:/box\n");
    put(root, "proc/self/mountinfo",
        "31 20 0:27 / /cg/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
        "32 20 0:28 / /cg/mem rw - cgroup cgroup rw,memory\n"
        "33 20 0:29 / /proc rw - proc proc rw\n");
    put(root, "cg/cpu/box/cpu.cfs_quota_us", "150000\n");
    put(root, "cg/cpu/box/cpu.cfs_period_us", "100000\n");
    put(root, "cg/cpu/cpu.cfs_quota_us", "-1\n");
    put(root, "cg/cpu/cpu.cfs_period_us", "100000\n");
    put(root, "cg/mem/box/memory.limit_in_bytes", "1073741824\n");
    put(root, "cg/mem/memory.limit_in_bytes", "9223372036854771712\n");
    cgroup_read(root, &limits);
    cr_assert_eq(limits.memory, 1073741824u);
    cr_assert_eq(limits.millicpus, 1500);
    drop_root(root);
}

/** In a container the mount shows the own group as its root, under a name that the path has in front. */
Test(cgroup, mount_root_is_cut_off)
{
    char *root = new_root();
    struct cgroup_limits limits;
    put(root, "proc/self/cgroup", "0::/pods/p1/job\n");
    put(root, "proc/self/mountinfo", "30 20 0:26 /pods/p1 /cg\\040two rw - cgroup2 cgroup2 rw\n");
    put(root, "cg two/memory.max", "900000000\n");
    put(root, "cg two/job/memory.max", "800000000\n");
    cgroup_read(root, &limits);
    cr_assert_eq(limits.memory, 800000000u);
    cr_assert_eq(limits.millicpus, UINT64_MAX);
    drop_root(root);
}

Test(cgroup, group_outside_of_the_mount_reads_the_mount)
{
    char *root = new_root();
    struct cgroup_limits limits;
    put(root, "proc/self/cgroup", "0::/../elsewhere\n");
    put(root, "proc/self/mountinfo", "30 20 0:26 / /cg rw - cgroup2 cgroup2 rw\n");
    put(root, "cg/memory.max", "900000000\n");
    put(root, "elsewhere/memory.max", "5\n");
    cgroup_read(root, &limits);
    cr_assert_eq(limits.memory, 900000000u);
    drop_root(root);
}

Test(cgroup, broken_files_are_no_limit)
{
    char *root = new_root();
    struct cgroup_limits limits;
    put(root, "proc/self/cgroup", "\n::\n0\n0::/x\n");
    put(root, "proc/self/mountinfo", "x\n30 20 - cgroup2\n30 20 0:26 / /cg rw - cgroup2 cgroup2 rw\n");
    put(root, "cg/x/memory.max", "");
    put(root, "cg/x/cpu.max", "50000\n");
    cgroup_read(root, &limits);
    cr_assert_eq(limits.memory, UINT64_MAX);
    cr_assert_eq(limits.millicpus, UINT64_MAX);
    drop_root(root);
}

Test(cpu, this_machine_has_some)
{
    cr_assert_geq(cpu_count(), 1);
    cr_assert_gt(memory_available(), 1u << 20);
}
