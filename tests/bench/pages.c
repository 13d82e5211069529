/* pages CORE: lists the object areas of V8's pages in a core, "START SIZE" a line, for tests/bench/sum. */
#include "elf/image.h"
#include "v8/v8.h"

#include <inttypes.h>

static int fail(struct hs_error *error) {
    fprintf(stderr, "pages: %s\n", error->message);
    hs_error_destroy(error);
    return 2;
}

int main(int argc, char **argv) {
    if (argc != 2) return 64;
    struct hs_core *core;
    struct hs_error *error = hs_core_open(argv[1], &core);
    if (error) return fail(error);
    struct hs_images *images;
    error = hs_images_load(core, &(struct hs_image_options){0}, &images);
    if (error) return fail(error);
    struct hs_v8 *v8;
    error = hs_v8_open(core, images, &(struct hs_v8_options){0}, &v8);
    if (error) return fail(error);
    for (uint32_t i = 0; i < v8->pages.count; i++) {
        const struct hs_page *page = &v8->pages.items[i];
        if (!(page->flags & (HS_PAGE_FROM | HS_PAGE_UNUSED)))
            printf("%" PRIx64 " %" PRIx64 "\n", page->area_start, page->present);
    }
    hs_v8_close(v8);
    hs_images_destroy(images);
    hs_core_close(core);
    return 0;
}
