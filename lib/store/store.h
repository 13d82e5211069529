/* The history: what each night's captures held, kept from night to night.
 *
 * A store holds any number of series (one a program that is watched), each a list of nights, each night one
 * or more snapshots, each snapshot the numbers of its classes. Names of classes are kept once for all
 * snapshots. Behind these few functions stands one SQLite file; nothing outside lib/store knows SQL, so that
 * a server database can stand there later.
 *
 * Promises: a function that changes the store does it whole or not at all, and what it did when it returned
 * survives a kill of the process and a crash of the machine. Adding what is there adds nothing. Any number of
 * processes may use one store at a time: writers wait for one another, readers for nobody. Texts come back
 * byte for byte, whatever the bytes. A store of a later version, a damaged file, another program's file: an
 * error that says so, and the file as it was. New files can be read by their owner only.
 *
 * Errors are about the store alone: the caller's result stands whatever happens here. One thread at a time
 * a store. */
#ifndef HS_STORE_STORE_H
#define HS_STORE_STORE_H

#include "trend/history.h"
#include "trend/trend.h"

struct hs_store;

enum hs_store_access {
    HS_STORE_READ, /* must be there; nothing is changed but, from an old version, its layout */
    HS_STORE_WRITE /* made if it is not there */
};

/* `address`: a file name. Addresses of servers ("postgresql://…") are HS_ERROR_UNSUPPORTED. */
struct hs_error *hs_store_open(const char *address, enum hs_store_access access,
                               struct hs_store **ret) HS_MUST_CHECK;
/* Takes NULL. */
void hs_store_close(struct hs_store *store);

struct hs_store_added {
    size_t snapshots, known; /* how many were new, how many were there before */
    size_t nights;           /* how many nights began */
};

/* Adds the captures of an aligned trend to a series, and its findings if it is judged, which stand with the
 * night of the last capture. Captures within six hours of the first one are one night; a capture without a
 * time belongs to the night of the one before it. A snapshot is known by its digest: one that is in the
 * series is left as it is, and the captures of its night that are not join it. `now`: ms since 1970, which
 * dates a night without times. */
struct hs_error *hs_store_add(struct hs_store *store, const char *series, const struct hs_trend *trend,
                              int64_t now, struct hs_store_added *ret) HS_MUST_CHECK;

/* The last `nights` nights of a series in order of time, as a history that can be judged. 0: all of them. A
 * series that is not there has no nights. */
struct hs_error *hs_store_read(struct hs_store *store, const char *series, size_t nights,
                               struct hs_history **ret) HS_MUST_CHECK;

/* The nights without their numbers, of every series, by name and time; `each` may return an error, which
 * ends the list. */
typedef struct hs_error *hs_store_each(void *context, const char *series,
                                       const struct hs_history_night *night);
struct hs_error *hs_store_list(struct hs_store *store, hs_store_each *each, void *context) HS_MUST_CHECK;

/* Drops all nights of a series but the last `keep`, and names that no night uses any more; the file shrinks.
 */
struct hs_error *hs_store_prune(struct hs_store *store, const char *series, size_t keep,
                                size_t *dropped_ret) HS_MUST_CHECK;

#endif
