/* A file appears whole or not at all. */
#include "snap/outfile.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char directory[] = "/tmp/hs-test-XXXXXX";

static const char *path(const char *name) {
    static char text[4][512];
    static unsigned turn;
    char *p = text[turn++ % 4];
    snprintf(p, 512, "%s/%s", directory, name);
    return p;
}

static int set_up(void **state) {
    (void)state;
    return !mkdtemp(strcpy(directory, "/tmp/hs-test-XXXXXX"));
}

static int tear_down(void **state) {
    (void)state;
    DIR *dir = opendir(directory);
    for (struct dirent *entry; (entry = readdir(dir));)
        if (entry->d_name[0] != '.' && remove(path(entry->d_name))) perror(entry->d_name);
    closedir(dir);
    return rmdir(directory);
}

static unsigned count_files(void) {
    unsigned count = 0;
    DIR *dir = opendir(directory);
    for (struct dirent *entry; (entry = readdir(dir));) count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void put(const char *name, const char *text) {
    FILE *stream = fopen(path(name), "w");
    fputs(text, stream);
    fclose(stream);
}

static void assert_content(const char *name, const char *want) {
    char text[256] = "";
    FILE *stream = fopen(path(name), "r");
    assert_non_null(stream);
    size_t size = fread(text, 1, sizeof text - 1, stream);
    fclose(stream);
    text[size] = 0;
    assert_string_equal(text, want);
}

static void assert_error(struct hs_error *error, const char *part) {
    assert_non_null(error);
    if (!strstr(error->message, part)) print_error("message: %s\n", error->message);
    assert_non_null(strstr(error->message, part));
    hs_error_destroy(error);
}

static void replaces_only_on_commit(void **state) {
    (void)state;
    put("a", "old");
    struct hs_outfile *file;
    assert_null(hs_outfile_open(path("a"), &file));
    assert_null(hs_outfile_write(file, "new", 3));
    assert_null(hs_outfile_flush(file));
    assert_content("a", "old");
    assert_null(hs_outfile_commit(file));
    hs_outfile_destroy(file);
    assert_content("a", "new");
    assert_int_equal(count_files(), 1);
}

static void leaves_nothing_without_commit(void **state) {
    (void)state;
    put("a", "old");
    struct hs_outfile *file;
    assert_null(hs_outfile_open(path("a"), &file));
    assert_null(hs_outfile_write(file, "new", 3));
    hs_outfile_destroy(file);
    assert_null(hs_outfile_open(path("b"), &file));
    hs_outfile_destroy(file);
    assert_content("a", "old");
    assert_int_equal(count_files(), 1);
}

static void follows_links(void **state) {
    (void)state;
    put("a", "old");
    assert_int_equal(symlink("a", path("link")), 0);
    struct hs_outfile *file;
    assert_null(hs_outfile_open(path("link"), &file));
    assert_null(hs_outfile_write(file, "new", 3));
    assert_null(hs_outfile_commit(file));
    hs_outfile_destroy(file);
    struct stat status;
    assert_int_equal(lstat(path("link"), &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_content("a", "new");
}

static void obeys_the_umask(void **state) {
    (void)state;
    mode_t old = umask(027);
    struct hs_outfile *file;
    assert_null(hs_outfile_open(path("a"), &file));
    assert_null(hs_outfile_commit(file));
    hs_outfile_destroy(file);
    umask(old);
    struct stat status;
    assert_int_equal(stat(path("a"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
}

static void refuses_with_a_sentence(void **state) {
    (void)state;
    struct hs_outfile *file = NULL;
    assert_error(hs_outfile_open(directory, &file), "it is a directory");
    assert_error(hs_outfile_open(path("none/a"), &file), "No such file or directory");
    assert_error(hs_outfile_open("/proc/version", &file), "/proc/version");
    assert_null(file);
}

static void reports_a_full_device(void **state) {
    (void)state;
    if (access("/dev/full", W_OK)) skip();
    struct hs_outfile *file;
    assert_null(hs_outfile_open("/dev/full", &file));
    assert_null(hs_outfile_write(file, "x", 1));
    assert_error(hs_outfile_commit(file), "No space left on device");
    hs_outfile_destroy(file);
    struct stat status;
    assert_int_equal(stat("/dev/full", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
}

static void escapes_names_in_messages(void **state) {
    (void)state;
    struct hs_outfile *file = NULL;
    assert_error(hs_outfile_open("/nowhere/\033[31m", &file), "/nowhere/\\u{1b}[31m");
    assert_null(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(replaces_only_on_commit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(leaves_nothing_without_commit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(follows_links, set_up, tear_down),
        cmocka_unit_test_setup_teardown(obeys_the_umask, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_with_a_sentence, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reports_a_full_device, set_up, tear_down),
        cmocka_unit_test_setup_teardown(escapes_names_in_messages, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
