/* Arrays with an element for each object of a heap.
 *
 * They are read at random, and at four kilobytes a page nearly every access misses the processor's table of
 * pages as well as its cache: so the kernel is asked for huge pages where an array is large enough to have
 * some (measured: a third less time for dominators and references). It may refuse; nothing depends on it.
 * What comes from here is freed by free(). For arrays that are filled to their ends only: a huge page that
 * is touched once is there as a whole. No global state; any thread. */
#ifndef HS_BASE_LARGE_H
#define HS_BASE_LARGE_H

#include <stddef.h>

/* As malloc() and calloc(), for `count` elements of `size` bytes; NULL without memory. */
void *hs_large_alloc(size_t count, size_t size);
void *hs_large_zeroed(size_t count, size_t size);
/* Asks for huge pages under an array that was allocated otherwise. Takes NULL; returns `array`. */
void *hs_large_advise(void *array, size_t count, size_t size);

#endif
