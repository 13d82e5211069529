#include "group/class.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_LIMIT = 64, DIGIT_LIMIT = 4 };

void hs_classes_init(struct hs_js *js, struct hs_classes *ret) {
    *ret = (struct hs_classes){.js = js};
}

void hs_classes_deinit(struct hs_classes *classes) {
    free(classes->items);
    free(classes->slots);
    memset(classes, 0, sizeof *classes);
}

/* Interned pointers stand for their texts; static ones ("(string)") are always the same pointer for the same
 * thing. */
static uint64_t identity(const struct hs_class *class) {
    uint64_t hash = hs_address_mix((uintptr_t) class->constructor);
    hash = hs_address_mix(hash ^ (uintptr_t) class->script);
    hash = hs_address_mix(hash ^ ((uint64_t)(uint32_t) class->line << 32 | (uint32_t) class->column));
    hash = hs_address_mix(
        hash ^ ((uint64_t) class->isolate << 16 | (uint64_t) class->type << 8 | class->dictionary));
    for (uint32_t i = 0; i < class->property_count; i++)
        hash = hs_address_mix(hash ^ (uintptr_t) class->properties[i]);
    return hash;
}

static bool same(const struct hs_class *a, const struct hs_class *b) {
    return a->constructor == b->constructor && a->script == b->script && a->line == b->line &&
           a->column == b->column && a->isolate == b->isolate && a->type == b->type &&
           a->dictionary == b->dictionary && a->property_count == b->property_count &&
           (!a->property_count ||
            memcmp(a->properties, b->properties, a->property_count * sizeof *a->properties) == 0);
}

static bool grow(struct hs_classes *classes) {
    uint32_t slots = classes->slot_count ? 2 * classes->slot_count : 4096;
    uint32_t *table = calloc(slots, sizeof *table);
    struct hs_class_draft *items = realloc(classes->items, slots / 2 * sizeof *items);
    if (items) classes->items = items;
    if (!table || !items) {
        free(table);
        return false;
    }
    for (uint32_t i = 0; i < classes->count; i++) {
        uint32_t at = (uint32_t)identity(&items[i].class) & (slots - 1);
        while (table[at]) at = (at + 1) & (slots - 1);
        table[at] = i + 1;
    }
    free(classes->slots);
    classes->slots = table;
    classes->slot_count = slots;
    classes->capacity = slots / 2;
    return true;
}

uint32_t hs_classes_put(struct hs_classes *classes, const struct hs_class *class) {
    if (classes->count == classes->capacity && (classes->count >= UINT32_MAX / 4 || !grow(classes))) {
        classes->failed = true;
        return UINT32_MAX;
    }
    uint32_t mask = classes->slot_count - 1, at = (uint32_t)identity(class) & mask;
    for (; classes->slots[at]; at = (at + 1) & mask)
        if (same(&classes->items[classes->slots[at] - 1].class, class)) return classes->slots[at] - 1;
    struct hs_class_draft draft = {.class = *class};
    if (class->property_count) {
        const char **names = hs_js_alloc(classes->js, class->property_count * sizeof *names);
        if (!names) {
            classes->failed = true;
            return UINT32_MAX;
        }
        memcpy(names, class->properties, class->property_count * sizeof *names);
        draft.class.properties = names;
    }
    draft.class.count = draft.class.bytes = draft.class.elements = draft.class.sample = 0;
    classes->items[classes->count] = draft;
    classes->slots[at] = ++classes->count;
    return classes->count - 1;
}

void hs_classes_add(struct hs_classes *classes, uint32_t index, const struct hs_class_addition *addition) {
    struct hs_class_draft *draft = &classes->items[index];
    draft->class.count += addition->count;
    draft->class.bytes += addition->bytes;
    draft->class.elements += addition->elements;
    draft->keys += addition->keys;
    if (addition->sample && (!draft->class.sample || addition->sample < draft->class.sample))
        draft->class.sample = addition->sample;
}

static bool plausible(const char *name) {
    unsigned digits = 0, length = 0;
    if (name[0] == '<') return true; /* a symbol */
    if (name[0] >= '0' && name[0] <= '9') return false;
    for (const unsigned char *p = (const unsigned char *)name; *p; p++) {
        bool digit = *p >= '0' && *p <= '9';
        bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || *p >= 0x80 || *p == '_' ||
                      *p == '$' || *p == '#';
        if (!digit && !letter) return false;
        digits += digit;
        length += (*p & 0xC0) != 0x80;
    }
    return length <= NAME_LIMIT && digits <= DIGIT_LIMIT;
}

bool hs_class_names_plausible(const struct hs_js_signature *signature) {
    if (signature->count > HS_GROUP_SHAPE_KEYS) return false;
    for (uint32_t i = 0; i < signature->count; i++)
        if (!plausible(signature->names[i])) return false;
    return true;
}

static int by_text(const char *a, const char *b) {
    return !a || !b ? (a != NULL) - (b != NULL) : strcmp(a, b);
}

static int by_content(const void *a, const void *b) {
    const struct hs_class *x = &(*(const struct hs_class_draft *const *)a)->class;
    const struct hs_class *y = &(*(const struct hs_class_draft *const *)b)->class;
    int order;
    if (x->isolate != y->isolate) return x->isolate < y->isolate ? -1 : 1;
    if (x->type != y->type) return x->type < y->type ? -1 : 1;
    if ((order = by_text(x->constructor, y->constructor))) return order;
    if ((order = by_text(x->script, y->script))) return order;
    if (x->line != y->line) return x->line < y->line ? -1 : 1;
    if (x->column != y->column) return x->column < y->column ? -1 : 1;
    if (x->dictionary != y->dictionary) return x->dictionary ? 1 : -1;
    for (uint32_t i = 0; i < x->property_count && i < y->property_count; i++)
        if ((order = by_text(x->properties[i], y->properties[i]))) return order;
    return (x->property_count > y->property_count) - (x->property_count < y->property_count);
}

static void fold(struct hs_classes *classes) {
    for (uint32_t i = 0; i < classes->count; i++) {
        struct hs_class_draft *draft = &classes->items[i];
        if (!draft->table || draft->shape || draft->class.count >= HS_GROUP_SHAPE_OBJECTS) {
            draft->table = 0;
            continue;
        }
        struct hs_class_addition all = {draft->class.count, draft->class.bytes, draft->class.elements,
                                        draft->keys, draft->class.sample};
        hs_classes_add(classes, draft->table - 1, &all);
        draft->class.count = 0;
    }
    for (uint32_t i = 0; i < classes->count; i++)
        if (classes->items[i].class.dictionary) classes->items[i].class.elements += classes->items[i].keys;
}

struct hs_error *hs_classes_finish(struct hs_classes *classes, struct hs_class **ret, uint32_t *count_ret,
                                   uint32_t **map_ret) {
    fold(classes);
    uint32_t n = classes->count ? classes->count : 1, count = 0;
    struct hs_class_draft **order = malloc(n * sizeof *order);
    struct hs_class *sorted = malloc(n * sizeof *sorted);
    uint32_t *map = malloc(n * sizeof *map);
    if (!order || !sorted || !map || classes->failed) {
        free(order);
        free(sorted);
        free(map);
        return HS_ENOMEM;
    }
    for (uint32_t i = 0; i < classes->count; i++) {
        map[i] = UINT32_MAX;
        if (classes->items[i].class.count) order[count++] = &classes->items[i];
    }
    qsort(order, count, sizeof *order, by_content);
    for (uint32_t i = 0; i < count; i++) {
        sorted[i] = order[i]->class;
        map[order[i] - classes->items] = i;
    }
    for (uint32_t i = 0; i < classes->count; i++)
        if (classes->items[i].table) map[i] = map[classes->items[i].table - 1];
    free(order);
    *ret = sorted;
    *count_ret = count;
    *map_ret = map;
    return NULL;
}
