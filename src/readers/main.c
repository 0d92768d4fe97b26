/*
 * main.c of trawl-readers: a zygote whose children have the heavy libraries. Started by trawl, never by people: all it
 * can say to them is what it reads.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/child.h"
#include "sandbox/message.h"
#include "sandbox/policy.h"
#include "sandbox/readers.h"
#include "trawl/decode.h"
#include "trawl/scan.h"
#include "trawl/unpack.h"

#define COLUMNS 80

/** Types that a row of many reads. */
static void print_types(const struct unpacker *row, int column)
{
    int room = COLUMNS - column;
    const char *before = ": ";
    for (int type = 0; type < TYPE_COUNT; type++) {
        const char *word = type_name((enum file_type)type);
        if (!row->handles((enum file_type)type) || strcmp(word, row->name) == 0)
            continue;
        if (room <= (int)strlen(word) + 1) {
            printf("\n%11s", "");
            room = COLUMNS - 12;
        }
        room -= printf("%s%s", before, word);
        before = " ";
    }
    putchar('\n');
}

/** What this program has and the other one lacks. */
static void print_formats(void)
{
    for (const struct unpacker *const *row = unpack_table; *row; row++)
        if ((*row)->heavy && (*row)->run) {
            int column =
                printf("  %-10s %s %s", (*row)->name, (*row)->library, (*row)->version ? (*row)->version() : "");
            print_types(*row, column);
        }
    for (const struct decoder *const *row = decode_table; *row; row++)
        if ((*row)->heavy && (*row)->decode)
            printf("  %-10s %s %s\n", (*row)->name, (*row)->library, (*row)->version ? (*row)->version() : "");
}

static int serve(bool sandboxed)
{
    struct readers_hello hello;
    fcntl(CHILD_FD_SOCKET, F_SETFD, FD_CLOEXEC);
    if (sandboxed && policy_prepare())
        return CHILD_EXIT_SANDBOX;
    child_warm_up();
    readers_hello_fill(&hello);
    if (message_send(CHILD_FD_SOCKET, &hello, sizeof(hello), NULL, 0))
        return CHILD_EXIT_PROTOCOL;
    zygote_serve(CHILD_FD_SOCKET, sandboxed);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], READERS_ARGUMENT) == 0)
        return serve(strcmp(argv[2], READERS_OPEN) != 0);
    if (argc == 2 && strcmp(argv[1], "--formats") == 0) {
        print_formats();
        return 0;
    }
    fputs(READERS_PROGRAM " " TRAWL_VERSION ": readers of disk images, video and documents; started by trawl where it "
                          "needs them\n",
          stderr);
    return 64;
}
