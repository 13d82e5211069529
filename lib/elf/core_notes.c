/* Notes of a core: threads, mapped files, auxiliary vector, process. A note that is damaged or of an
 * unexpected size is left out: none of them is needed to read memory. */
#include "elf/core_private.h"

#include <elf.h>
#include <stdlib.h>

/* Kernel cores with thousands of threads have some tens of megabytes of notes. */
#define NOTE_BYTES_MAX ((uint64_t)1 << 30)

/* Makes room for one more item in an array that grows by doubling: count tells when (at powers of two). */
static void *array_grow(void *items, size_t count, size_t item_size) {
    if (count & (count - 1)) return items;
    return reallocarray(items, count ? count * 2 : 1, item_size);
}

static uint64_t register_of(const struct hs_core *core, const struct hs_thread *thread, const char *name) {
    int index = hs_arch_register(core->arch, name);
    return index < 0 ? 0 : thread->regs[index];
}

static struct hs_error *thread_add(struct hs_core *core, const struct hs_note *note) {
    const struct hs_arch *arch = core->arch;
    if (note->desc_size != arch->prstatus_size) return NULL;
    struct hs_thread *threads = array_grow(core->threads, core->thread_count, sizeof *threads);
    if (!threads) return HS_ENOMEM;
    core->threads = threads;
    struct hs_thread *thread = &threads[core->thread_count++];
    *thread = (struct hs_thread){.tid = hs_arch_u32(arch, note->desc + arch->prstatus_pid)};
    for (unsigned i = 0; i < core->register_count; i++)
        thread->regs[i] = hs_arch_word(arch, note->desc + arch->prstatus_regs + (size_t)i * arch->word_size);
    thread->sp = register_of(core, thread, arch->sp);
    thread->pc = register_of(core, thread, arch->pc);
    thread->tp = register_of(core, thread, arch->tp);
    thread->fp = register_of(core, thread, arch->fp);
    return NULL;
}

/* A note of the thread whose NT_PRSTATUS came last: either words, the first of which is the thread pointer
 * (NT_ARM_TLS), or descriptors of 16 bytes {entry, base, limit, flags} (NT_386_TLS), of which a segment
 * register selects one. */
static void thread_pointer_read(struct hs_core *core, const struct hs_note *note) {
    const struct hs_arch *arch = core->arch;
    if (core->thread_count == 0 || note->desc_size < arch->word_size) return;
    struct hs_thread *thread = &core->threads[core->thread_count - 1];
    if (!arch->tp_selector) {
        thread->tp = hs_arch_word(arch, note->desc);
        return;
    }
    enum { DESCRIPTOR = 16, SELECTOR_SHIFT = 3 };
    uint64_t entry = (register_of(core, thread, arch->tp_selector) & 0xffff) >> SELECTOR_SHIFT;
    for (size_t at = 0; at + DESCRIPTOR <= note->desc_size; at += DESCRIPTOR)
        if (hs_arch_u32(arch, note->desc + at) == entry) thread->tp = hs_arch_u32(arch, note->desc + at + 4);
}

/* struct elf_prpsinfo of <sys/procfs.h>: 136 bytes where words have 8, 124 where they have 4. */
static void process_read(struct hs_core *core, const struct hs_note *note) {
    bool wide = core->arch->word_size == 8;
    size_t pid = wide ? 24 : 12, name = wide ? 40 : 28, name_size = 16;
    if (note->desc_size < name + name_size) return;
    core->pid = hs_arch_u32(core->arch, note->desc + pid);
    size_t i = 0;
    for (; i < name_size && note->desc[name + i]; i++) {
        uint8_t c = note->desc[name + i];
        core->program[i] = c < 0x20 || c > 0x7e ? '?' : (char)c;
    }
    core->program[i] = '\0';
}

static struct hs_error *auxv_read(struct hs_core *core, const struct hs_note *note) {
    size_t word = core->arch->word_size, count = note->desc_size / (2 * word);
    if (core->auxv || count == 0) return NULL;
    core->auxv = calloc(count, sizeof *core->auxv);
    if (!core->auxv) return HS_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *p = note->desc + i * 2 * word;
        struct hs_auxv entry = {hs_arch_word(core->arch, p), hs_arch_word(core->arch, p + word)};
        if (entry.type == AT_NULL) break;
        core->auxv[core->auxv_count++] = entry;
    }
    return NULL;
}

static int mapping_compare(const void *a, const void *b) {
    const struct hs_mapping *x = a, *y = b;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

/* NT_FILE: count, page size, count × {start, end, offset in pages}, then count names, each NUL-terminated.
 * gdb writes page size 1 and offsets in bytes. */
static struct hs_error *mappings_read(struct hs_core *core, const struct hs_note *note) {
    const struct hs_arch *arch = core->arch;
    size_t word = arch->word_size;
    if (core->mappings || note->desc_size < 2 * word) return NULL;
    uint64_t count = hs_arch_word(arch, note->desc), page_size = hs_arch_word(arch, note->desc + word);
    if (count == 0 || count > (note->desc_size - 2 * word) / (3 * word)) return NULL;
    struct hs_mapping *mappings = calloc(count, sizeof *mappings);
    if (!mappings) return HS_ENOMEM;

    const uint8_t *entry = note->desc + 2 * word, *end = note->desc + note->desc_size;
    const uint8_t *name = entry + count * 3 * word;
    size_t kept = 0;
    for (uint64_t i = 0; i < count; i++, entry += 3 * word) {
        const uint8_t *nul = name < end ? memchr(name, '\0', (size_t)(end - name)) : NULL;
        if (!nul) break;
        struct hs_mapping mapping = {
            .start = hs_arch_word(arch, entry),
            .end = hs_arch_word(arch, entry + word),
            .path = (const char *)name,
        };
        uint64_t pages = hs_arch_word(arch, entry + 2 * word);
        name = nul + 1;
        if (mapping.start >= mapping.end || __builtin_mul_overflow(pages, page_size, &mapping.file_offset))
            continue;
        mappings[kept++] = mapping;
    }
    qsort(mappings, kept, sizeof *mappings, mapping_compare);
    core->mappings = mappings;
    core->mapping_count = kept;
    return NULL;
}

static struct hs_error *note_read(struct hs_core *core, const struct hs_note *note) {
    if (hs_note_is(note, "CORE", NT_PRSTATUS)) return thread_add(core, note);
    if (hs_note_is(note, "CORE", NT_AUXV)) return auxv_read(core, note);
    if (hs_note_is(note, "CORE", NT_FILE)) return mappings_read(core, note);
    if (hs_note_is(note, "CORE", NT_PRPSINFO)) process_read(core, note);
    if (core->arch->tp_note && hs_note_is(note, "LINUX", core->arch->tp_note))
        thread_pointer_read(core, note);
    return NULL;
}

struct hs_error *hs_core_notes_load(struct hs_core *core) {
    const struct hs_core_private *priv = core->priv;
    uint64_t budget = NOTE_BYTES_MAX;
    core->register_count = hs_arch_register_count(core->arch);
    for (size_t i = 0; i < priv->header_count; i++) {
        const struct hs_program_header *header = &priv->headers[i];
        if (header->type != PT_NOTE || header->offset > priv->size) continue;
        uint64_t size = priv->size - header->offset;
        if (size > header->file_size) size = header->file_size;
        if (size > budget) size = budget;
        budget -= size;
        size_t position = 0;
        struct hs_note note;
        while (hs_note_next(core->arch, priv->bytes + header->offset, size, header->align, &position, &note))
            HS_TRY(note_read(core, &note));
    }
    if (core->pid == 0 && core->thread_count) core->pid = core->threads[0].tid;
    return NULL;
}
