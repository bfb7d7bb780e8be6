/* SPDX-License-Identifier: ISC */
/* Writes down why something failed, for the caller that reports it. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

bool
error_set(struct error *err, int code, const char *fmt, ...)
{
	va_list ap;

	err->code = code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return false;
}

bool
error_errno(struct error *err, int code, const char *fmt, ...)
{
	va_list ap;
	size_t used;

	err->code = code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	used = strlen(err->text);
	snprintf(
	    err->text + used, sizeof(err->text) - used, ": %s", strerror(code));
	return false;
}

bool
error_prefix(struct error *err, const char *fmt, ...)
{
	struct error old = *err;
	va_list ap;
	size_t used;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s", old.text);
	return false;
}
