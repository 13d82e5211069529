#include "address.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/escape.h"

bool scan_address_parse(const char *text, hs_addr *ret) {
    char *end;
    bool id = *text == '@';
    errno = 0;
    if (text[id] == '-' || text[id] == '+' || text[id] == ' ') return false;
    unsigned long long value = strtoull(text + id, &end, id ? 10 : 16);
    if (errno || *end || end == text + id) return false;
    *ret = value;
    return true;
}

void scan_address_put(const struct scan_capture *capture, hs_addr address, struct hs_strbuf *out) {
    hs_strbuf_printf(out, capture->v8 ? "0x%" PRIx64 : "@%" PRIu64, address);
}

struct hs_error *scan_address_missing(const struct scan_capture *capture, hs_addr address) {
    HS_STRBUF_AUTO source = HS_STRBUF_INIT;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_escape_terminal_string(&source, capture->source);
    scan_address_put(capture, address, &text);
    return hs_error_create_at(HS_ERROR_FORMAT, address, "there is no object %s in %s", text.data,
                              source.data);
}
