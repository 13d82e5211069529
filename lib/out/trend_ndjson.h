/* A judged trend as NDJSON, schema `heapdiff.result/1`; heapdiff(1) is the normative text.
 *
 * Lines: header, growth by rank, ignored, total, verdict. Fields that need the object graph are null until a
 * snapshot has them. Pure: reads, appends. */
#ifndef HS_OUT_TREND_NDJSON_H
#define HS_OUT_TREND_NDJSON_H

#include "base/strbuf.h"
#include "trend/judge.h"

struct hs_trend_ndjson {
    const struct hs_trend *trend;
    const struct hs_judge_summary *summary;
    const struct hs_judge_options *options;
    const char *tool; /* "heapdiff 0.1.0" */
    size_t top;       /* growth lines; 0: all */
};

struct hs_error *hs_trend_ndjson_put(struct hs_strbuf *out, const struct hs_trend_ndjson *view) HS_MUST_CHECK;

#endif
