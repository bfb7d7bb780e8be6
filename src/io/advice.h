/* SPDX-License-Identifier: ISC */
/*
 * advice -- folders that are not there, or not ours, and the command that
 * puts that right: a person can type it as it stands.
 */
#ifndef REFLASHD_ADVICE_H
#define REFLASHD_ADVICE_H

#include <stdbool.h>

#include "base/error.h"

bool advice_folder_is_missing(const char *path);

/* What makes a folder that everybody may read; free() it. */
char *advice_command(const char *path);

/*
 * The error says that this folder, which we must write to, cannot be used: add
 * what gives it to the user we run as, where a command can.
 */
void advice_add(const char *path, struct error *);

#endif
