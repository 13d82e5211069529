#define _GNU_SOURCE 1 /* memrchr, strdup */
#include "elf/image.h"
#include "base/escape.h"
#include "elf/image_private.h"

#include <elf.h>
#include <stdlib.h>

#define DELETED " (deleted)"
#define REMEDY                                                                                               \
    "name the same binary with --exe, a copy of that machine's root directory with --sysroot, or a file "    \
    "made by "                                                                                               \
    "--save-metadata with --metadata"

static void images_cleanup(struct hs_images **images) {
    hs_images_destroy(*images);
}

static void hex_put(struct hs_strbuf *out, const struct hs_image_facts *facts) {
    if (facts->build_id_size == 0) hs_strbuf_puts(out, "none");
    for (size_t i = 0; i < facts->build_id_size; i++) hs_strbuf_printf(out, "%02x", facts->build_id[i]);
}

static struct hs_error *image_create(struct hs_images *images, const char *core_path, struct hs_image **ret) {
    struct hs_image_private *priv = calloc(1, sizeof *priv);
    if (!priv) return HS_ENOMEM;
    if (core_path) priv->core_path = strdup(core_path);
    if (core_path && !priv->core_path) {
        free(priv);
        return HS_ENOMEM;
    }
    struct hs_image *image = &images->items[images->count++];
    *image = (struct hs_image){.core_path = priv->core_path, .priv = priv};
    *ret = image;
    return NULL;
}

static void image_take_facts(struct hs_image *image, const struct hs_image_facts *facts) {
    image->bias = image->start - facts->load_bias;
    if (image->bias + facts->high > image->end) image->end = image->bias + facts->high;
    memcpy(image->build_id, facts->build_id, sizeof image->build_id);
    image->build_id_size = facts->build_id_size;
    for (size_t i = 0; i < facts->header_count; i++) {
        if (facts->headers[i].type != PT_TLS) continue;
        image->tls_size = facts->headers[i].memory_size;
        image->tls_align = facts->headers[i].align;
    }
}

/* Takes `file` (and leaves it empty): the image has its bytes from now on. */
static struct hs_error *image_take_file(struct hs_image *image, struct hs_image_file *file,
                                        const char *path) {
    image->path = strdup(path);
    if (!image->path) return HS_ENOMEM;
    image->priv->file = *file;
    *file = (struct hs_image_file){0};
    image_take_facts(image, &image->priv->file.facts);
    return NULL;
}

/* Ends `why`, adds the remedy and keeps the sentence. */
static struct hs_error *reason_set(struct hs_image *image, struct hs_strbuf *why) {
    hs_strbuf_puts(why, ": " REMEDY);
    image->priv->reason = hs_strbuf_detach(why, NULL);
    return image->priv->reason ? NULL : HS_ENOMEM;
}

static void mismatch_put(struct hs_strbuf *out, const struct hs_image_facts *core,
                         const struct hs_image_facts *file) {
    hs_strbuf_puts(out, "build-id ");
    hex_put(out, file);
    hs_strbuf_puts(out, " here, ");
    hex_put(out, core);
    hs_strbuf_puts(out, " in the core");
}

/* What stands for a file that is not where the core says, or is another one by now: the running program
 * itself, if it still runs on this machine, then what the core holds of it. Leaves the image without a file
 * if neither does. */
static struct hs_error *image_substitute(struct hs_image *image, const struct hs_image_place *place,
                                         const struct hs_core *core) {
    HS_STRBUF_AUTO path = HS_STRBUF_INIT;
    struct hs_image_file file = {0};
    bool found = false;
    if (place->is_main && place->facts.build_id_size && core->pid) {
        hs_strbuf_printf(&path, "/proc/%u/exe", core->pid);
        HS_TRY(hs_strbuf_error(&path));
        struct hs_error *error = hs_image_file_open(path.data, &file);
        if (error && error->code == HS_ERROR_NOMEM) return error;
        found = !error && file.facts.header.arch == core->arch &&
                hs_image_facts_match(&place->facts, &file.facts);
        hs_error_destroy(error);
        if (!found) hs_image_file_close(&file);
    }
    if (!found && place->facts.header_count) {
        hs_strbuf_clear(&path);
        hs_strbuf_puts(&path, core->path);
        found = hs_image_file_dumped(core, place->start, &file);
    }
    if (!found) return NULL;
    image->verified = place->facts.build_id_size != 0;
    image->priv->trusted = true;
    struct hs_error *error = image_take_file(image, &file, path.data);
    hs_image_file_close(&file);
    return error;
}

/* Opens the file that the core names. Leaves the image without one, and a reason, if there is none that fits.
 * *elf_ret: the file is an ELF file, or nothing speaks against it. */
static struct hs_error *image_find_file(struct hs_image *image, const struct hs_image_place *place,
                                        const struct hs_core *core, const char *sysroot, bool *elf_ret) {
    HS_STRBUF_AUTO local = HS_STRBUF_INIT;
    HS_STRBUF_AUTO why = HS_STRBUF_INIT;
    size_t length = strlen(place->path), suffix = sizeof DELETED - 1;
    bool deleted = length > suffix && strcmp(place->path + length - suffix, DELETED) == 0;
    hs_strbuf_puts(&local, sysroot);
    hs_strbuf_append(&local, place->path, deleted ? length - suffix : length);
    HS_TRY(hs_strbuf_error(&local));
    hs_escape_terminal_string(&why, local.data);

    *elf_ret = true;
    struct hs_image_file file = {0};
    struct hs_error *error = place->path[0] == '/' ? hs_image_file_open(local.data, &file)
                                                   : hs_error_create(HS_ERROR_IO, "not a path");
    bool known = place->facts.header_count != 0, missing = error != NULL;
    bool other = !error && file.facts.header.arch != core->arch, verified = place->facts.build_id_size != 0;
    if (!error && !other && known) other = !hs_image_facts_match(&place->facts, &file.facts);
    if (!error && !other && !known) {
        enum hs_image_likeness likeness = hs_image_core_compare(core, place->start, &file.facts);
        other = likeness == HS_IMAGE_OTHER;
        verified = likeness == HS_IMAGE_SAME;
    }
    if (error && error->code == HS_ERROR_NOMEM) return error;
    if (missing) *elf_ret = error->code != HS_ERROR_FORMAT;
    hs_error_destroy(error);
    if (missing || other) HS_TRY(image_substitute(image, place, core));
    if (image->path) {
        hs_image_file_close(&file);
        return NULL;
    }
    if (missing) {
        hs_strbuf_puts(&why, deleted ? ", which the core maps, was deleted while the process ran"
                                     : ", which the core maps, is not on this machine or cannot be read");
        return reason_set(image, &why);
    }
    if (other) {
        hs_strbuf_puts(&why, " is not the file that the core maps (");
        mismatch_put(&why, &place->facts, &file.facts);
        hs_strbuf_puts(&why, "): it was replaced after the process had started, or is another machine's");
        error = reason_set(image, &why);
    } else if (deleted && !verified) {
        hs_strbuf_puts(
            &why, " was deleted while the process ran, and no build-id shows that the one here is the same");
        error = reason_set(image, &why);
    } else {
        image->verified = verified;
        image->priv->trusted = verified;
        error = image_take_file(image, &file, local.data);
    }
    hs_image_file_close(&file);
    return error;
}

/* One place that is not --exe's. Drops it again if it is no ELF file after all (data files have no headers in
 * a core). */
static struct hs_error *image_add(struct hs_images *images, const struct hs_image_place *place,
                                  const struct hs_core *core, const char *sysroot) {
    struct hs_image *image = NULL;
    HS_TRY(image_create(images, place->path, &image));
    image->start = place->start;
    image->end = place->end;
    image->is_main = place->is_main;
    if (place->facts.header_count) image_take_facts(image, &place->facts);
    if (!place->path) {
        HS_TRY(image_substitute(image, place, core));
        if (image->path) return NULL;
        HS_STRBUF_AUTO why = HS_STRBUF_INIT;
        hs_strbuf_puts(&why, "the core does not name the files that it maps (no NT_FILE note)");
        return reason_set(image, &why);
    }
    bool elf;
    HS_TRY(image_find_file(image, place, core, sysroot, &elf));
    bool likely = place->facts.header_count || place->headed || place->is_main || (elf && place->executable);
    if (!image->path && !likely) {
        free(image->priv->core_path);
        free(image->priv->reason);
        free(image->priv);
        images->count--;
    }
    return NULL;
}

static struct hs_error *exe_mismatch(const struct hs_core *core, const char *exe,
                                     const struct hs_image_place *place, const struct hs_image_facts *facts) {
    HS_STRBUF_AUTO numbers = HS_STRBUF_INIT;
    HS_STRBUF_AUTO name = HS_STRBUF_INIT;
    if (place) {
        hs_strbuf_puts(&numbers, " (");
        mismatch_put(&numbers, &place->facts, facts);
        hs_strbuf_puts(&numbers, ")");
    }
    if (place && place->path) hs_escape_terminal_string(&name, place->path);
    return hs_error_create(
        HS_ERROR_MISMATCH,
        "%s is not the program of %s%s: name the very binary that ran, the same version and the "
        "same build, with --exe%s%s",
        exe, core->path, numbers.data, name.size ? "; the core calls it " : "", name.data);
}

/* Where the program's headers are, by its own numbers; false if no segment maps them. */
static bool headers_vaddr(const struct hs_image_facts *facts, uint64_t *ret) {
    for (size_t i = 0; i < facts->header_count; i++) {
        const struct hs_program_header *one = &facts->headers[i];
        if (one->type != PT_LOAD || facts->header.phoff < one->offset ||
            facts->header.phoff - one->offset >= one->file_size)
            continue;
        *ret = one->vaddr + (facts->header.phoff - one->offset);
        return true;
    }
    return false;
}

/* The bias of --exe where the core maps nothing that says so: from the auxiliary vector, whose entries must
 * agree. */
static struct hs_error *exe_bias(const struct hs_core *core, const char *exe,
                                 const struct hs_image_facts *facts, uint64_t *ret) {
    bool known = facts->header.type == ET_EXEC;
    uint64_t bias = 0, addr, vaddr;
    if (hs_core_auxv_find(core, AT_PHDR, &addr) && headers_vaddr(facts, &vaddr)) {
        if (known && addr != vaddr) return exe_mismatch(core, exe, NULL, facts);
        bias = addr - vaddr;
        known = true;
    }
    if (hs_core_auxv_find(core, AT_ENTRY, &addr)) {
        uint64_t other = addr - facts->header.entry;
        if (known && other != bias) return exe_mismatch(core, exe, NULL, facts);
        bias = other;
        known = true;
    }
    if (!known)
        return hs_error_create(HS_ERROR_MISMATCH,
                               "nothing in %s tells where %s was loaded: the core has neither NT_FILE nor "
                               "NT_AUXV, and the program is "
                               "position-independent; take the core again, whole",
                               core->path, exe);
    if (bias & 0xfff) return exe_mismatch(core, exe, NULL, facts);
    *ret = bias;
    return NULL;
}

/* The place that --exe stands for: the one with its build-id (wherever it is: the program may have been
 * started through the dynamic linker, or --exe names libnode.so), else the program's, else one with the same
 * headers. */
static struct hs_image_place *exe_place(struct hs_image_places *places, const struct hs_core *core,
                                        const struct hs_image_facts *facts) {
    struct hs_image_place *main_place = NULL, *alike = NULL;
    for (size_t i = 0; i < places->count; i++) {
        struct hs_image_place *place = &places->items[i];
        bool match = place->facts.header_count && hs_image_facts_match(&place->facts, facts);
        if (match && place->facts.build_id_size) return place;
        if (!place->facts.header_count && hs_image_core_compare(core, place->start, facts) == HS_IMAGE_SAME)
            return place;
        if (match && !alike) alike = place;
        if (place->is_main) main_place = place;
    }
    return main_place ? main_place : alike;
}

static struct hs_error *exe_add(struct hs_images *images, const struct hs_core *core, const char *exe,
                                const struct hs_image_place *place, struct hs_image_file *file) {
    const struct hs_image_facts *facts = &file->facts;
    bool known = place && place->facts.header_count;
    if (facts->header.arch != core->arch || (known && !hs_image_facts_match(&place->facts, facts)) ||
        (place && !known && hs_image_core_compare(core, place->start, facts) == HS_IMAGE_OTHER) ||
        (place && facts->header.type == ET_EXEC && place->start != facts->load_bias))
        return exe_mismatch(core, exe, place, facts);
    uint64_t bias = 0;
    if (!place) HS_TRY(exe_bias(core, exe, facts, &bias));

    struct hs_image *image = NULL;
    HS_TRY(image_create(images, place ? place->path : NULL, &image));
    image->start = place ? place->start : bias + facts->load_bias;
    image->end = place ? place->end : image->start;
    image->verified = known && place->facts.build_id_size;
    image->priv->trusted = true;
    image->is_main = !place || place->is_main;
    return image_take_file(image, file, exe);
}

static int image_compare(const void *a, const void *b) {
    const struct hs_image *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

/* Fills `images`, which has room for one more than there are places. */
static struct hs_error *images_fill(struct hs_images *images, const struct hs_core *core,
                                    const struct hs_image_options *options, struct hs_image_places *places) {
    const struct hs_image_place *taken = NULL;
    if (options && options->exe) {
        struct hs_image_file file;
        HS_TRY(hs_image_file_open(options->exe, &file));
        taken = exe_place(places, core, &file.facts);
        struct hs_error *error = exe_add(images, core, options->exe, taken, &file);
        hs_image_file_close(&file);
        HS_TRY(error);
    }
    const char *sysroot = options && options->sysroot ? options->sysroot : "";
    for (size_t i = 0; i < places->count; i++) {
        if (&places->items[i] != taken) HS_TRY(image_add(images, &places->items[i], core, sysroot));
    }
    qsort(images->items, images->count, sizeof *images->items, image_compare);
    return NULL;
}

static struct hs_error *images_create(size_t room, struct hs_images **ret) {
    struct hs_images *images = calloc(1, sizeof *images);
    if (images) images->items = calloc(room, sizeof *images->items);
    if (!images || !images->items) {
        free(images);
        return HS_ENOMEM;
    }
    *ret = images;
    return NULL;
}

struct hs_error *hs_images_load(const struct hs_core *core, const struct hs_image_options *options,
                                struct hs_images **ret) {
    __attribute__((cleanup(hs_image_places_deinit))) struct hs_image_places places = {0};
    __attribute__((cleanup(images_cleanup))) struct hs_images *images = NULL;
    HS_TRY(hs_image_places_find(core, &places));
    HS_TRY(images_create(places.count + 1, &images));
    HS_TRY(images_fill(images, core, options, &places));
    *ret = images;
    images = NULL;
    return NULL;
}

/* One image for `file`, which is taken. */
static struct hs_error *single_create(struct hs_image_file *file, const char *path, struct hs_images **ret) {
    __attribute__((cleanup(images_cleanup))) struct hs_images *images = NULL;
    HS_TRY(images_create(1, &images));
    struct hs_image *image = NULL;
    HS_TRY(image_create(images, NULL, &image));
    image->start = file->facts.load_bias;
    image->priv->trusted = true;
    image->is_main = true;
    HS_TRY(image_take_file(image, file, path));
    *ret = images;
    images = NULL;
    return NULL;
}

struct hs_error *hs_image_open_file(const char *path, struct hs_images **ret) {
    struct hs_image_file file;
    HS_TRY(hs_image_file_open(path, &file));
    struct hs_error *error = single_create(&file, path, ret);
    hs_image_file_close(&file);
    return error;
}

struct hs_error *hs_image_open_memory(const void *bytes, size_t size, const char *name,
                                      struct hs_images **ret) {
    struct hs_image_file file;
    HS_TRY(hs_image_file_borrow(bytes, size, name, &file));
    struct hs_error *error = single_create(&file, name, ret);
    hs_image_file_close(&file);
    return error;
}

void hs_images_destroy(struct hs_images *images) {
    if (!images) return;
    for (size_t i = 0; i < images->count; i++) {
        struct hs_image *image = &images->items[i];
        hs_image_file_close(&image->priv->file);
        free(image->priv->core_path);
        free(image->priv->reason);
        free(image->priv);
        free(image->path);
    }
    free(images->items);
    free(images);
}

const char *hs_image_missing_reason(const struct hs_image *image) {
    return image->path || !image->priv->reason ? "" : image->priv->reason;
}
