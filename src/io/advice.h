/* SPDX-License-Identifier: ISC */
/*
 * advice -- the command that repairs a folder that is missing or belongs to
 * another user: a person can type it as it stands.
 */
#ifndef REFLASHD_ADVICE_H
#define REFLASHD_ADVICE_H

#include <stdbool.h>

#include "base/error.h"

bool advice_folder_is_missing(const char *path);

/*
 * Return the command that makes a folder which all users may read; free() it.
 */
char *advice_command(const char *path);

/*
 * Add to the error about a folder that we must write to the command that gives
 * the folder to our user, if a command can.
 */
void advice_add(const char *path, struct error *);

#endif
