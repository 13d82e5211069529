#include "base/strbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char hs_strbuf_empty[1] = "";

void hs_strbuf_init(struct hs_strbuf *buffer) {
    *buffer = (struct hs_strbuf)HS_STRBUF_INIT;
}

void hs_strbuf_deinit(struct hs_strbuf *buffer) {
    if (buffer->capacity) free(buffer->data);
    hs_strbuf_init(buffer);
}

void hs_strbuf_clear(struct hs_strbuf *buffer) {
    hs_strbuf_truncate(buffer, 0);
    buffer->failed = false;
}

struct hs_error *hs_strbuf_error(const struct hs_strbuf *buffer) {
    return buffer->failed ? HS_ENOMEM : NULL;
}

bool hs_strbuf_reserve(struct hs_strbuf *buffer, size_t extra) {
    /* The capacity counts the NUL, so it is always above the size. */
    if (buffer->failed) return false;
    if (buffer->capacity && extra < buffer->capacity - buffer->size) return true;
    if (extra > SIZE_MAX / 4 || buffer->size > SIZE_MAX / 4) {
        buffer->failed = true;
        return false;
    }
    size_t capacity = buffer->capacity ? buffer->capacity : 64;
    while (capacity - 1 - buffer->size < extra) capacity *= 2;
    char *data = realloc(buffer->capacity ? buffer->data : NULL, capacity);
    if (!data) {
        buffer->failed = true;
        return false;
    }
    data[buffer->size] = 0;
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void hs_strbuf_append(struct hs_strbuf *buffer, const void *bytes, size_t size) {
    if (!size || !hs_strbuf_reserve(buffer, size)) return;
    memcpy(buffer->data + buffer->size, bytes, size);
    buffer->size += size;
    buffer->data[buffer->size] = 0;
}

void hs_strbuf_puts(struct hs_strbuf *buffer, const char *text) {
    if (text) hs_strbuf_append(buffer, text, strlen(text));
}

void hs_strbuf_putc(struct hs_strbuf *buffer, char c) {
    hs_strbuf_append(buffer, &c, 1);
}

void hs_strbuf_fill(struct hs_strbuf *buffer, char c, size_t count) {
    if (!count || !hs_strbuf_reserve(buffer, count)) return;
    memset(buffer->data + buffer->size, c, count);
    buffer->size += count;
    buffer->data[buffer->size] = 0;
}

void hs_strbuf_vprintf(struct hs_strbuf *buffer, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    char small[128];
    int size = vsnprintf(small, sizeof small, format, arguments);
    if (size < 0) {
        buffer->failed = true;
    } else if ((size_t)size < sizeof small) {
        hs_strbuf_append(buffer, small, (size_t)size);
    } else if (hs_strbuf_reserve(buffer, (size_t)size)) {
        vsnprintf(buffer->data + buffer->size, (size_t)size + 1, format, again);
        buffer->size += (size_t)size;
    }
    va_end(again);
}

void hs_strbuf_printf(struct hs_strbuf *buffer, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    hs_strbuf_vprintf(buffer, format, arguments);
    va_end(arguments);
}

void hs_strbuf_put_u64(struct hs_strbuf *buffer, uint64_t value) {
    char digits[20];
    size_t start = sizeof digits;
    do {
        digits[--start] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    hs_strbuf_append(buffer, digits + start, sizeof digits - start);
}

void hs_strbuf_put_i64(struct hs_strbuf *buffer, int64_t value) {
    if (value < 0) hs_strbuf_putc(buffer, '-');
    /* Negated in unsigned arithmetic: INT64_MIN has no positive twin. */
    hs_strbuf_put_u64(buffer, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void hs_strbuf_truncate(struct hs_strbuf *buffer, size_t size) {
    if (size >= buffer->size) return;
    buffer->size = size;
    buffer->data[size] = 0;
}

char *hs_strbuf_detach(struct hs_strbuf *buffer, size_t *size_ret) {
    /* The static empty string must not reach free(). */
    if (buffer->failed || !hs_strbuf_reserve(buffer, 0)) {
        hs_strbuf_deinit(buffer);
        return NULL;
    }
    char *data = buffer->data;
    if (size_ret) *size_ret = buffer->size;
    hs_strbuf_init(buffer);
    return data;
}
