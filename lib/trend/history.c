#include "trend/history.h"

#include "base/escape.h"
#include "snap/arena.h"
#include "snap/time.h"
#include "trend/baseline.h"
#include "trend/chance.h"
#include "trend/step.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { NATIVE_MIN_BYTES = 1 << 20 };

const char *hs_history_verdict_name(enum hs_history_verdict verdict) {
    static const char *const names[] = {"steady", "stepped", "drifting", "jumped"};
    return names[verdict];
}

struct hs_snap_key hs_history_native_key(const char *name) {
    XXH128_hash_t hash = XXH3_128bits(name, strlen(name));
    return (struct hs_snap_key){.high = hash.high64, .low = hash.low64};
}

struct hs_error *hs_history_create(const char *series, struct hs_history **ret) {
    struct hs_history *history = calloc(1, sizeof *history);
    if (!history) return HS_ENOMEM;
    if ((history->arena = hs_snap_arena_create()))
        history->series = hs_snap_arena_string(history->arena, series, strlen(series));
    if (!history->series) {
        hs_history_destroy(history);
        return HS_ENOMEM;
    }
    *ret = history;
    return NULL;
}

void hs_history_destroy(struct hs_history *history) {
    if (!history) return;
    hs_snap_arena_destroy(history->arena);
    free(history->nights);
    free(history->rows);
    free(history->reason);
    free(history);
}

/* The nights that are judged, and room for the series of one class. */
struct court {
    struct hs_history *history;
    const struct hs_judge_options *options;
    size_t *nights; /* places in history->nights */
    size_t count;
    int64_t *series;
    double *work;
};

static int64_t min_bytes_of(const struct court *court, const struct hs_history_row *row) {
    int64_t least =
        row->nature == HS_NATURE_CONTENT ? court->options->content_min_bytes : court->options->min_bytes;
    return row->subject == HS_SUBJECT_NATIVE && least < NATIVE_MIN_BYTES ? NATIVE_MIN_BYTES : least;
}

/* Too small on every night to be a finding, or none of the user's business. */
static bool is_tested(const struct court *court, const struct hs_history_row *row) {
    int64_t most = 0, most_count = 0;
    if (row->nature == HS_NATURE_V8 && !court->options->internals) return false;
    for (size_t i = 0; i < court->count; i++) {
        if (row->bytes[court->nights[i]] > most) most = row->bytes[court->nights[i]];
        if (row->counts[court->nights[i]] > most_count) most_count = row->counts[court->nights[i]];
    }
    return most > 0 && most >= min_bytes_of(court, row) && most_count >= court->options->min_count;
}

static struct hs_step find_step(const struct court *court, const int64_t *values) {
    for (size_t i = 0; i < court->count; i++) court->series[i] = values[court->nights[i]];
    return hs_step_find(court->series, court->count, court->work);
}

static int by_number(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return a < b ? -1 : a > b;
}

static int64_t median(const struct court *court, const int64_t *values, size_t first, size_t end) {
    for (size_t i = first; i < end; i++) court->series[i - first] = values[court->nights[i]];
    qsort(court->series, end - first, sizeof *court->series, by_number);
    return court->series[(end - first - 1) / 2];
}

static int64_t rise_of(const struct court *court, const int64_t *values, size_t since, bool drifts) {
    size_t n = court->count, third = n / 3 ? n / 3 : 1;
    size_t before = drifts ? third : since, after = drifts ? n - third : since;
    return hs_trend_sum(median(court, values, after, n), -median(court, values, 0, before));
}

/* The chance of the class: of its number of objects and of its bytes, whichever tells more. */
static void judge_row(const struct court *court, struct hs_history_row *row) {
    struct hs_step count = find_step(court, row->counts), bytes = find_step(court, row->bytes);
    const struct hs_step *step = count.chance <= bytes.chance ? &count : &bytes;
    if (step->chance >= 1) return; /* steady: there is no place */
    row->chance = fmin(1, 2 * step->chance);
    row->since = step->drifts ? 0 : step->since; /* among the judged ones, for now */
    row->count_delta = rise_of(court, row->counts, step->since, step->drifts);
    row->bytes_delta = rise_of(court, row->bytes, step->since, step->drifts);
    row->verdict = step->drifts                      ? HS_HISTORY_DRIFTING
                   : step->since + 1 == court->count ? HS_HISTORY_JUMPED
                                                     : HS_HISTORY_STEPPED;
}

/* What instances weigh may fall while they leak: then the new objects count at what they weigh tonight. */
static int64_t growth_of(const struct court *court, const struct hs_history_row *row) {
    size_t tonight = court->nights[court->count - 1];
    if (row->count_delta <= 0 || row->counts[tonight] <= 0) return row->bytes_delta;
    double grown = (double)row->bytes[tonight] / (double)row->counts[tonight] * (double)row->count_delta;
    return grown > (double)row->bytes_delta && grown < 9e18 ? (int64_t)grown : row->bytes_delta;
}

/* What would be new is not where the baseline knows it. */
static void ask_baseline(const struct court *court, struct hs_history_row *row) {
    const struct hs_baseline *baseline = court->options->baseline;
    bool native = row->subject == HS_SUBJECT_NATIVE;
    const struct hs_baseline_class *class =
        baseline ? hs_baseline_find_class(baseline, native, row->key) : NULL;
    row->known = class;
    row->faster = class && hs_baseline_is_higher(class, growth_of(court, row));
    if (!row->known || row->faster || !row->fresh) return;
    row->fresh = false;
    court->history->known += row->rank;
}

/* After correction: is it one, is it new, is it muted, is it known? */
static void conclude_row(const struct court *court, double significance, struct hs_history_row *row) {
    struct hs_history *h = court->history;
    bool enough = row->significance <= significance && growth_of(court, row) >= min_bytes_of(court, row) &&
                  (court->options->min_count <= 0 || row->count_delta >= court->options->min_count);
    if (!enough) row->verdict = HS_HISTORY_STEADY;
    if (row->verdict == HS_HISTORY_STEADY) return;
    row->fresh = row->verdict != HS_HISTORY_STEPPED || row->since + HS_HISTORY_NEW_NIGHTS >= court->count;
    row->since = court->nights[row->since];
    const struct hs_ignore_subject subject = {.constructor = row->constructor};
    const struct hs_ignore_pattern *rule =
        court->options->ignore ? hs_ignore_match(court->options->ignore, &subject, row->bytes_delta) : NULL;
    row->ignored = rule ? rule->reason : NULL;
    row->rank = !rule;
    ask_baseline(court, row);
    h->found += row->rank;
    h->fresh += row->rank && row->fresh;
}

/* What to look at first, by nature: instances of the program before what they hold. */
static double weight_of(const struct hs_history_row *row) {
    static const double weights[] = {[HS_NATURE_USER] = 1,
                                     [HS_NATURE_NAMED] = 0.5,
                                     [HS_NATURE_BUILTIN] = 0.25,
                                     [HS_NATURE_CONTENT] = 0.1,
                                     [HS_NATURE_V8] = 0.001};
    return (double)row->bytes_delta * weights[row->nature];
}

static int by_rank(const void *left, const void *right) {
    const struct hs_history_row *a = left, *b = right;
    if (a->rank != b->rank) return a->rank ? -1 : 1;
    if (a->rank && a->fresh != b->fresh) return a->fresh ? -1 : 1;
    if (a->rank && a->subject != b->subject) return a->subject < b->subject ? -1 : 1;
    if (a->rank && (weight_of(a) < weight_of(b) || weight_of(a) > weight_of(b)))
        return weight_of(a) > weight_of(b) ? -1 : 1;
    if (a->subject != b->subject) return a->subject < b->subject ? -1 : 1;
    if (a->key.high != b->key.high) return a->key.high < b->key.high ? -1 : 1;
    return a->key.low < b->key.low ? -1 : a->key.low > b->key.low;
}

static int by_chance(const void *left, const void *right) {
    const struct hs_history_row *a = *(struct hs_history_row *const *)left,
                                *b = *(struct hs_history_row *const *)right;
    return (a->chance > b->chance) - (a->chance < b->chance);
}

static struct hs_error *correct(struct hs_history *h, struct hs_history_row **tested) {
    double *chances = calloc(h->tested + 1, sizeof *chances);
    if (!chances) return HS_ENOMEM;
    qsort(tested, h->tested, sizeof *tested, by_chance);
    for (size_t i = 0; i < h->tested; i++) chances[i] = tested[i]->chance;
    hs_chance_correct(chances, h->tested, h->tested);
    for (size_t i = 0; i < h->tested; i++) tested[i]->significance = chances[i];
    free(chances);
    return NULL;
}

static struct hs_error *judge_rows(struct court *court, double significance) {
    struct hs_history *h = court->history;
    struct hs_history_row **tested = calloc(h->row_count + 1, sizeof *tested);
    if (!tested) return HS_ENOMEM;
    for (size_t i = 0; i < h->row_count; i++) {
        if (!is_tested(court, &h->rows[i])) continue;
        judge_row(court, &h->rows[i]);
        tested[h->tested++] = &h->rows[i];
    }
    struct hs_error *error = correct(h, tested);
    for (size_t i = 0; i < h->tested && !error; i++) conclude_row(court, significance, tested[i]);
    free(tested);
    return error;
}

static void put_night(struct hs_strbuf *out, const struct hs_history_night *night) {
    char time[32];
    if (hs_snap_time_print(night->at - night->at % 1000, time)) hs_strbuf_puts(out, time);
    else hs_strbuf_printf(out, "night %" PRId64, night->id);
}

static void put_first(const struct hs_history *h, struct hs_strbuf *out) {
    const struct hs_history_row *row = &h->rows[0];
    hs_escape_terminal_string(out, *row->constructor ? row->constructor : "(anonymous)");
    if (row->verdict == HS_HISTORY_DRIFTING) hs_strbuf_puts(out, " grows from night to night (");
    else if (row->verdict == HS_HISTORY_JUMPED) hs_strbuf_puts(out, " jumped tonight (");
    else {
        hs_strbuf_puts(out, " has a new level since ");
        put_night(out, &h->nights[row->since]);
        hs_strbuf_puts(out, " (");
    }
    if (row->count_delta > 0) hs_strbuf_printf(out, "%+" PRId64 " objects, ", row->count_delta);
    hs_strbuf_printf(out, "%+" PRId64 " bytes)", row->bytes_delta);
}

static struct hs_error *conclude(struct hs_history *h, size_t judged) {
    HS_STRBUF_AUTO out = HS_STRBUF_INIT;
    h->result = h->fresh                         ? HS_RESULT_GROWTH
                : judged < HS_HISTORY_MIN_NIGHTS ? HS_RESULT_INSUFFICIENT
                                                 : HS_RESULT_STEADY;
    if (judged < HS_HISTORY_MIN_NIGHTS)
        hs_strbuf_printf(&out, "%zu night%s: %d are needed to tell growth from chance", judged,
                         judged == 1 ? "" : "s", HS_HISTORY_MIN_NIGHTS);
    else if (h->fresh) put_first(h, &out);
    else if (h->known) hs_strbuf_puts(&out, "nothing new");
    else hs_strbuf_printf(&out, "tonight is as the %zu nights before", judged - 1);
    if (h->fresh > 1) hs_strbuf_printf(&out, "; %zu more are new", h->fresh - 1);
    size_t earlier = h->found - h->fresh - h->known;
    if (h->known)
        hs_strbuf_printf(&out, "; %zu change%s known from the baseline", h->known,
                         h->known == 1 ? " is" : "s are");
    if (earlier)
        hs_strbuf_printf(&out, "; %zu class%s stepped up earlier", earlier, earlier == 1 ? "" : "es");
    if (h->skipped)
        hs_strbuf_printf(&out, "; %zu partial night%s left out", h->skipped,
                         h->skipped == 1 ? " is" : "s are");
    if (h->night_count && !h->nights[h->night_count - 1].complete) {
        hs_strbuf_puts(&out, ", tonight among them: the night judged is an earlier one");
        if (h->result == HS_RESULT_STEADY) h->result = HS_RESULT_INSUFFICIENT;
    }
    h->reason = hs_strbuf_detach(&out, NULL);
    return h->reason ? NULL : HS_ENOMEM;
}

struct hs_error *hs_history_judge(struct hs_history *h, const struct hs_judge_options *options,
                                  double significance) {
    size_t n = h->night_count;
    struct court court = {.history = h, .options = options};
    court.nights = calloc(n + 1, sizeof *court.nights);
    court.series = calloc(n + 1, sizeof *court.series);
    court.work = calloc(HS_STEP_WORK * n + 1, sizeof *court.work);
    struct hs_error *error = court.nights && court.series && court.work ? NULL : HS_ENOMEM;
    for (size_t i = 0; i < n && !error; i++)
        if (h->nights[i].complete) court.nights[court.count++] = i;
    h->skipped = n - court.count;
    for (size_t i = 0; i < h->row_count; i++) {
        struct hs_history_row *row = &h->rows[i];
        bool class = row->subject == HS_SUBJECT_CLASS;
        row->chance = row->significance = 1;
        row->nature = class ? hs_trend_nature_of(row->type, row->constructor, NULL, row->property_count > 0)
                            : HS_NATURE_CONTENT;
    }
    if (!error && court.count >= HS_HISTORY_MIN_NIGHTS) error = judge_rows(&court, significance);
    if (h->row_count) qsort(h->rows, h->row_count, sizeof *h->rows, by_rank);
    size_t rank = 0;
    for (size_t i = 0; i < h->row_count && h->rows[i].rank; i++) h->rows[i].rank = ++rank;
    free(court.nights);
    free(court.series);
    free(court.work);
    return error ? error : conclude(h, court.count);
}
