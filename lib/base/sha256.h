/* SHA-256 (FIPS 180-4), for the hashes of a content security policy.
 *
 * What a browser shall run is named there by this hash and no other that we have. Not for speed. No state:
 * any thread. */
#ifndef HS_BASE_SHA256_H
#define HS_BASE_SHA256_H

#include "base/strbuf.h"

void hs_sha256(const void *bytes, size_t size, uint8_t ret[32]);
/* Appends base64 (RFC 4648, padded) of any bytes. */
void hs_base64_put(struct hs_strbuf *out, const uint8_t *bytes, size_t size);

#endif
