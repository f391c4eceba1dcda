/* oom.h - put before every source of the core when it is built for oom.c: its memory comes from an
 * allocator that can be told to fail. */
#ifndef OL_OOM_H
#define OL_OOM_H

#include <stddef.h>
#include <stdlib.h>

void *oom_malloc(size_t n);
void *oom_calloc(size_t n, size_t size);
void *oom_realloc(void *p, size_t n);
void oom_free(void *p);

#define malloc oom_malloc
#define calloc oom_calloc
#define realloc oom_realloc
#define free oom_free

#endif
