/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/strlist.h"

void
words_add(struct words *list, const char *word)
{
	list->items =
	    xrealloc(list->items, list->count + 1, sizeof(list->items[0]));
	list->items[list->count++] = xstrdup(word);
}

const char *const *
words_list(struct words *list)
{
	list->items =
	    xrealloc(list->items, list->count + 1, sizeof(list->items[0]));
	list->items[list->count] = NULL;
	return (const char *const *)list->items;
}

void
words_fini(struct words *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct words){ 0 };
}
