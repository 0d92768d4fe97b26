/* vics.c: a VICS hash set of N entries, as large databases hand them out. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "faults.h"

/** splitmix64: the same set each time. */
static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

int make_vics(int argc, char **argv)
{
    unsigned long n = argc == 1 ? strtoul(argv[0], NULL, 10) : 0;
    uint64_t state = 1;
    if (!n)
        return 2;
    printf("{\"@odata.context\":\"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/"
           "$metadata#Media\",\"value\":[");
    for (unsigned long i = 1; i <= n; i++) {
        unsigned long long a = next(&state), b = next(&state), c = next(&state), d = next(&state), e = next(&state);
        printf("%s\n{\"MediaID\":%lu,\"Category\":%llu,\"MD5\":\"%016llX%016llX\",\"SHA1\":\"%016llX%016llX%08llX\","
               "\"VictimIdentified\":\"%s\",\"OffenderIdentified\":false,\"IsDistributed\":true,\"Series\":%s,"
               "\"MediaSize\":%llu,\"MimeType\":\"image/jpeg\",\"IsPrecategorized\":true,\"MediaFiles\":[{\"MD5\":"
               "\"%016llX%016llX\",\"FileName\":\"IMG_%04llu.jpg\",\"FilePath\":\"Users\\\\x\\\\Pictures\\\\\"}]}",
               i > 1 ? "," : "", i, a % 6, a, b, c, d, e >> 32, a & 64 ? "true" : "false",
               a % 100 < 3 ? "\"Series 7\"" : "null", 1000 + b % 5000000, a, b, c % 10000);
    }
    printf("\n]}\n");
    return ferror(stdout) ? 1 : 0;
}
