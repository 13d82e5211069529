#include "store/schema.h"
#include "store/store_private.h"

#include <stdlib.h>

struct hs_error *hs_store_open(const char *address, enum hs_store_access access, struct hs_store **ret) {
    struct hs_store *store = calloc(1, sizeof *store);
    if (!store) return HS_ENOMEM;
    enum hs_sql_mode mode = access == HS_STORE_WRITE ? HS_SQL_WRITE : HS_SQL_READ;
    struct hs_error *error = hs_sql_open(&store->sql, address, mode);
    if (!error) error = hs_schema_prepare(&store->sql, mode);
    if (error) hs_store_close(store);
    else *ret = store;
    return error;
}

void hs_store_close(struct hs_store *store) {
    if (!store) return;
    hs_sql_close(&store->sql);
    free(store);
}

struct hs_error *hs_store_find_series(const struct hs_store *store, const char *name, int64_t *ret) {
    HS_STATEMENT *statement = NULL;
    bool row, failed = false;
    HS_TRY(hs_sql_prepare(&store->sql, "SELECT id FROM series WHERE name = ?1", &statement));
    hs_sql_bind_text(statement, 1, name, &failed);
    if (failed) return HS_ENOMEM;
    HS_TRY(hs_sql_step(&store->sql, statement, &row));
    *ret = row ? sqlite3_column_int64(statement, 0) : 0;
    return NULL;
}
