/* A main() for fuzz targets that were built without libFuzzer: runs each file named on the command line once,
 * as a regression test of inputs that once crashed. To be included at the end of a target. */
#ifndef HS_TESTS_FUZZ_REPLAY_H
#define HS_TESTS_FUZZ_REPLAY_H

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        FILE *stream = fopen(argv[i], "rb");
        if (!stream || fseek(stream, 0, SEEK_END) != 0) {
            perror(argv[i]);
            return 1;
        }
        long size = ftell(stream);
        rewind(stream);
        /* An allocation of the exact size, so that a sanitizer sees a read past its end. */
        unsigned char *bytes = malloc(size > 0 ? (size_t)size : 1);
        if (!bytes || fread(bytes, 1, (size_t)size, stream) != (size_t)size) {
            perror(argv[i]);
            return 1;
        }
        fclose(stream);
        LLVMFuzzerTestOneInput(bytes, (size_t)size);
        free(bytes);
    }
    return 0;
}

#endif
