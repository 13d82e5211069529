/* Nights made in memory, for the tests and the bench of the history.
 *
 *     struct night night = night_begin(1732239727000);
 *     night_class(&night, "Session", 100);
 *     struct hs_trend *trend = night_end(&night);   // aligned; hs_trend_destroy()
 *
 * One complete capture with reachable numbers; its digest is made of its time and its classes. */
#ifndef HS_TESTS_NIGHTS_H
#define HS_TESTS_NIGHTS_H

#include "store/store.h"

struct night {
    struct hs_snap snap;
    size_t capacity;
};

struct night night_begin(int64_t at);
/* An object class of objects of 40 bytes; the name is borrowed until night_end(). */
void night_class(struct night *night, const char *constructor, int64_t count);
struct hs_trend *night_end(struct night *night);
/* Adds the night to the series of a store; ends the program on an error. Returns what was added. */
struct hs_store_added night_add(struct hs_store *store, const char *series, struct night *night);

/* A deterministic number of 0 to 1 and one of a normal distribution. */
double night_random(uint64_t *state);
double night_gauss(uint64_t *state);

#endif
