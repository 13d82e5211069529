/* The steps of an analysis that reading an index or a .heapsnapshot repeats. */
#ifndef HS_GROUP_ANALYSIS_PRIVATE_H
#define HS_GROUP_ANALYSIS_PRIVATE_H

#include "group/analysis.h"

/* Fills root_ids and weightless from roots and objects. */
struct hs_error *hs_analysis_list_roots(struct hs_analysis *analysis) HS_MUST_CHECK;

/* Fills standings: what is reachable, from classes and marks; what is retained, when there are dominators as
 * well. */
struct hs_error *hs_analysis_count(struct hs_analysis *analysis) HS_MUST_CHECK;
struct hs_error *hs_analysis_stand(struct hs_analysis *analysis) HS_MUST_CHECK;

#endif
