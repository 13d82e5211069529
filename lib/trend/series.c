#include "trend/series.h"

#include "base/escape.h"
#include <pthread.h>
#include <string.h>

/* The next snapshot, read by another thread while this one works on the one before. The reader belongs to one
 * of them at a time. */
struct ahead {
    struct hs_snap_reader *reader;
    struct hs_snap *snap; /* NULL at the end */
    struct hs_error *error;
    pthread_t thread;
    bool running;
};

static void *read_next(void *context) {
    struct ahead *ahead = context;
    ahead->snap = NULL;
    ahead->error = hs_snap_reader_next(ahead->reader, &ahead->snap);
    return NULL;
}

/* Without a thread it is read when it is wanted. */
static void begin_next(struct ahead *ahead) {
    ahead->running = pthread_create(&ahead->thread, NULL, read_next, ahead) == 0;
}

static struct hs_error *take_next(struct ahead *ahead, struct hs_snap **ret) {
    if (ahead->running) pthread_join(ahead->thread, NULL);
    else read_next(ahead);
    ahead->running = false;
    struct hs_error *error = ahead->error;
    ahead->error = NULL;
    *ret = ahead->snap;
    ahead->snap = NULL;
    return error;
}

struct hs_error *hs_trend_read(struct hs_trend *trend, const char *path, hs_trend_each *each, void *context) {
    struct ahead ahead = {0};
    HS_TRY(hs_snap_reader_open(path, &ahead.reader));
    struct hs_error *error = NULL;
    struct hs_snap *snap = NULL;
    size_t count = 0;
    while (!error && !(error = take_next(&ahead, &snap)) && snap) {
        begin_next(&ahead);
        error = hs_trend_add(trend, snap);
        if (!error && each) error = each(context, snap);
        count++;
        hs_snap_destroy(snap);
        snap = NULL;
    }
    if (ahead.running) { /* an error stopped this one: what the other has read is not wanted */
        hs_error_destroy(take_next(&ahead, &snap));
        hs_snap_destroy(snap);
    }
    hs_snap_reader_close(ahead.reader);
    if (error || count) return error;
    HS_STRBUF_AUTO name = HS_STRBUF_INIT;
    hs_escape_terminal_string(&name, strcmp(path, "-") ? path : "standard input");
    return hs_error_create(HS_ERROR_FORMAT, "%s holds no snapshot: it is empty (did the scan fail?)",
                           name.data);
}
