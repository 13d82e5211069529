/* flip CORE RUNS [SEED [EXE]]: a real core with random bytes changed, RUNS times in one process.
 *
 * hs_core maps a core privately and reads it only; here the mapping is made writable, so that a change is in
 * memory only and goes with the run. Changed
 * are bytes of heap pages (their headers among them), the isolates and their root tables, handles and
 * whatever other slots the roots were found in, and the stacks; 1 to 64 a run: a bit, a byte, or a word that
 * is copied from elsewhere in the same kind of memory. Each run does all that heapscan does with a core:
 * opening may fail with an error, nothing may crash, leak, take more than LIMIT_SECONDS, or ROOM times the
 * memory of the untouched core. Built with ASan and UBSan (make flips). Prints a line a hundred runs; a
 * failure names the seed and the run. */
#define _GNU_SOURCE 1
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "graph/dominated.h"
#include "group/analysis.h"
#include "group/container.h"
#include "export/exported.h"
#include "group/named_path.h"
#include "group/root_total.h"
#include "group/suspect.h"

enum { LIMIT_SECONDS = 120, ROOM = 4, FLIPS_LOG = 7, PATHS_ASKED = 50 };

/* Memory of one kind. */
struct piece {
    hs_addr at;
    uint64_t size;
};
struct region {
    const char *name;
    struct piece *pieces;
    size_t count, capacity;
    uint64_t bytes, flips;
};
enum { PAGES, HEADERS, ISOLATES, TABLES, SLOTS, STACKS, REGIONS };
static struct region regions[REGIONS] = {{"heap pages", NULL, 0, 0, 0, 0}, {"page headers", NULL, 0, 0, 0, 0},
                                         {"isolates", NULL, 0, 0, 0, 0},   {"root tables", NULL, 0, 0, 0, 0},
                                         {"handles", NULL, 0, 0, 0, 0},    {"stacks", NULL, 0, 0, 0, 0}};

static uint64_t state;
static uint64_t draw(uint64_t limit) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return state % limit;
}

static void add(const struct hs_core *core, struct region *region, hs_addr at, uint64_t size) {
    const struct hs_segment *segment = hs_core_segment_find(core, at);
    if (!segment || at - segment->start >= segment->file_size) return;
    if (size > segment->file_size - (at - segment->start)) size = segment->file_size - (at - segment->start);
    if (region->count == region->capacity) {
        region->capacity = region->capacity ? 2 * region->capacity : 64;
        region->pieces = realloc(region->pieces, region->capacity * sizeof *region->pieces);
        if (!region->pieces) abort();
    }
    region->pieces[region->count++] = (struct piece){at, size};
    region->bytes += size;
}

static hs_addr pick(const struct region *region, uint64_t room) {
    for (int tries = 0; tries < 64; tries++) {
        const struct piece *piece = &region->pieces[draw(region->count)];
        if (piece->size >= room) return piece->at + draw(piece->size - room + 1);
    }
    return 0;
}

/* --- changes */

/* The 8 bytes at `at`, made writable; NULL if the core has them not. */
static uint8_t *writable(const struct hs_core *core, hs_addr at) {
    uint8_t *p = (uint8_t *)(uintptr_t)hs_core_ptr(core, at, 8);
    uintptr_t page = (uintptr_t)p & ~(uintptr_t)4095;
    if (!p || mprotect((void *)page, 8192, PROT_READ | PROT_WRITE)) return NULL;
    return p;
}

static long flip(const struct hs_core *core) {
    long count = 1L << draw(FLIPS_LOG), done = 0;
    for (long i = 0; i < count; i++) {
        struct region *region = &regions[draw(REGIONS)];
        unsigned how = (unsigned)draw(4);
        if (!region->count) region = &regions[PAGES];
        hs_addr at = pick(region, 16), from = pick(region, 16);
        if (how == 2) at = (at + 7) & ~(hs_addr)7, from = (from + 7) & ~(hs_addr)7;
        const uint8_t *other = hs_core_ptr(core, from, 8);
        uint8_t *p = at ? writable(core, at) : NULL;
        if (!p) continue;
        region->flips++;
        done++;
        if (how == 0) *p ^= (uint8_t)(1u << draw(8));
        else if (how == 1) *p = (uint8_t)draw(256);
        else if (how == 2 && other) memmove(p, other, 8); /* of the same kind, aligned: likely a pointer */
        else *p = draw(2) ? 0 : 0xff;
    }
    return done;
}

/* --- one run */

static struct hs_error *take_nodes(void *context, const struct hs_exported_node *nodes, size_t count) {
    for (size_t i = 0; i < count; i++) *(uint64_t *)context += strlen(nodes[i].name) + nodes[i].size;
    return NULL;
}
static struct hs_error *take_name(void *context, const char *name, bool kept, uint32_t *ret) {
    (void)kept;
    *(uint64_t *)context += strlen(name);
    *ret = 0;
    return NULL;
}
static struct hs_error *take_number(void *context, uint32_t number, uint32_t *ret) {
    *(uint64_t *)context += number;
    *ret = 0;
    return NULL;
}
static void format_edges(void *context, const struct hs_exported_edge *edges, size_t count,
                         struct hs_strbuf *text) {
    (void)context;
    hs_strbuf_append(text, edges, count * sizeof *edges);
}
static struct hs_error *take_edges(void *context, const struct hs_strbuf *text, size_t count) {
    *(uint64_t *)context += text->size + count;
    return NULL;
}

static struct hs_error *export(const struct hs_analysis *a, bool garbage) {
    struct hs_exported *exported;
    struct hs_exported_options options = {.garbage = garbage, .numbers = true};
    uint64_t sum = 0;
    HS_TRY(hs_exported_create(a, &options, &exported));
    struct hs_error *error = hs_exported_nodes(exported, take_nodes, &sum);
    const struct hs_exported_sink sink = {take_name, take_number, format_edges, take_edges, &sum};
    if (!error) error = hs_exported_edges(exported, &sink);
    hs_exported_destroy(exported);
    return error;
}

static struct hs_error *ask_paths(struct hs_analysis *a, struct hs_edges *edges) {
    HS_TRY(hs_analysis_paths(a));
    HS_TRY(hs_analysis_reverse(a));
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    for (int i = 0; i < PATHS_ASKED && a->graph->count; i++) {
        hs_id id = (hs_id)draw(a->graph->count), parent;
        for (int steps = 0;
             steps < 100 && (parent = hs_paths_parent(&a->paths, id)) != HS_ID_NONE && parent != id;
             steps++, id = parent) {
            struct hs_edge edge;
            if (hs_edges_find(edges, parent, id, &edge)) hs_edges_put(edges, &edge, false, true, &text);
        }
        hs_strbuf_clear(&text);
    }
    return NULL;
}

static struct hs_error *ask(struct hs_analysis *a) {
    struct hs_named_paths paths = {0};
    struct hs_dominated dominated = {0};
    struct hs_edges *edges = NULL;
    struct hs_root_total *totals = NULL;
    struct hs_container *containers = NULL;
    struct hs_suspect *suspects = NULL;
    size_t count;
    struct hs_error *error = hs_edges_create(a->group->js, a->objects, a->graph, &edges);
    if (!error) error = hs_root_totals_create(a, &totals, &count);
    if (!error) error = hs_named_paths_create(a, edges, &paths);
    if (!error) error = hs_containers_create(a, edges, &containers, &count);
    if (!error) error = hs_dominated_create(a->dominators, &dominated);
    if (!error) error = hs_suspects_create(a, &dominated, &paths, &suspects, &count);
    if (!error) error = ask_paths(a, edges);
    if (!error) error = export(a, draw(2));
    free(totals);
    free(containers);
    free(suspects);
    hs_dominated_deinit(&dominated);
    hs_named_paths_deinit(&paths);
    hs_edges_destroy(edges);
    return error;
}

struct opened {
    struct hs_core *core;
    struct hs_images *images;
    struct hs_v8 *v8;
    struct hs_group *group;
    struct hs_analysis *analysis;
};

static void end(struct opened *o) {
    hs_analysis_destroy(o->analysis);
    hs_group_destroy(o->group);
    hs_v8_close(o->v8);
    hs_images_destroy(o->images);
    hs_core_close(o->core);
}

static struct hs_error *begin(const char *path, const char *exe, long *changed, struct opened *o) {
    const struct hs_image_options images = {.exe = exe};
    HS_TRY(hs_core_open(path, &o->core));
    if (changed) *changed += flip(o->core);
    HS_TRY(hs_images_load(o->core, &images, &o->images));
    HS_TRY(hs_v8_open(o->core, o->images, NULL, &o->v8));
    HS_TRY(hs_group_scan(o->v8, NULL, &o->group));
    HS_TRY(hs_analysis_create(o->group, NULL, &o->analysis));
    return ask(o->analysis);
}

static void find_regions(const struct opened *o) {
    const struct hs_v8 *v8 = o->v8;
    enum { HEADER = 1024, ISOLATE = 0x10000, STACK = 0x8000 };
    for (uint32_t i = 0; i < v8->pages.count; i++) {
        const struct hs_page *page = &v8->pages.items[i];
        add(o->core, &regions[PAGES], page->area_start, page->area_end - page->area_start);
        add(o->core, &regions[HEADERS], page->base, HEADER);
        if (page->metadata != page->base) add(o->core, &regions[HEADERS], page->metadata, HEADER);
    }
    for (uint32_t i = 0; i < v8->isolate_count; i++) {
        const struct hs_isolate *isolate = &v8->isolates[i];
        if (isolate->address) add(o->core, &regions[ISOLATES], isolate->address, ISOLATE);
        add(o->core, &regions[TABLES], isolate->roots, v8->symbols->root_count * v8->arch->word_size);
    }
    for (size_t i = 0; i < o->analysis->roots.count; i++) {
        const struct hs_root *root = &o->analysis->roots.items[i];
        if (root->slot && root->category > HS_ROOT_READ_ONLY && root->category != HS_ROOT_STACK)
            add(o->core, &regions[SLOTS], root->slot & ~(hs_addr)63, 64);
    }
    for (size_t i = 0; i < o->core->thread_count; i++)
        add(o->core, &regions[STACKS], o->core->threads[i].sp, STACK);
}

static char where[128];
static void too_long(int number) {
    (void)number;
    static const char said[] = "flip: takes too long: ";
    if (write(2, said, sizeof said - 1) < 0 || write(2, where, strlen(where)) < 0) _exit(3);
    _exit(3);
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: flip CORE RUNS [SEED [EXE]]\n");
        return 64;
    }
    long runs = atol(argv[2]), refused = 0, flips = 0;
    uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 0) : 1;
    const char *exe = argc > 4 ? argv[4] : NULL;
    struct opened untouched = {0};
    state = seed | 1;
    struct hs_error *error = begin(argv[1], exe, NULL, &untouched);
    if (error) {
        fprintf(stderr, "flip: the untouched core: %s\n", error->message);
        hs_error_destroy(error);
        end(&untouched);
        return 2;
    }
    find_regions(&untouched);
    end(&untouched);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    long room = ROOM * usage.ru_maxrss;
    signal(SIGALRM, too_long);
    for (long run = 0; run < runs; run++) {
        struct opened o = {0};
        state = (seed + (uint64_t)run * UINT64_C(0x9e3779b97f4a7c15)) | 1;
        for (int warm = 0; warm < 8; warm++) draw(2);
        snprintf(where, sizeof where, "seed %llu\n",
                 (unsigned long long)(seed + (uint64_t)run * UINT64_C(0x9e3779b97f4a7c15)));
        alarm(LIMIT_SECONDS);
        error = begin(argv[1], exe, &flips, &o);
        refused += error != NULL;
        hs_error_destroy(error);
        end(&o);
        alarm(0);
        getrusage(RUSAGE_SELF, &usage);
        if (usage.ru_maxrss > room) {
            fprintf(stderr, "flip: %ld KB of memory, %ld for the untouched core: %s", usage.ru_maxrss,
                    room / ROOM, where);
            return 3;
        }
        if ((run + 1) % 100 == 0 || run + 1 == runs) {
            printf("%ld runs, %ld bytes changed, %ld refused, %ld KB at most\n", run + 1, flips, refused,
                   usage.ru_maxrss);
            fflush(stdout);
        }
    }
    for (int r = 0; r < REGIONS; r++) {
        printf("%s: %llu changed\n", regions[r].name, (unsigned long long)regions[r].flips);
        free(regions[r].pieces);
    }
    return 0;
}
