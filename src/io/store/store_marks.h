/* SPDX-License-Identifier: ISC */
/*
 * store_marks -- numbers in files, written often and without waiting for the
 * disk: they outlive the process, but maybe not the machine.
 */
#ifndef REFLASHD_STORE_MARKS_H
#define REFLASHD_STORE_MARKS_H

#include <stdint.h>

#include "io/store/store_folder.h"

struct store_marks;

/* The folder is borrowed until the marks are freed. */
struct store_marks *store_marks_new(const struct store_folder *);
void store_marks_free(struct store_marks *); /* NULL is fine */

/* name is a short one: an id with a suffix. */
void store_marks_set(struct store_marks *, const char *name, uint64_t);
uint64_t store_marks_get(struct store_marks *, const char *name);
bool store_marks_remove(struct store_marks *, const char *name, struct error *);

#endif
