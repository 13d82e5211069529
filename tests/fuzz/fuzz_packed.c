/* Fuzzes files packed by gzip or zstd: any bytes are unpacked, or refused with the descriptor as it was. The
 * first bytes by themselves must be those of the whole. The input is a byte that chooses the packing, then
 * the file behind its magic number. */
#define _GNU_SOURCE 1 /* memfd_create */
#include "base/packed.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t magic[2][4] = {{0x1f, 0x8b, 8, 0}, {0x28, 0xb5, 0x2f, 0xfd}};
    uint8_t start[64], again[sizeof start];
    if (!size) return 0;
    int own = memfd_create("packed", MFD_CLOEXEC), fd = own;
    if (own < 0) return 0;
    if (write(own, magic[data[0] & 1], 4) != 4 || write(own, data + 1, size - 1) != (ssize_t)(size - 1))
        abort();
    size_t got = hs_packed_start(own, start, sizeof start);
    struct hs_error *error = hs_packed_unpack("fuzz", &fd);
    if (error && fd != own) abort();
    if (!error && (pread(fd, again, got, 0) != (ssize_t)got || memcmp(start, again, got) != 0)) abort();
    hs_error_destroy(error);
    close(fd);
    return 0;
}

#ifdef FUZZ_REPLAY
#include "fuzz_replay.h"
#endif
