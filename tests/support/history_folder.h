/* A folder of its own for each test of the history, and the file in it.
 *
 *     cmocka_unit_test_setup_teardown(test, history_make_folder, history_drop_folder)
 *
 * One at a time in a program. */
#ifndef HS_TESTS_HISTORY_FOLDER_H
#define HS_TESTS_HISTORY_FOLDER_H

/* The folder, and the history's path in it; nothing is there yet. */
extern char history_folder[64], history_path[80];

/* For cmocka: 0, or -1 where it cannot be made or holds something that is not the history's. */
int history_make_folder(void **state);
/* Makes the folder writable first: a test may have forbidden it. */
int history_drop_folder(void **state);

#endif
