/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/http/httpline.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
httpline_read_status(const char *line, int *status, unsigned *minor)
{
	if (strncmp(line, "HTTP/1.", 7) != 0 || !is_digit(line[7]) ||
	    line[8] != ' ')
		return false;
	*minor = (unsigned)(line[7] - '0');
	*status = 0;
	line += 9;
	for (int i = 0; i < 3; i++, line++) {
		if (!is_digit(*line))
			return false;
		*status = *status * 10 + (*line - '0');
	}
	return *line == ' ' || *line == '\0';
}

static bool
is_token(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) &&
		    strchr("!#$%&'*+-.^_`|~", s[i]) == NULL)
			return false;
	return len > 0;
}

static bool
is_text(const char *s)
{
	for (; *s != '\0'; s++)
		if (iscntrl((unsigned char)*s) && *s != '\t')
			return false;
	return true;
}

bool
httpline_is_header(const char *line)
{
	size_t name = strcspn(line, ":");

	return line[name] == ':' && is_token(line, name) && is_text(line);
}

const char *
httpline_find_value(const char *line, const char *name)
{
	size_t len = strlen(name);

	if (strncasecmp(line, name, len) != 0 || line[len] != ':')
		return NULL;
	line += len + 1;
	return line + strspn(line, " \t");
}

bool
httpline_read_chunk_size(const char *line, uint32_t *size)
{
	size_t digits = strspn(line, "0123456789abcdefABCDEF");

	if (digits == 0 || digits > 8 || !is_text(line) ||
	    strchr(" \t;", line[digits]) == NULL)
		return false;
	*size = (uint32_t)strtoul(line, NULL, 16);
	return true;
}
