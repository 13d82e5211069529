#include "group/answers.h"
#include "group/group_private.h"

#include <stdlib.h>

struct team {
    struct hs_walk_thread *threads;
    struct hs_tally *tallies;
    struct hs_js **js;
    unsigned count;
};

static void team_deinit(struct team *team) {
    for (unsigned i = 0; i < team->count; i++) {
        if (team->tallies) hs_tally_deinit(&team->tallies[i]);
        if (team->threads) hs_maps_deinit(&team->threads[i].maps);
        if (team->js) hs_js_destroy(team->js[i]);
    }
    free(team->threads);
    free(team->tallies);
    free(team->js);
}

static struct hs_error *team_init(const struct hs_v8 *v8, unsigned count, struct team *team) {
    team->threads = calloc(count, sizeof *team->threads);
    team->tallies = calloc(count, sizeof *team->tallies);
    team->js = calloc(count, sizeof *team->js);
    if (!team->threads || !team->tallies || !team->js) return HS_ENOMEM;
    team->count = count;
    for (unsigned i = 0; i < count; i++) {
        HS_TRY(hs_js_create(v8, &team->js[i]));
        HS_TRY(hs_tally_init(team->js[i], &team->tallies[i]));
        team->threads[i].context = &team->tallies[i];
    }
    return NULL;
}

static void note_objects(void *builder, const struct hs_page *page, const struct hs_object *objects,
                         size_t count) {
    hs_objects_note(builder, page, objects, count);
}

static void free_builder(struct hs_objects_builder **builder) {
    hs_objects_abandon(*builder);
}

static struct hs_error *scan(struct hs_group *group, const struct hs_group_options *options) {
    const struct hs_v8 *v8 = group->v8;
    __attribute__((cleanup(team_deinit))) struct team team = {0};
    __attribute__((cleanup(free_builder))) struct hs_objects_builder *builder = NULL;
    unsigned threads = options && options->threads ? options->threads : 1;
    struct hs_walk_options walk = {.threads = threads, .batch = hs_tally_batch};
    if (options) {
        walk.progress = options->progress;
        walk.progress_context = options->progress_context;
    }
    if (options && options->objects) {
        HS_TRY(hs_objects_begin(v8, &builder));
        walk.also = note_objects;
        walk.also_context = builder;
    }
    HS_TRY(team_init(v8, threads, &team));
    HS_TRY(hs_walk(v8, &walk, team.threads, group->accounts));
    HS_TRY(hs_js_create(v8, &group->js));
    HS_TRY(hs_tally_init(group->js, &group->priv->tally));
    for (unsigned i = 0; i < threads; i++) {
        HS_TRY(hs_js_error(team.js[i]));
        hs_tally_merge(&group->priv->tally, &team.tallies[i], &team.threads[i].maps);
        hs_tally_deinit(&team.tallies[i]);
    }
    HS_TRY(hs_group_build(group));
    struct hs_objects_builder *noted = builder;
    builder = NULL;
    return noted ? hs_objects_finish(noted, &group->objects) : NULL;
}

struct hs_error *hs_group_scan(const struct hs_v8 *v8, const struct hs_group_options *options,
                               struct hs_group **ret) {
    struct hs_group *group = calloc(1, sizeof *group);
    if (!group) return HS_ENOMEM;
    group->v8 = v8;
    group->priv = calloc(1, sizeof *group->priv);
    group->accounts = calloc(v8->pages.space_count ? v8->pages.space_count : 1, sizeof *group->accounts);
    struct hs_error *error = group->priv && group->accounts ? scan(group, options) : HS_ENOMEM;
    if (error) {
        hs_group_destroy(group);
        return error;
    }
    *ret = group;
    return NULL;
}

void hs_group_destroy(struct hs_group *group) {
    if (!group) return;
    if (group->answers) {
        group->answers->destroy(group);
        return;
    }
    struct hs_group_private *priv = group->priv;
    if (priv) {
        for (uint32_t i = 0; priv->cell_classes && i < priv->tally.slot_count; i++)
            free(priv->cell_classes[i]);
        free(priv->cell_classes);
        free(priv->variant_classes);
        free(priv->folded);
        free(priv->buffer_classes);
        free(priv->string_classes);
        hs_address_map_deinit(&priv->retagged);
        hs_tally_deinit(&priv->tally);
        free(priv);
    }
    hs_objects_destroy(group->objects);
    hs_js_destroy(group->js);
    free(group->accounts);
    free(group->classes);
    free(group);
}
