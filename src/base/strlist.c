/* SPDX-License-Identifier: ISC */
/* A growing list of strings, for configuration and environments. */
#include "config.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/strlist.h"

void
strlist_add(struct strlist *list, const char *word)
{
	list->items =
	    xrealloc(list->items, list->count + 1, sizeof(list->items[0]));
	list->items[list->count++] = xstrdup(word);
}

const char *const *
strlist_list(struct strlist *list)
{
	list->items =
	    xrealloc(list->items, list->count + 1, sizeof(list->items[0]));
	list->items[list->count] = NULL;
	return (const char *const *)list->items;
}

void
strlist_fini(struct strlist *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct strlist){ 0 };
}
