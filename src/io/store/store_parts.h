/* SPDX-License-Identifier: ISC */
/*
 * store_parts -- what the files of the store share.
 */
#ifndef REFLASHD_STORE_PARTS_H
#define REFLASHD_STORE_PARTS_H

#include "io/store/store.h"
#include "io/store/store_folder.h"
#include "io/store/store_lines.h"
#include "io/store/store_marks.h"

struct store {
	struct store_folder top;
	struct store_folder devices;
	struct store_folder kept;
	struct store_lines history;
	struct store_marks *marks;
	struct strlist records; /* there at the start; till they are read */
	int lock;
};

#define STORE_RECORD ".json"

#endif
