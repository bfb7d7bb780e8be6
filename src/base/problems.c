/* SPDX-License-Identifier: ISC */
/* Collects all mistakes of a file, so that an operator sees them at once. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/problems.h"

void
problems_add(struct problems *list, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	list->text =
	    xrealloc(list->text, list->count + 1, sizeof(list->text[0]));
	list->text[list->count++] = xstrdup(text);
}

void
problems_print(const struct problems *list, FILE *out)
{
	for (size_t i = 0; i < list->count; i++)
		fprintf(out, "%s\n", list->text[i]);
}

void
problems_fini(struct problems *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->text[i]);
	free(list->text);
	*list = (struct problems){ 0 };
}
