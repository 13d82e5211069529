/* The order in which an analysis is made, and what of it is made on first use. What is read of it is in
 * analysis.c, which all that works on an analysis stands on. */
#include <pthread.h>
#include <stdlib.h>

#include "group/analysis_private.h"
#include "group/answers.h"
#include "group/holdings.h"
#include "group/naming.h"
#include "group/owned.h"
#include "group/realm.h"
#include "group/shortest.h"

static uint64_t size_of(void *context, hs_id id) {
    return hs_analysis_size(context, id);
}
static void stage(const struct hs_analysis_options *options, const char *name) {
    if (options && options->stage) options->stage(options->context, name);
}

static void free_ids(hs_id **ids) {
    free(*ids);
}

/* What the users reach is most of the heap, and alive: roots hold the users. It is marked once, and all else
 * that is alive afterwards. */
static struct hs_error *mark_from_users(struct hs_analysis *a, const hs_id *users, size_t user_count,
                                        struct hs_marks *ret) {
    size_t bytes = ((size_t)a->graph->count / 64 + 1) * sizeof *a->marks.bits;
    struct hs_marks reach = {0};
    if (!(a->marks.bits = malloc(bytes))) return HS_ENOMEM;
    HS_TRY(hs_mark(a->graph, users, user_count, &reach));
    memcpy(a->marks.bits, reach.bits, bytes);
    a->marks.count = reach.count;
    *ret = reach;
    return NULL;
}

/* Marks, and lists the roots for the dominators. Stacks are read conservatively: a word that a function of
 * long ago left there would take what it points to out of the hands of its true holder. So a stack's word
 * counts as a holder of what nothing else holds, and of nothing else. */
static struct hs_error *mark(struct hs_analysis *a, hs_id **holders_ret, size_t *count_ret) {
    hs_id *users __attribute__((cleanup(free_ids))) = NULL;
    size_t user_count = 0;
    HS_TRY(hs_users_find(a->objects, a->graph, &a->roots, &users, &user_count));
    hs_id *holders = malloc((a->root_id_count + user_count + 1) * sizeof *holders);
    if (!holders) return HS_ENOMEM;
    *holders_ret = holders;
    size_t count = 0, firm;
    for (size_t i = 0; i < a->root_id_count; i++)
        if (i >= a->roots.count || a->roots.items[i].category != HS_ROOT_STACK)
            holders[count++] = a->root_ids[i];
    struct hs_marks reach __attribute__((cleanup(hs_marks_deinit))) = {0};
    HS_TRY(mark_from_users(a, users, user_count, &reach));
    HS_TRY(hs_mark_more(a->graph, holders, count, &a->marks));
    firm = count;
    for (size_t i = 0; i < a->roots.count; i++)
        if (a->roots.items[i].category == HS_ROOT_STACK && a->root_ids[i] < a->graph->count &&
            !hs_marks_get(&a->marks, a->root_ids[i]))
            holders[count++] = a->root_ids[i];
    HS_TRY(hs_mark_more(a->graph, holders + firm, count - firm, &a->marks));
    struct hs_error *error =
        hs_owned_find(a->graph, &a->marks, &reach, users, user_count, holders_ret, &count);
    if (!error) *count_ret = count;
    return error;
}

static struct hs_error *read_references(struct hs_analysis *a, unsigned threads) {
    struct hs_naming *naming;
    HS_TRY(hs_naming_create(a, threads, &naming));
    struct hs_graph_visitor visitor = hs_naming_visitor(naming);
    struct hs_error *error = hs_graph_create(a->objects, threads, &visitor, &a->graph);
    if (!error) error = hs_naming_finish(naming);
    hs_naming_destroy(naming);
    return error;
}

struct dominating {
    struct hs_analysis *a;
    const hs_id *holders;
    size_t holder_count;
    struct hs_error *error;
};

static void *dominate(void *argument) {
    struct dominating *d = argument;
    struct hs_analysis *a = d->a;
    d->error =
        hs_dominators_create(a->graph, &a->marks, d->holders, d->holder_count, size_of, a, &a->dominators);
    if (!d->error) d->error = hs_analysis_stand(a);
    if (!d->error && a->begun) d->error = hs_holdings_total(a, a->begun);
    return NULL;
}

/* Neither can be shared among threads, but neither waits for the other: paths are named here, with the caches
 * of the group, while a second thread computes dominators. Only where the program may hold realms do names
 * need the dominators. */
static struct hs_error *dominate_and_name(struct dominating *d) {
    bool realms;
    HS_TRY(hs_realms_expect(d->a, &realms));
    if (!(d->a->begun = calloc(1, sizeof *d->a->begun))) return HS_ENOMEM;
    if (realms) {
        dominate(d);
        return d->error ? d->error : hs_holdings_name(d->a, d->a->begun);
    }
    pthread_t thread;
    bool started = pthread_create(&thread, NULL, dominate, d) == 0;
    struct hs_error *error = hs_holdings_name(d->a, d->a->begun);
    if (started) pthread_join(thread, NULL);
    else dominate(d);
    if (error) hs_error_destroy(d->error);
    return error ? error : d->error;
}

static struct hs_error *analyse(struct hs_analysis *a, const struct hs_analysis_options *options) {
    unsigned threads = options && options->threads ? options->threads : 1;
    a->objects = a->group->objects;
    a->group->objects = NULL;
    if (!a->objects) {
        stage(options, "finding objects");
        HS_TRY(hs_objects_create(a->group->v8, threads, &a->objects));
    }
    stage(options, "reading references");
    HS_TRY(read_references(a, threads));
    stage(options, "finding roots");
    HS_TRY(hs_roots_collect(a->objects, &a->roots));
    HS_TRY(hs_analysis_list_roots(a));
    stage(options, "marking");
    hs_id *holders __attribute__((cleanup(free_ids))) = NULL;
    size_t holder_count = 0;
    HS_TRY(mark(a, &holders, &holder_count));
    HS_TRY(hs_analysis_count(a));
    if (options && options->no_dominators) return NULL;
    struct dominating d = {.a = a, .holders = holders, .holder_count = holder_count};
    if (!options || !options->holdings || threads < 2) {
        stage(options, "computing dominators");
        dominate(&d);
        return d.error;
    }
    stage(options, "computing dominators, naming paths");
    return dominate_and_name(&d);
}

struct hs_error *hs_analysis_create(struct hs_group *group, const struct hs_analysis_options *options,
                                    struct hs_analysis **ret) {
    struct hs_analysis *a = calloc(1, sizeof *a);
    if (!a) return HS_ENOMEM;
    a->group = group;
    struct hs_error *error = analyse(a, options);
    if (error) {
        hs_analysis_destroy(a);
        return error;
    }
    *ret = a;
    return NULL;
}

void hs_analysis_destroy(struct hs_analysis *a) {
    if (!a) return;
    if (a->group->answers && a->group->answers->destroy_analysis) {
        a->group->answers->destroy_analysis(a);
        return;
    }
    hs_holdings_destroy(a->begun);
    hs_holdings_destroy(a->holdings);
    hs_paths_deinit(&a->paths);
    hs_reverse_deinit(&a->reverse);
    hs_objects_destroy(a->objects);
    hs_graph_destroy(a->graph);
    hs_roots_deinit(&a->roots);
    hs_marks_deinit(&a->marks);
    hs_dominators_destroy(a->dominators);
    free(a->root_ids);
    free(a->class_of);
    free(a->standings);
    free(a->weightless);
    free(a->payloads);
    free(a->payload_bits);
    free(a);
}

struct hs_error *hs_analysis_paths(struct hs_analysis *a) {
    return a->paths.parent ? NULL : hs_shortest_create(a, &a->paths);
}

struct hs_error *hs_analysis_reverse(struct hs_analysis *a) {
    return a->reverse.first ? NULL : hs_reverse_create(a->graph, &a->marks, &a->reverse);
}

struct hs_error *hs_analysis_holdings(struct hs_analysis *a) {
    if (a->holdings) return NULL;
    if (!a->begun) return hs_holdings_create(a, &a->holdings);
    struct hs_holdings *begun = a->begun;
    a->begun = NULL;
    struct hs_error *error = hs_holdings_finish(a, begun);
    if (error) hs_holdings_destroy(begun);
    else a->holdings = begun;
    return error;
}
