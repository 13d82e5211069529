#define _GNU_SOURCE 1 /* memmem */
#include "v8/symbols.h"
#include "v8/symbols_private.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "v8/gc.h"
#include "v8/root_names.h"

enum { FUNCTION_LIMIT = 1 << 16, VERSION_LIMIT = 24 };

struct hs_error *hs_v8_symbols_add(struct hs_v8_symbols *symbols, const char *name, int32_t value) {
    struct hs_v8_constant *entry;
    HASH_FIND_STR(symbols->constants, name, entry);
    if (entry) return NULL; /* .symtab came first; .dynsym repeats it */
    size_t length = strlen(name);
    entry = calloc(1, sizeof *entry + length + 1);
    if (!entry) return HS_ENOMEM;
    memcpy(entry->name, name, length + 1);
    entry->value = value;
    HASH_ADD_STR(symbols->constants, name, entry);
    symbols->constant_count++;
    return NULL;
}

struct hs_error *hs_v8_symbols_add_vtable(struct hs_v8_symbols *symbols, const char *name, hs_addr address) {
    for (size_t i = 0; i < symbols->vtable_count; i++)
        if (symbols->vtables[i].address == address) return NULL;
    struct hs_v8_vtable *grown = realloc(symbols->vtables, (symbols->vtable_count + 1) * sizeof *grown);
    if (!grown) return HS_ENOMEM;
    symbols->vtables = grown;
    struct hs_v8_vtable *vtable = &grown[symbols->vtable_count++];
    *vtable = (struct hs_v8_vtable){.address = address};
    snprintf(vtable->name, sizeof vtable->name, "%s", name);
    return NULL;
}

struct hs_error *hs_v8_symbols_add_function(struct hs_v8_symbols *symbols, hs_addr start, uint64_t size,
                                            unsigned kind) {
    if (symbols->function_count >= FUNCTION_LIMIT || size > UINT32_MAX) return NULL;
    if ((symbols->function_count & (symbols->function_count - 1)) == 0) {
        size_t capacity = symbols->function_count ? 2 * symbols->function_count : 1;
        struct hs_v8_function *grown = realloc(symbols->functions, capacity * sizeof *grown);
        if (!grown) return HS_ENOMEM;
        symbols->functions = grown;
    }
    symbols->functions[symbols->function_count++] =
        (struct hs_v8_function){.start = start, .size = (uint32_t)size, .kind = (uint8_t)kind};
    return NULL;
}

/* Where in the image the interesting symbols are; filled by the visit, used after it. */
struct collect {
    struct hs_v8_symbols *symbols;
    const struct hs_core *core; /* NULL: the file alone */
    const struct hs_image *image;
    struct hs_error *error;
    uint64_t root_names, root_names_size;
    uint64_t version[4], node_metadata;
    uint64_t builtins_start, builtins_end;
    int64_t tls;
    bool has_tls;
};

/* Bytes at a link-time address: of the core where it has them (relocated, initialised), else of the file. */
static const void *image_bytes(const struct collect *c, uint64_t vaddr, uint64_t size) {
    const void *bytes = c->core ? hs_core_ptr(c->core, vaddr + c->image->bias, size) : NULL;
    return bytes ? bytes : hs_image_ptr(c->image, vaddr, size);
}

static bool is_space_vtable(const char *name, char *ret, size_t size) {
    static const char prefix[] = "_ZTVN2v88internal";
    if (strncmp(name, prefix, sizeof prefix - 1) != 0) return false;
    char *end;
    unsigned long length = strtoul(name + sizeof prefix - 1, &end, 10);
    if (length < 5 || length >= size || strlen(end) != length + 1 || end[length] != 'E') return false;
    if (memcmp(end + length - 5, "Space", 5) != 0) return false;
    memcpy(ret, end, length);
    ret[length] = '\0';
    return true;
}

/* A name that may be one of those looked for below; most of 200,000 are not. Reads no further than it must.
 */
static bool may_matter(const char *name) {
    if (name[0] == 'v') return name[1] == '8' && name[2] == 'd';
    if (name[0] == 'B') return name[1] == 'u';
    if (name[0] == 'u') return name[1] == 'v' && name[2] == '_';
    if (name[0] != '_' || name[1] != 'Z') return false;
    for (name += 2; *name == 'Z' || *name == 'T' || *name == 'V' || *name == 'N' || *name == 'K'; name++) {
    }
    if (name[0] == '4') return name[1] == 'n' && name[2] == 'o';
    return name[0] == '2' && name[1] == 'v' && name[2] == '8' && name[3] == '8' && name[4] == 'i';
}

static bool collect_symbol(void *context, const struct hs_symbol *symbol) {
    struct collect *c = context;
    const char *name = symbol->name;
    char space[32];
    if (!may_matter(name)) return true;
    if (strncmp(name, "v8dbg_", 6) == 0) {
        /* 4-byte ints in .data, or in .bss when they are zero (mkgrokdump's gen-postmortem-metadata.py). */
        const void *bytes = image_bytes(c, symbol->value, 4);
        const struct hs_arch *arch = c->core ? c->core->arch : hs_image_arch(c->image);
        c->error = hs_v8_symbols_add(c->symbols, name + 6, bytes ? (int32_t)hs_arch_u32(arch, bytes) : 0);
        return !c->error;
    }
    if (strncmp(name, "Builtins_", 9) == 0) {
        if (!c->builtins_end || symbol->value < c->builtins_start) c->builtins_start = symbol->value;
        if (symbol->value + symbol->size > c->builtins_end) c->builtins_end = symbol->value + symbol->size;
        return true;
    }
    if (name[0] == 'u') {
        bool poll = strcmp(name, "uv__io_poll") == 0 || strcmp(name, "uv__epoll_wait") == 0;
        if (poll || strcmp(name, "uv_run") == 0)
            c->error = hs_v8_symbols_add_function(c->symbols, symbol->value + c->image->bias, symbol->size,
                                                  poll ? HS_GC_FUNCTION_POLL : HS_GC_FUNCTION_LOOP);
        return !c->error;
    }
    if (name[0] != '_' || name[1] != 'Z') return true;
    if (is_space_vtable(name, space, sizeof space)) {
        /* An instance points behind the offset-to-top and the RTTI word. */
        uint8_t word = c->core ? c->core->arch->word_size : hs_image_arch(c->image)->word_size;
        c->error = hs_v8_symbols_add_vtable(c->symbols, space, symbol->value + c->image->bias + 2 * word);
        return !c->error;
    }
    enum hs_gc_function function = symbol->type == STT_FUNC ? hs_gc_function_of(name) : HS_GC_FUNCTION_NONE;
    if (function) {
        c->error =
            hs_v8_symbols_add_function(c->symbols, symbol->value + c->image->bias, symbol->size, function);
        return !c->error;
    }
    if (strcmp(name, "_ZN2v88internal10RootsTable11root_names_E") == 0)
        c->root_names = symbol->value, c->root_names_size = symbol->size;
    else if (strcmp(name, "_ZN2v88internal18g_current_isolate_E") == 0 && symbol->type == STT_TLS)
        c->tls = (int64_t)symbol->value, c->has_tls = true;
    else if (strcmp(name, "_ZN4node11per_process8metadataE") == 0) c->node_metadata = symbol->value;
    else {
        static const char *const parts[] = {
            "_ZN2v88internal7Version6major_E", "_ZN2v88internal7Version6minor_E",
            "_ZN2v88internal7Version6build_E", "_ZN2v88internal7Version6patch_E"};
        for (int i = 0; i < 4; i++)
            if (strcmp(name, parts[i]) == 0) c->version[i] = symbol->value;
    }
    return true;
}

/* A pointer in the image's data, as a link-time address. */
static uint64_t image_pointer(const struct collect *c, const struct hs_arch *arch, uint64_t vaddr) {
    const void *bytes = c->core ? hs_core_ptr(c->core, vaddr + c->image->bias, arch->word_size) : NULL;
    if (bytes) return hs_arch_word(arch, bytes) - c->image->bias;
    bytes = hs_image_ptr(c->image, vaddr, arch->word_size);
    return bytes ? hs_arch_word(arch, bytes) : 0;
}

static struct hs_error *load_root_names(struct collect *c, const struct hs_arch *arch) {
    uint64_t count = c->root_names_size / arch->word_size;
    if (!c->root_names || count == 0 || count > HS_ROOT_COUNT_LIMIT)
        if (!hs_root_names_find(c->core, c->image, &c->root_names, &count)) return NULL;
    char **names = calloc(count, sizeof *names);
    if (!names) return HS_ENOMEM;
    c->symbols->root_names = names;
    c->symbols->root_count = count;
    for (uint64_t i = 0; i < count; i++) {
        const char *name = hs_image_cstring(
            c->image, image_pointer(c, arch, c->root_names + i * arch->word_size), HS_ROOT_NAME_LIMIT);
        names[i] = strdup(hs_root_name_is(name) ? name : "");
        if (!names[i]) return HS_ENOMEM;
    }
    return NULL;
}

bool hs_v8_symbols_take_version(struct hs_v8_symbols *symbols, const uint8_t *p, size_t room, char end) {
    size_t length = 0;
    while (length < room && length < VERSION_LIMIT &&
           ((p[length] >= '0' && p[length] <= '9') || p[length] == '.'))
        length++;
    if (length < 5 || length == room || p[length] != end) return false;
    snprintf(symbols->node_version, sizeof symbols->node_version, "v%.*s", (int)length, (const char *)p);
    return true;
}

/* Node to 17 keeps no such object in this form. Its binary names the archive that it came in
 * (process.release.sourceUrl), until 0.12 itself (NODE_VERSION). */
static void find_node_version(struct collect *c) {
    static const struct {
        const char *before;
        size_t length, keep; /* keep: bytes of it that belong to the version */
        char end;
    } forms[] = {
        {"nodejs.org/download/release/v", 29, 0, '/'}, {"\0v0.", 4, 2, '\0'}, {"node v0.", 8, 2, '\0'}};
    struct hs_image_segment segment;
    for (size_t form = 0; form < sizeof forms / sizeof *forms; form++)
        for (size_t i = 0; hs_image_segment(c->image, i, &segment); i++) {
            if (segment.flags & HS_SEGMENT_W) continue;
            const uint8_t *p = segment.bytes, *end = segment.bytes + segment.size;
            while ((p = memmem(p, (size_t)(end - p), forms[form].before, forms[form].length))) {
                p += forms[form].length;
                const uint8_t *version = p - forms[form].keep;
                if (hs_v8_symbols_take_version(c->symbols, version, (size_t)(end - version), forms[form].end))
                    return;
            }
        }
}

/* node::per_process::metadata starts with std::string versions.node: {char *data, size_t length, …}. */
static void load_node_version(struct collect *c, const struct hs_arch *arch) {
    if (!c->node_metadata || !c->core) return;
    uint64_t data, length;
    hs_addr at = c->node_metadata + c->image->bias;
    if (!hs_core_word(c->core, at, &data) || !hs_core_word(c->core, at + arch->word_size, &length)) return;
    if (length < 5 || length > 24) return;
    const char *text = hs_core_ptr(c->core, data, length);
    if (!text) return;
    for (uint64_t i = 0; i < length; i++)
        if (!((text[i] >= '0' && text[i] <= '9') || text[i] == '.' ||
              (i > 4 && (text[i] == '-' || (text[i] >= 'a' && text[i] <= 'z')))))
            return;
    snprintf(c->symbols->node_version, sizeof c->symbols->node_version, "v%.*s", (int)length, text);
}

void hs_v8_symbols_build_id(const struct hs_image *image, char *ret, size_t size) {
    ret[0] = '\0';
    for (unsigned i = 0; i < image->build_id_size && 2 * i + 2 < size; i++)
        sprintf(ret + 2 * i, "%02x", image->build_id[i]);
}

static int by_name(struct hs_v8_constant *a, struct hs_v8_constant *b) {
    return strcmp(a->name, b->name);
}

static int by_start(const void *a, const void *b) {
    const struct hs_v8_function *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

struct hs_error *hs_v8_symbols_finish(struct hs_v8_symbols *symbols) {
    if (symbols->function_count)
        qsort(symbols->functions, symbols->function_count, sizeof *symbols->functions, by_start);
    HASH_SORT(symbols->constants, by_name);
    free(symbols->sorted);
    if (!(symbols->sorted = calloc(symbols->constant_count + 1, sizeof *symbols->sorted))) return HS_ENOMEM;
    size_t i = 0;
    for (struct hs_v8_constant *entry = symbols->constants; entry; entry = entry->hh.next)
        symbols->sorted[i++] = entry;
    const int *v = symbols->version;
    if (v[0])
        snprintf(symbols->version_text, sizeof symbols->version_text, "%d.%d.%d.%d", v[0], v[1], v[2], v[3]);
    return NULL;
}

struct hs_error *hs_v8_symbols_read(const struct hs_core *core, const struct hs_image *image,
                                    struct hs_v8_symbols *symbols) {
    struct collect c = {.symbols = symbols, .core = core, .image = image};
    const struct hs_arch *arch = core ? core->arch : hs_image_arch(image);
    HS_TRY(hs_image_symbols(image, collect_symbol, &c));
    if (c.error) return c.error;
    if (c.builtins_start < c.builtins_end)
        HS_TRY(hs_v8_symbols_add_function(symbols, c.builtins_start + image->bias,
                                          c.builtins_end - c.builtins_start, HS_GC_FUNCTION_BUILTIN));
    for (int i = 0; i < 4; i++) {
        const void *bytes = c.version[i] ? image_bytes(&c, c.version[i], 4) : NULL;
        if (bytes) symbols->version[i] = (int)(hs_arch_u32(arch, bytes) & 0xffff);
    }
    HS_TRY(hs_v8_symbols_supplement(symbols));
    if (symbols->constant_count == 0) return NULL;
    HS_TRY(load_root_names(&c, arch));
    HS_TRY(hs_v8_symbols_finish(symbols));
    load_node_version(&c, arch);
    if (!symbols->node_version[0]) find_node_version(&c);
    if (c.has_tls && image->tls_align && image->tls_size < INT32_MAX && image->tls_align < INT32_MAX) {
        /* Of the main program: its block ends at the thread pointer or starts behind it (ELF TLS ABI). */
        int64_t align = (int64_t)image->tls_align, size = (int64_t)image->tls_size;
        int64_t ahead =
            arch->tls_offset > 0 ? (arch->tls_offset + align - 1) / align * align : arch->tls_offset;
        symbols->tls_isolate = c.tls + (arch->tls_below ? -((size + align - 1) / align * align) : ahead);
    }
    hs_v8_symbols_build_id(image, symbols->build_id, sizeof symbols->build_id);
    snprintf(symbols->origin, sizeof symbols->origin, "%s", image->path ? image->path : "");
    return NULL;
}

static struct hs_error *no_symbols(const struct hs_core *core, const struct hs_images *images) {
    const char *reason = NULL;
    HS_STRBUF_AUTO shown = HS_STRBUF_INIT;
    size_t opened = 0;
    for (size_t i = 0; i < images->count; i++) {
        const struct hs_image *image = &images->items[i];
        if (image->path) opened++;
        else if (!reason) reason = hs_image_missing_reason(image);
    }
    hs_escape_terminal_string(&shown, core->path);
    if (reason && *reason)
        return hs_error_create(HS_ERROR_MISMATCH, "%s: found no V8 in the program's files: %s", shown.data,
                               reason);
    if (opened == 0)
        return hs_error_create(
            HS_ERROR_MISMATCH,
            "%s: the core names no program that is on this machine; pass the node binary that it came "
            "from with --exe FILE (or --metadata FILE)",
            shown.data);
    return hs_error_create(
        HS_ERROR_MISMATCH,
        "%s: this is the core of \"%s\", in which there is no V8 (no v8dbg_* symbols in any of its %zu "
        "files); heapscan reads cores of Node.js. If it is Node, pass its binary with --exe FILE",
        shown.data, core->program, opened);
}

struct hs_error *hs_v8_symbols_load(const struct hs_core *core, const struct hs_images *images,
                                    struct hs_v8_symbols **ret) {
    struct hs_v8_symbols *symbols = calloc(1, sizeof *symbols);
    if (!symbols) return HS_ENOMEM;
    struct hs_error *error = NULL;
    for (size_t i = 0; i < images->count && !error && symbols->constant_count == 0; i++)
        if (images->items[i].path) error = hs_v8_symbols_read(core, &images->items[i], symbols);
    if (!error && symbols->constant_count == 0) error = no_symbols(core, images);
    if (error) {
        hs_v8_symbols_destroy(symbols);
        return error;
    }
    *ret = symbols;
    return NULL;
}

void hs_v8_symbols_destroy(struct hs_v8_symbols *symbols) {
    if (!symbols) return;
    struct hs_v8_constant *entry, *next;
    HASH_ITER(hh, symbols->constants, entry, next) {
        HASH_DEL(symbols->constants, entry);
        free(entry);
    }
    for (size_t i = 0; i < symbols->root_count; i++) free(symbols->root_names[i]);
    free(symbols->root_names);
    free(symbols->vtables);
    free(symbols->functions);
    free(symbols->sorted);
    free(symbols);
}

bool hs_v8_symbols_constant(const struct hs_v8_symbols *symbols, const char *name, int32_t *ret) {
    struct hs_v8_constant *entry;
    HASH_FIND_STR(symbols->constants, name, entry);
    if (entry) *ret = entry->value;
    return entry != NULL;
}

bool hs_v8_symbols_is_tabled(const struct hs_v8_symbols *symbols, const char *name) {
    struct hs_v8_constant *entry;
    HASH_FIND_STR(symbols->constants, name, entry);
    return entry && entry->tabled;
}

bool hs_v8_symbols_field(const struct hs_v8_symbols *symbols, const char *stem, int32_t *ret,
                         const char **name_ret) {
    char prefix[128];
    int length = snprintf(prefix, sizeof prefix, "class_%s__", stem);
    const struct hs_v8_constant *found = NULL;
    size_t low = 0, high = symbols->constant_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(symbols->sorted[middle]->name, prefix) < 0) low = middle + 1;
        else high = middle;
    }
    for (; low < symbols->constant_count && strncmp(symbols->sorted[low]->name, prefix, (size_t)length) == 0;
         low++) {
        if (found && found->value != symbols->sorted[low]->value) return false;
        found = symbols->sorted[low];
    }
    if (!found) return false;
    *ret = found->value;
    if (name_ret) *name_ret = found->name;
    return true;
}

void hs_v8_symbols_each(const struct hs_v8_symbols *symbols,
                        void (*visit)(void *context, const char *name, int32_t value), void *context) {
    for (struct hs_v8_constant *entry = symbols->constants; entry; entry = entry->hh.next)
        visit(context, entry->name, entry->value);
}
