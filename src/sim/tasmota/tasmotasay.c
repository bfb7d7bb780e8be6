/* SPDX-License-Identifier: ISC */
/*
 * Collects the messages that a command of Tasmota makes, and joins them as its
 * web server does (HandleHttpCommand in xdrv_01_webserver.ino).
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/tasmota/tasmotasay.h"

#define LOG_SIZE   700 /* LOGSZ, MAX_LOGSZ: of one line of the log */
#define LOG_PREFIX 14  /* "RSL: RESULT = " */

void
tasmotasay_add(struct tasmotasay *s, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	s->text = xrealloc(s->text, s->count + 1, sizeof(s->text[0]));
	s->text[s->count++] = text;
}

void
tasmotasay_fini(struct tasmotasay *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->text[i]);
	free(s->text);
	s->text = NULL;
	s->count = 0;
}

/* EscapeJSONChar of JsonGenerator.cpp: other control characters stay. */
static char
escaped_char(char c)
{
	static const char from[] = "\"\\\n\t\r\f\b", to[] = "\"\\ntrfb";
	const char *at = c != '\0' ? strchr(from, c) : NULL;

	return at != NULL ? to[at - from] : '\0';
}

char *
tasmotasay_escape(unsigned version, const char *text)
{
	char *escaped = xcalloc(1, 2 * strlen(text) + 1), *to = escaped;

	/* ResponseCmndChar in support_command.ino escapes since 8.3.1.6. */
	for (; *text != '\0'; text++) {
		char c = version >= 80400 ? escaped_char(*text) : '\0';

		if (c != '\0')
			*to++ = '\\';
		*to++ = c != '\0' ? c : *text;
	}
	return escaped;
}

/* The length of what stands between the outer braces of a message. */
static size_t
inner_length(const char *message, unsigned version)
{
	size_t len = strlen(message);

	/* A line of the log was cut, and "..." put behind it, up to 9.3.1. */
	if (version < 90400 && len + LOG_PREFIX >= LOG_SIZE - 1)
		return LOG_SIZE - 5 - LOG_PREFIX - 1;
	return len >= 2 ? len - 2 : 0;
}

char *
tasmotasay_body(const struct tasmotasay *s, unsigned version)
{
	char *body = xstrdup("{"), *longer;

	for (size_t i = 0; i < s->count; i++) {
		const char *open = strchr(s->text[i], '{');

		if (open == NULL)
			continue;
		longer = xasprintf("%s%s%.*s", body, body[1] != '\0' ? "," : "",
		    (int)inner_length(open, version), open + 1);
		free(body);
		body = longer;
	}
	longer = xasprintf("%s}", body);
	free(body);
	return longer;
}
