/* SPDX-License-Identifier: ISC */
/* Allocates memory, and ends the program if there is none. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static void *
must(void *p)
{
	if (p == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return p;
}

void *
xmalloc(size_t size)
{
	return must(malloc(size ? size : 1));
}

void *
xcalloc(size_t count, size_t size)
{
	return must(calloc(count ? count : 1, size ? size : 1));
}

void *
xrealloc(void *p, size_t count, size_t size)
{
	return must(reallocarray(p, count ? count : 1, size ? size : 1));
}

char *
xstrdup(const char *s)
{
	return must(strdup(s));
}

void
xreplace(char **owned, const char *s)
{
	char *copy = s != NULL && s[0] != '\0' ? xstrdup(s) : NULL;

	free(*owned); /* s may be in it */
	*owned = copy;
}

char *
xstrndup(const char *s, size_t max)
{
	return must(strndup(s, max));
}

char *
xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s = NULL;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	return must(n < 0 ? NULL : s);
}
