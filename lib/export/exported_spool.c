/* Edges between the walk that finds them and the one that tells them (exported_stream.h). */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/spool.h"
#include "export/exported_pass.h"

struct hs_error *hs_exported_spool_open(struct hs_exported_private *x) {
    x->spooled = calloc(1, sizeof *x->spooled);
    return x->spooled ? hs_spool_open(x->options.path, &x->spool) : HS_ENOMEM;
}

void hs_exported_spool_close(struct hs_exported_private *x) {
    if (x->spool >= 0) close(x->spool);
    free(x->spooled);
    free(x->segments);
}

static struct hs_error *write_segment(struct hs_exported_private *x) {
    struct hs_encoder *e = x->encoder;
    HS_TRY(hs_strbuf_error(&e->edges));
    HS_TRY(hs_strbuf_error(&e->fresh));
    if (e->failed || e->edges.size > UINT32_MAX || e->fresh.size > UINT32_MAX) return HS_ENOMEM;
    struct hs_stream_segment *segment = hs_exported_batch_segment(x->batch);
    if (!segment) return NULL; /* the batch has the error */
    *segment =
        (struct hs_stream_segment){.offset = atomic_fetch_add(x->spooled, e->edges.size + e->fresh.size),
                                   .edge_bytes = (uint32_t)e->edges.size,
                                   .fresh_bytes = (uint32_t)e->fresh.size,
                                   .edges = e->edge_count,
                                   .occurrences = e->occurrences,
                                   .thread = x->thread};
    HS_TRY(hs_spool_write(x->spool, e->edges.data, e->edges.size, segment->offset));
    return hs_spool_write(x->spool, e->fresh.data, e->fresh.size, segment->offset + e->edges.size);
}

void hs_exported_end_segment(struct hs_exported_private *x) {
    struct hs_encoder *e = x->encoder;
    struct hs_error *error = e->edge_count ? write_segment(x) : NULL;
    if (x->batch->error) hs_error_destroy(error);
    else x->batch->error = error;
    hs_strbuf_clear(&e->edges);
    hs_strbuf_clear(&e->fresh);
    e->edge_count = e->occurrences = 0;
}

struct hs_error *hs_exported_take_segments(struct hs_exported_private *x,
                                           const struct hs_exported_batch *batch) {
    for (size_t i = 0; i < batch->segment_count; i++) {
        if (x->segment_count == x->segment_capacity) {
            uint32_t capacity = x->segment_capacity ? 2 * x->segment_capacity : 256;
            struct hs_stream_segment *grown = realloc(x->segments, capacity * sizeof *grown);
            if (!grown) return HS_ENOMEM;
            x->segments = grown;
            x->segment_capacity = capacity;
        }
        x->segments[x->segment_count++] = batch->segments[i];
    }
    return NULL;
}

struct hs_error *hs_exported_first_segments(struct hs_exported_private *x, uint32_t count) {
    struct hs_stream_segment *moved = malloc((x->segment_count + 1) * sizeof *moved);
    if (!moved) return HS_ENOMEM;
    uint32_t rest = x->segment_count - count;
    if (count) memcpy(moved, x->segments + rest, count * sizeof *moved);
    if (rest) memcpy(moved + count, x->segments, rest * sizeof *moved);
    free(x->segments);
    x->segments = moved;
    x->segment_capacity = x->segment_count + 1;
    return NULL;
}

/* --- telling them */

struct telling {
    struct hs_exported_private *x;
    const struct hs_exported_sink *sink;
    uint32_t **names;  /* of each thread */
    uint32_t *numbers; /* HS_STREAM_NUMBERS */
    struct hs_strbuf fresh;
};

static struct hs_error *broken(void) {
    return hs_error_create(HS_ERROR_IO, "a temporary file is not as it was written");
}

static struct hs_error *number_of(struct telling *t, const struct hs_stream_segment *segment,
                                  const struct hs_stream_fresh *fresh, uint32_t *ret) {
    const struct hs_exported_sink *sink = t->sink;
    if (fresh->form == HS_STREAM_TEXT) return sink->name(sink->context, fresh->text, false, ret);
    if (fresh->form == HS_STREAM_NUMBER) return sink->number(sink->context, fresh->index, ret);
    const struct hs_encoder *encoder = hs_exported_team_encoder(t->x, segment->thread);
    if (fresh->index >= encoder->name_count) return broken();
    return sink->name(sink->context, encoder->names[fresh->index], true, ret);
}

/* Numbers for what is fresh in the segment. */
static struct hs_error *prepare(void *context, uint32_t index, struct hs_exported_batch *batch) {
    struct telling *t = context;
    const struct hs_stream_segment *segment = &t->x->segments[index];
    if (!segment->fresh_bytes) return NULL;
    hs_strbuf_clear(&t->fresh);
    if (!hs_strbuf_reserve(&t->fresh, segment->fresh_bytes)) return HS_ENOMEM;
    HS_TRY(hs_spool_read(t->x->spool, t->fresh.data, segment->fresh_bytes,
                         segment->offset + segment->edge_bytes));
    if (segment->occurrences > batch->occurrence_capacity) {
        free(batch->occurrences);
        batch->occurrence_capacity = 0;
        batch->occurrences = malloc(segment->occurrences * sizeof *batch->occurrences);
        if (!batch->occurrences) return HS_ENOMEM;
        batch->occurrence_capacity = segment->occurrences;
    }
    const uint8_t *bytes = (const uint8_t *)t->fresh.data;
    struct hs_decoder decoder = {bytes, bytes + segment->fresh_bytes};
    struct hs_stream_fresh fresh;
    uint32_t occurrences = 0;
    while (hs_decoder_fresh(&decoder, &fresh)) {
        uint32_t number;
        HS_TRY(number_of(t, segment, &fresh, &number));
        if (!fresh.occurrence && fresh.form == HS_STREAM_NAME)
            t->names[segment->thread][fresh.index] = number;
        else if (!fresh.occurrence && fresh.index < HS_STREAM_NUMBERS) t->numbers[fresh.index] = number;
        else if (fresh.occurrence && occurrences < segment->occurrences)
            batch->occurrences[occurrences++] = number;
        else return broken();
    }
    return decoder.at == decoder.end && occurrences == segment->occurrences ? NULL : broken();
}

/* Edges at a time: the format's buffers stay in the cache. */
enum { TOLD_AT_ONCE = 256 };

static struct hs_error *tell(struct hs_exported_private *x, const struct telling *t,
                             const struct hs_stream_segment *segment, const uint8_t *bytes,
                             struct hs_exported_batch *batch) {
    struct hs_decoder decoder = {bytes, bytes + segment->edge_bytes};
    struct hs_stream_numbers numbers = {t->names[segment->thread], t->numbers, batch->occurrences};
    struct hs_stream_decoded decoded;
    struct hs_exported_edge edges[TOLD_AT_ONCE];
    size_t count = 0, total = 0;
    while (hs_decoder_edge(&decoder, &numbers, &decoded)) {
        edges[count++] = (struct hs_exported_edge){
            .type = decoded.type,
            .name = decoded.name,
            .to = decoded.integer ? hs_exported_integer_number(x, decoded.to) : (uint32_t)decoded.to};
        if (count < TOLD_AT_ONCE) continue;
        t->sink->format(t->sink->context, edges, count, &batch->text);
        total += count;
        count = 0;
    }
    t->sink->format(t->sink->context, edges, count, &batch->text);
    return total + count == segment->edges && decoder.at == decoder.end ? NULL : broken();
}

static void make(struct hs_exported_private *x, void *context, uint32_t index,
                 struct hs_exported_batch *batch) {
    const struct telling *t = context;
    const struct hs_stream_segment *segment = &t->x->segments[index]; /* a copy has not all of them */
    hs_strbuf_clear(&x->other);
    if (!hs_strbuf_reserve(&x->other, segment->edge_bytes)) {
        batch->error = HS_ENOMEM;
        return;
    }
    batch->error = hs_spool_read(x->spool, x->other.data, segment->edge_bytes, segment->offset);
    if (!batch->error) batch->error = tell(x, t, segment, (const uint8_t *)x->other.data, batch);
}

static struct hs_error *take(void *context, uint32_t index, struct hs_exported_batch *batch) {
    const struct telling *t = context;
    return t->sink->write(t->sink->context, &batch->text, t->x->segments[index].edges);
}

static struct hs_error *tell_all(struct telling *t) {
    struct hs_exported_private *x = t->x;
    unsigned threads = hs_exported_team_count(x) + 1;
    t->names = calloc(threads, sizeof *t->names);
    t->numbers = calloc(HS_STREAM_NUMBERS, sizeof *t->numbers);
    if (!t->names || !t->numbers) return HS_ENOMEM;
    for (unsigned i = 0; i < threads; i++) {
        t->names[i] = calloc((size_t)hs_exported_team_encoder(x, i)->name_count + 1, sizeof *t->names[i]);
        if (!t->names[i]) return HS_ENOMEM;
    }
    const struct hs_exported_pass pass = {x->segment_count, prepare, make, take, t};
    return hs_exported_run(x, &pass);
}

struct hs_error *hs_exported_edges(struct hs_exported *exported, const struct hs_exported_sink *sink) {
    struct telling t = {.x = exported->priv, .sink = sink};
    hs_strbuf_init(&t.fresh);
    struct hs_error *error = tell_all(&t);
    for (unsigned i = 0; t.names && i <= hs_exported_team_count(t.x); i++) free(t.names[i]);
    free(t.names);
    free(t.numbers);
    hs_strbuf_deinit(&t.fresh);
    return error;
}
