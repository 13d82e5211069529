#include "trend/judge_private.h"

#include "base/escape.h"
#include <inttypes.h>
#include <string.h>

static void put_name(struct hs_strbuf *out, const struct hs_trend_row *row) {
    hs_escape_terminal_string(out, *row->constructor ? row->constructor : "(anonymous)");
    if (!strcmp(row->type, "closure") && *row->constructor) hs_strbuf_puts(out, "()");
}

static void put_growth(struct hs_strbuf *out, const struct hs_trend_row *row) {
    if (row->count_delta > 0) hs_strbuf_printf(out, "%+" PRId64 " objects, ", row->count_delta);
    hs_strbuf_printf(out, "%+" PRId64 " bytes", row->bytes_delta);
}

/* Whether one of the first `count` rows grew in every step, and does not count for it. */
static bool has_doubtful(const struct hs_trend *trend, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (trend->rows[i]->doubtful && trend->rows[i]->steps_grown + 1 == trend->capture_count) return true;
    return false;
}

/* Whether the row was still growing when we looked last. */
static bool grew_last(const struct hs_trend *trend, const struct hs_trend_row *row) {
    size_t last = trend->capture_count - 1;
    return row->count_delta > 0 ? row->counts[last] > row->counts[last - 1]
                                : row->bytes[last] > row->bytes[last - 1];
}

static size_t count_partial(const struct hs_trend *trend) {
    size_t partial = 0;
    for (size_t i = 0; i < trend->capture_count; i++) partial += !trend->captures[i].complete;
    return partial;
}

/* A file name that can stand in a command line as it is. */
static bool is_plain_path(const char *path) {
    static const char plain[] = "-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./,:+@%=";
    return path && *path && *path != '-' && !path[strspn(path, plain)];
}

static void put_look_closer(struct hs_strbuf *out, const struct hs_trend *trend,
                            const struct hs_trend_row *row) {
    if (!row->sample) return;
    const char *source = trend->captures[row->sample_capture].source;
    hs_strbuf_printf(out, "The objects behind rank 1: heapscan --list --like 0x%" PRIx64 " %s", row->sample,
                     is_plain_path(source) ? source : "CORE");
}

static void conclude_growing(const struct hs_trend *trend, struct hs_strbuf *reason,
                             struct hs_strbuf *advice) {
    const struct hs_trend_row *first = trend->rows[0];
    put_name(reason, first);
    hs_strbuf_printf(reason, " grew in every one of %zu steps (", trend->capture_count - 1);
    put_growth(reason, first);
    hs_strbuf_puts(reason, ")");
    put_look_closer(advice, trend, first);
}

static void conclude_pair(const struct hs_trend *trend, struct hs_strbuf *reason, struct hs_strbuf *advice) {
    const struct hs_trend_row *first = trend->rows[0];
    put_name(reason, first);
    hs_strbuf_puts(reason, " grew between the two captures (");
    put_growth(reason, first);
    hs_strbuf_puts(reason, "); two captures show growth, but no trend");
    hs_strbuf_puts(
        advice,
        "Take a third core under the same load and compare all three: what leaks grows again, what was "
        "warm-up or garbage does not.");
    if (first->sample) hs_strbuf_putc(advice, '\n');
    put_look_closer(advice, trend, first);
}

static void conclude_doubtful(const struct hs_trend *trend, struct hs_strbuf *reason,
                              struct hs_strbuf *advice) {
    const struct hs_trend_row *first = trend->rows[0];
    put_name(reason, first);
    hs_strbuf_puts(reason, " grew between the two captures (");
    put_growth(reason, first);
    hs_strbuf_printf(reason,
                     "), but there is so much garbage of its kind (%" PRId64
                     " objects) that it may be work in flight",
                     first->churn);
    hs_strbuf_puts(advice, "Take more cores under the same load: what leaks grows again.");
}

static bool conclude_net(const struct hs_trend *trend, size_t grew, struct hs_strbuf *reason,
                         struct hs_strbuf *advice) {
    const struct hs_trend_row *open = NULL;
    for (size_t i = 0; i < grew && !open; i++)
        if (grew_last(trend, trend->rows[i])) open = trend->rows[i];
    hs_strbuf_printf(
        reason,
        "nothing grew in every one of %zu steps%s; %zu class%s grew net: a warm-up, a cache that "
        "fills, or garbage",
        trend->capture_count - 1, has_doubtful(trend, grew) ? " but what may be work in flight" : "", grew,
        grew == 1 ? "" : "es");
    if (!open) return false;
    hs_strbuf_puts(reason, "; ");
    put_name(reason, open);
    hs_strbuf_puts(reason, " was still growing in the last step");
    hs_strbuf_puts(advice,
                   "Take another core after more of the same load: it decides between a leak and a warm-up.");
    return true;
}

struct hs_error *hs_judge_conclude(const struct hs_trend *trend, struct hs_judge_summary *summary) {
    HS_STRBUF_AUTO reason = HS_STRBUF_INIT;
    HS_STRBUF_AUTO advice = HS_STRBUF_INIT;
    size_t n = trend->capture_count, partial = count_partial(trend);
    summary->result = HS_RESULT_STEADY;
    if (summary->growing) {
        summary->result = HS_RESULT_GROWTH;
        conclude_growing(trend, &reason, &advice);
    } else if (summary->grew && n == 2 && trend->rows[0]->doubtful) {
        summary->result = HS_RESULT_INSUFFICIENT;
        conclude_doubtful(trend, &reason, &advice);
    } else if (summary->grew && n == 2) {
        summary->result = HS_RESULT_GROWTH;
        conclude_pair(trend, &reason, &advice);
    } else if (summary->grew) {
        if (conclude_net(trend, summary->grew, &reason, &advice)) summary->result = HS_RESULT_INSUFFICIENT;
    } else {
        hs_strbuf_printf(&reason, "nothing grew past the thresholds over %zu captures", n);
    }
    if (partial) {
        hs_strbuf_printf(&reason, "; %zu of %zu captures %s partial, so counts may be too low", partial, n,
                         partial == 1 ? "is" : "are");
        if (summary->result == HS_RESULT_STEADY) summary->result = HS_RESULT_INSUFFICIENT;
    }
    summary->reason = hs_strbuf_detach(&reason, NULL);
    summary->advice = hs_strbuf_detach(&advice, NULL);
    return summary->reason && summary->advice ? NULL : HS_ENOMEM;
}
