#include "base/utf8.h"

size_t hs_utf8_decode(const char *text, size_t size, uint32_t *ret) {
    const unsigned char *p = (const unsigned char *)text;
    unsigned char lead = p[0];
    *ret = HS_UTF8_INVALID;
    if (lead < 0x80) {
        *ret = lead;
        return 1;
    }
    /* Bounds of the second byte rule out overlong forms, surrogates and values above 0x10FFFF (Unicode 15,
     * table 3-7). */
    unsigned char low = 0x80, high = 0xBF;
    size_t need;
    uint32_t c;
    if (lead >= 0xC2 && lead <= 0xDF) {
        need = 2;
        c = lead & 0x1Fu;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        need = 3;
        c = lead & 0x0Fu;
        if (lead == 0xE0) low = 0xA0;
        if (lead == 0xED) high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        need = 4;
        c = lead & 0x07u;
        if (lead == 0xF0) low = 0x90;
        if (lead == 0xF4) high = 0x8F;
    } else {
        return 1;
    }
    for (size_t i = 1; i < need; i++) {
        if (i >= size || p[i] < low || p[i] > high) return i; /* the maximal broken part */
        c = c << 6 | (p[i] & 0x3Fu);
        low = 0x80;
        high = 0xBF;
    }
    *ret = c;
    return need;
}

bool hs_utf8_valid(const char *text, size_t size) {
    uint32_t c;
    for (size_t at = 0; at < size;) {
        at += hs_utf8_decode(text + at, size - at, &c);
        if (c == HS_UTF8_INVALID) return false;
    }
    return true;
}

void hs_utf8_put(struct hs_strbuf *out, uint32_t c) {
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = HS_UTF8_REPLACEMENT;
    char bytes[4];
    size_t size;
    if (c < 0x80) {
        bytes[0] = (char)c;
        size = 1;
    } else if (c < 0x800) {
        bytes[0] = (char)(0xC0 | c >> 6);
        bytes[1] = (char)(0x80 | (c & 0x3F));
        size = 2;
    } else if (c < 0x10000) {
        bytes[0] = (char)(0xE0 | c >> 12);
        bytes[1] = (char)(0x80 | (c >> 6 & 0x3F));
        bytes[2] = (char)(0x80 | (c & 0x3F));
        size = 3;
    } else {
        bytes[0] = (char)(0xF0 | c >> 18);
        bytes[1] = (char)(0x80 | (c >> 12 & 0x3F));
        bytes[2] = (char)(0x80 | (c >> 6 & 0x3F));
        bytes[3] = (char)(0x80 | (c & 0x3F));
        size = 4;
    }
    hs_strbuf_append(out, bytes, size);
}

void hs_utf8_put_sanitized(struct hs_strbuf *out, const char *text, size_t size) {
    size_t good = 0;
    for (size_t at = 0; at < size;) {
        uint32_t c;
        size_t used = hs_utf8_decode(text + at, size - at, &c);
        if (c == HS_UTF8_INVALID) {
            hs_strbuf_append(out, text + good, at - good);
            hs_utf8_put(out, HS_UTF8_REPLACEMENT);
            good = at + used;
        }
        at += used;
    }
    if (good < size) hs_strbuf_append(out, text + good, size - good);
}

void hs_utf8_put_latin1(struct hs_strbuf *out, const void *bytes, size_t size) {
    const unsigned char *p = bytes;
    size_t plain = 0;
    for (size_t at = 0; at < size; at++) {
        if (p[at] < 0x80) continue;
        hs_strbuf_append(out, p + plain, at - plain);
        hs_utf8_put(out, p[at]);
        plain = at + 1;
    }
    if (plain < size) hs_strbuf_append(out, p + plain, size - plain);
}

static uint32_t utf16_unit(const unsigned char *p, bool big_endian) {
    return big_endian ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

void hs_utf8_put_utf16(struct hs_strbuf *out, const void *bytes, size_t units, bool big_endian) {
    const unsigned char *p = bytes;
    for (size_t i = 0; i < units; i++) {
        uint32_t c = utf16_unit(p + 2 * i, big_endian);
        if (c >= 0xD800 && c <= 0xDBFF && i + 1 < units) {
            uint32_t next = utf16_unit(p + 2 * (i + 1), big_endian);
            if (next >= 0xDC00 && next <= 0xDFFF) {
                c = 0x10000 + ((c - 0xD800) << 10) + (next - 0xDC00);
                i++;
            }
        }
        hs_utf8_put(out, c); /* a surrogate that is left is a lone one */
    }
}

struct range {
    uint32_t first, last;
};

/* Marks that sit on the character before (Unicode 15 Mn and Me, the blocks that occur in practice), and what
 * is invisible. */
static const struct range ZERO[] = {
    {0x0000, 0x001F}, {0x007F, 0x009F},   {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD},
    {0x0610, 0x061A}, {0x064B, 0x065F},   {0x06D6, 0x06DC}, {0x06DF, 0x06E4}, {0x0900, 0x0902},
    {0x093C, 0x093C}, {0x0941, 0x0948},   {0x094D, 0x094D}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A},
    {0x0E47, 0x0E4E}, {0x1AB0, 0x1ACE},   {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x2028, 0x202E},
    {0x2060, 0x206F}, {0x20D0, 0x20F0},   {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
    {0xFEFF, 0xFEFF}, {0xE0000, 0xE0FFF},
};

/* East Asian Width W and F, and the emoji that terminals draw two columns wide (Unicode 15,
 * EastAsianWidth.txt, merged). */
static const struct range WIDE[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},   {0x23F0, 0x23F0},
    {0x23F3, 0x23F3},   {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267F, 0x267F},
    {0x2693, 0x2693},   {0x26A1, 0x26A1},   {0x26AA, 0x26AB},   {0x26BD, 0x26BE},   {0x26C4, 0x26C5},
    {0x26CE, 0x26CE},   {0x26D4, 0x26D4},   {0x26EA, 0x26EA},   {0x26F2, 0x26F3},   {0x26F5, 0x26F5},
    {0x26FA, 0x26FA},   {0x26FD, 0x26FD},   {0x2705, 0x2705},   {0x270A, 0x270B},   {0x2728, 0x2728},
    {0x274C, 0x274C},   {0x274E, 0x274E},   {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},
    {0x27B0, 0x27B0},   {0x27BF, 0x27BF},   {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},   {0x2B55, 0x2B55},
    {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},
    {0xA960, 0xA97C},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE10, 0xFE19},   {0xFE30, 0xFE6B},
    {0xFF01, 0xFF60},   {0xFFE0, 0xFFE6},   {0x16FE0, 0x18CFF}, {0x18D00, 0x18D08}, {0x1AFF0, 0x1B2FB},
    {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A}, {0x1F200, 0x1F320},
    {0x1F32D, 0x1F335}, {0x1F337, 0x1F37C}, {0x1F37E, 0x1F393}, {0x1F3A0, 0x1F3CA}, {0x1F3CF, 0x1F3D3},
    {0x1F3E0, 0x1F3F0}, {0x1F3F4, 0x1F3F4}, {0x1F3F8, 0x1F43E}, {0x1F440, 0x1F440}, {0x1F442, 0x1F4FC},
    {0x1F4FF, 0x1F53D}, {0x1F54B, 0x1F54E}, {0x1F550, 0x1F567}, {0x1F57A, 0x1F57A}, {0x1F595, 0x1F596},
    {0x1F5A4, 0x1F5A4}, {0x1F5FB, 0x1F64F}, {0x1F680, 0x1F6C5}, {0x1F6CC, 0x1F6CC}, {0x1F6D0, 0x1F6D2},
    {0x1F6D5, 0x1F6D7}, {0x1F6DC, 0x1F6DF}, {0x1F6EB, 0x1F6EC}, {0x1F6F4, 0x1F6FC}, {0x1F7E0, 0x1F7EB},
    {0x1F7F0, 0x1F7F0}, {0x1F90C, 0x1F93A}, {0x1F93C, 0x1F945}, {0x1F947, 0x1F9FF}, {0x1FA70, 0x1FAFF},
    {0x20000, 0x2FFFD}, {0x30000, 0x3FFFD},
};

static bool in_ranges(const struct range *ranges, size_t count, uint32_t c) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c > ranges[middle].last) low = middle + 1;
        else high = middle;
    }
    return low < count && c >= ranges[low].first;
}

unsigned hs_utf8_code_point_width(uint32_t c) {
    if (c >= 0x20 && c < 0x7F) return 1;
    if (in_ranges(ZERO, sizeof ZERO / sizeof *ZERO, c)) return 0;
    return in_ranges(WIDE, sizeof WIDE / sizeof *WIDE, c) ? 2 : 1;
}

size_t hs_utf8_fit(const char *text, size_t size, size_t columns, size_t *width_ret) {
    size_t width = 0, at = 0;
    while (at < size) {
        uint32_t c;
        size_t used = hs_utf8_decode(text + at, size - at, &c);
        size_t w = c == HS_UTF8_INVALID ? 1 : hs_utf8_code_point_width(c);
        if (w > columns - width) break;
        width += w;
        at += used;
    }
    if (width_ret) *width_ret = width;
    return at;
}

size_t hs_utf8_width(const char *text, size_t size) {
    size_t width;
    hs_utf8_fit(text, size, SIZE_MAX, &width);
    return width;
}
