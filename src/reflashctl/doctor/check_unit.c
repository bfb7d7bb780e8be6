/* SPDX-License-Identifier: ISC */
/* Looks at the units of systemd: are they there, enabled and well? */
#include "config.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "reflashctl/doctor/checks.h"
#include "reflashctl/doctor/run_program.h"

#define CHECK	 "unit"
#define SERVICE	 "reflashd.service"
#define SOCKET	 "reflashd.socket"
#define OF_ADMIN "/etc/systemd/system/"
#define WANTED	 OF_ADMIN "multi-user.target.wants/" SERVICE

/* Return true if the unit is masked: a link to /dev/null is in its place. */
static bool
is_masked(const char *unit)
{
	char *path = xasprintf(OF_ADMIN "%s", unit), target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	free(path);
	if (n < 0)
		return false;
	target[n] = '\0';
	return strcmp(target, "/dev/null") == 0;
}

/* Return a property of the unit, as systemctl show says it; free(). */
static char *
property(const char *systemctl, const char *name)
{
	const char *const argv[] = { systemctl, "show", "--value", "-p", name,
		SERVICE, NULL };
	struct run_result result;
	char *value;

	run_program(argv, &result);
	value = xstrndup(result.code == 0 ? result.out : "",
	    result.code == 0 ? strcspn(result.out, "\n") : 0);
	run_result_fini(&result);
	return value;
}

static void
add_masked(const struct installation *installation, struct findings *findings,
    const char *unit)
{
	struct finding *finding = findings_add(findings, CHECK, VERDICT_FAILURE,
	    "%s is masked: nothing can start it", unit);

	finding_cure(finding, "Unmask it:");
	finding_command(
	    finding, "%ssystemctl unmask %s", installation->sudo, unit);
}

static void
add_failed(const struct installation *installation, struct findings *findings,
    const char *result)
{
	struct finding *finding = findings_add(findings, CHECK, VERDICT_FAILURE,
	    SERVICE " has failed (%s)", result);

	finding_cure(finding,
	    "\"journalctl -u reflashd -n 20\" says why. Once that is "
	    "corrected:");
	finding_command(finding,
	    "%ssystemctl reset-failed reflashd && %ssystemctl start reflashd",
	    installation->sudo, installation->sudo);
}

/* Look at the state of the service, which its manager knows. */
static void
ask_manager(const struct installation *installation, struct findings *findings,
    const char *systemctl)
{
	char *state = property(systemctl, "ActiveState");
	char *result = property(systemctl, "Result");

	if (strcmp(state, "failed") == 0)
		add_failed(installation, findings, result);
	free(state);
	free(result);
}

static void
look_at_start(
    const struct installation *installation, struct findings *findings)
{
	struct finding *finding;
	struct stat st;

	if (lstat(WANTED, &st) == 0) {
		findings_add(findings, CHECK, VERDICT_OK,
		    "reflashd is started when this machine is");
		return;
	}
	finding = findings_add(findings, CHECK, VERDICT_WARNING,
	    "reflashd is not started when this machine is");
	finding_cure(finding, "To have it started each time:");
	finding_command(finding, "%ssystemctl enable %s %s", installation->sudo,
	    SERVICE, SOCKET);
}

void
check_unit(const struct installation *installation, struct findings *findings)
{
	static const char *const units[] = { SERVICE, SOCKET };
	char *systemctl = run_program_find("systemctl");
	size_t before = findings->count;

	if (!installation->is_service && !is_masked(SERVICE)) {
		free(systemctl);
		return; /* it was built and is started by hand */
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (is_masked(units[i]))
			add_masked(installation, findings, units[i]);
	if (installation->has_systemd && systemctl != NULL)
		ask_manager(installation, findings, systemctl);
	if (findings->count == before)
		look_at_start(installation, findings);
	free(systemctl);
}
