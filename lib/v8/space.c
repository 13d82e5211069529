/* What a heap space is called, and what that says about its pages. */
#include "v8/layout_private.h"
#include "v8/page_private.h"

#include <stdio.h>
#include <string.h>

/* V8's space names as v8.getHeapSpaceStatistics() has them (src/heap/base-space.cc ToString), by the class of
 * the owner; newer V8 has base classes between, so the most derived is what an instance's vtable names. */
static const struct {
    const char *class_name, *name;
    uint8_t flags;
} classes[] = {
    {"ReadOnlySpace", "read_only_space", HS_PAGE_READ_ONLY},
    {"SharedReadOnlySpace", "read_only_space", HS_PAGE_READ_ONLY},
    {"OldSpace", "old_space", 0},
    {"CodeSpace", "code_space", HS_PAGE_CODE},
    {"MapSpace", "map_space", 0},
    {"OldPointerSpace", "old_pointer_space", 0},
    {"OldDataSpace", "old_data_space", 0},
    {"CellSpace", "cell_space", 0},
    {"PropertyCellSpace", "property_cell_space", 0},
    {"LargeObjectSpace", "large_object_space", HS_PAGE_LARGE},
    {"SharedSpace", "shared_space", 0},
    {"TrustedSpace", "trusted_space", 0},
    {"SharedTrustedSpace", "shared_trusted_space", 0},
    {"StickySpace", "old_space", 0},
    {"SemiSpace", "new_space", HS_PAGE_NEW},
    {"NewSpace", "new_space", HS_PAGE_NEW},
    {"SemiSpaceNewSpace", "new_space", HS_PAGE_NEW},
    {"PagedNewSpace", "new_space", HS_PAGE_NEW},
    {"PagedSpaceForNewSpace", "new_space", HS_PAGE_NEW},
    {"NewLargeObjectSpace", "new_large_object_space", HS_PAGE_NEW | HS_PAGE_LARGE},
    {"OldLargeObjectSpace", "large_object_space", HS_PAGE_LARGE},
    {"CodeLargeObjectSpace", "code_large_object_space", HS_PAGE_LARGE | HS_PAGE_CODE},
    {"SharedLargeObjectSpace", "shared_large_object_space", HS_PAGE_LARGE},
    {"TrustedLargeObjectSpace", "trusted_large_object_space", HS_PAGE_LARGE},
    {"SharedTrustedLargeObjectSpace", "shared_trusted_large_object_space", HS_PAGE_LARGE},
};
enum { CLASSES = sizeof classes / sizeof *classes };

/* AllocationSpace (src/common/globals.h), for binaries whose vtables have no symbols and for compaction
 * spaces, whose class does not say what they compact. Each row is the order of v8.getHeapSpaceStatistics() in
 * the releases named, from this V8 minor on. */
static const struct {
    int since; /* major * 100 + minor */
    const char *classes[14];
} orders[] = {
    /* 3.14 (0.10): the two old spaces and code are objects of one class */
    {314,
     {"SemiSpace", "OldPointerSpace", "OldDataSpace", "CodeSpace", "MapSpace", "CellSpace",
      "LargeObjectSpace"}},
    /* 3.28 (0.12) */
    {328,
     {"SemiSpace", "OldPointerSpace", "OldDataSpace", "CodeSpace", "MapSpace", "CellSpace",
      "PropertyCellSpace", "LargeObjectSpace"}},
    /* 4.5 to 6.6 (4 to 10.4) */
    {405, {"SemiSpace", "OldSpace", "CodeSpace", "MapSpace", "LargeObjectSpace"}},
    /* 6.7 to 7.0 (10.5 to 11) */
    {607, {"ReadOnlySpace", "SemiSpace", "OldSpace", "CodeSpace", "MapSpace", "LargeObjectSpace"}},
    /* 7.4 to 8.4 (12 to 14) */
    {704,
     {"ReadOnlySpace", "SemiSpace", "OldSpace", "CodeSpace", "MapSpace", "OldLargeObjectSpace",
      "CodeLargeObjectSpace", "NewLargeObjectSpace"}},
    /* 8.6 to 10.2 (15 to 18) */
    {806,
     {"ReadOnlySpace", "OldSpace", "CodeSpace", "MapSpace", "OldLargeObjectSpace", "CodeLargeObjectSpace",
      "NewLargeObjectSpace", "SemiSpace"}},
    /* 10.7 (19.0) */
    {1007,
     {"ReadOnlySpace", "OldSpace", "CodeSpace", "MapSpace", "SemiSpace", "OldLargeObjectSpace",
      "CodeLargeObjectSpace", "NewLargeObjectSpace"}},
    /* 10.8 (19.8) */
    {1008,
     {"ReadOnlySpace", "OldSpace", "CodeSpace", "MapSpace", "SharedSpace", "SemiSpace", "OldLargeObjectSpace",
      "CodeLargeObjectSpace", "NewLargeObjectSpace", "SharedLargeObjectSpace"}},
    /* 11.3, 11.8 (20, 21) */
    {1100,
     {"ReadOnlySpace", "SemiSpace", "OldSpace", "CodeSpace", "SharedSpace", "NewLargeObjectSpace",
      "OldLargeObjectSpace", "CodeLargeObjectSpace", "SharedLargeObjectSpace"}},
    /* 12.4 (22) */
    {1200,
     {"ReadOnlySpace", "SemiSpace", "OldSpace", "CodeSpace", "SharedSpace", "TrustedSpace",
      "NewLargeObjectSpace", "OldLargeObjectSpace", "CodeLargeObjectSpace", "SharedLargeObjectSpace",
      "TrustedLargeObjectSpace"}},
    /* 12.9, 13.6, 14.1, 14.6 (23 to 26) */
    {1205,
     {"ReadOnlySpace", "SemiSpace", "OldSpace", "CodeSpace", "SharedSpace", "TrustedSpace",
      "SharedTrustedSpace", "NewLargeObjectSpace", "OldLargeObjectSpace", "CodeLargeObjectSpace",
      "SharedLargeObjectSpace", "SharedTrustedLargeObjectSpace", "TrustedLargeObjectSpace"}},
};

static const char *class_of_id(const struct hs_v8_symbols *symbols, uint32_t id) {
    int minor = symbols->version[0] * 100 + symbols->version[1];
    const char *found = NULL;
    if (id >= sizeof orders->classes / sizeof *orders->classes) return "";
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        if (orders[i].since <= minor) found = orders[i].classes[id];
    return found ? found : "";
}

enum { SPACE_WORDS = 40, SPACE_ID_LIMIT = 15 };

bool hs_space_heap_is(const struct hs_core *core, hs_addr space, int word, hs_addr heap) {
    uint64_t value;
    return hs_core_word(core, space + (hs_addr)word * core->arch->word_size, &value) && value == heap;
}

int32_t hs_space_id(const struct hs_core *core, hs_addr space, hs_addr heap) {
    unsigned word = core->arch->word_size;
    uint64_t value;
    uint32_t id;
    if (!space || space % word) return -1;
    for (unsigned i = 1; i < SPACE_WORDS && hs_core_word(core, space + (hs_addr)i * word, &value); i++)
        if (value == heap)
            return hs_core_u32(core, space + (hs_addr)(i + 1) * word, &id) && id <= SPACE_ID_LIMIT
                       ? (int32_t)id
                       : -1;
    return -1;
}

static const char *class_of_vtable(const struct hs_core *core, const struct hs_v8_symbols *symbols,
                                   hs_addr space) {
    uint64_t vtable;
    if (hs_core_word(core, space, &vtable))
        for (size_t i = 0; i < symbols->vtable_count; i++)
            if (symbols->vtables[i].address == vtable) return symbols->vtables[i].name;
    return "";
}

void hs_space_describe(const struct hs_core *core, const struct hs_v8_symbols *symbols,
                       struct hs_space *space) {
    const char *class_name = "ReadOnlySpace"; /* pages without owner */
    uint32_t id = 0;
    if (space->address) {
        int32_t found = hs_space_id(core, space->address, space->heap);
        id = found < 0 ? UINT32_MAX : (uint32_t)found;
        class_name = class_of_vtable(core, symbols, space->address);
        const char *ordered = class_of_id(symbols, id);
        /* OldSpace was also the class of the code space, and of two old spaces before V8 4. */
        bool several = strcmp(class_name, "OldSpace") == 0 &&
                       (strcmp(ordered, "OldPointerSpace") == 0 || strcmp(ordered, "OldDataSpace") == 0 ||
                        (space->code && strcmp(ordered, "CodeSpace") == 0));
        if (!*class_name || several || strcmp(class_name, "CompactionSpace") == 0) class_name = ordered;
    }
    snprintf(space->class_name, sizeof space->class_name, "%s", class_name);
    for (size_t i = 0; i < CLASSES; i++)
        if (strcmp(classes[i].class_name, class_name) == 0) {
            snprintf(space->name, sizeof space->name, "%s", classes[i].name);
            return;
        }
    snprintf(space->name, sizeof space->name, "unknown_space_%u", id);
}

uint8_t hs_space_flags(const struct hs_space *space) {
    for (size_t i = 0; i < CLASSES; i++)
        if (strcmp(classes[i].name, space->name) == 0) return classes[i].flags;
    return 0;
}
