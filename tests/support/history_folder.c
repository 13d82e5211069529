#define _GNU_SOURCE 1 /* mkdtemp */
#include "history_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

char history_folder[64], history_path[80];

int history_make_folder(void **state) {
    (void)state;
    snprintf(history_folder, sizeof history_folder, "/tmp/hs-store-XXXXXX");
    if (!mkdtemp(history_folder)) return -1;
    snprintf(history_path, sizeof history_path, "%s/history", history_folder);
    return 0;
}

int history_drop_folder(void **state) {
    (void)state;
    char name[sizeof history_path + 16];
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    chmod(history_folder, 0700);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(name, sizeof name, "%s%s", history_path, ends[i]);
        unlink(name);
    }
    return rmdir(history_folder);
}
