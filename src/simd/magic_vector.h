/*
 * magic_vector.h: the body of a scan for magics. No include guard: it is included once for each width, by a file that
 * says what VECTOR, TARGET, LOAD, TABLE, AND, SHR4, LOW_HALVES, SHUFFLE and NONZERO are.
 *
 * Each of the three first bytes is looked up by its halves in two tables of sixteen sets of buckets; a bucket that is
 * in all six may hold a magic. Of random places that is one in 17,900.
 */

TARGET static inline VECTOR magic_sets(VECTOR bytes, VECTOR low, VECTOR high)
{
    VECTOR halves = LOW_HALVES;
    return AND(SHUFFLE(low, AND(bytes, halves)), SHUFFLE(high, AND(SHR4(bytes), halves)));
}

TARGET static size_t magic_scan(const uint8_t *bytes, size_t n, uint32_t *out, size_t room)
{
    const VECTOR low0 = TABLE(magic_tables.low[0]), high0 = TABLE(magic_tables.high[0]);
    const VECTOR low1 = TABLE(magic_tables.low[1]), high1 = TABLE(magic_tables.high[1]);
    const VECTOR low2 = TABLE(magic_tables.low[2]), high2 = TABLE(magic_tables.high[2]);
    size_t found = 0, i = 0;
    /* The last of these places is compared whole: three bytes behind the vector. */
    for (; n - i >= sizeof(VECTOR) + MAGIC_BYTES - 1 && found < room; i += sizeof(VECTOR)) {
        VECTOR sets = magic_sets(LOAD(bytes + i), low0, high0);
        sets = AND(sets, magic_sets(LOAD(bytes + i + 1), low1, high1));
        sets = AND(sets, magic_sets(LOAD(bytes + i + 2), low2, high2));
        uint64_t mask = NONZERO(sets);
        if (__builtin_expect(mask != 0, 0))
            found = magic_confirm(bytes, i, mask, out, found, room);
    }
    return scalar_magic_scan(bytes, n, i, out, found, room);
}

#undef VECTOR
#undef TARGET
#undef LOAD
#undef TABLE
#undef AND
#undef SHR4
#undef LOW_HALVES
#undef SHUFFLE
#undef NONZERO
