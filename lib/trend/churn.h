/* How much of a class comes and goes.
 *
 * Captures are taken at any moment, and what works at that moment holds objects: requests, promises, jobs.
 * Their number goes up and down, and of three captures taken at random one series in six ascends by chance.
 * The garbage of the same kind tells such classes: where dead objects outnumber the growth many times over,
 * growth may be work in flight. What leaks is seldom found among the garbage at all (of 45 leaking programs,
 * captured without a collection, 40 had none of the leaking class). Known only where the snapshots know what
 * is reachable. One thread at a time. */
#ifndef HS_TREND_CHURN_H
#define HS_TREND_CHURN_H

#include "trend/trend.h"

/* Fills `churn` of every row: dead objects of its kind in the capture that has most of them. A kind is the
 * class; of the program's own classes all with that constructor, whatever their properties: a request that is
 * done has other ones than a request under way. 0 where reachable objects are not known. */
struct hs_error *hs_trend_find_churn(struct hs_trend *trend) HS_MUST_CHECK;

/* Whether growth of `growth` objects may be work in flight: garbage of the kind outweighs it eight times
 * over, unless it went on for so many steps that chance is out of the question (of five captures taken at
 * random, one series in 120 ascends). */
bool hs_churn_outweighs(int64_t churn, int64_t growth, const struct hs_evidence *evidence, size_t captures);

#endif
