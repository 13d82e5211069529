/* Segments: what is present, what is absent, which are one; extents: where the file has data. */
#define _GNU_SOURCE 1 /* SEEK_DATA */
#include "elf/core_private.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

/* Clips one PT_LOAD to the file and to the address space. False if nothing of it is memory. */
static bool segment_read(struct hs_core *core, const struct hs_program_header *header,
                         struct hs_segment *ret) {
    const struct hs_core_private *priv = core->priv;
    uint64_t memory = header->memory_size, wanted = header->file_size;
    if (memory > UINT64_MAX - header->vaddr) memory = UINT64_MAX - header->vaddr;
    if (wanted > memory) wanted = memory;
    if (memory == 0) return false;
    uint64_t room = header->offset > priv->size ? 0 : priv->size - header->offset;
    uint64_t present = wanted < room ? wanted : room;
    if (present < wanted) {
        core->truncated = true;
        if (header->flags & HS_SEGMENT_W) {
            uint64_t lost = wanted - present;
            core->absent_bytes =
                lost > UINT64_MAX - core->absent_bytes ? UINT64_MAX : core->absent_bytes + lost;
        }
    }
    *ret = (struct hs_segment){
        .start = header->vaddr,
        .memory_size = memory,
        .file_size = present,
        .data = present ? priv->bytes + header->offset : NULL,
        .file_offset = header->offset,
        .flags = header->flags & (HS_SEGMENT_R | HS_SEGMENT_W | HS_SEGMENT_X),
        .any_flags = header->flags & (HS_SEGMENT_R | HS_SEGMENT_W | HS_SEGMENT_X),
    };
    return true;
}

/* By address; of two at one address the one with more present bytes first, so that an empty one hides
 * nothing. */
static int segment_compare(const void *a, const void *b) {
    const struct hs_segment *x = a, *y = b;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    if (x->file_size != y->file_size) return x->file_size > y->file_size ? -1 : 1;
    return x->file_offset < y->file_offset ? -1 : x->file_offset > y->file_offset;
}

/* Drops the first `size` bytes of a segment, which has more than that. */
static void segment_trim_front(struct hs_segment *segment, uint64_t size) {
    uint64_t present = size < segment->file_size ? size : segment->file_size;
    segment->start += size;
    segment->memory_size -= size;
    segment->file_size -= present;
    segment->file_offset += present;
    segment->data = segment->file_size ? segment->data + present : NULL;
}

/* True if `next` needs no place of its own behind `last`: joined, or nothing of it is left. Segments come by
 * ascending start; after a trim `last` may begin behind `next`. */
static bool segment_absorb(struct hs_segment *last, struct hs_segment *next) {
    if (next->start < last->start) {
        uint64_t taken = last->start - next->start;
        if (taken >= next->memory_size) return true;
        segment_trim_front(next, taken);
    }
    uint64_t gap = next->start - last->start;
    if (gap < last->memory_size) {
        /* Overlap: only damaged cores have it. Absent bytes give way, present ones stay with the lower
         * segment. */
        if (gap < last->file_size) {
            uint64_t taken = last->file_size - gap;
            last->memory_size = last->file_size;
            if (taken >= next->memory_size) return true;
            segment_trim_front(next, taken);
        } else if (gap == 0) {
            *last = *next;
            return true;
        } else {
            last->memory_size = gap;
        }
    }
    if (last->file_size && next->file_size && last->file_size == last->memory_size &&
        next->start - last->start == last->memory_size && next->data == last->data + last->file_size) {
        last->memory_size += next->memory_size;
        last->file_size += next->file_size;
        last->any_flags |= next->any_flags;
        return true;
    }
    return false;
}

static int offset_compare(const void *a, const void *b) {
    const struct hs_segment *x = a, *y = b;
    return x->file_offset < y->file_offset ? -1 : x->file_offset > y->file_offset;
}

/* Each byte of the file is memory once at most: a core that uses bytes twice could make a small file cost as
 * much as a huge one. Sorts by file offset. */
static struct hs_error *file_overlap_check(const struct hs_core *core, struct hs_segment *segments,
                                           size_t count) {
    qsort(segments, count, sizeof *segments, offset_compare);
    uint64_t end = 0;
    for (size_t i = 0; i < count; i++) {
        const struct hs_segment *segment = &segments[i];
        if (segment->file_size == 0) continue;
        if (segment->file_offset < end)
            return hs_error_create_at(HS_ERROR_FORMAT, segment->start,
                                      "%s is damaged: its segment at 0x%" PRIx64 " claims "
                                      "bytes of the file that belong to another one",
                                      core->path, segment->start);
        end = segment->file_offset + segment->file_size;
    }
    return NULL;
}

struct hs_error *hs_core_segments_load(struct hs_core *core) {
    struct hs_core_private *priv = core->priv;
    struct hs_segment *segments = calloc(priv->header_count ? priv->header_count : 1, sizeof *segments);
    if (!segments) return HS_ENOMEM;
    core->segments = segments;

    size_t count = 0;
    core->truncated = priv->cut;
    for (size_t i = 0; i < priv->header_count; i++) {
        const struct hs_program_header *header = &priv->headers[i];
        if (header->type == PT_NOTE &&
            (header->offset > priv->size || header->file_size > priv->size - header->offset))
            core->truncated = true;
        if (header->type != PT_LOAD || !segment_read(core, header, &segments[count])) continue;
        count++;
    }
    if (count == 0)
        return hs_error_create(HS_ERROR_FORMAT, "%s is a core without loadable segments: it holds no memory",
                               core->path);

    HS_TRY(file_overlap_check(core, segments, count));
    qsort(segments, count, sizeof *segments, segment_compare);
    priv->load_starts = calloc(count, sizeof *priv->load_starts);
    priv->load_executable = calloc(count, sizeof *priv->load_executable);
    if (!priv->load_starts || !priv->load_executable) return HS_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        priv->load_starts[i] = segments[i].start;
        priv->load_executable[i] = segments[i].flags & HS_SEGMENT_X;
    }
    priv->load_start_count = count;
    size_t kept = 1;
    for (size_t i = 1; i < count; i++) {
        if (!segment_absorb(&segments[kept - 1], &segments[i])) segments[kept++] = segments[i];
    }
    core->segment_count = kept;
    return NULL;
}

struct extent_list {
    struct hs_extent *items;
    size_t count, capacity;
};

static struct hs_error *extent_add(struct extent_list *list, hs_addr start, uint64_t size) {
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 256;
        struct hs_extent *items = realloc(list->items, capacity * sizeof *items);
        if (!items) return HS_ENOMEM;
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = (struct hs_extent){.start = start, .size = size};
    return NULL;
}

/* The extents of one segment. A file system that knows no holes answers with the whole file; one that knows
 * no SEEK_DATA fails with EINVAL: then the rest is one extent. */
static struct hs_error *segment_extents_add(int fd, const struct hs_segment *segment,
                                            struct extent_list *list) {
    uint64_t offset = segment->file_offset, end = segment->file_offset + segment->file_size;
    while (offset < end) {
        off_t data = lseek(fd, (off_t)offset, SEEK_DATA);
        off_t hole = data < 0 ? -1 : lseek(fd, data, SEEK_HOLE);
        if (data < 0 && errno == ENXIO) return NULL; /* a hole up to the end of the file */
        uint64_t from = data < 0 || hole <= data ? offset : (uint64_t)data;
        uint64_t to = data < 0 || hole <= data ? end : (uint64_t)hole;
        if (from >= end) return NULL;
        if (from < offset) from = offset;
        if (to > end) to = end;
        HS_TRY(extent_add(list, segment->start + (from - segment->file_offset), to - from));
        offset = to;
    }
    return NULL;
}

struct hs_error *hs_core_extents_load(struct hs_core *core) {
    struct extent_list list = {0};
    struct hs_error *error = NULL;
    for (size_t i = 0; i < core->segment_count && !error; i++) {
        const struct hs_segment *segment = &core->segments[i];
        if (segment->file_size == 0) continue;
        error = core->priv->fd < 0 ? extent_add(&list, segment->start, segment->file_size)
                                   : segment_extents_add(core->priv->fd, segment, &list);
    }
    if (error) {
        free(list.items);
        return error;
    }
    core->extents = list.items;
    core->extent_count = list.count;
    return NULL;
}
