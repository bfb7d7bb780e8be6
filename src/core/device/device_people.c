/* SPDX-License-Identifier: ISC */
/*
 * Copies and frees the names of the people who have said something about a
 * device.
 */
#include "config.h"

#include <stdlib.h>

#include "base/memory.h"
#include "core/device/device_people.h"

struct device_people
device_people_copy(const struct device_people *from)
{
	struct device_people copy = { .attempt = NULL };

	xreplace(&copy.attempt, from->attempt);
	xreplace(&copy.may_run, from->may_run);
	xreplace(&copy.approved, from->approved);
	xreplace(&copy.ordered, from->ordered);
	xreplace(&copy.cancelled, from->cancelled);
	return copy;
}

void
device_people_fini(struct device_people *people)
{
	free(people->attempt);
	free(people->may_run);
	free(people->approved);
	free(people->ordered);
	free(people->cancelled);
	*people = (struct device_people){ .attempt = NULL };
}
