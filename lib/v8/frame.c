#include "v8/frame.h"
#include "v8/gc.h"
#include "v8/layout_private.h"

#include <string.h>

enum {
    FRAME_LIMIT = 4096,
    RESYNC_WORDS = 512,
    RESYNC_LIMIT = 8,
    LOWEST_CODE = 0x10000,
    WAIT_WORDS = 32, /* of libc's frame between a thread that waits and its caller */
    ISOLATE_LIMIT = 0x20000,
    BLOB_MIN = 1 << 18, /* 1.2 to 2.2 MB of code, 90 to 128 KB of data (Node 16 to 26) */
    BLOB_MAX = 1 << 22, /* less than the lowest address of a program, so no pointer passes for a size */
    BLOB_DATA_MIN = 1 << 14,
    BLOB_DATA_MAX = 1 << 19
};

/* Does the core hold code at `addr`? V8 may take the right to execute from its pages of code while it
 * collects.
 */
static bool is_held_code(const struct hs_v8 *v8, hs_addr addr) {
    const struct hs_page *page = hs_pages_find(&v8->pages, addr);
    return (page && page->flags & HS_PAGE_CODE) || hs_core_is_executable(v8->core, addr);
}

/* May code be at `addr`? A core need not hold the text, nor name it: what it holds without the right to
 * execute is no code. */
static bool may_be_code(const struct hs_v8 *v8, hs_addr addr) {
    return hs_core_segment_find(v8->core, addr) ? is_held_code(v8, addr)
                                                : addr >= LOWEST_CODE && addr < UINT64_MAX - LOWEST_CODE;
}

static bool is_in_image(const struct hs_v8 *v8, hs_addr addr) {
    for (size_t i = 0; i < v8->images->count; i++)
        if (addr >= v8->images->items[i].start && addr < v8->images->items[i].end) return true;
    return false;
}

/* Is it for certain? */
static bool is_code(const struct hs_v8 *v8, hs_addr addr) {
    return hs_core_segment_find(v8->core, addr) ? is_held_code(v8, addr) : is_in_image(v8, addr);
}

unsigned hs_frame_function(const struct hs_v8_symbols *symbols, hs_addr addr) {
    size_t low = 0, high = symbols->function_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (symbols->functions[middle].start <= addr) low = middle + 1;
        else high = middle;
    }
    if (low == 0) return HS_GC_FUNCTION_NONE;
    const struct hs_v8_function *function = &symbols->functions[low - 1];
    return addr - function->start < function->size ? function->kind : HS_GC_FUNCTION_NONE;
}

/* {caller's frame pointer, return address} at `at`? */
static bool is_frame(const struct hs_v8 *v8, hs_addr at, hs_addr end, hs_addr *next_ret, hs_addr *pc_ret) {
    unsigned word = v8->arch->word_size;
    uint64_t next, pc;
    if (at % word || at >= end || end - at < 2u * word) return false;
    if (!hs_core_word(v8->core, at, &next) || !hs_core_word(v8->core, at + word, &pc)) return false;
    if (next <= at || next >= end || next % word || !may_be_code(v8, pc)) return false;
    *next_ret = next;
    *pc_ret = pc;
    return true;
}

void hs_frames_each(const struct hs_v8 *v8, const struct hs_thread *thread, hs_addr end,
                    void (*visit)(void *context, const struct hs_frame *frame), void *context) {
    unsigned word = v8->arch->word_size, resyncs = 0;
    struct hs_frame frame = {.from = thread->sp & ~(hs_addr)(word - 1), .pc = thread->pc, .linked = true};
    hs_addr at = thread->fp, next = 0, pc = 0;
    for (unsigned frames = 0; v8->arch->fp && frames < FRAME_LIMIT; frames++) {
        if (at < frame.from || !is_frame(v8, at, end, &next, &pc)) {
            if (resyncs++ == RESYNC_LIMIT) break;
            unsigned i = 0;
            for (at = frame.from; i < RESYNC_WORDS && !(is_frame(v8, at, end, &next, &pc) && is_code(v8, pc));
                 i++)
                at += word;
            if (i == RESYNC_WORDS) break;
            frame.linked = false;
        }
        frame.to = at + 2 * word;
        visit(context, &frame);
        frame.from = frame.to;
        frame.pc = pc - 1;
        at = next;
    }
    frame.to = end;
    frame.rest = true;
    visit(context, &frame);
}

/* Does the isolate's table of builtins start with `code`, and go on inside its `size` bytes? */
static bool is_table_of(const struct hs_v8 *v8, hs_addr record, hs_addr code, uint32_t size) {
    unsigned word = v8->arch->word_size;
    hs_addr isolate = v8->isolates[0].address;
    uint64_t entry, next;
    for (hs_addr at = isolate; at - isolate < ISOLATE_LIMIT; at += word)
        if (at != record && hs_core_word(v8->core, at, &entry) && entry == code &&
            hs_core_word(v8->core, at + word, &next) && next > code && next - code < size)
            return true;
    return false;
}

/* Isolate: {embedded_blob_code, its size, embedded_blob_data, its size} (isolate.h, since V8 9.1). Where V8
 * runs a copy near its other code (RemapEmbeddedBuiltins), that one is named, and the CodeRange in the
 * isolate has {the binary's, the same size}. */
static bool is_blob(const struct hs_v8 *v8, hs_addr at, hs_addr *start_ret, uint32_t *size_ret) {
    unsigned word = v8->arch->word_size;
    hs_addr isolate = v8->isolates[0].address;
    uint64_t code, data, own;
    uint32_t size, data_size, same;
    if (!hs_core_word(v8->core, at, &code) || !hs_core_u32(v8->core, at + word, &size) ||
        !hs_core_word(v8->core, at + 2 * word, &data) || !hs_core_u32(v8->core, at + 3 * word, &data_size))
        return false;
    if (size < BLOB_MIN || size > BLOB_MAX || data_size < BLOB_DATA_MIN || data_size > BLOB_DATA_MAX ||
        !is_in_image(v8, data) || !is_table_of(v8, at, code, size))
        return false;
    own = is_in_image(v8, code) ? code : 0;
    for (hs_addr other = isolate; !own && other - isolate < ISOLATE_LIMIT; other += word)
        if (!hs_core_word(v8->core, other, &own) || !is_in_image(v8, own) ||
            !hs_core_u32(v8->core, other + word, &same) || same != size)
            own = 0;
    *start_ret = own;
    *size_ret = size;
    return own != 0;
}

struct hs_error *hs_builtins_discover(struct hs_v8 *v8) {
    hs_addr start = 0;
    uint32_t size = 0;
    bool named = false;
    for (size_t i = 0; i < v8->symbols->function_count && !named; i++) {
        const struct hs_v8_function *function = &v8->symbols->functions[i];
        named = function->kind == HS_GC_FUNCTION_BUILTIN;
        if (named) start = function->start, size = function->size;
    }
    hs_addr isolate = v8->isolate_count ? v8->isolates[0].address : 0;
    for (hs_addr at = isolate; isolate && !start && at - isolate < ISOLATE_LIMIT; at += v8->arch->word_size)
        if (is_blob(v8, at, &start, &size)) break;
    if (!start) size = 0;
    v8->builtins_start = start;
    v8->builtins_end = start + size;
    return hs_v8_fact(v8, "builtins.size", size,
                      named   ? HS_FROM_BINARY
                      : start ? HS_FROM_DISCOVERY
                              : HS_FROM_NOTHING,
                      "of V8's builtins in the binary (%s)",
                      named   ? "its symbols"
                      : start ? "the isolate's table of them"
                              : "not there, or not found");
}

enum hs_frame_owner hs_frame_owner(const struct hs_v8 *v8, hs_addr pc) {
    if (!is_in_image(v8, pc) || hs_pages_find(&v8->pages, pc)) return HS_FRAME_JS;
    /* Builtins are part of the binary since the V8 that names its roots; before, they lie in the heap. */
    if (!v8->builtins_end && !v8->symbols->roots_discovered) return HS_FRAME_UNKNOWN;
    return pc >= v8->builtins_start && pc < v8->builtins_end ? HS_FRAME_JS : HS_FRAME_NATIVE;
}

/* Where the innermost return address stands, if that is in uv__io_poll; 0 if the thread does not wait for
 * events. */
static hs_addr polling_slot(const struct hs_v8 *v8, const struct hs_thread *thread) {
    unsigned word = v8->arch->word_size;
    hs_addr at = thread->sp & ~(hs_addr)(word - 1);
    uint64_t pc;
    for (unsigned i = 0; i < WAIT_WORDS && hs_core_word(v8->core, at, &pc); i++, at += word)
        if (is_in_image(v8, pc) && is_code(v8, pc))
            return hs_frame_function(v8->symbols, pc - 1) == HS_GC_FUNCTION_POLL ? at : 0;
    return 0;
}

/* Is `pc` in the C library, which calls main() and the first function of a thread? */
static bool is_in_libc(const struct hs_v8 *v8, hs_addr pc) {
    static const char *const names[] = {"libc.so.", "libc-2.", "libpthread", "ld-musl-"};
    for (size_t i = 0; i < v8->images->count; i++) {
        const struct hs_image *image = &v8->images->items[i];
        if (pc < image->start || pc >= image->end || !image->core_path) continue;
        const char *slash = strrchr(image->core_path, '/'), *name = slash ? slash + 1 : image->core_path;
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            if (strncmp(name, names[k], strlen(names[k])) == 0) return true;
    }
    return false;
}

/* Does the chain lead from the record at `at` to the C library, with C++ only on the way? */
static bool leads_out(const struct hs_v8 *v8, hs_addr at, hs_addr low, hs_addr end) {
    unsigned word = v8->arch->word_size;
    for (unsigned frames = 0; frames < FRAME_LIMIT; frames++) {
        uint64_t next, pc;
        if (at % word || at < low || at >= end || end - at < 2u * word) return false;
        if (!hs_core_word(v8->core, at, &next) || !hs_core_word(v8->core, at + word, &pc)) return false;
        if (is_in_libc(v8, pc)) return frames > 0;
        if (hs_frame_owner(v8, pc - 1) != HS_FRAME_NATIVE) return false;
        low = at + 2 * word;
        at = next;
    }
    return false;
}

/* The same by uv_run, which a binary exports that has lost the other name: the innermost frame was called by
 * it. */
static bool is_called_by_loop(const struct hs_v8 *v8, const struct hs_thread *thread, hs_addr end) {
    unsigned word = v8->arch->word_size;
    hs_addr slot = thread->sp & ~(hs_addr)(word - 1), next, pc;
    uint64_t at = thread->fp;
    for (unsigned i = 0; v8->arch->fp && i < WAIT_WORDS; i++, slot += word) {
        if (at >= thread->sp && is_frame(v8, at, end, &next, &pc) &&
            hs_frame_function(v8->symbols, pc - 1) == HS_GC_FUNCTION_LOOP && leads_out(v8, at, at, end))
            return true;
        if (!hs_core_word(v8->core, slot, &at) || (is_in_image(v8, at) && is_code(v8, at))) return false;
    }
    return false;
}

bool hs_frames_are_idle(const struct hs_v8 *v8, const struct hs_thread *thread, hs_addr end) {
    if (is_called_by_loop(v8, thread, end)) return true;
    unsigned word = v8->arch->word_size;
    hs_addr slot = v8->arch->fp ? polling_slot(v8, thread) : 0;
    if (!slot) return false;
    if (leads_out(v8, thread->fp, slot, end)) return true;
    /* epoll_pwait may need the register for its own purposes: then it has saved it. */
    for (hs_addr at = thread->sp & ~(hs_addr)(word - 1); at < slot; at += word) {
        uint64_t saved;
        if (hs_core_word(v8->core, at, &saved) && leads_out(v8, saved, slot, end)) return true;
    }
    return false;
}
