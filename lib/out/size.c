#include "out/size.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void put_sign(struct hs_strbuf *out, bool negative, bool zero, enum hs_sign sign) {
    if (negative) hs_strbuf_putc(out, '-');
    else if (sign == HS_SIGN_ALWAYS && !zero) hs_strbuf_putc(out, '+');
}

void hs_size_put_double(struct hs_strbuf *out, double bytes, enum hs_sign sign) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB"};
    double value = trunc(fabs(bytes));
    put_sign(out, bytes < 0 && value > 0, value <= 0, sign);
    size_t unit = 0;
    /* The next unit takes over where a fourth figure would be needed. */
    while (value >= (unit ? 999.5 : 1024) && unit + 1 < sizeof units / sizeof *units) {
        value /= 1024;
        unit++;
    }
    hs_strbuf_printf(out, unit && value < 99.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

void hs_size_put(struct hs_strbuf *out, int64_t bytes, enum hs_sign sign) {
    hs_size_put_double(out, (double)bytes, sign);
}

void hs_count_put(struct hs_strbuf *out, int64_t count, enum hs_sign sign) {
    put_sign(out, count < 0, count == 0, sign);
    uint64_t value = count < 0 ? 0 - (uint64_t)count : (uint64_t)count;
    char digits[32];
    size_t start = sizeof digits, done = 0;
    do {
        if (done && done % 3 == 0) digits[--start] = ',';
        digits[--start] = (char)('0' + value % 10);
        value /= 10;
        done++;
    } while (value);
    hs_strbuf_append(out, digits + start, sizeof digits - start);
}

void hs_duration_put(struct hs_strbuf *out, int64_t ms) {
    int64_t seconds = ms / 1000;
    if (seconds < 1) hs_strbuf_printf(out, "%" PRId64 " ms", ms);
    else if (seconds < 120) hs_strbuf_printf(out, "%" PRId64 " s", seconds);
    else if (seconds < 7200) hs_strbuf_printf(out, "%" PRId64 " min", seconds / 60);
    else if (seconds < 172800)
        hs_strbuf_printf(out, "%" PRId64 " h %" PRId64 " min", seconds / 3600, seconds / 60 % 60);
    else hs_strbuf_printf(out, "%" PRId64 " days %" PRId64 " h", seconds / 86400, seconds / 3600 % 24);
}

bool hs_size_parse(const char *text, int64_t *ret) {
    /* strtod also reads signs, spaces, hexadecimal and infinities: sizes have none of these. */
    if (*text < '0' || *text > '9' || strspn(text, "0123456789.") == 0) return false;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) return false;
    size_t length = strspn(text, "0123456789");
    double value = 0;
    int64_t whole = 0;
    for (size_t i = 0; i < length; i++)
        if (__builtin_mul_overflow(whole, 10, &whole) || __builtin_add_overflow(whole, text[i] - '0', &whole))
            return false;
    const char *end = text + length;
    if (*end == '.') {
        double unit = 0.1;
        for (end++; *end >= '0' && *end <= '9'; end++, unit /= 10) value += unit * (*end - '0');
    }
    static const char factors[] = "kmgt";
    int64_t factor = 1;
    if (*end && *end != 'B') {
        const char *found = strchr(factors, *end | 0x20);
        if (!found) return false;
        factor = (int64_t)1 << (10 * (found - factors + 1));
        end++;
        if (*end == 'i') end++;
    }
    if (*end == 'B') end++;
    if (*end || __builtin_mul_overflow(whole, factor, &whole)) return false;
    return !__builtin_add_overflow(whole, (int64_t)(value * (double)factor), ret);
}
