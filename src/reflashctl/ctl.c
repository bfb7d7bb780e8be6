/* SPDX-License-Identifier: ISC */
/* Prints what went wrong, for every verb. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>

#include "reflashctl/ctl.h"

void
complain(const char *fmt, ...)
{
	va_list ap;

	fputs("reflashctl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}
