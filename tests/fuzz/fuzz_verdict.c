/* SPDX-License-Identifier: ISC */
/*
 * fuzz_verdict -- a verdict that is believed is a small number that stands
 * there; one that is not changes nothing and says why.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/sonoff/devapi.h"

#include "fuzz.h"

#define UNTOUCHED 123456

/* Its digits are somewhere in the body: it was not made up. */
static bool
is_told(int code, const uint8_t *data, size_t size)
{
	char digits[16];

	snprintf(digits, sizeof(digits), "%d", code);
	return memmem(data, size, digits, strlen(digits)) != NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	int code = UNTOUCHED;

	if (!devapi_verdict_parse(data, size, &code, &err)) {
		HOLDS(code == UNTOUCHED);
		HOLDS(err.code != 0 && err.text[0] != '\0');
		return 0;
	}
	HOLDS(code >= -9999 && code <= 9999);
	HOLDS(is_told(code, data, size));
	return 0;
}
