/* Memory of images: by link-time address, and in place of what a core leaves out. */
#include "elf/image_private.h"

#include <elf.h>

const uint8_t *hs_image_file_segment(const struct hs_image_file *file, size_t index, uint64_t *size_ret) {
    const struct hs_program_header *one = &file->facts.headers[index];
    if (one->type != PT_LOAD || one->file_size == 0) return NULL;
    *size_ret = one->file_size;
    if (file->core) return hs_core_ptr(file->core, file->bias + one->vaddr, one->file_size);
    if (one->offset >= file->size) return NULL;
    if (*size_ret > file->size - one->offset) *size_ret = file->size - one->offset;
    return file->bytes + one->offset;
}

/* The present bytes from `vaddr` on in the file part of its PT_LOAD without any of `unwanted` flags; NULL if
 * none. */
static const uint8_t *file_find(const struct hs_image_file *file, uint64_t vaddr, uint32_t unwanted,
                                uint64_t *size_ret) {
    for (size_t i = 0; i < file->facts.header_count; i++) {
        const struct hs_program_header *one = &file->facts.headers[i];
        if ((one->flags & unwanted) || vaddr < one->vaddr || vaddr - one->vaddr >= one->file_size) continue;
        uint64_t within = vaddr - one->vaddr, size;
        const uint8_t *bytes = hs_image_file_segment(file, i, &size);
        if (!bytes || within >= size) continue;
        *size_ret = size - within;
        return bytes + within;
    }
    return NULL;
}

const void *hs_image_ptr(const struct hs_image *image, uint64_t vaddr, uint64_t size) {
    uint64_t present;
    const uint8_t *p = file_find(&image->priv->file, vaddr, 0, &present);
    return p && size <= present ? p : NULL;
}

const char *hs_image_cstring(const struct hs_image *image, uint64_t vaddr, size_t limit) {
    uint64_t present;
    const uint8_t *p = file_find(&image->priv->file, vaddr, 0, &present);
    if (!p) return NULL;
    if (present > limit) present = limit;
    return memchr(p, '\0', present) ? (const char *)p : NULL;
}

bool hs_image_segment(const struct hs_image *image, size_t index, struct hs_image_segment *ret) {
    const struct hs_image_file *file = &image->priv->file;
    for (size_t i = 0; i < file->facts.header_count; i++) {
        uint64_t size;
        const uint8_t *bytes = hs_image_file_segment(file, i, &size);
        if (!bytes || index-- > 0) continue;
        const struct hs_program_header *one = &file->facts.headers[i];
        *ret = (struct hs_image_segment){
            .vaddr = one->vaddr, .bytes = bytes, .size = size, .flags = one->flags & 7};
        return true;
    }
    return false;
}

const void *hs_images_ptr(const struct hs_images *images, const struct hs_core *core, hs_addr addr,
                          uint64_t size) {
    const void *p = hs_core_ptr(core, addr, size);
    for (size_t i = 0; !p && i < images->count; i++) {
        const struct hs_image *image = &images->items[i];
        if (image->start > addr) break;
        if (addr >= image->end || !image->path || !image->priv->trusted) continue;
        uint64_t present;
        const uint8_t *bytes = file_find(&image->priv->file, addr - image->bias, PF_W, &present);
        if (bytes && size <= present) p = bytes;
    }
    return p;
}

const struct hs_arch *hs_image_arch(const struct hs_image *image) {
    const struct hs_image_file *file = &image->priv->file;
    return file->bytes || file->core ? file->facts.header.arch : NULL;
}
