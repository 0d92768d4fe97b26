/* seeds.h (private to make_seeds): one function for each kind of seeds. */
#ifndef TESTS_FUZZ_SEEDS_H
#define TESTS_FUZZ_SEEDS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"

/** Folder of all seeds. */
extern const char *seed_root;
void seed_write(const char *target, const char *name, const void *bytes, size_t n);
/** The same with the bytes that tell the target how to run in front. */
void seed_prefixed(const char *target, const char *name, const char *prefix, size_t prefix_len, const void *bytes,
                   size_t n);
void seed_text(const char *target, const char *name, const char *prefix, size_t prefix_len, const char *text);

/** seeds_text.c: lists, lines, names, limits. seeds_internal.c: ring, answers, journal, records, indexes, magic
 * numbers. */
void seed_texts(void);
void seed_internal(void);
/** seeds_container.c: zip, gzip, and all that libarchive cannot write. seeds_archive.c: what it can. seeds_picture.c.
 */
void seed_containers(void);
/** seeds_rar.c */
void seed_rars(void);
void seed_archives(void);
void seed_pictures(void);
/** seeds_formats.c */
void seed_formats(void);
/** seeds_document.c */
void seed_documents(void);
/** seeds_coded.c */
void seed_coded(void);
/** seeds_disk.c */
void seed_disks(void);
/** seeds_optical.c */
void seed_optical(void);
/** seeds_iso.c */
void seed_isos(void);
/** seeds_carve.c */
void seed_carved(void);

#endif
