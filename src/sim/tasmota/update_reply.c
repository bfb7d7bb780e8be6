/* SPDX-License-Identifier: ISC */
/* Checks the answer and the image of an upgrade of Tasmota, for updater.c. */
#include "config.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "sim/tasmota/update_reply.h"

#define M1 2 /* of the size nibble: a flash of 1 MB */

/* Find the value of a header before the empty line; NULL: there is none. */
static const char *
find_header(const char *head, size_t len, const char *name)
{
	size_t name_len = strlen(name);

	for (const char *at = head; at + name_len + 3 < head + len; at++)
		if (*at == '\n' && strncasecmp(at + 1, name, name_len) == 0 &&
		    at[1 + name_len] == ':')
			return at + 2 + name_len +
			    strspn(at + 2 + name_len, " ");
	return NULL;
}

enum update_state
update_reply_read(const char *data, size_t len, struct update_head *h)
{
	const char *end = memmem(data, len, "\r\n\r\n", 4), *value;

	*h = (struct update_head){ .length = -1 };
	if (end == NULL)
		return len > UPDATE_HEAD_MAX ? UPDATE_BAD : UPDATE_MORE;
	h->len = (size_t)(end - data) + 4;
	if (sscanf(data, "HTTP/1.%*d %3d", &h->status) != 1)
		return UPDATE_BAD;
	value = find_header(data, h->len, "Content-Length");
	if (value != NULL)
		h->length = strtol(value, NULL, 10);
	value = find_header(data, h->len, "x-MD5");
	for (size_t i = 0; value != NULL && i < 32 && value[i] > ' '; i++)
		h->md5[i] = (char)(value[i] | 0x20);
	h->coded = find_header(data, h->len, "Transfer-Encoding") != NULL ||
	    find_header(data, h->len, "Content-Encoding") != NULL;
	return UPDATE_HEAD;
}

const char *
update_reply_refuse(const struct update_head *h, unsigned long space)
{
	switch (h->status) {
	case 200:
		break;
	case 304:
		return "no update";
	case 403:
		return "forbidden";
	case 404:
		return "file not found";
	default:
		return "wrong HTTP code";
	}
	if (h->length <= 0)
		return "server does not tell the size";
	if ((unsigned long)h->length > space)
		return UPDATE_NO_SPACE;
	return NULL;
}

static bool
has_md5(const char *told, const unsigned char *body, size_t len)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	char text[2 * EVP_MAX_MD_SIZE + 1];
	unsigned sum_len = 0;

	EVP_Digest(body, len, sum, &sum_len, EVP_md5(), NULL);
	return strcmp(text_hex(text, sum, sum_len), told) == 0;
}

const char *
update_reply_check(
    const struct update_head *h, const unsigned char *body, size_t len)
{
	if (len != (size_t)h->length)
		return "the stream ends too early";
	if (len < 4 || (body[0] != 0xe9 && body[0] != 0x1f))
		return "no magic byte";
	if (body[0] == 0xe9 && body[3] >> 4 > M1)
		return "program is made for another size of flash";
	if (h->md5[0] != '\0' && !has_md5(h->md5, body, len))
		return "MD5 does not fit";
	return NULL;
}
