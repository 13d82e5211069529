/* Named paths as text. */
#include "group/named_path.h"

#include "base/script_name.h"

void hs_step_put(enum hs_step step, const char *name, struct hs_strbuf *out) {
    switch (step) {
    case HS_STEP_GROUP:
    case HS_STEP_MODULE:
    case HS_STEP_PROPERTY:
        hs_strbuf_puts(out, name);
        return;
    case HS_STEP_HELD:
        hs_strbuf_puts(out, "(held)");
        return;
    case HS_STEP_INDEX:
        hs_strbuf_puts(out, "[x]");
        return;
    case HS_STEP_KEY:
        hs_strbuf_puts(out, "[key]");
        return;
    case HS_STEP_KEY_ITSELF:
        hs_strbuf_puts(out, "[key itself]");
        return;
    case HS_STEP_VARIABLE:
        hs_strbuf_printf(out, "variable %s", name);
        return;
    case HS_STEP_INTERNAL:
        hs_strbuf_printf(out, "(%s)", name ? name : "map");
        return;
    case HS_STEP_SLOT:
        hs_strbuf_puts(out, "(slot)");
        return;
    }
}

enum { STEPS_SHOWN = 24 };

void hs_named_path_put(const struct hs_named_paths *paths, uint32_t index, struct hs_strbuf *out) {
    uint32_t steps[STEPS_SHOWN] = {0}, i;
    size_t count = 0;
    for (i = index; i != HS_PATH_NONE && count < STEPS_SHOWN; i = paths->items[i].parent) steps[count++] = i;
    if (i != HS_PATH_NONE) hs_strbuf_puts(out, "...");
    while (count-- > 0) {
        const struct hs_named_path *p = &paths->items[steps[count]];
        bool first = p->parent == HS_PATH_NONE;
        switch ((enum hs_step)p->step) {
        case HS_STEP_MODULE:
            hs_script_name_put(out, p->name);
            hs_strbuf_putc(out, ':');
            break;
        case HS_STEP_GROUP:
            hs_strbuf_puts(out, p->name);
            break;
        case HS_STEP_HELD:
            break;
        case HS_STEP_PROPERTY:
            hs_strbuf_printf(out, ".%s", p->name);
            break;
        case HS_STEP_INDEX:
        case HS_STEP_KEY:
            hs_step_put((enum hs_step)p->step, p->name, out);
            break;
        default:
            if (!first) hs_strbuf_putc(out, ' ');
            hs_step_put((enum hs_step)p->step, p->name, out);
        }
        if (p->chain && p->step != HS_STEP_GROUP) hs_strbuf_puts(out, "...");
    }
}
