#include "out/trend_ndjson.h"

#include "base/escape.h"
#include "out/json_line.h"
#include "snap/time.h"
#include "trend/baseline.h"
#include "trend/finding.h"
#include "trend/hint.h"
#include "trend/slice.h"
#include <math.h>
#include <stdlib.h>

enum { ATTRIBUTIONS_SHOWN = 20 };

static void put_time(struct hs_strbuf *out, const char *name, int64_t ms) {
    char text[32];
    bool known = ms != HS_SNAP_NULL && hs_snap_time_print(ms, text);
    hs_json_put_string(out, name, known ? text : NULL);
}

static void put_header(struct hs_strbuf *out, const struct hs_trend_ndjson *view) {
    hs_json_line_begin(out, "header");
    hs_json_put_string(out, "schema", "heapdiff.result/1");
    hs_json_put_string(out, "tool", view->tool);
    hs_json_put_name(out, "snapshots");
    hs_strbuf_putc(out, '[');
    for (size_t i = 0; i < view->trend->capture_count; i++) {
        const struct hs_trend_capture *c = &view->trend->captures[i];
        hs_strbuf_puts(out, i ? ",{\"source\":" : "{\"source\":");
        hs_escape_json_string(out, c->source);
        put_time(out, "captured_at", c->captured_at);
        hs_json_put_string(out, "node", c->node);
        hs_json_put_string(out, "v8", c->v8);
        hs_json_put_number(out, "pid", c->pid, HS_SNAP_NULL);
        hs_json_put_string(out, "build_id", c->build_id);
        hs_json_put_bool(out, "complete", c->complete);
        hs_json_put_strings(out, "reasons", c->reasons, c->reason_count);
        hs_strbuf_putc(out, '}');
    }
    hs_strbuf_putc(out, ']');
    hs_json_put_string(out, "judged", view->trend->reachable ? "reachable" : "found");
    hs_json_put_string(out, "order",
                       view->trend->settling  ? "load"
                       : view->trend->by_time ? "captured_at"
                                              : "given");
    hs_json_put_bool(out, "same_process", view->trend->same_process);
    hs_json_put_number(out, "min_bytes", view->options->min_bytes, HS_SNAP_NULL);
    hs_json_put_number(out, "content_min_bytes", view->options->content_min_bytes, HS_SNAP_NULL);
    hs_json_put_number(out, "min_count", view->options->min_count, HS_SNAP_NULL);
    hs_json_line_end(out);
}

static void put_parts(struct hs_strbuf *out, const struct hs_finding *finding) {
    hs_json_put_name(out, "parts");
    hs_strbuf_putc(out, '[');
    for (size_t i = 0; i < finding->part_count; i++) {
        const struct hs_finding_part *part = &finding->parts[i];
        char key[33];
        hs_snap_key_print(part->row->key, key);
        hs_strbuf_puts(out, i ? ",{\"constructor\":" : "{\"constructor\":");
        hs_escape_json_string(out, part->row->constructor);
        hs_json_put_string(out, "type", part->row->type);
        hs_json_put_string(out, "key", key);
        hs_json_put_number(out, "count_delta", part->count_delta, HS_SNAP_NULL);
        hs_json_put_number(out, "bytes_delta", part->bytes_delta, HS_SNAP_NULL);
        hs_strbuf_putc(out, '}');
    }
    hs_strbuf_putc(out, ']');
}

static void put_also(struct hs_strbuf *out, const struct hs_finding *finding) {
    if (!finding->also) {
        hs_json_put_null(out, "also");
        return;
    }
    hs_json_put_name(out, "also");
    hs_strbuf_putc(out, '[');
    for (size_t i = 0; i < finding->also_count; i++) {
        hs_strbuf_puts(out, i ? ",{\"holder\":" : "{\"holder\":");
        hs_escape_json_string(out, finding->also[i].holder);
        hs_json_put_number(out, "leak_share", finding->also[i].leak_share, HS_SNAP_NULL);
        hs_strbuf_putc(out, '}');
    }
    hs_strbuf_putc(out, ']');
}

static void put_what(struct hs_strbuf *out, const struct hs_finding *finding) {
    const struct hs_trend_row *row = finding->row;
    char key[33];
    hs_snap_key_print(row->key, key);
    hs_json_put_number(out, "rank", (int64_t)finding->rank, HS_SNAP_NULL);
    hs_json_put_string(out, "subject", hs_subject_name(finding->subject));
    hs_json_put_string(out, "type", row->type);
    hs_json_put_string(out, "constructor", row->constructor);
    hs_json_put_strings(out, "properties", row->properties, row->property_count);
    hs_json_put_bool(out, "dictionary", row->dictionary);
    hs_json_put_location(out, row->location.script, row->location.line, row->location.column, HS_SNAP_NULL);
    hs_json_put_string(out, "key", finding->subject == HS_SUBJECT_NATIVE ? NULL : key);
    hs_json_put_string(out, "nature", hs_trend_nature_name(row->nature));
    hs_json_put_string(out, "holder", finding->holder);
    hs_json_put_string(out, "most_at", finding->most);
    hs_json_put_string(out, "hint", hs_holder_hint(finding->most ? finding->most : finding->holder));
}

static void put_evidence(struct hs_strbuf *out, const struct hs_trend *trend,
                         const struct hs_finding *finding) {
    size_t n = trend->capture_count;
    const struct hs_evidence *e = &finding->evidence;
    hs_json_put_string(out, "verdict", hs_verdict_name(e->verdict));
    hs_json_put_numbers(out, "counts", finding->counts, n, HS_SNAP_NULL);
    hs_json_put_numbers(out, "bytes", finding->bytes, n, HS_SNAP_NULL);
    hs_json_put_number(out, "count_delta", finding->count_delta, HS_SNAP_NULL);
    hs_json_put_number(out, "bytes_delta", finding->bytes_delta, HS_SNAP_NULL);
    hs_json_put_rounded(out, "bytes_per_step", finding->bytes_per_step);
    hs_json_put_rounded(out, "bytes_per_step_low", finding->bytes_per_step_low);
    hs_json_put_rounded(out, "bytes_per_step_high", finding->bytes_per_step_high);
    hs_json_put_rounded(out, "bytes_per_hour", finding->bytes_per_hour);
    hs_json_put_number(out, "steps", (int64_t)e->steps, HS_SNAP_NULL);
    hs_json_put_number(out, "steps_grown", (int64_t)e->steps_grown, HS_SNAP_NULL);
    hs_json_put_bool(out, "slowing", e->slowing);
    hs_json_put_bool(out, "doubtful", e->doubtful);
    hs_json_put_bool(out, "slight", e->slight);
    hs_json_put_chance(out, "significance", e->significance);
    hs_json_put_chance(out, "left", trend->settling ? e->left : NAN);
}

static void put_steps(struct hs_strbuf *out, const char *name, const char **steps, size_t count) {
    if (steps) hs_json_put_strings(out, name, steps, count);
    else hs_json_put_null(out, name);
}

static void put_growth(struct hs_strbuf *out, const struct hs_trend *trend,
                       const struct hs_finding *finding) {
    hs_json_line_begin(out, "growth");
    put_what(out, finding);
    put_evidence(out, trend, finding);
    if (finding->held_bytes)
        hs_json_put_numbers(out, "held_bytes", finding->held_bytes, trend->capture_count, HS_SNAP_NULL);
    else hs_json_put_null(out, "held_bytes");
    hs_json_put_number(out, "held_delta", finding->held_delta, HS_SNAP_NULL);
    hs_json_put_number(out, "leak_share", finding->leak_share, HS_SNAP_NULL);
    hs_json_put_number(out, "exclusive_bytes", finding->exclusive_bytes, HS_SNAP_NULL);
    hs_json_put_string(out, "keys", finding->keys);
    put_also(out, finding);
    put_parts(out, finding);
    hs_json_put_address(out, "sample", finding->sample);
    hs_json_put_string(out, "sample_source",
                       finding->sample ? trend->captures[finding->sample_capture].source : NULL);
    HS_STRBUF_AUTO command = HS_STRBUF_INIT;
    hs_finding_put_command(trend, finding, &command);
    hs_json_put_string(out, "command", finding->sample ? command.data : NULL);
    put_steps(out, "path", finding->path, finding->path_count);
    put_steps(out, "slice", finding->slice, finding->slice_count);
    put_steps(out, "dominated", finding->dominated, finding->dominated_count);
    hs_json_put_string(out, "fingerprint", finding->fingerprint);
    hs_json_put_bool(out, "alarm", finding->gate == HS_GATE_ALARM);
    hs_json_put_bool(out, "known", finding->known);
    hs_json_put_bool(out, "faster", finding->faster);
    hs_json_line_end(out);
}

static void put_ignored(struct hs_strbuf *out, const struct hs_ignore *ignore) {
    for (size_t i = 0; ignore && i < ignore->count; i++) {
        const struct hs_ignore_pattern *p = &ignore->patterns[i];
        hs_json_line_begin(out, "ignored");
        hs_json_put_string(out, "pattern", p->pattern);
        hs_json_put_string(out, "reason", p->reason);
        hs_json_put_number(out, "matched", (int64_t)p->matched, HS_SNAP_NULL);
        hs_json_put_number(out, "bytes_delta", p->bytes_delta, HS_SNAP_NULL);
        hs_json_put_string(out, "until", *p->until ? p->until : NULL);
        hs_json_put_bool(out, "expired", p->expired);
        hs_json_line_end(out);
    }
}

static void put_baseline(struct hs_strbuf *out, const struct hs_baseline *baseline) {
    for (size_t i = 0; baseline && i < baseline->count; i++) {
        const struct hs_baseline_entry *entry = &baseline->entries[i];
        char fingerprint[33];
        hs_snap_key_print(entry->fingerprint, fingerprint);
        hs_json_line_begin(out, "known");
        hs_json_put_string(out, "fingerprint", fingerprint);
        hs_json_put_string(out, "constructor", entry->constructor);
        hs_json_put_bool(out, "found", entry->matched > 0);
        hs_json_line_end(out);
    }
}

/* By what dominates it: the classes that gained most, and the rest. Adds up to bytes_delta. */
static void put_attributions(struct hs_strbuf *out, const struct hs_judge_summary *s) {
    if (!s->attributions) {
        hs_json_put_null(out, "by_dominator");
        return;
    }
    int64_t rest = s->bytes_delta;
    hs_json_put_name(out, "by_dominator");
    hs_strbuf_putc(out, '[');
    for (size_t i = 0; i < s->attribution_count && i < ATTRIBUTIONS_SHOWN; i++) {
        const struct hs_attribution *a = &s->attributions[i];
        if (!a->constructor || a->bytes_delta <= 0) continue;
        char key[33];
        hs_snap_key_print(a->key, key);
        hs_strbuf_puts(out, rest == s->bytes_delta ? "{\"constructor\":" : ",{\"constructor\":");
        hs_escape_json_string(out, a->constructor);
        hs_json_put_string(out, "key", key);
        hs_json_put_number(out, "bytes_delta", a->bytes_delta, HS_SNAP_NULL);
        hs_strbuf_putc(out, '}');
        rest = hs_trend_sum(rest, -a->bytes_delta);
    }
    hs_strbuf_putc(out, ']');
    hs_json_put_number(out, "by_other_dominators", rest, HS_SNAP_NULL);
}

static struct hs_error *put_total(struct hs_strbuf *out, const struct hs_trend_ndjson *view, size_t shown) {
    const struct hs_trend *trend = view->trend;
    const struct hs_judge_summary *s = view->summary;
    size_t n = trend->capture_count;
    int64_t *values = calloc(n * 4, sizeof *values);
    if (!values) return HS_ENOMEM;
    int64_t *counts = values, *bytes = values + n, *reachable = values + 2 * n, *unreachable = values + 3 * n;
    bool known = true;
    for (size_t i = 0; i < n; i++) {
        const struct hs_trend_capture *c = &trend->captures[i];
        counts[i] = c->count;
        bytes[i] = c->bytes;
        reachable[i] = c->reachable_bytes;
        unreachable[i] = c->knows_reachable ? c->bytes - c->reachable_bytes : HS_SNAP_NULL;
        known &= c->knows_reachable;
    }
    int64_t explained = 0;
    for (size_t i = 0; i < shown; i++)
        if (trend->findings[i].subject != HS_SUBJECT_NATIVE)
            explained = hs_trend_sum(explained, trend->findings[i].held_delta);
    hs_json_line_begin(out, "total");
    hs_json_put_numbers(out, "counts", counts, n, HS_SNAP_NULL);
    hs_json_put_numbers(out, "bytes", bytes, n, HS_SNAP_NULL);
    if (known) {
        hs_json_put_numbers(out, "reachable_bytes", reachable, n, HS_SNAP_NULL);
        hs_json_put_numbers(out, "unreachable_bytes", unreachable, n, HS_SNAP_NULL);
    } else {
        hs_json_put_null(out, "reachable_bytes");
        hs_json_put_null(out, "unreachable_bytes");
    }
    free(values);
    hs_json_put_number(out, "bytes_delta", s->bytes_delta, HS_SNAP_NULL);
    hs_json_put_number(out, "explained_bytes", explained, HS_SNAP_NULL);
    hs_json_put_number(out, "not_shown_bytes", hs_trend_sum(s->findings_bytes, -explained), HS_SNAP_NULL);
    hs_json_put_number(out, "v8_bytes", s->v8_bytes, HS_SNAP_NULL);
    hs_json_put_number(out, "ignored_bytes", s->ignored_bytes, HS_SNAP_NULL);
    hs_json_put_number(out, "below_thresholds_bytes", s->noise_bytes, HS_SNAP_NULL);
    hs_json_put_number(out, "shrunk_bytes", s->shrunk_bytes, HS_SNAP_NULL);
    put_attributions(out, s);
    hs_json_put_number(out, "growing", (int64_t)s->growing, HS_SNAP_NULL);
    hs_json_put_number(out, "grew", (int64_t)s->grew, HS_SNAP_NULL);
    hs_json_put_number(out, "new_classes", (int64_t)s->appeared, HS_SNAP_NULL);
    hs_json_put_number(out, "gone_classes", (int64_t)s->vanished, HS_SNAP_NULL);
    hs_json_line_end(out);
    return NULL;
}

struct hs_error *hs_trend_ndjson_put(struct hs_strbuf *out, const struct hs_trend_ndjson *view) {
    size_t findings = view->summary->growing + view->summary->grew;
    size_t shown = view->top && view->top < findings ? view->top : findings;
    put_header(out, view);
    for (size_t i = 0; i < shown; i++) put_growth(out, view->trend, &view->trend->findings[i]);
    put_ignored(out, view->options->ignore);
    put_baseline(out, view->options->baseline);
    HS_TRY(put_total(out, view, shown));
    hs_json_line_begin(out, "verdict");
    hs_json_put_string(out, "result", hs_result_name(view->summary->result));
    hs_json_put_string(out, "reason", view->summary->reason);
    hs_json_put_string(out, "advice", view->summary->advice);
    hs_json_line_end(out);
    return hs_strbuf_error(out);
}
