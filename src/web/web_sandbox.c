/* SPDX-License-Identifier: ISC */
/* Says what reflash-web may still do, and enters the sandbox that holds it. */
#include "config.h"

#include <libgen.h>
#include <stdlib.h>

#include "base/memory.h"
#include "web/web_sandbox.h"

char *
web_sandbox_enter(const struct web_config *config, char said[SANDBOX_TEXT_SIZE])
{
	char *copy = xstrdup(config->token_file);
	const char *readable[] = { dirname(copy), "/etc/localtime",
		"/dev/urandom" };
	struct sandbox_rules rules = {
		.readable = readable,
		.readable_count = sizeof(readable) / sizeof(readable[0]),
	};

	sandbox_enter(&rules, said);
	free(copy);
	return said;
}
