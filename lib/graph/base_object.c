#define _GNU_SOURCE 1 /* memmem */
#include "graph/base_object.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "graph/cpp_holder.h"

enum {
    NAME_SIZE = 96,
    CODE_SIZE = 24,     /* of a function that returns a constant */
    VTABLE_HEAD = 2,    /* words before the first function */
    FUNCTIONS_MAX = 16, /* MemoryRetainer's are among the first */
    FIELDS_FIRST = 3,   /* internal fields follow an object's header */
    FIELDS_MAX = 8,
};

struct vtable {
    hs_addr address; /* what an object begins with */
    size_t name;     /* offset in the texts */
};

struct search {
    const struct hs_objects *objects;
    const struct hs_v8 *v8;
    const struct hs_image *image; /* whose symbols are read */
    struct vtable *vtables;
    size_t vtable_count, vtable_capacity;
    hs_addr *sizes; /* functions SelfSize() */
    size_t size_count, size_capacity;
    hs_addr is_root; /* BaseObject::IsRootNode(), 0: there is none */
    struct hs_strbuf names;
    struct hs_base_objects *found;
    size_t capacity;
    bool failed; /* memory has run out */
};

/* --- the binary */

static void *room(struct search *s, void *items, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity) return items;
    size_t more = *capacity ? 2 * *capacity : 512;
    void *grown = realloc(items, more * size);
    if (grown) *capacity = more;
    else s->failed = true;
    return grown;
}

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static bool take_symbol(void *context, const struct hs_symbol *symbol) {
    static const char is_root[] = "_ZNK4node10BaseObject10IsRootNodeEv", method[] = "_ZNK4node";
    struct search *s = context;
    char name[NAME_SIZE];
    if (symbol->name[0] != '_' || symbol->name[1] != 'Z') return true;
    hs_addr address = symbol->value + s->image->bias;
    if (hs_cpp_class_name(symbol->name, name, sizeof name)) {
        struct vtable *grown = room(s, s->vtables, s->vtable_count, &s->vtable_capacity, sizeof *s->vtables);
        if (!grown) return false;
        s->vtables = grown;
        grown[s->vtable_count++] =
            (struct vtable){address + (hs_addr)VTABLE_HEAD * s->v8->arch->word_size, s->names.size};
        hs_strbuf_append(&s->names, name, strlen(name) + 1);
    } else if (strncmp(symbol->name, method, sizeof method - 1) == 0 &&
               ends_with(symbol->name, "8SelfSizeEv")) {
        hs_addr *grown = room(s, s->sizes, s->size_count, &s->size_capacity, sizeof *s->sizes);
        if (!grown) return false;
        s->sizes = grown;
        grown[s->size_count++] = address;
    } else if (strcmp(symbol->name, is_root) == 0) s->is_root = address;
    return true;
}

static int by_address(const void *a, const void *b) {
    const struct vtable *x = a, *y = b;
    return x->address < y->address ? -1 : x->address > y->address;
}

static int by_value(const void *a, const void *b) {
    hs_addr x = *(const hs_addr *)a, y = *(const hs_addr *)b;
    return x < y ? -1 : x > y;
}

bool hs_code_constant(unsigned machine, const uint8_t *code, size_t size, uint32_t *ret) {
    if (machine == EM_AARCH64) { /* mov w0 or x0, #imm16; ret */
        if (size < 8) return false;
        uint32_t move =
            (uint32_t)code[0] | (uint32_t)code[1] << 8 | (uint32_t)code[2] << 16 | (uint32_t)code[3] << 24;
        static const uint8_t back[] = {0xc0, 0x03, 0x5f, 0xd6};
        if ((move & 0x7fe0001fu) != 0x52800000u || memcmp(code + 4, back, sizeof back) != 0) return false;
        *ret = move >> 5 & 0xffff;
        return true;
    }
    if (machine != EM_X86_64) return false;
    /* [endbr64] [push rbp] [mov rbp, rsp] mov eax, imm32 [mov rbp, rsp] [pop rbp] ret */
    static const struct {
        uint8_t size, bytes[4];
    } skipped[] = {{4, {0xf3, 0x0f, 0x1e, 0xfa}}, {1, {0x55}}, {3, {0x48, 0x89, 0xe5}}, {1, {0x5d}}};
    bool known = false;
    uint32_t value = 0;
    for (size_t at = 0; at < size;) {
        size_t left = size - at, step = 0;
        if (known && code[at] == 0xc3) {
            *ret = value;
            return true;
        }
        if (!known && code[at] == 0xb8 && left >= 5) {
            value = (uint32_t)code[at + 1] | (uint32_t)code[at + 2] << 8 | (uint32_t)code[at + 3] << 16 |
                    (uint32_t)code[at + 4] << 24;
            known = true;
            step = 5;
        }
        for (size_t i = 0; !step && i < sizeof skipped / sizeof *skipped; i++)
            if (left >= skipped[i].size && memcmp(code + at, skipped[i].bytes, skipped[i].size) == 0)
                step = skipped[i].size;
        if (!step) return false;
        at += step;
    }
    return false;
}

/* --- objects */

/* Its class's functions: whether it may be a root, and its size. */
static bool read_vtable(const struct search *s, hs_addr vtable, uint32_t *size_ret) {
    bool roots = false;
    *size_ret = 0;
    for (unsigned i = 0; i < FUNCTIONS_MAX; i++) {
        unsigned word = s->v8->arch->word_size;
        const uint8_t *p = hs_images_ptr(s->v8->images, s->v8->core, vtable + (hs_addr)i * word, word);
        hs_addr function = p ? hs_arch_word(s->v8->arch, p) : 0;
        if (!function) return roots;
        if (function == s->is_root) roots = true;
        if (*size_ret || !bsearch(&function, s->sizes, s->size_count, sizeof *s->sizes, by_value)) continue;
        const uint8_t *code = hs_images_ptr(s->v8->images, s->v8->core, function, CODE_SIZE);
        uint32_t size;
        if (code && hs_code_constant(s->v8->arch->e_machine, code, CODE_SIZE, &size)) *size_ret = size;
    }
    return roots;
}

static void take_handle(struct search *s, const struct hs_root *root) {
    unsigned word = s->v8->arch->word_size;
    hs_addr address = hs_objects_address(s->objects, root->id);
    uint32_t words = hs_objects_words(s->objects, root->id), size;
    if (hs_v8_kind_of(s->v8, address + 1) != HS_KIND_JS_API_OBJECT || s->v8->layout.tagged_size != word)
        return;
    for (uint32_t w = FIELDS_FIRST; w < words && w < FIELDS_FIRST + FIELDS_MAX; w++) {
        uint64_t object, first, slot;
        if (!hs_core_word(s->v8->core, address + (hs_addr)w * word, &object) || !object || object % word ||
            !hs_core_word(s->v8->core, object, &first) || !hs_core_word(s->v8->core, object + word, &slot) ||
            slot != root->slot)
            continue;
        const struct vtable key = {.address = first};
        const struct vtable *vtable = bsearch(&key, s->vtables, s->vtable_count, sizeof key, by_address);
        if (!vtable || !read_vtable(s, first, &size)) continue;
        struct hs_base_object *grown = room(s, s->found->items, s->found->count, &s->capacity, sizeof *grown);
        if (!grown) return;
        s->found->items = grown;
        grown[s->found->count++] = (struct hs_base_object){
            root->id, object, size, (const char *)vtable->name}; /* a text once they are all there */
        return;
    }
}

static int by_wrapper(const void *a, const void *b) {
    const struct hs_base_object *x = a, *y = b;
    if (x->wrapper != y->wrapper) return x->wrapper < y->wrapper ? -1 : 1;
    return x->address < y->address ? -1 : x->address > y->address;
}

static bool says(const struct hs_images *images, const char *text) {
    struct hs_image_segment segment;
    for (size_t i = 0; i < images->count; i++)
        for (size_t k = 0; images->items[i].path && hs_image_segment(&images->items[i], k, &segment); k++)
            if (memmem(segment.bytes, segment.size, text, strlen(text) + 1)) return true;
    return false;
}

static struct hs_error *find(struct search *s, const struct hs_roots *roots) {
    const struct hs_images *images = s->v8->images;
    for (size_t i = 0; images && i < images->count; i++) {
        s->image = &images->items[i];
        if (s->image->path) HS_TRY(hs_image_symbols(s->image, take_symbol, s));
    }
    if (s->failed) return HS_ENOMEM;
    if (!s->is_root || !s->vtable_count || !s->size_count) return NULL;
    qsort(s->vtables, s->vtable_count, sizeof *s->vtables, by_address);
    qsort(s->sizes, s->size_count, sizeof *s->sizes, by_value);
    for (size_t i = 0; i < roots->count && !s->failed; i++)
        if (roots->items[i].category == HS_ROOT_GLOBAL_HANDLES) take_handle(s, &roots->items[i]);
    if (s->failed) return HS_ENOMEM;
    struct hs_base_objects *found = s->found;
    if (!found->count) return NULL;
    qsort(found->items, found->count, sizeof *found->items, by_wrapper);
    size_t kept = 1;
    for (size_t i = 1; i < found->count; i++)
        if (found->items[i].wrapper != found->items[kept - 1].wrapper) found->items[kept++] = found->items[i];
    found->count = kept;
    bool directed = says(images, "native_to_javascript");
    found->to_native = directed ? "javascript_to_native" : "wrapper";
    found->to_wrapper = directed ? "native_to_javascript" : "wrapped";
    HS_TRY(hs_strbuf_error(&s->names));
    found->names = hs_strbuf_detach(&s->names, NULL);
    if (!found->names) return HS_ENOMEM;
    for (size_t i = 0; i < kept; i++) found->items[i].name = found->names + (uintptr_t)found->items[i].name;
    return NULL;
}

struct hs_error *hs_base_objects_find(const struct hs_objects *objects, const struct hs_roots *roots,
                                      struct hs_base_objects *ret) {
    struct hs_base_objects found = {0};
    struct search s = {.objects = objects, .v8 = objects->v8, .found = &found};
    hs_strbuf_init(&s.names);
    struct hs_error *error = find(&s, roots);
    if (error) hs_base_objects_deinit(&found);
    else *ret = found;
    free(s.vtables);
    free(s.sizes);
    hs_strbuf_deinit(&s.names);
    return error;
}

const struct hs_base_object *hs_base_objects_get(const struct hs_base_objects *objects, hs_id wrapper) {
    size_t low = 0, high = objects->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (objects->items[middle].wrapper < wrapper) low = middle + 1;
        else high = middle;
    }
    return low < objects->count && objects->items[low].wrapper == wrapper ? &objects->items[low] : NULL;
}

void hs_base_objects_deinit(struct hs_base_objects *objects) {
    free(objects->items);
    free(objects->names);
    *objects = (struct hs_base_objects){0};
}
