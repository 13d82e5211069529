/* Where the indexes of cores are kept, and when they are read and written.
 *
 * $XDG_CACHE_HOME/heapscan/index/NAME-HASH.hsindex (HASH: of the core's path, so a new core at the same place
 * replaces the index of the old one), or CORE.hsindex beside the core with --index-beside; one beside the
 * core is always looked at. Indexes whose core is gone are deleted when another one is written. Nothing here
 * is ever an error: without an index heapscan scans, and with -v it says why. */
#ifndef HS_SCAN_INDEX_H
#define HS_SCAN_INDEX_H

#include "capture.h"

/* Fills group and loaded from an index; false: there is none that fits. */
bool scan_index_load(const struct scan_options *options, struct scan_capture *capture);
/* Writes the index of a capture that was scanned and analysed. */
void scan_index_save(const struct scan_options *options, struct scan_capture *capture);
/* Says that the index which was used was damaged, and deletes it. */
void scan_index_condemn(const struct scan_options *options, const struct scan_capture *capture);

#endif
