/* SPDX-License-Identifier: ISC */
/*
 * fuzz_manifest -- a manifest of ESP Web Tools, from any web server: it either
 * names one place, by printable ASCII that is http, https or relative, or is
 * refused in a sentence.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "core/source/image_source.h"
#include "core/source/manifest.h"

#include "fuzz.h"

static void
check_good(const struct manifest *manifest)
{
	struct error err;
	size_t scheme;

	HOLDS(manifest->path[0] != '\0');
	for (const char *c = manifest->path; *c != '\0'; c++)
		HOLDS(*c > ' ' && *c <= '~');
	/* RFC 3986 3.1: what comes before the first colon is a scheme. */
	scheme = strspn(manifest->path,
	    "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789+-.");
	if (isalpha((unsigned char)manifest->path[0]) &&
	    manifest->path[scheme] == ':')
		HOLDS(image_source_is_url(manifest->path, &err));
	HOLDS(strlen(manifest->md5) == 0 || strlen(manifest->md5) == 32);
	for (const char *c = manifest->md5; *c != '\0'; c++)
		HOLDS(
		    isxdigit((unsigned char)*c) && !isupper((unsigned char)*c));
	for (const char *c = manifest->name; *c != '\0'; c++)
		HOLDS(*c >= ' ' && *c <= '~');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest manifest;
	struct error err = { 0 };

	if (manifest_parse(data, size, &manifest, &err)) {
		HOLDS(manifest_is_likely(data, size) || data[0] < ' ' ||
		    data[0] > '~');
		check_good(&manifest);
	} else {
		HOLDS(err.text[0] != '\0' && strchr(err.text, '\n') == NULL);
	}
	return 0;
}
