#include "graph/cpp_holder.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "js/address_map.h"

enum {
    NAME_SIZE = 96,
    OBJECTS_MAX = 1 << 20,
    CHUNK_MAX = 1 << 20, /* bytes of one C++ object */
    BYTES_MAX = 1 << 28, /* of all: chunks of a damaged core may lie in each other */
    FIELDS_FIRST = 3,    /* internal fields follow an object's header */
    FIELDS_MAX = 8,
    VTABLE_HEAD = 2 /* words before the first function: offset to top, type_info */
};

struct vtable {
    hs_addr address; /* what an object begins with */
    size_t name;     /* offset in the texts */
};

struct search {
    const struct hs_objects *objects;
    const struct hs_core *core;
    unsigned word;
    struct vtable *vtables;
    size_t vtable_count, vtable_capacity;
    struct hs_strbuf names;
    const struct hs_image *image;
    hs_addr *slots;              /* of the strong handles, ascending */
    struct hs_cpp_holder *found; /* by slot; address 0: not known */
    size_t slot_count;
    hs_addr *queue; /* C++ objects */
    size_t queued, queue_capacity;
    uint64_t bytes; /* read so far */
    struct hs_address_map seen;
    bool failed; /* memory has run out */
};

bool hs_cpp_class_name(const char *symbol, char *ret, size_t size) {
    static const char prefix[] = "_ZTVN4node";
    const char *p = symbol, *last = NULL;
    size_t length = 0;
    if (strncmp(p, prefix, sizeof prefix - 1) != 0) return false;
    for (p += sizeof prefix - 1; isdigit((unsigned char)*p); p += length) {
        for (length = 0; isdigit((unsigned char)*p) && length < NAME_SIZE; p++)
            length = 10 * length + (size_t)(*p - '0');
        if (!length || length >= NAME_SIZE || strnlen(p, length) < length) return false;
        last = p;
    }
    if (!last || strcmp(p, "E") != 0 || length >= size) return false;
    memcpy(ret, last, length);
    ret[length] = 0;
    return true;
}

static bool add_vtable(void *context, const struct hs_symbol *symbol) {
    struct search *s = context;
    char name[NAME_SIZE];
    if (symbol->name[0] != '_' || !hs_cpp_class_name(symbol->name, name, sizeof name)) return true;
    if (s->vtable_count == s->vtable_capacity) {
        size_t capacity = s->vtable_capacity ? 2 * s->vtable_capacity : 512;
        struct vtable *grown = realloc(s->vtables, capacity * sizeof *grown);
        if (!grown) {
            s->failed = true;
            return false;
        }
        s->vtables = grown;
        s->vtable_capacity = capacity;
    }
    s->vtables[s->vtable_count++] =
        (struct vtable){symbol->value + s->image->bias + (hs_addr)VTABLE_HEAD * s->word, s->names.size};
    hs_strbuf_append(&s->names, name, strlen(name) + 1);
    return true;
}

static int by_address(const void *a, const void *b) {
    const struct vtable *x = a, *y = b;
    return x->address < y->address ? -1 : x->address > y->address;
}

static const struct vtable *vtable_of(const struct search *s, hs_addr object) {
    uint64_t first;
    if (!object || object % s->word || !hs_core_word(s->core, object, &first)) return NULL;
    const struct vtable key = {.address = first};
    return bsearch(&key, s->vtables, s->vtable_count, sizeof key, by_address);
}

/* --- objects */

static void enqueue(struct search *s, hs_addr object) {
    bool fresh;
    if (s->queued >= OBJECTS_MAX || !vtable_of(s, object)) return;
    if (!hs_address_map_put(&s->seen, object, 0, &fresh)) {
        s->failed = true;
        return;
    }
    if (!fresh) return;
    if (s->queued == s->queue_capacity) {
        size_t capacity = s->queue_capacity ? 2 * s->queue_capacity : 1024;
        hs_addr *grown = realloc(s->queue, capacity * sizeof *grown);
        if (!grown) {
            s->failed = true;
            return;
        }
        s->queue = grown;
        s->queue_capacity = capacity;
    }
    s->queue[s->queued++] = object;
}

/* The wrapper that a handle holds knows its C++ object. */
static void add_wrapped(struct search *s, hs_id id) {
    const struct hs_v8 *v8 = s->objects->v8;
    hs_addr address = hs_objects_address(s->objects, id);
    uint32_t words = hs_objects_words(s->objects, id);
    if (hs_v8_kind_of(v8, address + 1) != HS_KIND_JS_API_OBJECT || v8->layout.tagged_size != s->word) return;
    for (uint32_t w = FIELDS_FIRST; w < words && w < FIELDS_FIRST + FIELDS_MAX; w++) {
        uint64_t field;
        if (hs_core_word(s->core, address + (hs_addr)w * s->word, &field)) enqueue(s, field);
    }
}

/* Bytes of the object by the chunk of malloc that it begins: the word before it is the chunk's size with
 * three flags, and the chunk behind knows that this one is in use. 0: there is no such chunk. */
static uint64_t chunk_bytes(const struct search *s, hs_addr object) {
    uint64_t size, next;
    if (object % (2 * s->word) || !hs_core_word(s->core, object - s->word, &size)) return 0;
    size &= ~UINT64_C(7);
    if (size % (2 * s->word) || size < 4 * s->word || size > CHUNK_MAX) return 0;
    if (!hs_core_word(s->core, object - s->word + size, &next) || !(next & 1) || next >> 40) return 0;
    return size - s->word;
}

static void name_slot(struct search *s, hs_addr slot, hs_addr object, const struct vtable *vtable) {
    size_t low = 0, high = s->slot_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->slots[middle] < slot) low = middle + 1;
        else high = middle;
    }
    if (low == s->slot_count || s->slots[low] != slot || s->found[low].address) return;
    s->found[low].address = object;
    s->found[low].name = (const char *)vtable->name; /* a text once they are all there */
}

static void read_object(struct search *s, hs_addr object) {
    const struct vtable *vtable = vtable_of(s, object);
    uint64_t bytes = chunk_bytes(s, object), value;
    if (!bytes) bytes = 2 * s->word; /* vtable, handle */
    if ((s->bytes += bytes) > BYTES_MAX) return;
    for (uint64_t at = s->word; at < bytes; at += s->word) {
        if (!hs_core_word(s->core, object + at, &value)) return;
        if (!value || value % s->word) continue;
        name_slot(s, value, object, vtable);
        enqueue(s, value);
    }
}

/* --- all */

static int by_value(const void *a, const void *b) {
    hs_addr x = *(const hs_addr *)a, y = *(const hs_addr *)b;
    return x < y ? -1 : x > y;
}

static struct hs_error *find(struct search *s, const struct hs_roots *roots) {
    const struct hs_images *images = s->objects->v8->images;
    for (size_t i = 0; images && i < images->count; i++) {
        s->image = &images->items[i];
        if (s->image->path) HS_TRY(hs_image_symbols(s->image, add_vtable, s));
    }
    s->slots = malloc((roots->count + 1) * sizeof *s->slots);
    if (s->failed || !s->slots) return HS_ENOMEM;
    if (s->vtable_count) qsort(s->vtables, s->vtable_count, sizeof *s->vtables, by_address);
    for (size_t i = 0; i < roots->count; i++)
        if (roots->items[i].category == HS_ROOT_GLOBAL_HANDLES)
            s->slots[s->slot_count++] = roots->items[i].slot;
    qsort(s->slots, s->slot_count, sizeof *s->slots, by_value);
    s->found = calloc(s->slot_count + 1, sizeof *s->found);
    if (!s->found) return HS_ENOMEM;
    for (size_t i = 0; i < roots->count && !s->failed; i++)
        if (roots->items[i].category == HS_ROOT_GLOBAL_HANDLES) add_wrapped(s, roots->items[i].id);
    for (size_t i = 0; i < s->queued && !s->failed; i++) read_object(s, s->queue[i]);
    return s->failed ? HS_ENOMEM : hs_strbuf_error(&s->names);
}

struct hs_error *hs_cpp_holders_find(const struct hs_objects *objects, const struct hs_roots *roots,
                                     struct hs_cpp_holders *ret) {
    struct search s = {.objects = objects, .core = objects->v8->core, .word = objects->v8->arch->word_size};
    hs_strbuf_init(&s.names);
    struct hs_error *error = find(&s, roots);
    *ret = (struct hs_cpp_holders){0};
    if (!error) {
        ret->names = malloc(s.names.size + 1);
        if (!ret->names) error = HS_ENOMEM;
    }
    if (!error) {
        if (s.names.size) memcpy(ret->names, s.names.data, s.names.size);
        for (size_t i = 0; i < s.slot_count; i++)
            if (s.found[i].address)
                s.found[ret->count++] = (struct hs_cpp_holder){s.slots[i], s.found[i].address,
                                                               ret->names + (uintptr_t)s.found[i].name};
        ret->items = s.found;
        s.found = NULL;
    }
    free(s.found);
    free(s.slots);
    free(s.vtables);
    free(s.queue);
    hs_address_map_deinit(&s.seen);
    hs_strbuf_deinit(&s.names);
    return error;
}

const struct hs_cpp_holder *hs_cpp_holders_get(const struct hs_cpp_holders *holders, hs_addr slot) {
    size_t low = 0, high = holders->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (holders->items[middle].slot < slot) low = middle + 1;
        else high = middle;
    }
    return low < holders->count && holders->items[low].slot == slot ? &holders->items[low] : NULL;
}

void hs_cpp_holders_deinit(struct hs_cpp_holders *holders) {
    free(holders->items);
    free(holders->names);
    *holders = (struct hs_cpp_holders){0};
}
