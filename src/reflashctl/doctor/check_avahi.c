/* SPDX-License-Identifier: ISC */
/*
 * Looks at avahi-daemon, over which reflashd looks for devices where it runs.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/unixsock.h"
#include "reflashctl/doctor/checks.h"
#include "reflashctl/doctor/run_program.h"

#define CHECK  "avahi"
#define SOCKET "/run/avahi-daemon/socket"

static bool
is_running(void)
{
	struct error err;
	int fd = unixsock_connect(SOCKET, &err);

	if (fd != -1)
		close(fd);
	return fd != -1;
}

/* Return true if reflashd can look for devices without avahi-daemon. */
static bool
is_embedded(const struct installation *installation)
{
	const char *const argv[] = { installation->program, "-V", NULL };
	struct run_result result;
	bool is;

	if (installation->program == NULL)
		return true;
	run_program(argv, &result);
	is = strstr(result.out, "-embedded-mdns") == NULL;
	run_result_fini(&result);
	return is;
}

static void
add_command(const struct installation *installation, struct finding *finding)
{
	char *program = run_program_find("avahi-daemon");

	finding_cure(finding, program != NULL ? "Start it:" : "Install it:");
	if (program == NULL)
		finding_command(finding, "%sapt-get install avahi-daemon",
		    installation->sudo);
	else if (installation->has_systemd)
		finding_command(finding, "%ssystemctl start avahi-daemon",
		    installation->sudo);
	else
		finding_command(
		    finding, "%savahi-daemon --daemonize", installation->sudo);
	free(program);
}

void
check_avahi(const struct installation *installation, struct findings *findings)
{
	enum config_backend backend = installation->config->backend;
	bool is_wanted = backend == CONFIG_BACKEND_AVAHI ||
	    (backend == CONFIG_BACKEND_AUTO && !is_embedded(installation));

	if (backend == CONFIG_BACKEND_NONE ||
	    backend == CONFIG_BACKEND_EMBEDDED)
		return;
	if (is_running())
		findings_add(findings, CHECK, VERDICT_OK,
		    "avahi-daemon runs, and looks for devices");
	else if (is_wanted)
		add_command(installation,
		    findings_add(findings, CHECK, VERDICT_FAILURE,
			"avahi-daemon does not run, and nothing else looks "
			"for devices"));
	else
		findings_add(findings, CHECK, VERDICT_OK,
		    "avahi-daemon does not run; reflashd looks for devices by "
		    "itself");
}
