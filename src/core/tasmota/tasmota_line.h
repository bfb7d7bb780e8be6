/* SPDX-License-Identifier: ISC */
/*
 * tasmota_line -- a line that may be written into a policy's Command=.
 */
#ifndef REFLASHD_TASMOTA_LINE_H
#define REFLASHD_TASMOTA_LINE_H

#include <stdbool.h>

#include "base/error.h"
#include "core/tasmota/tasmota_command.h"

/* A line of a policy, taken apart.  The value is borrowed from the line. */
struct tasmota_line {
	const struct tasmota_command *row; /* NULL: not in the table */
	char word[40];			   /* as it was typed */
	char command[40]; /* as Tasmota answers it: SO19 is SetOption19 */
	bool has_index;	  /* its number was typed */
	unsigned index;	  /* 1 without one */
	const char *value;
};

/*
 * Take apart any line.  Returns false if it does not even begin with a command.
 */
bool tasmota_line_read(const char *line, struct tasmota_line *);

/*
 * Return true if the line can be set and read back; false: what is wrong with
 * it and what to write instead.
 */
bool tasmota_line_check(const struct tasmota_line *, struct error *);

/*
 * Return true if the line may not work on every device, and why: it is in no
 * table, or not in every build.
 */
bool tasmota_line_doubt(
    const struct tasmota_line *, bool has_full_build, struct error *);

#endif
