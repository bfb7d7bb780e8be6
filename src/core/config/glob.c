/* SPDX-License-Identifier: ISC */
/* Compares the id or type of a device with the patterns of [Match]. */
#include "config.h"

#include <fnmatch.h>

#include "core/config/glob.h"

bool
globs_fit(const struct strlist *globs, const char *name)
{
	bool wanted = false, any = true;

	for (size_t i = 0; i < globs->count; i++) {
		const char *glob = globs->items[i];
		bool excluded = *glob == '!';
		bool fits = fnmatch(glob + excluded, name, FNM_CASEFOLD) == 0;

		if (excluded && fits)
			return false;
		wanted = wanted || (!excluded && fits);
		any = any && excluded;
	}
	return wanted || any;
}
