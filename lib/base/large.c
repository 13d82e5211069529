#define _GNU_SOURCE 1 /* reallocarray, MADV_HUGEPAGE */
#include "base/large.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 }; /* of most machines; advice may be given in any whole pages */

void *hs_large_advise(void *array, size_t count, size_t size) {
    uintptr_t start = ((uintptr_t)array + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1),
              end = ((uintptr_t)array + count * size) & ~(uintptr_t)(HUGE_PAGE - 1);
    if (array && end > start) (void)madvise((void *)start, end - start, MADV_HUGEPAGE);
    return array;
}

void *hs_large_alloc(size_t count, size_t size) {
    return hs_large_advise(reallocarray(NULL, count, size), count, size);
}

void *hs_large_zeroed(size_t count, size_t size) {
    return hs_large_advise(calloc(count, size), count, size);
}
