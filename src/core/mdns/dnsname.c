/* SPDX-License-Identifier: ISC */
/* Reads domain names from multicast DNS packets, within strict limits. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/mdns/dnsname.h"

#define POINTER_MASK 0xc0

static bool
is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool
add_label(struct dnsname *name, const unsigned char *label, size_t len)
{
	if (len > DNSNAME_LABEL || name->len + 1 + len > DNSNAME_WIRE)
		return false;
	name->wire[name->len++] = (unsigned char)len;
	memcpy(name->wire + name->len, label, len);
	name->len += len;
	return true;
}

bool
dnsname_read(struct dnsname *name, const void *message, size_t len, size_t *pos)
{
	const unsigned char *msg = message;
	size_t at = *pos, limit = *pos;
	bool jumped = false;

	name->len = 0;
	while (at < len) {
		size_t n = msg[at];

		if ((n & POINTER_MASK) == 0) {
			if (n > len - at - 1 ||
			    !add_label(name, msg + at + 1, n))
				return false;
			at += n + 1;
			if (!jumped)
				*pos = at;
			if (n == 0)
				return true;
			continue;
		}
		if ((n & POINTER_MASK) != POINTER_MASK || at + 1 >= len)
			return false;
		if (!jumped)
			*pos = at + 2;
		jumped = true;
		/* Each jump must go further back than any before it. */
		at = (n & ~(size_t)POINTER_MASK) << 8 | msg[at + 1];
		if (at >= limit)
			return false;
		limit = at;
	}
	return false;
}

const unsigned char *
dnsname_label(const struct dnsname *name, size_t index, size_t *len)
{
	for (size_t at = 0; at < name->len; at += 1 + (size_t)name->wire[at]) {
		*len = name->wire[at];
		if (*len == 0)
			return NULL;
		if (index-- == 0)
			return name->wire + at + 1;
	}
	return NULL;
}

bool
dnsname_is_under(const struct dnsname *name, const char *suffix)
{
	size_t len, want, index = 0;
	const unsigned char *label;

	if (dnsname_label(name, index++, &len) == NULL)
		return false;
	while ((label = dnsname_label(name, index++, &len)) != NULL) {
		want = strcspn(suffix, ".");
		if (want != len ||
		    strncasecmp((const char *)label, suffix, len) != 0)
			return false;
		suffix += want;
		if (*suffix == '.')
			suffix++;
	}
	return *suffix == '\0';
}

bool
dnsname_make(
    struct dnsname *name, const void *label, size_t len, const char *suffix)
{
	name->len = 0;
	if (len == 0 || !add_label(name, label, len))
		return false;
	while (*suffix != '\0') {
		size_t n = strcspn(suffix, ".");

		if (n == 0 ||
		    !add_label(name, (const unsigned char *)suffix, n))
			return false;
		suffix += n;
		if (*suffix == '.')
			suffix++;
	}
	return add_label(name, (const unsigned char *)"", 0);
}

char *
dnsname_text(char dst[DNSNAME_TEXT], const struct dnsname *name)
{
	const unsigned char *label;
	size_t len, used = 0;

	for (size_t i = 0; (label = dnsname_label(name, i, &len)) != NULL;
	    i++) {
		if (i > 0)
			dst[used++] = '.';
		for (size_t j = 0; j < len; j++)
			if (is_plain(label[j]))
				dst[used++] = (char)label[j];
			else
				used += (size_t)snprintf(
				    dst + used, 5, "\\%03u", label[j]);
	}
	dst[used] = '\0';
	return dst;
}
