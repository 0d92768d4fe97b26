/* faiss.h: FAISS's indexes for binary codes, as the matching benchmark calls them; one thread. */
#ifndef BENCH_PEERS_FAISS_H
#define BENCH_PEERS_FAISS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** IndexBinaryFlat, and IndexBinaryMultiHash of 16 tables of 16 bits with one bit flipped: exact up to radius 31. */
enum faiss_kind { FAISS_FLAT, FAISS_MULTI_HASH };

/** Weak where this benchmark is built without FAISS. */
void *faiss_build(enum faiss_kind kind, const uint8_t *keys, size_t n) __attribute__((weak));
/** Hits within `radius` bits of all queries together. */
size_t faiss_search(void *index, const uint8_t *queries, size_t n, int radius) __attribute__((weak));
void faiss_free(void *index) __attribute__((weak));

#ifdef __cplusplus
}
#endif

#endif
