#define _GNU_SOURCE 1 /* asprintf */
#include "graph/root.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/root_private.h"
#include "graph/traced.h"

const char *hs_root_category_name(enum hs_root_category category) {
    static const char *const names[HS_ROOT_CATEGORIES] = {
        "(Strong root list)",  "(Read-only roots)",      "(Strong roots)",           "(Builtins)",
        "(Compilation cache)", "(Startup object cache)", "(Shareable object cache)", "(Handle scope)",
        "(Global handles)",    "(Traced handles)",       "(Eternal handles)",        "(Micro tasks)",
        "(Stack roots)"};
    return names[category];
}

void hs_root_add(struct hs_root_collector *c, hs_tagged word, enum hs_root_category category, uint32_t index,
                 hs_addr slot) {
    if (!(word & 1)) return;
    hs_id id = hs_objects_find(c->objects, hs_untag(word));
    if (id != HS_ID_NONE) hs_root_add_id(c, id, category, index, slot);
}

void hs_root_add_id(struct hs_root_collector *c, hs_id id, enum hs_root_category category, uint32_t index,
                    hs_addr slot) {
    struct hs_roots *roots = c->roots;
    if (roots->count == c->capacity) {
        size_t capacity = c->capacity ? 2 * c->capacity : 4096;
        struct hs_root *grown = realloc(roots->items, capacity * sizeof *grown);
        if (!grown) {
            c->failed = true;
            return;
        }
        roots->items = grown;
        c->capacity = capacity;
    }
    roots->items[roots->count++] = (struct hs_root){
        .id = id, .index = index, .category = (uint8_t)category, .isolate = c->isolate, .slot = slot};
}

void hs_root_note(struct hs_root_collector *c, const char *sentence) {
    char **grown = realloc(c->roots->notes, (c->roots->note_count + 1) * sizeof *grown);
    if (grown) c->roots->notes = grown;
    if (grown && (grown[c->roots->note_count] = strdup(sentence))) c->roots->note_count++;
    else c->failed = true;
}

/* The root table: every slot is strong; the last ones are Smis. */
static void add_table(struct hs_root_collector *c, const struct hs_isolate *isolate) {
    const struct hs_v8 *v8 = c->objects->v8;
    for (size_t i = 0; i < v8->symbols->root_count; i++) {
        uint64_t word;
        hs_addr slot = isolate->roots + i * v8->arch->word_size;
        if (!hs_core_word(v8->core, slot, &word) || (word & 3) != 1) continue;
        const struct hs_page *page = hs_pages_find(&v8->pages, word - 1);
        hs_root_add(c, word,
                    page && page->flags & HS_PAGE_READ_ONLY ? HS_ROOT_READ_ONLY : HS_ROOT_STRONG_LIST,
                    (uint32_t)i, slot);
    }
}

static int by_category(const void *a, const void *b) {
    const struct hs_root *x = a, *y = b;
    if (x->category != y->category) return x->category < y->category ? -1 : 1;
    if (x->slot != y->slot) return x->slot < y->slot ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* Traced handles of which no wrapper is known to be the owner. */
static struct hs_error *add_traced(struct hs_root_collector *c) {
    struct hs_traced traced;
    HS_TRY(hs_traced_find(c->objects, &traced));
    for (size_t i = 0; i < traced.count; i++) {
        const struct hs_traced_handle *handle = &traced.items[i];
        const struct hs_page *page =
            hs_pages_find(&c->objects->v8->pages, hs_objects_address(c->objects, handle->to));
        if (handle->owner != HS_ID_NONE || !page) continue;
        c->isolate = page->isolate;
        hs_root_add_id(c, handle->to, HS_ROOT_TRACED, (uint32_t)i, handle->slot);
    }
    hs_traced_deinit(&traced);
    return NULL;
}

struct hs_error *hs_roots_collect(const struct hs_objects *objects, struct hs_roots *ret) {
    *ret = (struct hs_roots){0};
    struct hs_root_collector c = {.objects = objects, .roots = ret};
    for (uint32_t i = 0; i < objects->v8->isolate_count; i++) {
        const struct hs_isolate *isolate = &objects->v8->isolates[i];
        c.isolate = (uint16_t)i;
        add_table(&c, isolate);
        if (isolate->address) hs_root_add_isolate(&c, isolate);
        else hs_root_note(&c, "the address of an isolate is not known: its handles are not counted as roots");
    }
    hs_root_add_global_handles(&c);
    hs_root_add_threads(&c);
    struct hs_error *error = add_traced(&c);
    if (c.failed && !error) error = HS_ENOMEM;
    if (error) {
        hs_roots_deinit(ret);
        return error;
    }
    qsort(ret->items, ret->count, sizeof *ret->items, by_category);
    return NULL;
}

void hs_roots_deinit(struct hs_roots *roots) {
    free(roots->items);
    for (size_t i = 0; i < roots->note_count; i++) free(roots->notes[i]);
    free(roots->notes);
    *roots = (struct hs_roots){0};
}
