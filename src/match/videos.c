#include "match/videos.h"

#include <stdlib.h>

#include "core/alloc.h"

static int video_order(const void *a, const void *b)
{
    const struct listed_video *x = a, *y = b;
    if (x->list != y->list)
        return x->list < y->list ? -1 : 1;
    return (x->entry > y->entry) - (x->entry < y->entry);
}

void videos_count(struct part *part)
{
    const struct table *table = &part->tables[HASH_VPDQ];
    size_t n = 0;
    if (!table->n_postings || part->videos)
        return;
    struct listed_video *videos = ALLOC_ARRAY(struct listed_video, table->n_postings);
    for (size_t i = 0; i < table->n_postings; i++)
        videos[i] = (struct listed_video){posting_list(&table->postings[i]), table->postings[i].entry, 1};
    qsort(videos, table->n_postings, sizeof(*videos), video_order);
    for (size_t i = 1; i < table->n_postings; i++)
        if (video_order(&videos[n], &videos[i]) == 0)
            videos[n].frames++;
        else
            videos[++n] = videos[i];
    part->n_videos = n + 1;
    part->videos = mem_realloc(videos, size_mul(part->n_videos, sizeof(*videos)));
}

size_t videos_find(const struct part *part, const struct posting *posting)
{
    struct listed_video wanted = {posting_list(posting), posting->entry, 0};
    const struct listed_video *found = bsearch(&wanted, part->videos, part->n_videos, sizeof(wanted), video_order);
    return found ? (size_t)(found - part->videos) : part->n_videos;
}
