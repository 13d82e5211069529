/* Reads a whole stream of snapshots into a trend, two snapshots in memory at a time: a second thread reads
 * the next one while this one is added.
 *
 * The programs that judge read the same way; what else they want of a snapshot they take in the callback,
 * while it is there. Callbacks come from the caller's thread. One thread at a time. */
#ifndef HS_TREND_SERIES_H
#define HS_TREND_SERIES_H

#include "trend/trend.h"

/* Called after the snapshot was added as the last capture of the trend. The snapshot dies after it. */
typedef struct hs_error *hs_trend_each(void *context, const struct hs_snap *snap);

/* `path` "-" is standard input; `each` may be NULL. A stream without a snapshot is HS_ERROR_FORMAT. */
struct hs_error *hs_trend_read(struct hs_trend *trend, const char *path, hs_trend_each *each,
                               void *context) HS_MUST_CHECK;

#endif
