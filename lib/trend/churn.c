#define _GNU_SOURCE 1 /* reallocarray */
#include "trend/churn.h"

#include <stdlib.h>
#include <string.h>

static int by_constructor(const void *left, const void *right) {
    const struct hs_trend_row *a = *(struct hs_trend_row *const *)left,
                              *b = *(struct hs_trend_row *const *)right;
    return strcmp(a->constructor, b->constructor);
}

static int64_t garbage_of(const struct hs_trend_row *row, size_t capture) {
    const struct hs_trend_value *value = &row->values[capture];
    if (value->reachable_count == HS_SNAP_NULL || value->reachable_count > value->count) return 0;
    return value->count - value->reachable_count;
}

/* Most garbage in one capture, of all these rows together. */
static int64_t churn_of(const struct hs_trend *trend, struct hs_trend_row *const *rows, size_t count) {
    int64_t most = 0;
    for (size_t c = 0; c < trend->capture_count; c++) {
        int64_t sum = 0;
        for (size_t i = 0; i < count; i++) sum = hs_trend_sum(sum, garbage_of(rows[i], c));
        if (sum > most) most = sum;
    }
    return most;
}

struct hs_error *hs_trend_find_churn(struct hs_trend *trend) {
    struct hs_trend_row **user = reallocarray(NULL, trend->row_count + 1, sizeof *user);
    if (!user) return HS_ENOMEM;
    size_t count = 0;
    for (size_t i = 0; i < trend->row_count; i++) {
        struct hs_trend_row *row = trend->rows[i];
        row->churn = trend->reachable && row->subject == HS_SUBJECT_CLASS ? churn_of(trend, &row, 1) : 0;
        if (row->subject == HS_SUBJECT_CLASS && row->nature == HS_NATURE_USER) user[count++] = row;
    }
    if (trend->reachable) qsort(user, count, sizeof *user, by_constructor);
    for (size_t i = 0, end; i < count && trend->reachable; i = end) {
        for (end = i + 1; end < count && !strcmp(user[end]->constructor, user[i]->constructor);) end++;
        int64_t churn = churn_of(trend, user + i, end - i);
        for (size_t k = i; k < end; k++) user[k]->churn = churn;
    }
    free(user);
    return NULL;
}

enum { CHURN_LIMIT = 8, CHURN_STEPS = 4 };

bool hs_churn_outweighs(int64_t churn, int64_t growth, const struct hs_evidence *evidence, size_t captures) {
    bool lasting = captures > CHURN_STEPS && evidence->steps_grown == evidence->steps;
    return !lasting && growth > 0 && churn / CHURN_LIMIT > growth;
}
