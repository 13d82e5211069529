/* halt.so, preloaded into a Node under test: halts it while it writes a heap snapshot, so that a core can be
 * taken of the very heap that V8 has just described.
 *
 * V8 collects, walks the heap and keeps what it saw outside of it, then writes (HeapProfiler::TakeSnapshot,
 * HeapSnapshotJSONSerializer). No JavaScript runs from the collection to the end of the file, so at the first
 * write the heap is the one that the file tells of; a core taken before or after the call is of another one:
 * functions have been compiled, lists have grown.
 *
 * HALT_AT: the end of the file's name. At the first write to such a file "halted" goes to stdout and a byte
 * is awaited from stdin. Node 12 to 16 writes it by fwrite(), whose own write() nothing can stand before. */
#define _GNU_SOURCE 1
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool ends_with(const char *text, size_t length, const char *end) {
    size_t n = strlen(end);
    return length >= n && memcmp(text + length - n, end, n) == 0;
}

static void halt_once(int file) {
    static bool halted;
    const char *end = getenv("HALT_AT");
    char link[32], name[4096], byte;
    if (halted || !end) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, name, sizeof name);
    if (length <= 0 || !ends_with(name, (size_t)length, end)) return;
    halted = true;
    static const char said[] = "halted\n";
    if (syscall(SYS_write, 1, said, sizeof said - 1) < 0 || read(0, &byte, 1) < 0) _exit(70);
}

__attribute__((visibility("default"))) ssize_t write(int file, const void *bytes, size_t size) {
    halt_once(file);
    return syscall(SYS_write, file, bytes, size);
}

__attribute__((visibility("default"))) size_t fwrite(const void *bytes, size_t size, size_t count,
                                                     FILE *file) {
    static size_t (*next)(const void *, size_t, size_t, FILE *);
    if (!next) *(void **)&next = dlsym(RTLD_NEXT, "fwrite");
    halt_once(fileno(file));
    return next(bytes, size, count, file);
}
