/* SPDX-License-Identifier: ISC */
/*
 * Collects the messages of a Tasmota command, and joins them as its web server
 * does (HandleHttpCommand in xdrv_01_webserver.ino).
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/tasmota/tasmota_say.h"

#define LOG_SIZE   700 /* bytes of a log line (LOGSZ, MAX_LOGSZ) */
#define LOG_PREFIX 14  /* "RSL: RESULT = " */

static char *
format_text(const char *fmt, va_list) __attribute__((format(printf, 1, 0)));

static char *
format_text(const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	return text;
}

void
tasmota_say_add(struct tasmota_say *s, const char *fmt, ...)
{
	va_list ap;

	s->text = xrealloc(s->text, s->count + 1, sizeof(s->text[0]));
	va_start(ap, fmt);
	s->text[s->count++] = format_text(fmt, ap);
	va_end(ap);
}

void
tasmota_say_more(struct tasmota_say *s, const char *fmt, ...)
{
	char **last = &s->text[s->count - 1], *before = *last, *more;
	va_list ap;

	va_start(ap, fmt);
	more = format_text(fmt, ap);
	va_end(ap);
	*last = xasprintf("%s%s", before, more);
	free(before);
	free(more);
}

void
tasmota_say_text(struct tasmota_say *s, unsigned version, const char *text)
{
	char *escaped = tasmota_say_escape(version, text);

	tasmota_say_more(s, "\"%s\"", escaped);
	free(escaped);
}

void
tasmota_say_fini(struct tasmota_say *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->text[i]);
	free(s->text);
	s->text = NULL;
	s->count = 0;
}

/* Return the letter of an escape, 0: none (EscapeJSONChar). */
static char
escaped_char(char c)
{
	static const char from[] = "\"\\\n\t\r\f\b", to[] = "\"\\ntrfb";
	const char *at = c != '\0' ? strchr(from, c) : NULL;

	return at != NULL ? to[at - from] : '\0';
}

char *
tasmota_say_escape(unsigned version, const char *text)
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

/* Return the length between the outer braces of a message. */
static size_t
inner_length(const char *message, unsigned version)
{
	size_t len = strlen(message);

	/* Up to 9.3.1 a long log line was cut, and "..." put after it. */
	if (version < 90400 && len + LOG_PREFIX >= LOG_SIZE - 1)
		return LOG_SIZE - 5 - LOG_PREFIX - 1;
	return len >= 2 ? len - 2 : 0;
}

char *
tasmota_say_body(const struct tasmota_say *s, unsigned version)
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
