/*
 * digest_lanes.h: the body of a multi-buffer kernel; one message in each lane of a vector. No include guard: it is
 * included once for each width, by a file that says what VECTOR, TARGET, LANES_RUN, the words of digest_rounds.h, LOAD
 * STORE SWAP_BYTES SELECT and `transpose` are.
 *
 * The three take turns over each block: the block is brought into lanes once for all, and the states (17 vectors) cost
 * less to load and store than the smallest of the three takes.
 */

TARGET static inline void LANES_NAME(md5)(uint32_t (*state)[DIGEST_LANES], const VECTOR *w)
{
    VECTOR a = LOAD(state[0]), b = LOAD(state[1]), c = LOAD(state[2]), d = LOAD(state[3]);
    const uint32_t *sines = md5_constants;
    __asm__("" : "+r"(sines));
    MD5_FOUR_F(w, 0);
    MD5_FOUR_F(w, 4);
    MD5_FOUR_F(w, 8);
    MD5_FOUR_F(w, 12);
    MD5_FOUR_G(w, 16);
    MD5_FOUR_G(w, 20);
    MD5_FOUR_G(w, 24);
    MD5_FOUR_G(w, 28);
    MD5_FOUR_H(w, 32);
    MD5_FOUR_H(w, 36);
    MD5_FOUR_H(w, 40);
    MD5_FOUR_H(w, 44);
    MD5_FOUR_I(w, 48);
    MD5_FOUR_I(w, 52);
    MD5_FOUR_I(w, 56);
    MD5_FOUR_I(w, 60);
    STORE(state[0], ADD(a, LOAD(state[0])));
    STORE(state[1], ADD(b, LOAD(state[1])));
    STORE(state[2], ADD(c, LOAD(state[2])));
    STORE(state[3], ADD(d, LOAD(state[3])));
}

TARGET static inline void LANES_NAME(sha1)(uint32_t (*state)[DIGEST_LANES], const VECTOR *block)
{
    VECTOR a = LOAD(state[0]), b = LOAD(state[1]), c = LOAD(state[2]), d = LOAD(state[3]), e = LOAD(state[4]), w[16];
    UNROLL
    for (unsigned i = 0; i < 16; i++)
        w[i] = block[i];
    SHA1_TWENTY(CHOOSE, 0x5a827999u, w, 0);
    SHA1_TWENTY(XOR3, 0x6ed9eba1u, w, 20);
    SHA1_TWENTY(MAJORITY, 0x8f1bbcdcu, w, 40);
    SHA1_TWENTY(XOR3, 0xca62c1d6u, w, 60);
    STORE(state[0], ADD(a, LOAD(state[0])));
    STORE(state[1], ADD(b, LOAD(state[1])));
    STORE(state[2], ADD(c, LOAD(state[2])));
    STORE(state[3], ADD(d, LOAD(state[3])));
    STORE(state[4], ADD(e, LOAD(state[4])));
}

/** The ring of words is the caller's: it is used up. */
TARGET static inline void LANES_NAME(sha256)(uint32_t (*state)[DIGEST_LANES], VECTOR *w)
{
    VECTOR a = LOAD(state[0]), b = LOAD(state[1]), c = LOAD(state[2]), d = LOAD(state[3]);
    VECTOR e = LOAD(state[4]), f = LOAD(state[5]), g = LOAD(state[6]), h = LOAD(state[7]);
    const uint32_t *cubes = sha256_constants;
    __asm__("" : "+r"(cubes));
    SHA256_EIGHT(w, cubes, 0, true);
    SHA256_EIGHT(w, cubes, 8, true);
    for (const uint32_t *k = sha256_constants + 16; k < sha256_constants + 64; k += 16) {
        SHA256_EIGHT(w, k, 0, false);
        SHA256_EIGHT(w, k, 8, false);
    }
    STORE(state[0], ADD(a, LOAD(state[0])));
    STORE(state[1], ADD(b, LOAD(state[1])));
    STORE(state[2], ADD(c, LOAD(state[2])));
    STORE(state[3], ADD(d, LOAD(state[3])));
    STORE(state[4], ADD(e, LOAD(state[4])));
    STORE(state[5], ADD(f, LOAD(state[5])));
    STORE(state[6], ADD(g, LOAD(state[6])));
    STORE(state[7], ADD(h, LOAD(state[7])));
}

/** The words as SHA-1 and SHA-256 read them; the halves of the length the other way round. */
TARGET static inline void LANES_NAME(swap)(VECTOR *w, uint32_t final)
{
    VECTOR low = w[14], high = w[15];
    UNROLL
    for (unsigned i = 0; i < 16; i++)
        w[i] = SWAP_BYTES(w[i]);
    if (final) {
        w[14] = SELECT(final, high, w[14]);
        w[15] = SELECT(final, low, w[15]);
    }
}

TARGET void LANES_RUN(struct digest_lanes *lanes, size_t blocks, uint32_t final, enum digest_kind which)
{
    VECTOR w[16];
    for (size_t i = 0; i < blocks; i++) {
        LANES_NAME(transpose)(w, lanes->data, i * DIGEST_BLOCK);
        if (which & DIGEST_MD5)
            LANES_NAME(md5)(lanes->state + STATE_MD5, w);
        if (!(which & (DIGEST_SHA1 | DIGEST_SHA256)))
            continue;
        LANES_NAME(swap)(w, i + 1 == blocks ? final : 0);
        if (which & DIGEST_SHA1)
            LANES_NAME(sha1)(lanes->state + STATE_SHA1, w);
        if (which & DIGEST_SHA256)
            LANES_NAME(sha256)(lanes->state + STATE_SHA256, w);
    }
}
