/* A scanned capture, written: as a snapshot, as the table, as a list of addresses, as an account of every
 * byte. */
#ifndef HS_SCAN_EMIT_H
#define HS_SCAN_EMIT_H

#include "capture.h"
#include "snap/writer.h"

/* One snapshot, header to trailer. */
struct hs_error *scan_emit_snapshot(struct hs_snap_writer *writer, const struct scan_options *options,
                                    const struct scan_capture *capture) HS_MUST_CHECK;
/* The table, with its heading. */
struct hs_error *scan_emit_table(FILE *out, const struct scan_options *options,
                                 const struct scan_capture *capture) HS_MUST_CHECK;
/* Addresses of the objects of the selected classes, one a line; in NDJSON
 * {"kind":"object","address":…,"class":key}. */
struct hs_error *scan_emit_list(FILE *out, const struct scan_options *options, struct scan_capture *capture,
                                bool ndjson) HS_MUST_CHECK;
/* Every byte of every page, by space (-v). */
void scan_emit_accounts(FILE *out, const struct scan_capture *capture);

#endif
