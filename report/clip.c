#include "clip.h"

#include "snap/arena.h"
#include "trend/finding.h"
#include <string.h>

bool report_clip(struct hs_snap_arena *arena, const char **text, size_t size_max) {
    static const char mark[] = "…";
    if (!*text || strnlen(*text, size_max + 1) <= size_max) return true;
    size_t size = size_max;
    while (size && ((unsigned char)(*text)[size] & 0xC0) == 0x80) size--; /* to the start of a code point */
    char *cut = hs_snap_arena_alloc(arena, size + sizeof mark);
    if (!cut) return false;
    memcpy(cut, *text, size);
    memcpy(cut + size, mark, sizeof mark);
    *text = cut;
    return true;
}

static bool clip_list(struct hs_snap_arena *arena, const char **texts, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!report_clip(arena, &texts[i], CLIP_NAME)) return false;
    return true;
}

static bool clip_row(struct hs_snap_arena *arena, struct hs_trend_row *row) {
    if (row->property_count > CLIP_PROPERTIES) {
        row->properties[CLIP_PROPERTIES - 1] = "…";
        row->property_count = CLIP_PROPERTIES;
    }
    return report_clip(arena, &row->constructor, CLIP_NAME) &&
           report_clip(arena, &row->location.script, 4 * CLIP_NAME) &&
           clip_list(arena, row->properties, row->property_count);
}

static bool clip_finding(struct hs_snap_arena *arena, struct hs_finding *finding) {
    if (finding->path_count > CLIP_STEPS) {
        /* The end of a path tells more than its middle. */
        size_t dropped = finding->path_count - CLIP_STEPS;
        finding->path[0] = "…";
        memmove(finding->path + 1, finding->path + 1 + dropped, (CLIP_STEPS - 1) * sizeof *finding->path);
        finding->path_count = CLIP_STEPS;
    }
    for (size_t i = 0; i < finding->also_count; i++)
        if (!report_clip(arena, &finding->also[i].holder, 4 * CLIP_NAME)) return false;
    return report_clip(arena, &finding->holder, 4 * CLIP_NAME) &&
           clip_list(arena, finding->path, finding->path ? finding->path_count : 0);
}

struct hs_error *report_clip_trend(struct hs_trend *trend) {
    bool good = true;
    for (size_t i = 0; i < trend->row_count && good; i++) good = clip_row(trend->arena, trend->rows[i]);
    for (size_t i = 0; i < trend->finding_count && good; i++)
        good = clip_finding(trend->arena, &trend->findings[i]);
    return good ? NULL : HS_ENOMEM;
}
