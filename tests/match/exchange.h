/* exchange.h: what tests of exchanged lists share. */
#ifndef TEST_EXCHANGE_H
#define TEST_EXCHANGE_H

#include "match/hashset.h"
#include "match_test.h"

static inline bool says(const char *text, const char *what)
{
    return text && strstr(text, what);
}

static inline const struct list_info *info(const struct loaded *loaded)
{
    cr_assert_eq(loaded->result, 0, "%s", loaded->why);
    return hashset_list(loaded->set, 0);
}

static inline void check_counts(const struct loaded *loaded, uint64_t md5, uint64_t sha1, uint64_t pdq, uint64_t bad)
{
    const struct list_info *list = info(loaded);
    cr_assert(list->entries[HASH_MD5] == md5 && list->entries[HASH_SHA1] == sha1 && list->entries[HASH_PDQ] == pdq &&
                  list->bad_rows == bad,
              "%llu %llu %llu %llu\n%s", (unsigned long long)list->entries[HASH_MD5],
              (unsigned long long)list->entries[HASH_SHA1], (unsigned long long)list->entries[HASH_PDQ],
              (unsigned long long)list->bad_rows, loaded->log);
}

/** The one match of a hash. */
static inline struct match match_of(const struct hashset *set, enum hash_type type, const char *hex)
{
    struct match_list matches = {0};
    uint8_t value[32] = {0};
    unhex(hex, value);
    hashset_match_value(set, type, value, &matches);
    cr_assert_eq(matches.n, 1, "%s: %zu", hex, matches.n);
    struct match match = matches.items[0];
    free(matches.items);
    return match;
}

/** A set as Griffeye writes it: texts for booleans, a mark in front, CR LF, keys of entries in any order. */
static const char vics[] =
    "\xef\xbb\xbf{\r\n\"@odata.context\":\"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/"
    "$metadata#Media\",\r\n\"value\":[\r\n"
    "{\"MediaFiles\":[{\"MD5\":\"" MD5_B "\",\"FileName\":\"C:\\\\x\"}],\"Category\":\"1\",\"MD5\":\"" MD5_A
    "\",\"MediaID\":\"700\",\"VictimIdentified\":\"true\",\"OffenderIdentified\":\"False\",\"IsDistributed\":true,"
    "\"Series\":\"S\\u00e9rie\",\"Tags\":\"a,b\",\"SHA1\":\"" SHA1_A "\",\"MimeType\":\"video/mp4\","
    "\"AlternativeHashes\":[{\"HashValue\":\"" PDQ_A "\",\"MD5\":\"" MD5_B
    "\",\"HashName\":\"PDQ\"},{\"HashName\":\"PhotoDNA\",\"HashValue\":\"AAAA\"},"
    "{\"HashName\":\"ssdeep\",\"HashValue\":\"x\"}]},\r\n"
    "{\"Category\":null,\"MD5\":\"00000000000000000000000000000001\"},\r\n"
    "{\"Category\":7,\"MD5\":\"00000000000000000000000000000002\",\"Unknown\":{\"a\":[1,{\"MD5\":\"zz\"}]}},\r\n"
    "{\"Category\":0,\"MD5\":\"00000000000000000000000000000003\"},\r\n"
    "{\"MD5\":\"0000\"},\r\n{\"Category\":1},\r\n{\"PhotoDNA\":\"AAAA\"}\r\n]}\r\n";

#endif
