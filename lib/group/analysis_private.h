/* The steps of an analysis that reading an index or a .heapsnapshot repeats. */
#ifndef HS_GROUP_ANALYSIS_PRIVATE_H
#define HS_GROUP_ANALYSIS_PRIVATE_H

#include "group/analysis.h"

/* Fills root_ids and weightless from roots and objects. */
struct hs_error *hs_analysis_list_roots(struct hs_analysis *analysis) HS_MUST_CHECK;

/* Fills standings from classes, marks and dominators. */
struct hs_error *hs_analysis_stand(struct hs_analysis *analysis) HS_MUST_CHECK;

#endif
