/* What the files of lib/store share. */
#ifndef HS_STORE_PRIVATE_H
#define HS_STORE_PRIVATE_H

#include "snap/arena.h"
#include "store/sqlite.h"
#include "store/store.h"

struct hs_store {
    struct hs_sql sql;
};

/* Id of a series; 0 if there is none of that name. */
struct hs_error *hs_store_find_series(const struct hs_store *store, const char *name,
                                      int64_t *ret) HS_MUST_CHECK;

/* The last nights of a series (0: all), newest first; and one row of that. */
struct hs_error *hs_store_prepare_nights(const struct hs_store *store, int64_t series, size_t nights,
                                         sqlite3_stmt **ret) HS_MUST_CHECK;
struct hs_error *hs_store_copy_night(sqlite3_stmt *statement, struct hs_snap_arena *arena,
                                     struct hs_history_night *ret) HS_MUST_CHECK;
/* NULL for NULL; *failed without memory. A NUL becomes a space. */
const char *hs_store_copy_text(sqlite3_stmt *statement, int at, struct hs_snap_arena *arena, bool *failed);

#endif
