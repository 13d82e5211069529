/* The form of an index file and the key that it is used by. */
#define _GNU_SOURCE 1 /* dl_iterate_phdr */
#include "index/index_private.h"

#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

const uint8_t HS_INDEX_ELEMENT[HS_SECTION_COUNT] = {
    [HS_SECTION_COUNTS] = sizeof(struct hs_index_counts),
    [HS_SECTION_STRINGS] = 1,
    [HS_SECTION_CLASSES] = sizeof(struct hs_index_class),
    [HS_SECTION_PROPERTIES] = 4,
    [HS_SECTION_STANDINGS] = sizeof(struct hs_class_standing),
    [HS_SECTION_ACCOUNTS] = sizeof(struct hs_account),
    [HS_SECTION_TOTALS] = sizeof(struct hs_index_total),
    [HS_SECTION_BUFFERS] = sizeof(struct hs_store),
    [HS_SECTION_TEXTS] = sizeof(struct hs_store),
    [HS_SECTION_STORE_CLASSES] = 4,
    [HS_SECTION_NOTES] = 4,
    [HS_SECTION_ROOTS] = sizeof(struct hs_root),
    [HS_SECTION_NATIVES] = sizeof(struct hs_graph_native),
    [HS_SECTION_OWNERS] = sizeof(struct hs_graph_owner),
    [HS_SECTION_EPHEMERONS] = sizeof(struct hs_ephemeron),
    [HS_SECTION_PAYLOADS] = sizeof(struct hs_payload),
    [HS_SECTION_BRANCH_TREE] = sizeof(struct hs_index_tree),
    [HS_SECTION_BRANCHES] = sizeof(struct hs_branch_row),
    [HS_SECTION_PAGES] = 4,
    [HS_SECTION_STARTS] = 8,
    [HS_SECTION_MARKS] = 8,
    [HS_SECTION_FOUND_PATHS] = sizeof(struct hs_index_path),
    [HS_SECTION_FOUND_EDGES] = sizeof(struct hs_index_edge),
    [HS_SECTION_FOUND_CONTAINERS] = sizeof(struct hs_index_container),
    [HS_SECTION_FOUND_SUSPECTS] = sizeof(struct hs_index_suspect),
    [HS_SECTION_FOUND_ROOTS] = sizeof(struct hs_index_root),
    [HS_SECTION_FOUND_SHARED] = sizeof(struct hs_index_shared),
    [HS_SECTION_FOUND_IDOMS] = sizeof(struct hs_idom_class),
    [HS_SECTION_FOUND_SUMS] = 8,
    [HS_SECTION_LARGE] = sizeof(struct hs_large_object),
    [HS_SECTION_WORDS] = 1,
    [HS_SECTION_CLASS_OF] = 4,
    [HS_SECTION_NUMBER] = 4,
    [HS_SECTION_VERTEX] = 4,
    [HS_SECTION_IDOM] = 4,
    [HS_SECTION_RETAINED] = 8,
    [HS_SECTION_CHILD_FIRST] = 4,
    [HS_SECTION_CHILDREN] = 4,
    [HS_SECTION_PARENT] = 4,
    [HS_SECTION_SOURCE_FIRST] = 4,
    [HS_SECTION_SOURCES] = 4,
};

uint64_t hs_index_header_digest(const struct hs_index_header *header) {
    return XXH3_64bits(header, offsetof(struct hs_index_header, digest));
}

/* --- the core file */

enum { END_BYTES = 65536 };

static bool hash_range(int fd, uint64_t from, uint64_t size, XXH3_state_t *state) {
    static _Thread_local char buffer[END_BYTES];
    for (uint64_t done = 0; done < size;) {
        ssize_t got = pread(fd, buffer, (size_t)(size - done), (off_t)(from + done));
        if (got <= 0) return false;
        XXH3_64bits_update(state, buffer, (size_t)got);
        done += (uint64_t)got;
    }
    return true;
}

static struct hs_error *identify_file(const struct hs_core *core, XXH3_state_t *state,
                                      struct hs_index_key *key) {
    int fd = open(core->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat status;
    if (fd < 0) return NULL; /* bytes in memory */
    bool good = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    if (good) {
        key->device = status.st_dev;
        key->inode = status.st_ino;
        key->size = (uint64_t)status.st_size;
        key->modified = status.st_mtim.tv_sec;
        key->modified_ns = status.st_mtim.tv_nsec;
        uint64_t end = key->size < END_BYTES ? key->size : END_BYTES;
        XXH3_64bits_reset(state);
        good = hash_range(fd, 0, end, state) && hash_range(fd, key->size - end, end, state);
        key->ends = XXH3_64bits_digest(state);
    }
    close(fd);
    return good ? NULL : hs_error_create(HS_ERROR_FORMAT, "%s: no regular file that can be read", core->path);
}

/* --- what was found in it */

static void add(XXH3_state_t *state, const void *bytes, size_t size) {
    XXH3_64bits_update(state, bytes, size);
}
static void add_number(XXH3_state_t *state, uint64_t number) {
    add(state, &number, sizeof number);
}
static void add_text(XXH3_state_t *state, const char *text) {
    add(state, text ? text : "", text ? strlen(text) + 1 : 1);
}

static void add_process(XXH3_state_t *state, const struct hs_core *core) {
    add_number(state, core->pid);
    for (size_t i = 0; i < core->thread_count; i++) {
        const struct hs_thread *thread = &core->threads[i];
        add_number(state, thread->tid);
        add(state, thread->regs, sizeof thread->regs);
        add_number(state, thread->sp);
        add_number(state, thread->pc);
    }
    for (size_t i = 0; i < core->auxv_count; i++) {
        add_number(state, core->auxv[i].type);
        add_number(state, core->auxv[i].value);
    }
}

static void add_constant(void *context, const char *name, int32_t value) {
    add_text(context, name);
    add_number(context, (uint64_t)value);
}

static void add_layout(XXH3_state_t *state, const struct hs_v8 *v8) {
    for (size_t i = 0; i < v8->fact_count; i++) {
        add_text(state, v8->facts[i].name);
        add_number(state, (uint64_t)v8->facts[i].value);
        add_number(state, v8->facts[i].provenance);
        add_text(state, v8->facts[i].source);
    }
    for (uint32_t i = 0; i < v8->pages.count; i++) {
        const struct hs_page *page = &v8->pages.items[i];
        const uint64_t numbers[] = {page->base,    page->size,  page->area_start, page->area_end,
                                    page->present, page->space, page->isolate,    page->flags};
        add(state, numbers, sizeof numbers);
    }
    for (uint32_t i = 0; i < v8->pages.space_count; i++) add_text(state, v8->pages.spaces[i].name);
    for (uint32_t i = 0; i < v8->isolate_count; i++) add_number(state, v8->isolates[i].address);
    if (!v8->symbols) return;
    for (size_t i = 0; i < v8->symbols->root_count; i++) add_text(state, v8->symbols->root_names[i]);
    hs_v8_symbols_each(v8->symbols, add_constant, state);
    add_text(state, v8->symbols->version_text);
    add_text(state, v8->symbols->node_version);
}

/* --- this program */

/* Adds the build-id of the first object, which is the program. */
static int add_program(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type != PT_NOTE) continue;
        const char *note = (const char *)(info->dlpi_addr + header->p_vaddr), *end = note + header->p_memsz;
        while ((size_t)(end - note) >= sizeof(ElfW(Nhdr))) {
            const ElfW(Nhdr) *n = (const void *)note;
            size_t length = sizeof *n + ((n->n_namesz + 3u) & ~3u) + ((n->n_descsz + 3u) & ~3u);
            if (length > (size_t)(end - note)) break;
            if (n->n_type == NT_GNU_BUILD_ID) add(context, note, length);
            note += length;
        }
    }
    return 1;
}

struct hs_error *hs_index_key_make(const struct hs_v8 *v8, struct hs_index_key *ret) {
    struct hs_index_key key;
    memset(&key, 0, sizeof key);
    XXH3_state_t *state = XXH3_createState();
    if (!state) return HS_ENOMEM;
    struct hs_error *error = identify_file(v8->core, state, &key);
    XXH3_64bits_reset(state);
    add_process(state, v8->core);
    key.process = XXH3_64bits_digest(state);
    XXH3_64bits_reset(state);
    add_layout(state, v8);
    key.layout = XXH3_64bits_digest(state);
    XXH3_64bits_reset(state);
    add_text(state, HEAPSCAN_VERSION);
    dl_iterate_phdr(add_program, state);
    struct stat status; /* where the linker wrote no build-id */
    if (stat("/proc/self/exe", &status) == 0) add_number(state, (uint64_t)status.st_size);
    key.tool = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    if (v8->symbols) strncpy(key.build_id, v8->symbols->build_id, sizeof key.build_id - 1);
    if (!error) *ret = key;
    return error;
}
