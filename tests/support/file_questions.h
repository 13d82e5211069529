/* Everything that can be asked about a .heapsnapshot, for files that are not to be trusted. */
#ifndef TESTS_FILE_QUESTIONS_H
#define TESTS_FILE_QUESTIONS_H

#include "group/imported.h"

/* Takes the file. Aborts where a result breaks a promise (an id out of bounds, a sum that does not add up);
 * returns an error if something could not be computed. */
struct hs_error *file_ask_everything(struct hs_heapsnapshot *file);

#endif
