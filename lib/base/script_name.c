#include "base/script_name.h"

#include <string.h>

/* What stands behind the last folder of packages, or NULL. */
static const char *in_packages(const char *script) {
    static const char folder[] = "node_modules/";
    const char *found = NULL;
    for (const char *at = script; (at = strstr(at, folder)); at += sizeof folder - 1)
        if (at == script || at[-1] == '/') found = at + sizeof folder - 1;
    return found;
}

/* The length of "name/" or "@scope/name/", 0 if no file follows. */
static size_t package_length(const char *path) {
    size_t length = strcspn(path, "/");
    if (*path == '@' && path[length]) length += 1 + strcspn(path + length + 1, "/");
    return path[length] ? length + 1 : 0;
}

void hs_script_name_put(struct hs_strbuf *out, const char *script) {
    const char *slash = strncmp(script, "node:", 5) ? strrchr(script, '/') : NULL;
    if (!slash || !slash[1]) {
        hs_strbuf_puts(out, script);
        return;
    }
    const char *package = in_packages(script), *file = slash + 1;
    if (package && package <= slash) {
        size_t length = package_length(package);
        if (length && package + length <= file) hs_strbuf_append(out, package, length);
    } else if (!strncmp(file, "index.", 6)) {
        const char *folder = slash;
        while (folder > script && folder[-1] != '/') folder--;
        hs_strbuf_append(out, folder, (size_t)(file - folder));
    }
    hs_strbuf_puts(out, file);
}

size_t hs_script_name_stem(const char *script) {
    if (!strncmp(script, "data:", 5)) return strcspn(script, ",");
    const char *scheme = strstr(script, "://");
    return scheme && strcspn(script, "/") == (size_t)(scheme + 1 - script) ? strcspn(script, "?#")
                                                                           : strlen(script);
}
