/* SPDX-License-Identifier: ISC */
/* Checks what a person calls a device, and who an order says it is from. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "core/device/label.h"
#include "core/sonoff/devapi.h"

static bool
is_address(const char *text)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, text, address) == 1 ||
	    inet_pton(AF_INET6, text, address) == 1;
}

/* Return why a text of visible characters is no label; NULL: it is one. */
static const char *
why_not(const char *text)
{
	size_t len = strlen(text);

	if (len == 0)
		return "has at least one character";
	if (text[0] == ' ' || text[len - 1] == ' ')
		return "has no blank at its beginning or end";
	if (text[0] == '-')
		return "does not begin with \"-\", as options do";
	if (devapi_is_id(text))
		return "is not what could be the id of a device";
	return is_address(text) ? "is not an address" : NULL;
}

bool
label_check(const char *text, struct error *err)
{
	const char *why;

	if (!utf8_check("the label", text, LABEL_MAX, err))
		return false;
	why = why_not(text);
	return why == NULL || error_set(err, EINVAL, "a label %s", why);
}

bool
label_check_who(const char *text, struct error *err)
{
	return utf8_check("who", text, LABEL_MAX, err);
}

bool
label_is_same(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0;
}
