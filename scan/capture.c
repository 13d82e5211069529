#define _GNU_SOURCE 1 /* vasprintf */
#include "capture.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "base/escape.h"
#include "index.h"

/* The contract of `complete` (interface.md): every heap page present, at most 0.1 % of its bytes rejected. */
enum { REJECTED_PER_MILLE = 1 };

static void say_remark(const char *source, const char *remark) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_escape_terminal_string(&text, source);
    hs_strbuf_puts(&text, ": ");
    hs_escape_terminal_string(&text, remark);
    fprintf(stderr, "heapscan: %s\n", text.data);
}

struct hs_error *scan_capture_open(const char *source, const struct scan_options *options,
                                   struct scan_capture *ret) {
    ret->source = source;
    if (hs_heapsnapshot_probe(source)) {
        struct hs_heapsnapshot *file;
        HS_TRY(hs_heapsnapshot_open(source, &file));
        if (file->remark && !options->quiet) say_remark(source, file->remark);
        return hs_imported_group(file, &ret->group);
    }
    HS_TRY(hs_core_open(source, &ret->core));
    struct hs_image_options images = {.exe = options->exe, .sysroot = options->sysroot};
    HS_TRY(hs_images_load(ret->core, &images, &ret->images));
    struct hs_v8_options v8 = {.metadata = options->metadata};
    HS_STRBUF_AUTO shown = HS_STRBUF_INIT;
    hs_escape_terminal_string(&shown, source);
    struct hs_error *error = hs_v8_open(ret->core, ret->images, &v8, &ret->v8);
    if (error && strncmp(error->message, shown.data, shown.size) != 0)
        error = hs_error_prefix(error, "%s", shown.data);
    return error;
}

static struct hs_error *add_reason(struct scan_capture *capture, const char *format, ...) HS_PRINTF(2, 3);
static struct hs_error *add_reason(struct scan_capture *capture, const char *format, ...) {
    char **grown = realloc(capture->reasons, (capture->reason_count + 1) * sizeof *grown);
    if (!grown) return HS_ENOMEM;
    capture->reasons = grown;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&grown[capture->reason_count], format, arguments);
    va_end(arguments);
    if (length < 0) return HS_ENOMEM;
    capture->reason_count++;
    return NULL;
}

static struct hs_error *judge(struct scan_capture *capture) {
    capture->complete = true;
    if (!capture->v8) return NULL;
    uint64_t area = 0, rejected = 0, absent = 0;
    for (uint32_t i = 0; i < capture->v8->pages.space_count; i++) {
        area += capture->group->accounts[i].area;
        rejected += capture->group->accounts[i].rejected;
        absent += capture->group->accounts[i].absent;
    }
    if (capture->core->truncated) {
        capture->complete = false;
        HS_TRY(add_reason(
            capture, "the core is truncated: %llu bytes of the process's memory are missing from the file",
            (unsigned long long)capture->core->absent_bytes));
    }
    if (absent) {
        capture->complete = false;
        HS_TRY(add_reason(capture, "%llu of %llu bytes of heap pages are not in the core",
                          (unsigned long long)absent, (unsigned long long)area));
    }
    if (rejected > area / 1000 * REJECTED_PER_MILLE) {
        capture->complete = false;
        HS_TRY(add_reason(capture, "%llu of %llu bytes of heap pages do not decode as objects",
                          (unsigned long long)rejected, (unsigned long long)area));
    }
    for (size_t i = 0; i < capture->v8->warning_count; i++)
        HS_TRY(add_reason(capture, "%s", capture->v8->warnings[i]));
    for (size_t i = 0; capture->analysis && i < capture->analysis->roots.note_count; i++)
        HS_TRY(add_reason(capture, "%s", capture->analysis->roots.notes[i]));
    return NULL;
}

static bool has_property(const struct hs_class *class, const char *name) {
    for (uint32_t i = 0; !class->dictionary && i < class->property_count; i++)
        if (strcmp(class->properties[i], name) == 0) return true;
    return false;
}

/* Of the including -c one must match, of the including -p every one; no excluding one may. */
static bool passes(const struct scan_options *options, const struct hs_class *class) {
    bool constructor_wanted = false, constructor_found = false;
    for (size_t i = 0; i < options->filter_count; i++) {
        const struct scan_filter *filter = &options->filters[i];
        bool match = filter->property ? has_property(class, filter->text)
                                      : strcmp(class->constructor, filter->text) == 0;
        if (filter->exclude && match) return false;
        if (filter->exclude) continue;
        if (filter->property && !match) return false;
        if (!filter->property) {
            constructor_wanted = true;
            constructor_found |= match;
        }
    }
    return !constructor_wanted || constructor_found;
}

static struct hs_snap_class convert(const struct hs_class *class, const struct hs_class_standing *standing) {
    struct hs_snap_class result = {
        .isolate = class->isolate,
        .type = hs_node_type_name((enum hs_node_type) class->type),
        .constructor = class->constructor,
        .location = {.script = class->line >= 0 ? class->script : NULL,
                     .line = class->line + 1,
                     .column = class->column + 1},
        .properties = class->properties,
        .properties_length = class->dictionary ? 0 : class->property_count,
        .property_count = class->dictionary ? HS_SNAP_NULL : (int64_t) class->property_count,
        .dictionary = class->dictionary,
        .count = (int64_t) class->count,
        .bytes = (int64_t) class->bytes,
        .reachable_count = standing ? (int64_t)standing->reachable_count : HS_SNAP_NULL,
        .reachable_bytes = standing ? (int64_t)standing->reachable_bytes : HS_SNAP_NULL,
        .retained_bytes = standing ? (int64_t)standing->retained_bytes : HS_SNAP_NULL,
        .elements = (int64_t) class->elements,
        .sample = standing && standing->reachable_sample ? standing->reachable_sample : class->sample,
    };
    result.key = hs_snap_class_key(&result);
    return result;
}

static struct hs_error *select_classes(const struct scan_options *options, struct scan_capture *capture) {
    size_t room = (size_t)capture->class_total + 1;
    capture->selected = calloc(room, sizeof *capture->selected);
    capture->classes = calloc(room, sizeof *capture->classes);
    capture->class_index = calloc(room, sizeof *capture->class_index);
    if (!capture->selected || !capture->classes || !capture->class_index) return HS_ENOMEM;
    int32_t like = -1;
    hs_addr address = capture->v8 ? options->like & ~(hs_addr)3 : options->like; /* a tagged one will do */
    if (options->like_given && (like = hs_group_find(capture->group, address)) < 0)
        return scan_address_missing(capture, options->like);
    for (uint32_t i = 0; i < capture->class_total; i++) {
        if ((like >= 0 && i != (uint32_t)like) || !passes(options, &capture->all[i])) continue;
        capture->selected[i] = true;
        capture->class_index[capture->class_count] = i;
        capture->classes[capture->class_count++] =
            convert(&capture->all[i], capture->standings ? &capture->standings[i] : NULL);
    }
    return NULL;
}

static void show_progress(void *context, uint64_t done, uint64_t total) {
    struct hs_progress *progress = context;
    progress->total = total;
    uint64_t before = atomic_load(&progress->done);
    if (done > before) hs_progress_add(progress, done - before);
}

static bool wants_analysis(const struct scan_options *options) {
    return !options->quick && !(options->list && !options->reachable && !options->unreachable);
}

static void take_classes(struct scan_capture *capture) {
    capture->all = capture->group->classes;
    capture->class_total = capture->group->class_count;
    capture->standings = capture->analysis ? capture->analysis->standings : NULL;
}

static struct hs_error *scan_core(const struct scan_options *options, struct scan_capture *capture) {
    HS_STRBUF_AUTO title = HS_STRBUF_INIT;
    hs_strbuf_puts(&title, "scanning ");
    hs_escape_terminal_string(&title, capture->source);
    struct hs_progress progress;
    hs_progress_start(&progress, options->quiet ? HS_PROGRESS_NEVER : options->progress, title.data,
                      HS_PROGRESS_BYTES, 0);
    struct hs_group_options group = {.threads = options->threads,
                                     .progress = show_progress,
                                     .progress_context = &progress,
                                     .objects = wants_analysis(options)};
    struct hs_error *error = hs_group_scan(capture->v8, &group, &capture->group);
    hs_progress_stop(&progress);
    if (error) return error;
    if (wants_analysis(options)) {
        struct hs_analysis_options analysis = {
            .threads = options->threads,
            .holdings = options->index != SCAN_INDEX_NEVER || options->needs & HS_NEED_HOLDINGS,
            .no_dominators = options->index == SCAN_INDEX_NEVER && options->needs & HS_NEED_NO_DOMINATORS};
        HS_TRY(hs_analysis_create(capture->group, &analysis, &capture->analysis));
    }
    take_classes(capture);
    return hs_core_recheck(capture->core);
}

/* What a scan made. */
static void forget(struct scan_capture *capture) {
    free(capture->selected);
    free(capture->classes);
    free(capture->class_index);
    for (size_t i = 0; i < capture->reason_count; i++) free(capture->reasons[i]);
    free(capture->reasons);
    hs_analysis_destroy(capture->loaded ? capture->loaded : capture->analysis);
    hs_group_destroy(capture->group);
    free(capture->index_path);
    *capture = (struct scan_capture){.source = capture->source,
                                     .core = capture->core,
                                     .images = capture->images,
                                     .v8 = capture->v8,
                                     .key = capture->key,
                                     .keyed = capture->keyed};
}

/* Everything from an index. Unset *used_ret: there is none, or it was damaged. */
static struct hs_error *use_index(const struct scan_options *options, struct scan_capture *capture,
                                  bool *used_ret) {
    *used_ret = scan_index_load(options, capture);
    if (!*used_ret) return NULL;
    if (wants_analysis(options)) capture->analysis = capture->loaded;
    take_classes(capture);
    struct hs_error *unfit = hs_analysis_need(capture->loaded, options->needs, options->threads),
                    *error = NULL;
    if (!unfit) error = judge(capture);
    if (!unfit && !error) error = select_classes(options, capture);
    if (!unfit && !hs_analysis_is_damaged(capture->loaded)) return error;
    hs_error_destroy(unfit);
    scan_index_condemn(options, capture);
    hs_error_destroy(error);
    forget(capture);
    *used_ret = false;
    return NULL;
}

struct hs_error *scan_capture_scan(const struct scan_options *options, struct scan_capture *capture) {
    if (capture->group) { /* of a file: there since it was opened */
        if (wants_analysis(options)) HS_TRY(hs_imported_analyse(capture->group, &capture->analysis));
        take_classes(capture);
    } else {
        bool used;
        HS_TRY(use_index(options, capture, &used));
        if (used) return NULL;
        HS_TRY(scan_core(options, capture));
    }
    HS_TRY(judge(capture));
    return select_classes(options, capture);
}

void scan_capture_close(struct scan_capture *capture) {
    forget(capture);
    hs_v8_close(capture->v8);
    hs_images_destroy(capture->images);
    hs_core_close(capture->core);
    *capture = (struct scan_capture){0};
}
