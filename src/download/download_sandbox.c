/* SPDX-License-Identifier: ISC */
/* Takes all rights away that fetching a file does not need. */
#include "config.h"

#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/sandbox.h"
#include "download/download_sandbox.h"

#define NOBODY 65534

/* For libc and libcurl: names of hosts, certificates, libraries. */
static const char *const readable[] = {
	"/usr",
	"/lib",
	"/lib64",
	"/etc",
	"/run/systemd/resolve",
	"/run/resolvconf",
	"/run/NetworkManager",
	"/run/nscd",
	"/dev/null",
	"/dev/urandom",
};

/*
 * Give up root.  In a user namespace there may be nobody else to become; the
 * sandbox is there all the same.
 */
static void
become_nobody(void)
{
	if (geteuid() != 0 || setgroups(0, NULL) != 0 ||
	    setresgid(NOBODY, NOBODY, NOBODY) != 0)
		return;
	if (setresuid(NOBODY, NOBODY, NOBODY) != 0)
		return;
}

void
download_sandbox_enter(void)
{
	const struct sandbox_rules rules = {
		.readable = readable,
		.readable_count = sizeof(readable) / sizeof(readable[0]),
		.may_connect = true,
	};
	char said[SANDBOX_TEXT_SIZE];

	become_nobody();
	/*
	 * This program ends with reflashctl.  The kernel forgets that when the
	 * user changes, so it is asked for again.
	 */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	sandbox_enter(&rules, said);
}
