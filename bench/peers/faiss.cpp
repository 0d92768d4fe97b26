// faiss.cpp: see faiss.h. Built only where FAISS is installed (Debian: libfaiss-dev).
#include "peers/faiss.h"

#include <faiss/IndexBinaryFlat.h>
#include <faiss/IndexBinaryHash.h>
#include <faiss/impl/AuxIndexStructures.h>
#include <omp.h>

namespace
{
const int bits = 256, tables = 16, table_bits = 16, flips = 1;
}

void *faiss_build(enum faiss_kind kind, const uint8_t *keys, size_t n)
{
    omp_set_num_threads(1);
    faiss::IndexBinary *index;
    if (kind == FAISS_FLAT) {
        index = new faiss::IndexBinaryFlat(bits);
    } else {
        auto *hash = new faiss::IndexBinaryMultiHash(bits, tables, table_bits);
        hash->nflip = flips;
        hash->own_fields = true;
        index = hash;
    }
    index->add(static_cast<faiss::IndexBinary::idx_t>(n), keys);
    return index;
}

size_t faiss_search(void *index, const uint8_t *queries, size_t n, int radius)
{
    faiss::RangeSearchResult result(n);
    // Its radius is the first distance that is too far.
    static_cast<faiss::IndexBinary *>(index)->range_search(static_cast<faiss::IndexBinary::idx_t>(n), queries,
                                                           radius + 1, &result);
    return result.lims[n];
}

void faiss_free(void *index)
{
    delete static_cast<faiss::IndexBinary *>(index);
}
