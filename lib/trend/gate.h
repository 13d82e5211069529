/* Which findings make an alarm (exit status 1), and why others do not.
 *
 * A finding is up for an alarm if by its verdict it is growth (trend/judge.h): it is growing or, of two
 * captures, it grew and is not doubtful. It makes none if it grew in fewer steps than are asked for, if
 * chance makes such a series more often than is allowed, or if the baseline knows it and it has not become
 * faster. Alarms stand first, then what is told beside them, then what is known. No state: one thread at a
 * time. */
#ifndef HS_TREND_GATE_H
#define HS_TREND_GATE_H

#include "trend/finding.h"
#include "trend/judge.h"

/* Fills `gate`, `known` and `faster` of the findings that have a rank, and ranks them anew. */
struct hs_error *hs_gate_pass(struct hs_trend *trend, const struct hs_judge_options *options) HS_MUST_CHECK;

/* Where findings were up for an alarm and none makes one: says so, with the result, and returns true. Else
 * false, and nothing is said. */
bool hs_gate_conclude(const struct hs_trend *trend, const struct hs_judge_options *options,
                      enum hs_judge_result *result, struct hs_strbuf *reason, struct hs_strbuf *advice);
/* "alarm", "none", "steps", "chance", "known". */
const char *hs_gate_name(enum hs_gate gate);

#endif
