#include "trend/finding.h"
#include "trend/gate.h"
#include "trend/judge_private.h"

#include "base/escape.h"
#include <inttypes.h>
#include <string.h>

static void put_growth(struct hs_strbuf *out, const struct hs_finding *f) {
    const char *what = f->subject == HS_SUBJECT_CONTAINER ? "entries" : "objects";
    if (f->count_delta > 0) hs_strbuf_printf(out, "%+" PRId64 " %s, ", f->count_delta, what);
    hs_strbuf_printf(out, "%+" PRId64 " bytes", f->held_delta);
}

/* "Session", "Session (held by app.js: variable sessions: Map)"; a container by its place. */
static void put_subject(struct hs_strbuf *out, const struct hs_finding *f) {
    bool place = f->subject == HS_SUBJECT_CONTAINER || f->subject == HS_SUBJECT_PATH;
    if (f->holder && place) {
        hs_escape_terminal_string(out, f->holder);
        return;
    }
    hs_finding_put_name(f, out);
    if (!f->holder) return;
    hs_strbuf_puts(out, " (held by ");
    hs_escape_terminal_string(out, f->holder);
    hs_strbuf_putc(out, ')');
}

/* Whether one of the first `count` findings grew in every step, and does not count for it. */
static bool has_doubtful(const struct hs_trend *trend, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct hs_evidence *e = &trend->findings[i].evidence;
        if (e->doubtful && e->steps_grown == e->steps) return true;
    }
    return false;
}

/* Whether it was still growing when we looked last. */
static bool grew_last(const struct hs_trend *trend, const struct hs_finding *f) {
    size_t last = trend->capture_count - 1;
    return f->count_delta > 0 ? f->counts[last] > f->counts[last - 1] : f->bytes[last] > f->bytes[last - 1];
}

static size_t count_partial(const struct hs_trend *trend) {
    size_t partial = 0;
    for (size_t i = 0; i < trend->capture_count; i++) partial += !trend->captures[i].complete;
    return partial;
}

static void put_look_closer(struct hs_strbuf *out, const struct hs_trend *trend, const struct hs_finding *f) {
    if (!f->sample) return;
    HS_STRBUF_AUTO command = HS_STRBUF_INIT;
    hs_finding_put_command(trend, f, &command);
    hs_strbuf_puts(out, trend->tree ? "Who holds one of rank 1: " : "The objects behind rank 1: ");
    hs_escape_terminal_string(out, command.data);
}

static void conclude_growing(const struct hs_trend *trend, struct hs_strbuf *reason,
                             struct hs_strbuf *advice) {
    const struct hs_finding *first = &trend->findings[0];
    put_subject(reason, first);
    hs_strbuf_printf(reason, " grew in every one of %zu steps (", trend->capture_count - 1);
    put_growth(reason, first);
    hs_strbuf_puts(reason, ")");
    if (first->evidence.easing)
        hs_strbuf_puts(reason,
                       ", though less in each: a table that fills slowly looks the same at first, so take "
                       "one more core later if this may be one");
    put_look_closer(advice, trend, first);
}

static void conclude_pair(const struct hs_trend *trend, struct hs_strbuf *reason, struct hs_strbuf *advice) {
    const struct hs_finding *first = &trend->findings[0];
    put_subject(reason, first);
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

static void conclude_settled(const struct hs_trend *trend, struct hs_strbuf *reason,
                             struct hs_strbuf *advice) {
    const struct hs_finding *first = &trend->findings[0];
    put_subject(reason, first);
    hs_strbuf_printf(reason, " is held after the load: %.0f %% of what it grew is left (",
                     100 * first->evidence.left);
    put_growth(reason, first);
    hs_strbuf_putc(reason, ')');
    if (first->evidence.doubtful)
        hs_strbuf_puts(advice, "Wait longer before the last capture: what drains slowly is no leak.");
    else put_look_closer(advice, trend, first);
}

static void conclude_doubtful(const struct hs_trend *trend, struct hs_strbuf *reason,
                              struct hs_strbuf *advice) {
    const struct hs_finding *first = &trend->findings[0];
    put_subject(reason, first);
    hs_strbuf_puts(reason, " grew between the two captures (");
    put_growth(reason, first);
    if (first->evidence.slight)
        hs_strbuf_puts(
            reason, "), but so little that it may be chance: work in flight, a warm-up, a cache that fills");
    else
        hs_strbuf_printf(reason,
                         "), but there is so much garbage of its kind (%" PRId64
                         " objects) that it may be work in flight",
                         first->row->churn);
    hs_strbuf_puts(advice, "Take more cores under the same load: what leaks grows again.");
}

/* Classes that grew net and are no findings: their growth has ended, or goes up and down. */
static size_t count_settled(const struct hs_trend *trend) {
    size_t count = 0;
    for (size_t i = 0; i < trend->row_count; i++) {
        const struct hs_trend_row *row = trend->rows[i];
        count += row->subject == HS_SUBJECT_CLASS && row->verdict == HS_VERDICT_GREW &&
                 row->nature != HS_NATURE_V8;
    }
    return count;
}

static bool conclude_net(const struct hs_trend *trend, size_t grew, struct hs_strbuf *reason,
                         struct hs_strbuf *advice) {
    const struct hs_finding *open = NULL;
    for (size_t i = 0; i < grew && !open; i++)
        if (grew_last(trend, &trend->findings[i])) open = &trend->findings[i];
    hs_strbuf_printf(
        reason,
        "nothing grew in every one of %zu steps%s; %zu class%s grew net: a warm-up, a cache that "
        "fills, or garbage",
        trend->capture_count - 1, has_doubtful(trend, grew) ? " but what may be work in flight" : "", grew,
        grew == 1 ? "" : "es");
    if (!open) return false;
    hs_strbuf_puts(reason, "; ");
    put_subject(reason, open);
    hs_strbuf_puts(reason, " was still growing in the last step");
    hs_strbuf_puts(advice,
                   "Take another core after more of the same load: it decides between a leak and a warm-up.");
    return true;
}

/* V8's own is no finding, but where it is most of what grew, and much, a person must not be told that all is
 * well: what a program compiles again and again stands there. */
static bool is_v8_growth(const struct hs_trend *trend, const struct hs_judge_summary *summary) {
    static const double part_of_growth = 0.5, part_of_heap = 0.1;
    const struct hs_trend_capture *first = trend->captures;
    double heap = (double)(trend->reachable ? first->reachable_bytes : first->bytes);
    double grown = (double)summary->v8_bytes;
    return grown > 0 && grown > part_of_heap * heap && grown > part_of_growth * (double)summary->bytes_delta;
}

struct hs_error *hs_judge_conclude(const struct hs_trend *trend, const struct hs_judge_options *options,
                                   struct hs_judge_summary *summary) {
    HS_STRBUF_AUTO reason = HS_STRBUF_INIT;
    HS_STRBUF_AUTO advice = HS_STRBUF_INIT;
    size_t n = trend->capture_count, partial = count_partial(trend);
    summary->result = HS_RESULT_STEADY;
    if (hs_gate_conclude(trend, options, &summary->result, &reason, &advice)) {
        /* said */
    } else if (summary->growing) {
        summary->result = HS_RESULT_GROWTH;
        conclude_growing(trend, &reason, &advice);
    } else if (summary->grew && trend->settling) {
        bool held = !trend->findings[0].evidence.doubtful;
        summary->result = held ? HS_RESULT_GROWTH : HS_RESULT_INSUFFICIENT;
        conclude_settled(trend, &reason, &advice);
    } else if (trend->settling) {
        hs_strbuf_puts(&reason, "all that grew under the load is drained after it");
    } else if (summary->grew && n == 2 && trend->findings[0].evidence.doubtful) {
        summary->result = HS_RESULT_INSUFFICIENT;
        conclude_doubtful(trend, &reason, &advice);
    } else if (summary->grew && n == 2) {
        summary->result = HS_RESULT_GROWTH;
        conclude_pair(trend, &reason, &advice);
    } else if (summary->grew) {
        if (conclude_net(trend, summary->grew, &reason, &advice)) summary->result = HS_RESULT_INSUFFICIENT;
    } else if (n > 2 && count_settled(trend)) {
        size_t settled = count_settled(trend);
        hs_strbuf_printf(
            &reason,
            "nothing grew in every one of %zu steps; %zu class%s grew net: a warm-up, a cache that "
            "filled, or work in flight",
            n - 1, settled, settled == 1 ? "" : "es");
    } else {
        hs_strbuf_printf(&reason, "nothing grew past the thresholds over %zu captures", n);
    }
    if (summary->result != HS_RESULT_GROWTH && !options->internals && is_v8_growth(trend, summary))
        hs_strbuf_printf(&reason,
                         "; V8's own memory (code, feedback, maps) grew by %" PRId64
                         " bytes, as it does while a program warms up, or compiles the same again and again "
                         "(--internals ranks it)",
                         summary->v8_bytes);
    if (partial) {
        hs_strbuf_printf(&reason, "; %zu of %zu captures %s partial, so counts may be too low", partial, n,
                         partial == 1 ? "is" : "are");
        if (summary->result == HS_RESULT_STEADY) summary->result = HS_RESULT_INSUFFICIENT;
    }
    summary->reason = hs_strbuf_detach(&reason, NULL);
    summary->advice = hs_strbuf_detach(&advice, NULL);
    return summary->reason && summary->advice ? NULL : HS_ENOMEM;
}
