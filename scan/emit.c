#include "emit.h"
#include "emit_holders.h"

#include <inttypes.h>

#include "graph/heapsnapshot.h"
#include <stdlib.h>
#include <string.h>

/* Spaces are several Space objects in V8 (the two halves of new space); by isolate and name they are one. */
static bool same_space(const struct hs_space *a, const struct hs_space *b) {
    return a->isolate == b->isolate && strcmp(a->name, b->name) == 0;
}

static struct hs_account account_of(const struct scan_capture *capture, uint32_t space) {
    const struct hs_pages *pages = &capture->v8->pages;
    struct hs_account sum = {0};
    for (uint32_t i = 0; i < pages->space_count; i++)
        if (same_space(&pages->spaces[i], &pages->spaces[space]))
            hs_account_add(&sum, &capture->group->accounts[i]);
    return sum;
}

static bool is_first(const struct hs_pages *pages, uint32_t space) {
    for (uint32_t i = 0; i < space; i++)
        if (same_space(&pages->spaces[i], &pages->spaces[space])) return false;
    return true;
}

static struct hs_snap_header header_of(const struct scan_options *options,
                                       const struct scan_capture *capture) {
    if (capture->group->file)
        return (struct hs_snap_header){.tool = SCAN_TOOL,
                                       .source = capture->source,
                                       .format = "heapsnapshot",
                                       .bits = HS_SNAP_NULL,
                                       .pid = HS_SNAP_NULL,
                                       .captured_at = HS_SNAP_NULL,
                                       .isolates = 1,
                                       .options = options->recorded,
                                       .options_length = options->recorded_count};
    const struct hs_core *core = capture->core;
    const struct hs_v8_symbols *symbols = capture->v8->symbols;
    return (struct hs_snap_header){
        .tool = SCAN_TOOL,
        .source = capture->source,
        .format = "elf-core",
        .machine = core->arch->name,
        .bits = core->arch->word_size * 8,
        .build_id = symbols->build_id[0] ? symbols->build_id : NULL,
        .pid = core->pid ? (int64_t)core->pid : HS_SNAP_NULL,
        .captured_at = core->captured_at >= 0 ? core->captured_at : HS_SNAP_NULL,
        .node = symbols->node_version[0] ? symbols->node_version + 1 : NULL,
        .v8 = symbols->version_text[0] ? symbols->version_text : NULL,
        .isolates = capture->v8->isolate_count,
        .options = options->recorded,
        .options_length = options->recorded_count,
    };
}

static struct hs_error *write_spaces(struct hs_snap_writer *writer, const struct scan_capture *capture) {
    const struct hs_pages *pages = &capture->v8->pages;
    for (uint32_t i = 0; i < pages->space_count; i++) {
        if (!is_first(pages, i)) continue;
        struct hs_account a = account_of(capture, i);
        struct hs_snap_space space = {
            .isolate = pages->spaces[i].isolate,
            .name = pages->spaces[i].name,
            .pages = (int64_t)a.pages,
            .committed = (int64_t)a.committed,
            .used =
                (int64_t)a.objects, /* V8's allocated_bytes to the byte; fillers are waste of the free list */
            .objects = (int64_t)a.objects,
            .fillers = (int64_t)a.fillers,
            .free = (int64_t)(a.free + a.unused + a.unfilled + a.moved + a.absent),
            .rejected = (int64_t)a.rejected,
        };
        HS_TRY(hs_snap_write_space(writer, &space));
    }
    return NULL;
}

static struct hs_error *write_rejects(struct hs_snap_writer *writer, const struct scan_capture *capture) {
    struct hs_account sum = {0};
    for (uint32_t i = 0; i < capture->v8->pages.space_count; i++)
        hs_account_add(&sum, &capture->group->accounts[i]);
    const struct hs_snap_reject rejects[] = {
        {"no object decodes here", (int64_t)sum.rejected_count, (int64_t)sum.rejected},
        {"allocation area that a thread had not filled", (int64_t)sum.unfilled_count, (int64_t)sum.unfilled},
        {"moved by a collection under way: counted at its new place", (int64_t)sum.moved_count,
         (int64_t)sum.moved},
        {"heap memory that the core lacks", sum.absent ? 1 : 0, (int64_t)sum.absent},
    };
    for (size_t i = 0; i < sizeof rejects / sizeof *rejects; i++)
        if (rejects[i].bytes) HS_TRY(hs_snap_write_reject(writer, &rejects[i]));
    return NULL;
}

/* Isolates and spaces. */
static struct hs_error *write_heap(struct hs_snap_writer *writer, const struct scan_capture *capture) {
    for (uint32_t i = 0; i < capture->v8->isolate_count; i++) {
        const struct hs_isolate *isolate = &capture->v8->isolates[i];
        struct hs_snap_isolate line = {
            .id = i, .role = isolate->main ? "main" : "worker", .address = isolate->address};
        HS_TRY(hs_snap_write_isolate(writer, &line));
    }
    return write_spaces(writer, capture);
}

/* Native memory and what was lost. */
static struct hs_error *write_outside(struct hs_snap_writer *writer, const struct scan_capture *capture) {
    for (uint32_t i = 0; i < capture->group->native_count; i++) {
        const struct hs_native *native = &capture->group->natives[i];
        struct hs_snap_native line = {
            .name = native->name, .bytes = (int64_t)native->bytes, .count = (int64_t)native->count};
        HS_TRY(hs_snap_write_native(writer, &line));
    }
    return write_rejects(writer, capture);
}

struct hs_error *scan_emit_snapshot(struct hs_snap_writer *writer, const struct scan_options *options,
                                    const struct scan_capture *capture) {
    struct hs_snap_header header = header_of(options, capture);
    HS_TRY(hs_snap_write_header(writer, &header));
    if (capture->v8) HS_TRY(write_heap(writer, capture));
    for (size_t i = 0; i < capture->class_count; i++)
        HS_TRY(hs_snap_write_class(writer, &capture->classes[i]));
    HS_TRY(scan_emit_holders(writer, capture));
    if (capture->v8) HS_TRY(write_outside(writer, capture));
    struct hs_snap_trailer trailer = {.complete = capture->complete,
                                      .reasons = (const char **)capture->reasons,
                                      .reasons_length = capture->reason_count};
    return hs_snap_write_trailer(writer, &trailer);
}

struct hs_error *scan_emit_table(FILE *out, const struct scan_options *options,
                                 const struct scan_capture *capture) {
    struct hs_class_table_options table = {
        .terminal = hs_terminal_detect(out, options->color), .sort = options->sort, .top = options->top};
    struct hs_snap_header header = header_of(options, capture);
    HS_TRY(hs_class_table_heading(out, &header, table.terminal));
    return hs_class_table_print(out, capture->classes, capture->class_count, &table);
}

struct listing {
    FILE *out;
    const struct scan_capture *capture;
    const struct scan_options *options;
    uint64_t left;
    bool ndjson;
    hs_id next; /* of a file: the node behind the last one listed */
};

/* Objects of a file come in its order, which saves a search for each. */
static bool is_reachable(struct listing *listing, hs_addr address) {
    const struct hs_analysis *a = listing->capture->analysis;
    hs_id id;
    if (a->file) {
        while (listing->next < a->file->node_count && a->file->id[listing->next] != address) listing->next++;
        id = listing->next < a->file->node_count ? listing->next++ : HS_ID_NONE;
    } else id = hs_objects_find(a->objects, address);
    return id == HS_ID_NONE || hs_marks_get(&a->marks, id);
}

static bool print_address(void *context, hs_addr address, uint32_t class_index) {
    struct listing *listing = context;
    const struct hs_analysis *analysis = listing->capture->analysis;
    if (analysis) {
        bool reachable = is_reachable(listing, address);
        if (reachable ? listing->options->unreachable : listing->options->reachable) return true;
    }
    if (listing->ndjson) {
        /* class_index ascends with the position among the selected ones. */
        size_t low = 0, high = listing->capture->class_count;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (listing->capture->class_index[middle] < class_index) low = middle + 1;
            else high = middle;
        }
        char key[33];
        hs_snap_key_print(listing->capture->classes[low].key, key);
        fprintf(listing->out, "{\"kind\":\"object\",\"address\":\"0x%" PRIx64 "\",\"class\":\"%s\"}\n",
                address, key);
    } else {
        fprintf(listing->out, listing->capture->group->file ? "@%" PRIu64 "\n" : "0x%" PRIx64 "\n", address);
    }
    return --listing->left > 0 && !ferror(listing->out);
}

struct hs_error *scan_emit_list(FILE *out, const struct scan_options *options, struct scan_capture *capture,
                                bool ndjson) {
    struct listing listing = {.out = out,
                              .capture = capture,
                              .options = options,
                              .left = options->limit ? options->limit : UINT64_MAX,
                              .ndjson = ndjson};
    HS_TRY(hs_group_list(capture->group, capture->selected, print_address, &listing));
    return fflush(out) || ferror(out) ? hs_error_create_errno("cannot write the list") : NULL;
}

void scan_emit_accounts(FILE *out, const struct scan_capture *capture) {
    if (!capture->v8) return;
    const struct hs_pages *pages = &capture->v8->pages;
    fprintf(out, "%-3s %-26s %6s %12s %12s %10s %12s %12s %9s %9s %9s %9s\n", "iso", "space", "pages", "area",
            "objects", "fillers", "free", "unused", "unfilled", "moved", "rejected", "absent");
    for (uint32_t i = 0; i < pages->space_count; i++) {
        if (!is_first(pages, i)) continue;
        struct hs_account a = account_of(capture, i);
        fprintf(out,
                "%-3u %-26s %6" PRIu64 " %12" PRIu64 " %12" PRIu64 " %10" PRIu64 " %12" PRIu64 " %12" PRIu64
                " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 "%s\n",
                pages->spaces[i].isolate, pages->spaces[i].name, a.pages, a.area, a.objects, a.fillers,
                a.free, a.unused, a.unfilled, a.moved, a.rejected, a.absent,
                a.objects + a.fillers + a.free + a.unused + a.unfilled + a.moved + a.rejected + a.absent ==
                        a.area
                    ? ""
                    : "  (does not add up: a bug)");
    }
}
