#include "trend/series.h"

#include "base/escape.h"
#include <string.h>

struct hs_error *hs_trend_read(struct hs_trend *trend, const char *path, hs_trend_each *each, void *context) {
    struct hs_snap_reader *reader;
    HS_TRY(hs_snap_reader_open(path, &reader));
    struct hs_error *error = NULL;
    struct hs_snap *snap = NULL;
    size_t count = 0;
    while (!error && !(error = hs_snap_reader_next(reader, &snap)) && snap) {
        error = hs_trend_add(trend, snap);
        if (!error && each) error = each(context, snap);
        count++;
        hs_snap_destroy(snap);
        snap = NULL;
    }
    hs_snap_reader_close(reader);
    if (error || count) return error;
    HS_STRBUF_AUTO name = HS_STRBUF_INIT;
    hs_escape_terminal_string(&name, strcmp(path, "-") ? path : "standard input");
    return hs_error_create(HS_ERROR_FORMAT, "%s holds no snapshot: it is empty (did the scan fail?)",
                           name.data);
}
