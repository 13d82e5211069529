/* Memory of images: by link-time address, and in place of what a core leaves out. */
#include "elf/image_private.h"

#include <elf.h>

/* The present bytes from `vaddr` on in the file part of its PT_LOAD without any of `unwanted` flags; NULL if
 * none. */
static const uint8_t *file_find(const struct hs_image_file *file, uint64_t vaddr, uint32_t unwanted,
                                uint64_t *size_ret) {
    for (size_t i = 0; i < file->facts.header_count; i++) {
        const struct hs_program_header *one = &file->facts.headers[i];
        if (one->type != PT_LOAD || (one->flags & unwanted) || vaddr < one->vaddr || one->offset > file->size)
            continue;
        uint64_t within = vaddr - one->vaddr, size = file->size - one->offset;
        if (size > one->file_size) size = one->file_size;
        if (within >= size) continue;
        *size_ret = size - within;
        return file->bytes + one->offset + within;
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
        const struct hs_program_header *one = &file->facts.headers[i];
        if (one->type != PT_LOAD || one->file_size == 0 || one->offset >= file->size) continue;
        if (index-- > 0) continue;
        uint64_t size = file->size - one->offset;
        if (size > one->file_size) size = one->file_size;
        *ret = (struct hs_image_segment){
            .vaddr = one->vaddr, .bytes = file->bytes + one->offset, .size = size, .flags = one->flags & 7};
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
    return image->priv->file.bytes ? image->priv->file.facts.header.arch : NULL;
}
