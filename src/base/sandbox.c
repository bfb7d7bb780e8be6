/* SPDX-License-Identifier: ISC */
/* Takes rights away from this process for good, with Landlock and seccomp. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/sandbox_parts.h"

void
sandbox_say(char said[SANDBOX_TEXT_SIZE], const char *fmt, ...)
{
	size_t used = strlen(said);
	va_list ap;

	if (used > 0)
		used += (size_t)snprintf(
		    said + used, SANDBOX_TEXT_SIZE - used, ", ");
	if (used >= SANDBOX_TEXT_SIZE)
		return;
	va_start(ap, fmt);
	vsnprintf(said + used, SANDBOX_TEXT_SIZE - used, fmt, ap);
	va_end(ap);
}

void
sandbox_begin(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#ifndef SANDBOX_TRACES_ITSELF
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

char *
sandbox_enter(const struct sandbox_rules *rules, char said[SANDBOX_TEXT_SIZE])
{
	said[0] = '\0';
	sandbox_begin();
#ifdef COVERAGE
	(void)rules;
	sandbox_say(said, "no sandbox (built for coverage)");
#else
	int connector = sandbox_start_connector(rules);

	sandbox_enter_landlock(rules, said);
	sandbox_enter_seccomp(rules, connector, said);
#endif
	return said;
}
