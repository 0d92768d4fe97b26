#include "scan/ledger.h"

#include "core/alloc.h"

void ledger_init(struct ledger *ledger, uint64_t allowed)
{
    *ledger = (struct ledger){.allowed = allowed};
    pthread_mutex_init(&ledger->lock, NULL);
}

void ledger_destroy(struct ledger *ledger)
{
    pthread_mutex_destroy(&ledger->lock);
}

static struct ledger_entry *add_entry(struct ledger *ledger, struct ledger_list *list, uint64_t weight)
{
    struct ledger_entry *entry = ALLOC(struct ledger_entry);
    pthread_mutex_lock(&ledger->lock);
    entry->list = list;
    entry->before = list->tail;
    entry->weight = weight;
    list->tail = 0;
    entry->prev = list->last;
    if (list->last)
        list->last->next = entry;
    else
        list->first = entry;
    list->last = entry;
    pthread_mutex_unlock(&ledger->lock);
    return entry;
}

struct ledger_entry *ledger_begin(struct ledger *ledger, struct ledger_list *list)
{
    return add_entry(ledger, list, LEDGER_ITEM_WEIGHT);
}

struct ledger_entry *ledger_part(struct ledger *ledger, struct ledger_list *list)
{
    struct ledger_entry *part = add_entry(ledger, list, 0);
    part->inside.part = part;
    return part;
}

void ledger_weigh(struct ledger *ledger, struct ledger_entry *entry, uint64_t size)
{
    pthread_mutex_lock(&ledger->lock);
    entry->weight = ledger_add(size, LEDGER_ITEM_WEIGHT);
    pthread_mutex_unlock(&ledger->lock);
}

void ledger_grow(struct ledger *ledger, struct ledger_entry *entry, uint64_t weight)
{
    pthread_mutex_lock(&ledger->lock);
    entry->weight = ledger_add(entry->weight, weight);
    pthread_mutex_unlock(&ledger->lock);
}

/** Weight of all before the first unfinished item that has nothing unfinished inside: down the first entries. */
static uint64_t prefix(const struct ledger_list *list)
{
    uint64_t sum = 0;
    while (list->first) {
        sum = ledger_add(ledger_add(sum, list->first->before), list->first->weight);
        list = &list->first->inside;
    }
    return ledger_add(sum, list->tail);
}

static void remove_entry(struct ledger_entry *entry)
{
    struct ledger_list *list = entry->list;
    uint64_t done = ledger_add(ledger_add(entry->before, entry->weight), entry->inside.tail);
    if (entry->next) {
        entry->next->before = ledger_add(entry->next->before, done);
        entry->next->prev = entry->prev;
    } else {
        list->tail = ledger_add(list->tail, done);
        list->last = entry->prev;
    }
    if (entry->prev)
        entry->prev->next = entry->next;
    else
        list->first = entry->next;
    free(entry);
}

/** Looks at the finished prefix after a change. */
static bool cuts(struct ledger *ledger)
{
    return prefix(&ledger->root) > ledger->allowed && !atomic_exchange(&ledger->cut, true);
}

bool ledger_end(struct ledger *ledger, struct ledger_entry *entry)
{
    if (!entry)
        return false;
    pthread_mutex_lock(&ledger->lock);
    struct ledger_list *list = entry->list;
    remove_entry(entry);
    if (list->part && list->part->complete && !list->first)
        remove_entry(list->part);
    bool cut = cuts(ledger);
    pthread_mutex_unlock(&ledger->lock);
    return cut;
}

bool ledger_part_complete(struct ledger *ledger, struct ledger_entry *part)
{
    if (!part)
        return false;
    pthread_mutex_lock(&ledger->lock);
    part->complete = true;
    if (!part->inside.first)
        remove_entry(part);
    bool cut = cuts(ledger);
    pthread_mutex_unlock(&ledger->lock);
    return cut;
}
