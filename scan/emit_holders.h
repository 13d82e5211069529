/* Who holds the heap, in the lines of a snapshot: root, container, path, edge. */
#ifndef HS_SCAN_EMIT_HOLDERS_H
#define HS_SCAN_EMIT_HOLDERS_H

#include "capture.h"
#include "snap/writer.h"

/* Writes nothing for a capture without an analysis (--quick, a .heapsnapshot). */
struct hs_error *scan_emit_holders(struct hs_snap_writer *writer,
                                   const struct scan_capture *capture) HS_MUST_CHECK;

#endif
