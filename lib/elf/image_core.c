/* Where the core maps ELF files, seen from the core alone. */
#define _GNU_SOURCE 1 /* reallocarray */
#include "elf/core_private.h"
#include "elf/image_private.h"

#include <elf.h>
#include <stdlib.h>

enum {
    NOTE_SIZE_MAX = 1 << 16,
    HEADER_COUNT_MAX = 512, /* of an executable: about a dozen in life */
    PLACES_MAX = 4096,
    PLACES_BACK =
        64, /* how far behind a mapping the place that holds it may be: bounds the search in a hostile list */
};

/* The bytes of a note segment, as far as the core holds them: a kernel core has the first page only. */
static const uint8_t *present_notes(const struct hs_core *core, hs_addr addr, uint64_t size,
                                    size_t *size_ret) {
    const struct hs_segment *segment = hs_core_segment_find(core, addr);
    if (!segment || addr - segment->start >= segment->file_size) return NULL;
    uint64_t present = segment->file_size - (addr - segment->start);
    if (size > present) size = present;
    *size_ret = size < NOTE_SIZE_MAX ? size : NOTE_SIZE_MAX;
    return segment->data + (addr - segment->start);
}

/* An ELF header of the core's machine, of a program or a library. */
static bool header_read(const struct hs_core *core, hs_addr start, struct hs_elf_header *ret) {
    size_t size = core->arch->word_size == 8 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
    const void *bytes = hs_core_ptr(core, start, size);
    struct hs_elf_header header;
    if (!bytes || hs_elf_header_read(bytes, size, &header) != HS_ELF_OK) return false;
    if (header.arch != core->arch || (header.type != ET_EXEC && header.type != ET_DYN)) return false;
    if (header.phentsize != hs_program_header_size(header.arch)) return false;
    if (header.phnum == 0 || header.phnum > HEADER_COUNT_MAX || header.phoff > UINT64_MAX - start)
        return false;
    *ret = header;
    return true;
}

static const uint8_t *header_table(const struct hs_core *core, hs_addr start,
                                   const struct hs_elf_header *header) {
    return hs_core_ptr(core, start + header->phoff, (size_t)header->phentsize * header->phnum);
}

/* The build-id, from the notes that the core holds of an image with this bias. */
static void notes_read(const struct hs_core *core, uint64_t bias, struct hs_image_facts *facts) {
    for (size_t i = 0; i < facts->header_count && !facts->build_id_size; i++) {
        const struct hs_program_header *one = &facts->headers[i];
        size_t size;
        if (one->type != PT_NOTE) continue;
        const uint8_t *notes = present_notes(core, bias + one->vaddr, one->file_size, &size);
        if (notes) hs_image_facts_note(facts, notes, size, one->align);
    }
}

bool hs_image_core_read(const struct hs_core *core, hs_addr start, struct hs_image_facts *ret) {
    struct hs_elf_header header;
    if (!header_read(core, start, &header)) return false;
    const uint8_t *table = header_table(core, start, &header);
    struct hs_image_facts facts;
    if (!table || !hs_image_facts_init(&facts, &header, table)) return false;
    notes_read(core, start - facts.load_bias, &facts);
    *ret = facts;
    return true;
}

enum hs_image_likeness hs_image_core_compare(const struct hs_core *core, hs_addr start,
                                             const struct hs_image_facts *file) {
    struct hs_elf_header header;
    if (header_read(core, start, &header) &&
        (header.type != file->header.type || header.entry != file->header.entry ||
         header.phoff != file->header.phoff || header.shoff != file->header.shoff ||
         header.phnum != file->header.phnum))
        return HS_IMAGE_OTHER;
    struct hs_image_facts here = {
        .header = file->header, .headers = file->headers, .header_count = file->header_count};
    notes_read(core, start - file->load_bias, &here);
    if (!here.build_id_size) return HS_IMAGE_LIKE;
    return hs_image_facts_match(&here, file) ? HS_IMAGE_SAME : HS_IMAGE_OTHER;
}

void hs_image_places_deinit(struct hs_image_places *places) {
    for (size_t i = 0; i < places->count; i++) hs_image_facts_deinit(&places->items[i].facts);
    free(places->items);
    *places = (struct hs_image_places){0};
}

/* Takes place->facts. */
static struct hs_error *place_add(struct hs_image_places *places, struct hs_image_place *place) {
    if ((places->count & (places->count - 1)) == 0) {
        void *items = reallocarray(places->items, places->count ? places->count * 2 : 1, sizeof *place);
        if (!items) {
            hs_image_facts_deinit(&place->facts);
            return HS_ENOMEM;
        }
        places->items = items;
    }
    places->items[places->count++] = *place;
    return NULL;
}

/* Tools that add a section to a program (single-executable applications) move the table of program headers
 * behind its code, which no core has. */
static bool is_headed(const struct hs_core *core, hs_addr start) {
    struct hs_elf_header header;
    return header_read(core, start, &header) && !header_table(core, start, &header);
}

/* Widens the place to what its program headers say. False where that contradicts the address: an executable
 * that is not position-independent has been mapped as data. */
static bool place_span(struct hs_image_place *place) {
    const struct hs_image_facts *facts = &place->facts;
    if (facts->header_count == 0) return true;
    uint64_t bias = place->start - facts->load_bias;
    if (facts->header.type == ET_EXEC && bias != 0) return false;
    uint64_t end = bias + facts->high;
    if (end > place->start) place->end = end;
    return true;
}

static bool range_executable(const struct hs_core *core, hs_addr start) {
    const struct hs_segment *segment = hs_core_segment_find(core, start);
    return segment && (segment->any_flags & HS_SEGMENT_X);
}

/* Does an earlier place of the same file hold this mapping? */
static bool place_holds(const struct hs_image_places *places, const struct hs_mapping *mapping) {
    size_t stop = places->count > PLACES_BACK ? places->count - PLACES_BACK : 0;
    for (size_t i = places->count; i-- > stop;) {
        const struct hs_image_place *place = &places->items[i];
        if (strcmp(place->path, mapping->path) == 0) return mapping->start < place->end;
    }
    return false;
}

static struct hs_error *mapped_places_find(const struct hs_core *core, struct hs_image_places *places) {
    for (size_t i = 0; i < core->mapping_count && places->count < PLACES_MAX; i++) {
        const struct hs_mapping *mapping = &core->mappings[i];
        if (mapping->file_offset != 0 || place_holds(places, mapping)) continue;
        struct hs_image_place place = {.start = mapping->start, .end = mapping->end, .path = mapping->path};
        bool present = hs_core_ptr(core, mapping->start, SELFMAG) != NULL;
        bool elf = hs_image_core_read(core, mapping->start, &place.facts);
        place.headed = !elf && is_headed(core, mapping->start);
        /* The other mappings of the file follow in address order, those of other files may not lie between.
         */
        for (size_t j = i; j < core->mapping_count && strcmp(core->mappings[j].path, mapping->path) == 0;
             j++) {
            if (j > i && core->mappings[j].file_offset == 0) break;
            if (!elf) place.end = core->mappings[j].end;
            if (range_executable(core, core->mappings[j].start)) place.executable = true;
        }
        if ((present && !elf && !place.headed) || !place_span(&place)) {
            hs_image_facts_deinit(&place.facts);
            continue;
        }
        HS_TRY(place_add(places, &place));
    }
    return NULL;
}

/* Without NT_FILE (qemu-user; a gcore core that lost its end): ELF headers stand where segments begin. */
static struct hs_error *headed_places_find(const struct hs_core *core, struct hs_image_places *places) {
    const struct hs_core_private *priv = core->priv;
    for (size_t i = 0; i < priv->load_start_count && places->count < PLACES_MAX; i++) {
        struct hs_image_place place = {.start = priv->load_starts[i], .end = priv->load_starts[i] + 1};
        if (i > 0 && place.start == priv->load_starts[i - 1]) continue;
        if (!hs_image_core_read(core, place.start, &place.facts)) continue;
        if (!place_span(&place)) {
            hs_image_facts_deinit(&place.facts);
            continue;
        }
        HS_TRY(place_add(places, &place));
    }
    return NULL;
}

/* The kernel tells the program by the addresses of its headers and of its entry; without that, only a program
 * may be fixed to its address. A program that was started through the dynamic linker by hand has the linker's
 * own numbers there: then --exe tells (image.c). */
static void main_find(const struct hs_core *core, struct hs_image_places *places) {
    static const uint64_t types[] = {AT_PHDR, AT_ENTRY};
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        uint64_t addr;
        if (!hs_core_auxv_find(core, types[t], &addr)) continue;
        for (size_t i = 0; i < places->count; i++) {
            struct hs_image_place *place = &places->items[i];
            if (addr < place->start || addr >= place->end) continue;
            place->is_main = true;
            return;
        }
    }
    for (size_t i = 0; i < places->count; i++) {
        const struct hs_image_facts *facts = &places->items[i].facts;
        if (facts->header_count == 0 || facts->header.type != ET_EXEC) continue;
        places->items[i].is_main = true;
        return;
    }
}

struct hs_error *hs_image_places_find(const struct hs_core *core, struct hs_image_places *ret) {
    struct hs_image_places places = {0};
    struct hs_error *error =
        core->mapping_count ? mapped_places_find(core, &places) : headed_places_find(core, &places);
    if (error) {
        hs_image_places_deinit(&places);
        return error;
    }
    main_find(core, &places);
    *ret = places;
    return NULL;
}
