#include "scan/stack.h"

#include <stddef.h>

void stack_init(struct stack *stack, unsigned workers)
{
    *stack = (struct stack){.working = workers};
    pthread_mutex_init(&stack->lock, NULL);
    pthread_cond_init(&stack->changed, NULL);
}

void stack_destroy(struct stack *stack)
{
    pthread_mutex_destroy(&stack->lock);
    pthread_cond_destroy(&stack->changed);
}

void stack_push(struct stack *stack, struct source *source)
{
    pthread_mutex_lock(&stack->lock);
    struct source **at = &stack->open;
    while (*at && (*at)->depth >= source->depth)
        at = &(*at)->next;
    source->next = *at;
    *at = source;
    pthread_cond_broadcast(&stack->changed);
    pthread_mutex_unlock(&stack->lock);
}

static struct source *find_free(const struct stack *stack)
{
    for (struct source *s = stack->open; s; s = s->next)
        if (!s->busy)
            return s;
    return NULL;
}

struct source *stack_take(struct stack *stack)
{
    pthread_mutex_lock(&stack->lock);
    stack->working--;
    struct source *found = NULL;
    while (!stack->stopped && !(found = find_free(stack)) && (stack->open || stack->working))
        pthread_cond_wait(&stack->changed, &stack->lock);
    if (found) {
        found->busy = true;
        stack->working++;
    } else {
        pthread_cond_broadcast(&stack->changed);
    }
    pthread_mutex_unlock(&stack->lock);
    return found;
}

static void unlink_source(struct stack *stack, const struct source *source)
{
    struct source **at = &stack->open;
    while (*at && *at != source)
        at = &(*at)->next;
    if (*at)
        *at = source->next;
}

void stack_release(struct stack *stack, struct source *source, bool ended)
{
    pthread_mutex_lock(&stack->lock);
    source->busy = false;
    if (ended)
        unlink_source(stack, source);
    pthread_cond_broadcast(&stack->changed);
    pthread_mutex_unlock(&stack->lock);
}

struct source *stack_drain(struct stack *stack)
{
    pthread_mutex_lock(&stack->lock);
    struct source *source = stack->open;
    if (source)
        stack->open = source->next;
    pthread_mutex_unlock(&stack->lock);
    return source;
}

void stack_stop(struct stack *stack)
{
    pthread_mutex_lock(&stack->lock);
    stack->stopped = true;
    pthread_cond_broadcast(&stack->changed);
    pthread_mutex_unlock(&stack->lock);
}
