/* Walks a mini heap and keeps what the walk says. */
#ifndef HS_TESTS_MINI_WALK_H
#define HS_TESTS_MINI_WALK_H

#include "mini_heap.h"
#include "heap/walk.h"

enum { MINI_SPACES = 8, MINI_SEEN = 4096 };

struct mini_walk {
    struct hs_account space[MINI_SPACES], all;
    hs_addr seen[MINI_SEEN]; /* objects, in the order they were handed out */
    size_t count;
};

/* Aborts if a page's bytes are not all accounted, or if an object lies outside its page. The error is
 * hs_walk's. */
struct hs_error *mini_walk(const struct hs_v8 *v8, unsigned threads, struct mini_walk *ret);
/* The account of the pages of `page`'s space. */
const struct hs_account *mini_walk_space(const struct mini_walk *walk, const struct hs_v8 *v8,
                                         enum mini_page page);
bool mini_walk_saw(const struct mini_walk *walk, hs_addr addr);

#endif
