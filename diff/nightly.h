/* heapdiff's part of a nightly job: tonight's captures go into the history, and the nights are judged.
 *
 * It runs after the ranking has been printed, and whatever fails here is told beside it. */
#ifndef HS_DIFF_NIGHTLY_H
#define HS_DIFF_NIGHTLY_H

#include "options.h"

/* Adds the captures of `trend` (may be empty), prunes and judges the nights, as the options ask; prints to
 * standard output. */
struct hs_error *diff_nightly_run(const struct diff_options *options, const struct hs_trend *trend,
                                  const struct hs_judge_options *judge,
                                  enum hs_judge_result *ret) HS_MUST_CHECK;
/* --list-nights. */
struct hs_error *diff_nightly_list(const struct diff_options *options) HS_MUST_CHECK;

#endif
