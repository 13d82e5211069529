#define _GNU_SOURCE 1 /* asprintf */
#include "index.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/escape.h"

enum { NAME_BYTES = 64, STALE_SECONDS = 24 * 3600 };
static const char SUFFIX[] = ".hsindex", TEMPORARY[] = ".tmp";

static void note(const struct scan_options *options, const char *source, const char *sentence) {
    if (!options->verbose || options->quiet) return;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_escape_terminal_string(&text, source);
    hs_strbuf_puts(&text, ": ");
    hs_escape_terminal_string(&text, sentence);
    fprintf(stderr, "heapscan: %s\n", text.data);
}

static void note_error(const struct scan_options *options, const char *source, const char *what,
                       struct hs_error *error) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_strbuf_printf(&text, "%s: %s", what, error->message);
    note(options, source, text.data);
    hs_error_destroy(error);
}

/* --- places */

/* malloc'ed, NULL if there is no such place. */
static char *directory(void) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char *path = NULL;
    int length = -1;
    if (cache && *cache == '/') length = asprintf(&path, "%s/heapscan/index", cache);
    else if (home && *home == '/') length = asprintf(&path, "%s/.cache/heapscan/index", home);
    return length < 0 ? NULL : path;
}

static bool make_directories(char *path) {
    for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash) *slash = '\0';
        bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
        if (slash) *slash = '/';
        if (!made || !slash) return made;
    }
}

static char *path_beside(const char *core) {
    char *path = NULL;
    return asprintf(&path, "%s%s", core, SUFFIX) < 0 ? NULL : path;
}

/* `core`: the real path. */
static char *path_in_cache(const char *core) {
    char name[NAME_BYTES], *path = NULL, *folder = directory();
    const char *base = strrchr(core, '/');
    if (!folder) return NULL;
    snprintf(name, sizeof name, "%s", base ? base + 1 : core);
    if (asprintf(&path, "%s/%s-%016llx%s", folder, name, (unsigned long long)XXH3_64bits(core, strlen(core)),
                 SUFFIX) < 0)
        path = NULL;
    free(folder);
    return path;
}

/* --- reading */

static bool load_from(char *path, const struct scan_options *options, struct scan_capture *capture) {
    struct hs_error *error =
        path ? hs_index_read(path, &capture->key, capture->v8, &capture->group, &capture->loaded) : HS_ENOMEM;
    if (!error) {
        capture->index_path = path;
        return true;
    }
    if (path && access(path, F_OK) == 0) note_error(options, capture->source, "index not used", error);
    else hs_error_destroy(error);
    free(path);
    return false;
}

bool scan_index_load(const struct scan_options *options, struct scan_capture *capture) {
    if (options->index == SCAN_INDEX_NEVER) return false;
    struct hs_error *error = hs_index_key_make(capture->v8, &capture->key);
    char *real = error ? NULL : realpath(capture->source, NULL);
    if (!real) {
        if (error) note_error(options, capture->source, "no index", error);
        return false;
    }
    capture->keyed = true;
    bool loaded = false;
    if (options->index != SCAN_INDEX_REFRESH)
        loaded = load_from(path_beside(real), options, capture) ||
                 load_from(path_in_cache(real), options, capture);
    if (loaded) note(options, capture->source, "answered from the index of an earlier run");
    free(real);
    return loaded;
}

void scan_index_condemn(const struct scan_options *options, const struct scan_capture *capture) {
    note(options, capture->source, "the index is damaged: scanning again");
    if (capture->index_path) unlink(capture->index_path);
}

/* --- writing */

static bool ends_in(const char *name, const char *suffix) {
    size_t length = strlen(name), size = strlen(suffix);
    return length > size && strcmp(name + length - size, suffix) == 0;
}

/* Deletes indexes of cores that are gone, indexes that this program can't read, and what interrupted writers
 * left. */
static void tidy(const char *folder) {
    DIR *stream = opendir(folder);
    if (!stream) return;
    for (struct dirent *entry; (entry = readdir(stream));) {
        char *path = NULL, *core = NULL;
        struct stat status;
        if (!ends_in(entry->d_name, SUFFIX) && !ends_in(entry->d_name, TEMPORARY)) continue;
        if (asprintf(&path, "%s/%s", folder, entry->d_name) < 0) break;
        bool gone = false;
        if (ends_in(entry->d_name, TEMPORARY)) {
            gone = stat(path, &status) == 0 && time(NULL) - status.st_mtime > STALE_SECONDS;
        } else {
            struct hs_error *error = hs_index_core_path(path, &core);
            gone = error ? error->code == HS_ERROR_FORMAT : stat(core, &status) != 0 && errno == ENOENT;
            hs_error_destroy(error);
        }
        if (gone) unlink(path);
        free(core);
        free(path);
    }
    closedir(stream);
}

static struct hs_error *write_index(const struct scan_options *options, struct scan_capture *capture,
                                    const char *real) {
    struct hs_index_key now;
    char *path = NULL, *folder = NULL;
    HS_TRY(hs_index_key_make(capture->v8, &now));
    if (memcmp(&now, &capture->key, sizeof now) != 0)
        return hs_error_create(HS_ERROR_MISMATCH, "the core has changed since it was opened");
    if (options->index_beside) path = path_beside(real);
    else if ((folder = directory())) path = path_in_cache(real);
    struct hs_error *error = NULL;
    if (!path)
        error = hs_error_create(HS_ERROR_IO, "no cache directory: neither XDG_CACHE_HOME nor HOME is set");
    else if (folder && !make_directories(folder)) error = hs_error_create_errno("%s: cannot be made", folder);
    if (!error && folder) tidy(folder);
    if (!error) error = hs_index_write(path, &capture->key, real, capture->analysis, options->threads);
    free(path);
    free(folder);
    return error;
}

void scan_index_save(const struct scan_options *options, struct scan_capture *capture) {
    if (options->index == SCAN_INDEX_NEVER || !capture->analysis || capture->loaded || !capture->keyed)
        return;
    char *real = realpath(capture->source, NULL);
    struct hs_error *error =
        real ? write_index(options, capture, real) : hs_error_create_errno("%s", capture->source);
    if (error) note_error(options, capture->source, "no index was written", error);
    free(real);
}
