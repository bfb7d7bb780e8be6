/* SPDX-License-Identifier: ISC */
/*
 * lacking -- runs a program on a kernel that lacks some calls, as an older one,
 * or one in a container, does.
 *
 *	lacking CALL[,N=VALUE]/ERRNO... -- PROGRAM [ARGUMENT...]
 *
 * The call fails with that errno, if its argument N (from 0 on) has the value;
 * without N always.  All programs that are run by this one lack it, too.
 */
#include "config.h"

#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_SECCOMP
#include <seccomp.h>

static void
deny(scmp_filter_ctx filter, const char *text)
{
	unsigned argument, code;
	unsigned long value;
	char name[64];
	int call, rc;
	bool has_argument = sscanf(text, "%63[^,/],%u=%lu/%u", name, &argument,
				&value, &code) == 4;

	if (!has_argument && sscanf(text, "%63[^,/]/%u", name, &code) != 2)
		errx(64, "%s: not CALL[,N=VALUE]/ERRNO", text);
	call = seccomp_syscall_resolve_name(name);
	if (call == __NR_SCMP_ERROR)
		errx(64, "%s: no such call", name);
	rc = has_argument
	    ? seccomp_rule_add(filter, SCMP_ACT_ERRNO(code), call, 1,
		  SCMP_CMP(argument, SCMP_CMP_EQ, value, 0))
	    : seccomp_rule_add(filter, SCMP_ACT_ERRNO(code), call, 0);
	if (rc != 0)
		errx(1, "%s: %s", text, strerror(-rc));
}

int
main(int argc, char *argv[])
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int i = 1, rc;

	for (; i < argc && strcmp(argv[i], "--") != 0; i++)
		deny(filter, argv[i]);
	rc = seccomp_load(filter);
	if (rc != 0) {
		warnx("seccomp: %s", strerror(-rc));
		return 77;
	}
	if (i + 1 >= argc)
		errx(64, "no program");
	execvp(argv[i + 1], argv + i + 1);
	err(127, "%s", argv[i + 1]);
}

#else

int
main(void)
{
	warnx("built without libseccomp");
	return 77;
}

#endif
