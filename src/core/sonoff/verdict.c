/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "core/sonoff/verdict.h"

#define MAX_VERDICT 512 /* a device sends 11 bytes */
#define MAX_CODE    9999

/* jansson aborts on no input at all, and refuses a NUL behind the object. */
static size_t
without_tail(const char *body, size_t len)
{
	while (len > 0 && strchr(" \t\r\n", body[len - 1]) != NULL)
		len--;
	return len;
}

bool
verdict_parse(const void *body, size_t len, int *code, struct error *err)
{
	json_auto_t *root = NULL;
	json_error_t why;
	json_t *value;

	if (len > MAX_VERDICT)
		return error_set(err, EMSGSIZE, "%zu bytes are too many", len);
	len = without_tail(body, len);
	if (len == 0)
		return error_set(err, EPROTO, "nothing in it");
	root = json_loadb(body, len, JSON_REJECT_DUPLICATES, &why);
	if (root == NULL)
		return error_set(err, EPROTO, "not JSON");
	value = json_object_get(root, "error");
	if (!json_is_integer(value))
		return error_set(err, EPROTO, "no number under \"error\"");
	if (json_integer_value(value) < -MAX_CODE ||
	    json_integer_value(value) > MAX_CODE)
		return error_set(err, ERANGE, "a code that cannot be");
	*code = (int)json_integer_value(value);
	return true;
}
