#include "trend/finding.h"

#include "base/escape.h"
#include "snap/snap.h"
#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#define XXH_STATIC_LINKING_ONLY 1 /* a state on the stack */
#include <xxhash.h>

/* Fewer digits are part of a name: v8, sha256 has three and is written as any number. */
enum { DIGITS_MASKED = 3 };
/* Of a literal's properties: as many as a sentence bears. */
enum { LITERAL_NAMES = 3, LITERAL_SIZE = 32 };

const char *hs_subject_name(enum hs_trend_subject subject) {
    static const char *const names[] = {"class", "container", "path", "native"};
    return names[subject];
}

/* Ids, pids and hashes inside of names differ from process to process. */
static void put_masked(struct hs_strbuf *out, const char *text) {
    while (*text) {
        size_t digits = strspn(text, "0123456789");
        if (digits >= DIGITS_MASKED) hs_strbuf_putc(out, '#');
        else if (digits) hs_strbuf_append(out, text, digits);
        text += digits;
        size_t other = strcspn(text, "0123456789");
        hs_strbuf_append(out, text, other);
        text += other;
    }
}

static void hash_netstring(XXH3_state_t *state, const char *text, size_t size) {
    char length[24];
    int digits = snprintf(length, sizeof length, "%zu:", size);
    XXH3_128bits_update(state, length, (size_t)digits);
    XXH3_128bits_update(state, text, size);
    XXH3_128bits_update(state, ",", 1);
}

static void hash_text(XXH3_state_t *state, const char *text) {
    hash_netstring(state, text, strlen(text));
}

struct hs_error *hs_finding_sign(struct hs_finding *finding) {
    XXH3_state_t state __attribute__((aligned(64)));
    HS_STRBUF_AUTO holder = HS_STRBUF_INIT;
    if (finding->holder) put_masked(&holder, finding->holder);
    HS_TRY(hs_strbuf_error(&holder));
    char key[33];
    hs_snap_key_print(finding->row->key, key);
    XXH3_INITSTATE(&state);
    XXH3_128bits_reset(&state);
    hash_text(&state, "heapdiff.finding/1");
    hash_text(&state, hs_subject_name(finding->subject));
    hash_text(&state, finding->subject == HS_SUBJECT_NATIVE ? finding->row->constructor : key);
    hash_netstring(&state, holder.data, holder.size);
    XXH128_hash_t hash = XXH3_128bits_digest(&state);
    hs_snap_key_print((struct hs_snap_key){.high = hash.high64, .low = hash.low64}, finding->fingerprint);
    return NULL;
}

/* A literal has no name but its first properties. */
static void put_literal(const struct hs_trend_row *row, struct hs_strbuf *out) {
    hs_strbuf_puts(out, " {");
    size_t start = out->size, i = 0;
    for (; i < row->property_count && i < LITERAL_NAMES && out->size - start < LITERAL_SIZE; i++) {
        if (i) hs_strbuf_puts(out, ", ");
        hs_escape_terminal_string(out, row->properties[i]);
    }
    hs_strbuf_puts(out, i < row->property_count ? ", …}" : "}");
}

void hs_row_put_name(const struct hs_trend_row *row, struct hs_strbuf *out) {
    bool closure = !strcmp(row->type, "closure");
    if (!*row->constructor) hs_strbuf_puts(out, closure ? "(anonymous function)" : "(anonymous)");
    else hs_escape_terminal_string(out, row->constructor);
    if (closure && *row->constructor && *row->constructor != '(') hs_strbuf_puts(out, "()");
    if (!strcmp(row->constructor, "Object") && !row->dictionary && row->property_count) put_literal(row, out);
}

void hs_finding_put_name(const struct hs_finding *finding, struct hs_strbuf *out) {
    hs_row_put_name(finding->row, out);
}

/* As one word of a shell's command line. */
static void put_word(struct hs_strbuf *out, const char *text) {
    static const char plain[] = "-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./,:+@%=";
    if (*text == '-') hs_strbuf_puts(out, "./");
    if (*text && !text[strspn(text, plain)]) {
        hs_strbuf_puts(out, text);
        return;
    }
    hs_strbuf_putc(out, '\'');
    for (; *text; text++) {
        if (*text == '\'') hs_strbuf_puts(out, "'\\''");
        else hs_strbuf_putc(out, *text);
    }
    hs_strbuf_putc(out, '\'');
}

void hs_finding_put_command(const struct hs_trend *trend, const struct hs_finding *finding,
                            struct hs_strbuf *out) {
    if (!finding->sample) return;
    const struct hs_trend_capture *capture = &trend->captures[finding->sample_capture];
    hs_strbuf_puts(out, trend->tree ? "heapscan path " : "heapscan --list --like ");
    if (trend->tree) {
        put_word(out, capture->source ? capture->source : "CORE");
        hs_strbuf_printf(out, " 0x%" PRIx64, finding->sample);
    } else {
        hs_strbuf_printf(out, "0x%" PRIx64 " ", finding->sample);
        put_word(out, capture->source ? capture->source : "CORE");
    }
}
