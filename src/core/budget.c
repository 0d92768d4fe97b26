#include "core/budget.h"

void budget_init(struct budget *budget, uint64_t limit)
{
    *budget = (struct budget){.limit = limit};
    pthread_mutex_init(&budget->lock, NULL);
    pthread_cond_init(&budget->freed, NULL);
}

void budget_destroy(struct budget *budget)
{
    pthread_mutex_destroy(&budget->lock);
    pthread_cond_destroy(&budget->freed);
}

static bool fits(const struct budget *budget, uint64_t n)
{
    return budget->used <= budget->limit && n <= budget->limit - budget->used;
}

static void take(struct budget *budget, uint64_t n)
{
    budget->used += n;
    if (budget->used > budget->peak)
        budget->peak = budget->used;
}

void budget_admit(struct budget *budget, uint64_t n)
{
    pthread_mutex_lock(&budget->lock);
    uint64_t number = budget->drawn++;
    while (number != budget->turn || (!fits(budget, n) && budget->active))
        pthread_cond_wait(&budget->freed, &budget->lock);
    budget->turn++;
    budget->active++;
    take(budget, n);
    if (budget->turn != budget->drawn)
        pthread_cond_broadcast(&budget->freed);
    pthread_mutex_unlock(&budget->lock);
}

bool budget_grow(struct budget *budget, uint64_t n)
{
    pthread_mutex_lock(&budget->lock);
    bool ok = fits(budget, n);
    if (ok)
        take(budget, n);
    pthread_mutex_unlock(&budget->lock);
    return ok;
}

static void give(struct budget *budget, uint64_t n, unsigned active)
{
    pthread_mutex_lock(&budget->lock);
    budget->used -= n;
    budget->active -= active;
    pthread_cond_broadcast(&budget->freed);
    pthread_mutex_unlock(&budget->lock);
}

void budget_shrink(struct budget *budget, uint64_t n)
{
    give(budget, n, 0);
}

void budget_release(struct budget *budget, uint64_t n)
{
    give(budget, n, 1);
}

void budget_park(struct budget *budget)
{
    give(budget, 0, 1);
}

void budget_unpark(struct budget *budget, uint64_t n)
{
    give(budget, n, 0);
}
