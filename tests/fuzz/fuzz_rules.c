/* Fuzzes the files that people and other runs write for heapdiff: rules of --ignore and baselines. Any bytes
 * give rules, entries or an error that can be printed, never a crash or a hang. */
#include "trend/baseline.h"
#include "trend/ignore.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_error(struct hs_error *error) {
    if (!error) return;
    for (const char *p = error->message; *p; p++)
        if ((unsigned char)*p < 0x20) abort(); /* nothing of the file acts on a terminal */
    hs_error_destroy(error);
}

static void read_rules(const uint8_t *data, size_t size) {
    struct hs_ignore ignore = {0};
    FILE *stream = fmemopen((void *)data, size, "r");
    struct hs_error *error = hs_ignore_read(&ignore, stream, "rules");
    fclose(stream);
    for (size_t i = 0; i < ignore.count; i++) {
        const struct hs_ignore_pattern *p = &ignore.patterns[i];
        if (!*p->pattern || !*p->reason || !*p->match || strlen(p->until) > 10) abort();
        if (p->by != HS_IGNORE_FINGERPRINT || strlen(p->match) == 32) continue;
        abort();
    }
    hs_ignore_set_time(&ignore, 1732239727000);
    /* A rule that holds mutes what is literally its own pattern, where that has no wild cards. */
    for (size_t i = 0; i < ignore.count; i++) {
        const struct hs_ignore_pattern *p = &ignore.patterns[i];
        const struct hs_ignore_subject subject = {p->by == HS_IGNORE_CLASS ? p->match : NULL,
                                                  p->by == HS_IGNORE_HOLDER ? p->match : NULL,
                                                  p->by == HS_IGNORE_FINGERPRINT ? p->match : NULL};
        if (strpbrk(p->match, "*?[\\")) continue;
        if (!hs_ignore_match(&ignore, &subject, INT64_MAX) && !p->expired) abort();
    }
    hs_ignore_deinit(&ignore);
    check_error(error);
}

static void read_baseline(const uint8_t *data, size_t size) {
    struct hs_baseline *baseline = NULL;
    FILE *stream = fmemopen((void *)data, size, "r");
    struct hs_error *error = hs_baseline_read(stream, "baseline", &baseline);
    fclose(stream);
    for (size_t i = 0; !error && i < baseline->count; i++) {
        struct hs_finding finding = {0};
        hs_snap_key_print(baseline->entries[i].fingerprint, finding.fingerprint);
        if (hs_baseline_match(baseline, &finding) != &baseline->entries[i]) abort();
        if (i && hs_snap_key_equal(baseline->entries[i].fingerprint, baseline->entries[i - 1].fingerprint))
            abort();
    }
    if (!error && hs_baseline_count_gone(baseline)) abort();
    hs_baseline_destroy(baseline);
    check_error(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!size) return 0;
    read_rules(data, size);
    read_baseline(data, size);
    return 0;
}
