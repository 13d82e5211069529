#include "export/exported_stream.h"

#include <stdlib.h>
#include <string.h>

/* An edge: a byte {type: 3 bits, code: 2, integer: 1}, the name (nothing for an occurrence), then four bytes
 * of `to`, or the value. Numbers are LEB128, those that may be negative zigzag. */
enum { CODE_INDEX, CODE_NAME, CODE_NUMBER, CODE_OCCURRENCE, CODE_SHIFT = 3, CODE_MASK = 3 };
enum { INTEGER = 1 << 5, TYPE_MASK = 7, EDGE_MAX = 1 + 10 + 10 };

struct hs_encoder *hs_encoder_create(void) {
    struct hs_encoder *e = calloc(1, sizeof *e);
    if (!e) return NULL;
    hs_strbuf_init(&e->edges);
    hs_strbuf_init(&e->fresh);
    return e;
}

void hs_encoder_destroy(struct hs_encoder *e) {
    if (!e) return;
    hs_strbuf_deinit(&e->edges);
    hs_strbuf_deinit(&e->fresh);
    hs_address_map_deinit(&e->indexes);
    free(e->names);
    free(e);
}

static uint8_t *put_varint(uint8_t *p, uint64_t value) {
    for (; value >= 0x80; value >>= 7) *p++ = (uint8_t)(value | 0x80);
    *p++ = (uint8_t)value;
    return p;
}

static void put_fresh(struct hs_encoder *e, enum hs_stream_form form, bool occurrence, uint64_t value) {
    uint8_t bytes[EDGE_MAX], *p = bytes;
    *p++ = (uint8_t)((unsigned)form | (occurrence ? 8u : 0));
    p = put_varint(p, value);
    hs_strbuf_append(&e->fresh, bytes, (size_t)(p - bytes));
}

static uint32_t index_of(struct hs_encoder *e, const char *name) {
    uint64_t key = (uint64_t)(uintptr_t)name;
    struct hs_stream_recent *recent = &e->recent[(key ^ key >> 8) % HS_STREAM_RECENT];
    if (recent->name == name) return recent->index;
    bool fresh = false;
    uint64_t *index = hs_address_map_put(&e->indexes, key, e->name_count, &fresh);
    if (index && fresh && e->name_count == e->name_capacity) {
        uint32_t capacity = e->name_capacity ? 2 * e->name_capacity : 1024;
        const char **grown = realloc(e->names, capacity * sizeof *grown);
        if (grown) {
            e->names = grown;
            e->name_capacity = capacity;
        } else index = NULL;
    }
    if (!index) {
        e->failed = true;
        return 0;
    }
    if (fresh) {
        e->names[e->name_count] = name;
        put_fresh(e, HS_STREAM_NAME, false, e->name_count++);
    }
    *recent = (struct hs_stream_recent){name, (uint32_t)*index};
    return recent->index;
}

static void put_text(struct hs_encoder *e, const char *text) {
    size_t size = strlen(text);
    put_fresh(e, HS_STREAM_TEXT, true, size);
    hs_strbuf_append(&e->fresh, text, size + 1);
    e->occurrences++;
}

/* True: it is an occurrence. */
static bool note_number(struct hs_encoder *e, uint32_t number) {
    if (number >= HS_STREAM_NUMBERS) {
        put_fresh(e, HS_STREAM_NUMBER, true, number);
        e->occurrences++;
        return true;
    }
    uint64_t bit = UINT64_C(1) << (number % 64);
    if (!(e->numbers[number / 64] & bit)) {
        e->numbers[number / 64] |= bit;
        put_fresh(e, HS_STREAM_NUMBER, false, number);
    }
    return false;
}

void hs_encoder_put(struct hs_encoder *e, const struct hs_stream_edge *edge) {
    if (e->failed || !hs_strbuf_reserve(&e->edges, EDGE_MAX)) return;
    unsigned code = CODE_INDEX;
    uint32_t value = edge->index;
    switch (edge->form) {
    case HS_STREAM_INDEX:
        break;
    case HS_STREAM_NAME:
        code = CODE_NAME;
        value = index_of(e, edge->name);
        break;
    case HS_STREAM_TEXT:
        code = CODE_OCCURRENCE;
        put_text(e, edge->name);
        break;
    case HS_STREAM_NUMBER:
        code = note_number(e, value) ? CODE_OCCURRENCE : CODE_NUMBER;
        break;
    }
    uint8_t *start = (uint8_t *)e->edges.data + e->edges.size, *p = start;
    *p++ = (uint8_t)(edge->type | code << CODE_SHIFT | (edge->integer ? INTEGER : 0));
    if (code != CODE_OCCURRENCE) p = put_varint(p, value);
    if (edge->integer) p = put_varint(p, (uint64_t)edge->to << 1 ^ (edge->to < 0 ? UINT64_MAX : 0));
    else {
        uint32_t to = (uint32_t)edge->to;
        memcpy(p, &to, sizeof to);
        p += sizeof to;
    }
    e->edges.size += (size_t)(p - start);
    e->edge_count++;
}

/* --- reading */

static bool get_varint(struct hs_decoder *d, uint64_t *ret) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && d->at < d->end; shift += 7) {
        uint8_t byte = *d->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret = value;
            return true;
        }
    }
    return false;
}

bool hs_decoder_fresh(struct hs_decoder *d, struct hs_stream_fresh *ret) {
    uint64_t value;
    if (d->at == d->end) return false;
    uint8_t head = *d->at++;
    if (!get_varint(d, &value)) return false;
    *ret = (struct hs_stream_fresh){
        .form = (enum hs_stream_form)(head & 7), .occurrence = head & 8, .index = (uint32_t)value};
    if (ret->form != HS_STREAM_TEXT) return true;
    if (value >= (uint64_t)(d->end - d->at) || d->at[value]) return false;
    ret->text = (const char *)d->at;
    d->at += value + 1;
    return true;
}

bool hs_decoder_edge(struct hs_decoder *d, struct hs_stream_numbers *numbers, struct hs_stream_decoded *ret) {
    uint64_t value = 0;
    if (d->at == d->end) return false;
    uint8_t head = *d->at++;
    unsigned code = head >> CODE_SHIFT & CODE_MASK;
    if (code != CODE_OCCURRENCE && !get_varint(d, &value)) return false;
    ret->type = head & TYPE_MASK;
    ret->integer = head & INTEGER;
    ret->name = code == CODE_INDEX    ? (uint32_t)value
                : code == CODE_NAME   ? numbers->names[value]
                : code == CODE_NUMBER ? numbers->numbers[value]
                                      : *numbers->occurrences++;
    if (ret->integer) {
        if (!get_varint(d, &value)) return false;
        ret->to = (int64_t)(value >> 1 ^ -(value & 1));
        return true;
    }
    uint32_t to;
    if ((size_t)(d->end - d->at) < sizeof to) return false;
    memcpy(&to, d->at, sizeof to);
    d->at += sizeof to;
    ret->to = to;
    return true;
}
