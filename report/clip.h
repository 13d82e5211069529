/* Names of any length, cut to what a report can show.
 *
 * A hostile heap has names of megabytes, and a page that repeats them cannot be opened. A cut name ends in
 * `…`; it is cut between code points. One thread at a time. */
#ifndef HS_REPORT_CLIP_H
#define HS_REPORT_CLIP_H

#include "trend/trend.h"

enum { CLIP_NAME = 160, CLIP_PROPERTIES = 60, CLIP_STEPS = 40 };

/* The text itself if it is short, else a cut copy in the arena; NULL stays NULL. False without memory. */
bool report_clip(struct hs_snap_arena *arena, const char **text, size_t size_max);
/* All names of the rows and findings. */
struct hs_error *report_clip_trend(struct hs_trend *trend) HS_MUST_CHECK;

#endif
