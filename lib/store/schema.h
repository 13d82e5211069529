/* The tables of a history and their versions.
 *
 * A version is a list of statements that make it out of the one before; version 1 out of an empty file. So
 * an old history becomes a new one by the same statements by which a new one is made, in one transaction,
 * whoever opens it first. PRAGMA user_version tells the version, PRAGMA application_id whose file it is; a
 * later version than ours, or another program's file, is refused and left as it is.
 *
 * A released version never changes: the next one is a new entry. For lib/store only. */
#ifndef HS_STORE_SCHEMA_H
#define HS_STORE_SCHEMA_H

#include "store/sqlite.h"

#define HS_SCHEMA_APPLICATION 0x68736873 /* "hshs" */

/* The version that this program writes. */
int64_t hs_schema_version(void);
/* Brings an open file to it. HS_SQL_READ: an empty file is an error, and so is an older version in a file
 * that can't be written. */
struct hs_error *hs_schema_prepare(const struct hs_sql *sql, enum hs_sql_mode mode) HS_MUST_CHECK;

#endif
