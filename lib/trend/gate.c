#include "trend/gate.h"

#include "trend/baseline.h"
#include <stdlib.h>
#include <string.h>

const char *hs_gate_name(enum hs_gate gate) {
    static const char *const names[] = {"none", "alarm", "steps", "chance", "known"};
    return names[gate];
}

static bool is_growth(const struct hs_trend *trend, const struct hs_finding *f) {
    return f->evidence.verdict == HS_VERDICT_GROWING ||
           (trend->capture_count == 2 && f->evidence.verdict == HS_VERDICT_GREW && !f->evidence.doubtful);
}

static enum hs_gate find_gate(const struct hs_trend *trend, const struct hs_judge_options *options,
                              const struct hs_finding *f) {
    if (!is_growth(trend, f)) return HS_GATE_NONE;
    if (f->known && !f->faster) return HS_GATE_KNOWN;
    if (f->evidence.steps_grown < options->min_steps) return HS_GATE_STEPS;
    bool chance = options->max_chance > 0 && f->evidence.significance > options->max_chance;
    return chance ? HS_GATE_CHANCE : HS_GATE_ALARM;
}

static unsigned place_of(const struct hs_finding *f) {
    return !f->rank ? 3 : f->known && !f->faster ? 2 : f->gate != HS_GATE_ALARM;
}

/* Keeps the order within each group. */
static struct hs_error *regroup(struct hs_trend *trend) {
    size_t count = trend->finding_count, at = 0;
    struct hs_finding *ordered = calloc(count + 1, sizeof *ordered);
    if (!ordered) return HS_ENOMEM;
    for (unsigned place = 0; place < 4; place++)
        for (size_t i = 0; i < count; i++)
            if (place_of(&trend->findings[i]) == place) ordered[at++] = trend->findings[i];
    for (size_t i = 0; i < count; i++)
        if (ordered[i].rank) ordered[i].rank = i + 1;
    if (count) memcpy(trend->findings, ordered, count * sizeof *ordered);
    free(ordered);
    return NULL;
}

struct hs_error *hs_gate_pass(struct hs_trend *trend, const struct hs_judge_options *options) {
    for (size_t i = 0; i < trend->finding_count; i++) {
        struct hs_finding *f = &trend->findings[i];
        const struct hs_baseline_entry *entry =
            options->baseline ? hs_baseline_match(options->baseline, f) : NULL;
        if (!f->rank) continue;
        f->known = entry;
        f->faster = entry && hs_baseline_is_faster(entry, trend, f);
        f->gate = find_gate(trend, options, f);
    }
    return regroup(trend);
}

static size_t count(const struct hs_trend *trend, enum hs_gate gate) {
    size_t n = 0;
    for (size_t i = 0; i < trend->finding_count; i++) n += trend->findings[i].gate == gate;
    return n;
}

static const struct hs_finding *first(const struct hs_trend *trend, enum hs_gate gate) {
    for (size_t i = 0; i < trend->finding_count; i++)
        if (trend->findings[i].gate == gate) return &trend->findings[i];
    return NULL;
}

bool hs_gate_conclude(const struct hs_trend *trend, const struct hs_judge_options *options,
                      enum hs_judge_result *result, struct hs_strbuf *reason, struct hs_strbuf *advice) {
    const struct hs_finding *steps = first(trend, HS_GATE_STEPS), *chance = first(trend, HS_GATE_CHANCE);
    size_t known = count(trend, HS_GATE_KNOWN);
    if (count(trend, HS_GATE_ALARM) || !(steps || chance || known)) return false;
    *result = steps || chance ? HS_RESULT_INSUFFICIENT : HS_RESULT_STEADY;
    if (steps) {
        hs_finding_put_name(steps, reason);
        hs_strbuf_printf(reason, " grew in %zu step%s, but %zu are asked for (--min-steps)",
                         steps->evidence.steps_grown, steps->evidence.steps_grown == 1 ? "" : "s",
                         options->min_steps);
    } else if (chance) {
        hs_finding_put_name(chance, reason);
        hs_strbuf_printf(reason,
                         " grew, but chance makes such a series with a probability of %.2g, and %.2g is "
                         "allowed (--significance)",
                         chance->evidence.significance, options->max_chance);
    } else {
        hs_strbuf_printf(reason, "nothing new is growing: %zu finding%s known from the baseline", known,
                         known == 1 ? " is" : "s are");
    }
    if (steps || chance)
        hs_strbuf_puts(advice, "Take more cores under the same load: what leaks grows again.");
    return true;
}
