#include "js/script.h"

#include <stdlib.h>
#include <string.h>
#include "js/string.h"

enum { SOURCE_LIMIT = 1 << 29 }; /* V8's longest string */

struct ends {
    const struct hs_arch *arch;
    uint32_t *items;
    uint32_t count, capacity, position, limit;
    bool after_cr, full, failed;
};

static void add(struct ends *ends, uint32_t position) {
    if (ends->count == ends->limit) {
        ends->full = true;
        return;
    }
    if (ends->count == ends->capacity) {
        uint32_t capacity = ends->capacity ? ends->capacity * 2 : 256;
        uint32_t *grown = realloc(ends->items, capacity * sizeof *grown);
        if (!grown) {
            ends->failed = true;
            return;
        }
        ends->items = grown;
        ends->capacity = capacity;
    }
    ends->items[ends->count++] = position;
}

/* What most sources are: Latin-1 without a carriage return. */
static void scan_line_feeds(struct ends *ends, const uint8_t *units, uint32_t count) {
    const uint8_t *at = units, *end = units + count;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) && !ends->failed && !ends->full)
        add(ends, ends->position + (uint32_t)(at++ - units));
    ends->position += count;
}

/* CR LF is one end, at the LF. */
static void scan(void *context, const uint8_t *units, uint32_t count, bool one_byte) {
    struct ends *ends = context;
    if (one_byte && !ends->after_cr && !memchr(units, '\r', count)) {
        scan_line_feeds(ends, units, count);
        return;
    }
    for (uint32_t i = 0; i < count && !ends->failed && !ends->full; i++) {
        uint16_t unit = one_byte ? units[i] : hs_arch_u16(ends->arch, units + 2 * (size_t)i);
        if (ends->after_cr && unit != '\n') add(ends, ends->position + i - 1);
        ends->after_cr = unit == '\r';
        if (unit == '\n' || unit == 0x2028 || unit == 0x2029) add(ends, ends->position + i);
    }
    ends->position += count;
}

static bool from_source(struct hs_js *js, hs_tagged source, struct hs_js_script *script) {
    struct ends ends = {.arch = js->v8->arch,
                        .limit = js->lines_left < UINT32_MAX ? (uint32_t)js->lines_left : UINT32_MAX};
    uint32_t length;
    if (!hs_js_string_length(js->v8, source, &length) || length > js->source_left) return false;
    js->source_left -= length;
    bool whole = hs_js_string_visit(js->v8, source, SOURCE_LIMIT, scan, &ends);
    if (ends.after_cr) add(&ends, ends.position - 1);
    if (ends.failed) js->failed = true;
    if (!whole || ends.failed || ends.full) {
        free(ends.items);
        return false;
    }
    js->lines_left -= ends.count;
    script->line_ends = ends.items;
    script->line_count = ends.count;
    return true;
}

/* Script.line_ends: a FixedArray of Smis, ascending. */
static bool from_array(struct hs_js *js, hs_tagged array, struct hs_js_script *script) {
    const struct hs_layout *l = &js->v8->layout;
    hs_tagged word;
    if (hs_js_kind(js, array) != HS_KIND_FIXED_ARRAY) return false;
    if (!hs_v8_word(js->v8, hs_untag(array) + (hs_addr)l->fixed_array_length, &word) || !hs_is_smi(l, word))
        return false;
    int64_t length = hs_smi(l, word);
    if (length <= 0 || (uint64_t)length > js->lines_left) return false;
    const uint8_t *p = hs_pages_ptr(&js->v8->pages, hs_untag(array) + (hs_addr)l->fixed_array_data,
                                    (uint64_t)length * l->tagged_size);
    if (!p) return false;
    uint32_t *ends = malloc((size_t)length * sizeof *ends);
    if (!ends) {
        js->failed = true;
        return false;
    }
    int64_t previous = -1;
    for (int64_t i = 0; i < length; i++) {
        word = hs_v8_load(js->v8, p + i * l->tagged_size);
        int64_t end = hs_is_smi(l, word) ? hs_smi(l, word) : -1;
        if (end <= previous) {
            free(ends);
            return false;
        }
        ends[i] = (uint32_t)end;
        previous = end;
    }
    js->lines_left -= (uint64_t)length;
    script->line_ends = ends;
    script->line_count = (uint32_t)length;
    return true;
}

const struct hs_js_script *hs_js_script_get(struct hs_js *js, hs_tagged word) {
    const struct hs_layout *l = &js->v8->layout;
    if (hs_js_kind(js, word) != HS_KIND_SCRIPT) return NULL;
    hs_addr address = hs_untag(word);
    uint64_t *known = hs_address_map_find(&js->scripts, address);
    if (known) return (const struct hs_js_script *)(uintptr_t)*known;
    struct hs_js_script *script = hs_js_alloc(js, sizeof *script);
    if (!script || !hs_address_map_put(&js->scripts, address, (uint64_t)(uintptr_t)script, NULL)) {
        js->failed = true;
        return NULL;
    }
    hs_tagged field;
    script->name = "";
    if (hs_v8_word(js->v8, address + (hs_addr)l->script_name, &field) &&
        hs_js_kind(js, field) == HS_KIND_STRING)
        script->name = hs_js_text(js, field);
    if (!*script->name) script->name = hs_names_put(&js->names, "<anonymous>");
    if (l->script_line_ends != HS_ABSENT &&
        hs_v8_word(js->v8, address + (hs_addr)l->script_line_ends, &field))
        script->lines_known = from_array(js, field, script);
    if (!script->lines_known && hs_v8_word(js->v8, address + (hs_addr)l->script_source, &field))
        script->lines_known = from_source(js, field, script);
    return script;
}

bool hs_js_script_locate(const struct hs_js_script *script, uint32_t position, int32_t *line_ret,
                         int32_t *column_ret) {
    if (!script->lines_known) return false;
    uint32_t low = 0, high = script->line_count; /* ends before `position` = its line */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (script->line_ends[middle] < position) low = middle + 1;
        else high = middle;
    }
    *line_ret = (int32_t)low;
    *column_ret = (int32_t)(low ? position - script->line_ends[low - 1] - 1 : position);
    return true;
}

void hs_js_scripts_free(struct hs_js *js) {
    for (size_t i = 0; i < js->scripts.capacity; i++)
        if (js->scripts.slots[i].key)
            free(((struct hs_js_script *)(uintptr_t)js->scripts.slots[i].value)->line_ends);
}
