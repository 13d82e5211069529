#include "v8/gc.h"
#include "v8/frame.h"
#include "v8/isolate_private.h"
#include "v8/layout_private.h"

#include <stdlib.h>
#include <string.h>

const char *hs_gc_name(enum hs_gc gc) {
    static const char *const names[] = {
        "unknown",    "none",           "scavenge",   "mark-compact, not moving",
        "evacuation", "pointer update", "minor mark", "a collection"};
    return names[gc];
}

/* --- names */

/* One "<length><identifier>" of a mangled name; false at anything else. */
static bool identifier(const char **name, const char **ret, size_t *length_ret) {
    const char *p = *name;
    size_t length = 0;
    while (*p >= '0' && *p <= '9' && length < 1000) length = length * 10 + (size_t)(*p++ - '0');
    if (length == 0 || strnlen(p, length) < length) return false;
    *ret = p;
    *length_ret = length;
    *name = p + length;
    return true;
}

static bool starts(const char *text, size_t length, const char *with) {
    return length >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

enum hs_gc_function hs_gc_function_of(const char *symbol) {
    static const char space[] = "2v88internal";
    if (symbol[0] != '_' || symbol[1] != 'Z') return HS_GC_FUNCTION_NONE;
    const char *name = symbol + 2;
    if (*name == 'Z') name++; /* a lambda inside */
    if (*name++ != 'N') return HS_GC_FUNCTION_NONE;
    if (*name == 'K') name++; /* const */
    if (strncmp(name, space, sizeof space - 1) != 0) return HS_GC_FUNCTION_NONE;
    name += sizeof space - 1;
    const char *class_name, *method = "";
    size_t length, method_length = 0;
    if (!identifier(&name, &class_name, &length)) return HS_GC_FUNCTION_NONE;
    if (starts(class_name, length, "_GLOBAL__N_") && !identifier(&name, &class_name, &length))
        return HS_GC_FUNCTION_NONE;
    if (*name >= '0' && *name <= '9') identifier(&name, &method, &method_length);
    if (length == 4 && starts(class_name, length, "Heap")) {
        if (starts(method, method_length, "CollectGarbage") ||
            starts(method, method_length, "PerformGarbageCollection"))
            return HS_GC_FUNCTION_COLLECT;
        /* It swaps the semispaces after some work of its own; then all else happens in ScavengerCollector. */
        if (method_length == 8 && starts(method, method_length, "Scavenge")) return HS_GC_FUNCTION_COLLECT;
        /* … or, until V8 4, in methods and visitors of the Heap. */
        if (starts(method, method_length, "DoScavenge") || starts(method, method_length, "ScavengeObject"))
            return HS_GC_FUNCTION_SCAVENGE;
        if (method_length == 11 && starts(method, method_length, "MarkCompact"))
            return HS_GC_FUNCTION_MARK_COMPACT;
        if (starts(method, method_length, "MinorMark")) return HS_GC_FUNCTION_MINOR_MARK;
        return HS_GC_FUNCTION_NONE;
    }
    /* Not ScavengerJob, which only schedules. */
    if ((length == 9 || length == 18) && starts(class_name, length, "Scavenger"))
        return HS_GC_FUNCTION_SCAVENGE;
    if (starts(class_name, length, "ScavengingVisitor") || starts(class_name, length, "ScavengeVisitor"))
        return HS_GC_FUNCTION_SCAVENGE;
    if (length == 20 && starts(class_name, length, "MarkCompactCollector") &&
        starts(method, method_length, "UpdatePointers"))
        return HS_GC_FUNCTION_UPDATE;
    if (length == 20 && starts(class_name, length, "MarkCompactCollector"))
        return starts(method, method_length, "Evacuat") ? HS_GC_FUNCTION_EVACUATE
                                                        : HS_GC_FUNCTION_MARK_COMPACT;
    if (starts(class_name, length, "MinorMarkSweepCollector") ||
        starts(class_name, length, "MinorMarkCompactCollector"))
        return HS_GC_FUNCTION_MINOR_MARK;
    if (starts(class_name, length, "Evacuat") || starts(class_name, length, "FullEvacuator") ||
        starts(class_name, length, "PageEvacuation"))
        return HS_GC_FUNCTION_EVACUATE;
    return HS_GC_FUNCTION_NONE;
}

/* --- stacks */

struct functions {
    const struct hs_v8_symbols *symbols;
    unsigned found; /* a set of 1 << enum hs_gc_function */
};

static void note_function(void *context, const struct hs_frame *frame) {
    struct functions *functions = context;
    functions->found |= 1u << hs_frame_function(functions->symbols, frame->pc);
}

/* The functions on a thread's stack, as a set of 1 << enum hs_gc_function. */
static unsigned functions_on_stack(const struct hs_v8 *v8, const struct hs_thread *thread) {
    struct functions functions = {.symbols = v8->symbols};
    const struct hs_segment *stack = hs_core_segment_find(v8->core, thread->sp);
    if (!v8->arch->fp || !stack || thread->sp - stack->start >= stack->file_size)
        return 1u << hs_frame_function(v8->symbols, thread->pc);
    hs_frames_each(v8, thread, stack->start + stack->file_size, note_function, &functions);
    return functions.found;
}

static enum hs_gc judge(unsigned found) {
    if (!(found & 1u << HS_GC_FUNCTION_COLLECT)) return HS_GC_NONE;
    if (found & 1u << HS_GC_FUNCTION_SCAVENGE) return HS_GC_SCAVENGE;
    if (found & 1u << HS_GC_FUNCTION_UPDATE) return HS_GC_POINTER_UPDATE;
    if (found & 1u << HS_GC_FUNCTION_EVACUATE) return HS_GC_EVACUATION;
    if (found & 1u << HS_GC_FUNCTION_MINOR_MARK) return HS_GC_MINOR_MARK;
    if (found & 1u << HS_GC_FUNCTION_MARK_COMPACT) return HS_GC_MARK_COMPACT;
    return HS_GC_OTHER;
}

/* Does the binary name the collectors' functions? A stripped one may still export some of them. */
static bool are_named(const struct hs_v8_symbols *symbols) {
    const unsigned needed = 1u << HS_GC_FUNCTION_COLLECT | 1u << HS_GC_FUNCTION_SCAVENGE |
                            1u << HS_GC_FUNCTION_MARK_COMPACT | 1u << HS_GC_FUNCTION_EVACUATE;
    unsigned found = 0;
    for (size_t i = 0; i < symbols->function_count; i++) found |= 1u << symbols->functions[i].kind;
    return (found & needed) == needed;
}

static enum hs_gc of_isolate(const struct hs_v8 *v8, const struct hs_isolate *isolate) {
    if (!are_named(v8->symbols) || !v8->arch->fp) return HS_GC_UNKNOWN;
    for (size_t i = 0; i < v8->core->thread_count; i++)
        if (isolate->tid && v8->core->threads[i].tid == isolate->tid)
            return judge(functions_on_stack(v8, &v8->core->threads[i]));
    return HS_GC_UNKNOWN;
}

/* --- from-space */

struct survivors {
    uint64_t objects, bytes;
};

/* Objects without a forwarding word in a page of from-space. */
static void count_page(const struct hs_v8 *v8, const struct hs_page *page, struct hs_maps *maps,
                       struct survivors *survivors) {
    unsigned word = v8->layout.tagged_size;
    for (uint64_t at = 0; at + word <= page->present;) {
        const uint8_t *p = page->bytes + at;
        uint64_t room = page->present - at, size = 0;
        hs_tagged first = hs_v8_load_raw(v8, p);
        int32_t m = hs_maps_find(maps, v8, first);
        if (m >= 0) {
            struct hs_map map = maps->items[m];
            size = hs_rule_size(v8, &map, page->area_start + at, p, room, maps);
            if (size && map.kind != HS_KIND_FREE_SPACE && map.kind != HS_KIND_FILLER) {
                survivors->objects++;
                survivors->bytes += size;
            }
        } else {
            size = hs_moved_size(v8, maps, page->area_start + at, p, room);
        }
        at += size ? size : word;
    }
}

/* Marks the from-space pages of an isolate, unless they hold nothing, and counts what they hold. */
static struct survivors take_from_space(struct hs_v8 *v8, uint32_t isolate) {
    struct survivors survivors = {0};
    struct hs_maps maps = {0};
    for (int mark = 0; mark < 2 && (!mark || survivors.objects); mark++)
        for (uint32_t i = 0; i < v8->pages.count; i++) {
            struct hs_page *page = &v8->pages.items[i];
            if (page->isolate != isolate || !(page->flags & HS_PAGE_FROM) || page->flags & HS_PAGE_UNUSED)
                continue;
            if (mark) page->flags |= HS_PAGE_LEAVING;
            else count_page(v8, page, &maps, &survivors);
        }
    hs_maps_deinit(&maps);
    return survivors;
}

static struct hs_error *warn(struct hs_v8 *v8, uint32_t index, const struct survivors *survivors) {
    const struct hs_isolate *isolate = &v8->isolates[index];
    bool compaction = isolate->gc == HS_GC_EVACUATION || isolate->gc == HS_GC_POINTER_UPDATE;
    const char *what = isolate->gc == HS_GC_SCAVENGE ? "a scavenge"
                       : compaction                  ? "a compaction"
                                                     : "a collection";
    if (survivors->objects)
        return hs_v8_warn(v8,
                          "isolate %u: %s was under way: %llu young objects (%llu bytes) had not been copied "
                          "yet; the dead among "
                          "them cannot be told from the living, so counts may be too high by up to as many",
                          index, what, (unsigned long long)survivors->objects,
                          (unsigned long long)survivors->bytes);
    if (isolate->gc != HS_GC_SCAVENGE && !compaction) return NULL;
    return hs_v8_warn(v8,
                      "isolate %u: %s was under way: objects that had moved are counted at their new place",
                      index, what);
}

struct hs_error *hs_gc_discover(struct hs_v8 *v8) {
    bool moving = false;
    HS_TRY(hs_builtins_discover(v8));
    for (uint32_t i = 0; i < v8->isolate_count; i++) {
        struct hs_isolate *isolate = &v8->isolates[i];
        struct survivors survivors = {0};
        isolate->gc = (uint8_t)of_isolate(v8, isolate);
        bool moves = isolate->gc == HS_GC_SCAVENGE || isolate->gc == HS_GC_EVACUATION;
        /* Pre-filled from-space holds objects only while a collection moves them: no stack is needed to tell
         * that one does. */
        if (moves || (isolate->gc == HS_GC_UNKNOWN && v8->pages.prefilled))
            survivors = take_from_space(v8, i);
        bool inferred = isolate->gc == HS_GC_UNKNOWN && survivors.objects;
        if (inferred) isolate->gc = HS_GC_OTHER;
        bool perhaps = isolate->gc == HS_GC_UNKNOWN && !v8->pages.prefilled;
        moving = moving || moves || perhaps || survivors.objects || isolate->gc == HS_GC_POINTER_UPDATE;
        HS_TRY(hs_v8_fact(v8, "isolate.collection", isolate->gc,
                          inferred      ? HS_FROM_DISCOVERY
                          : isolate->gc ? HS_FROM_BINARY
                                        : HS_FROM_NOTHING,
                          "isolate %u: %s (%s)", i, hs_gc_name((enum hs_gc)isolate->gc),
                          inferred ? "objects in from-space" : "frames of its thread"));
        HS_TRY(warn(v8, i, &survivors));
    }
    v8->moving = moving;
    for (uint32_t i = 0; i < v8->pages.count; i++) {
        struct hs_page *page = &v8->pages.items[i];
        if (page->flags & HS_PAGE_UNLISTED && v8->isolates[page->isolate].gc == HS_GC_NONE)
            page->flags |= HS_PAGE_UNUSED;
    }
    HS_TRY(hs_labs_confirm(v8));
    HS_TRY(hs_local_heaps_search(v8));
    return moving ? hs_collector_search(v8) : NULL;
}
