/* SPDX-License-Identifier: ISC */
/*
 * check -- reflashd -t: a configuration, its policies and their images.
 */
#ifndef REFLASHD_CHECK_H
#define REFLASHD_CHECK_H

#include <stdbool.h>

/* Prints all that is wrong; NULL: the built-in file. */
bool check_run(const char *conf_file);

#endif
