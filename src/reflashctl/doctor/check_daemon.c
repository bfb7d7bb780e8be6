/* SPDX-License-Identifier: ISC */
/*
 * Looks whether the daemon runs and answers, what it complains about, and which
 * devices it knows.
 */
#include "config.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/remedy.h"
#include "reflashctl/doctor/checks.h"
#include "reflashctl/link/request.h"
#include "reflashctl/out/device_text.h"

#define CHECK	     "daemon"
#define STARTING_SEC 10 /* so long it may not hear anybody yet */

/* Return the command that starts the daemon where there is no systemd. */
static char *
starting_command(const struct installation *installation)
{
	char *program = remedy_quote(installation->program);
	char *conf = installation->conf_file != NULL
	    ? remedy_quote(installation->conf_file)
	    : NULL;
	char *as = installation->user == NULL ? xstrdup("")
	    : installation->is_root
	    ? xasprintf("runuser -u %s -- ", installation->user)
	    : xasprintf("sudo -u %s ", installation->user);
	char *command = xasprintf("%s%s%s%s &", as, program,
	    conf != NULL ? " -c " : "", conf != NULL ? conf : "");

	free(as);
	free(conf);
	free(program);
	return command;
}

/* Return the command that makes the folder of the socket first; or "". */
static char *
folder_command(const struct installation *installation)
{
	char *path = xstrdup(installation->ctl->socket);
	const char *folder = dirname(path);
	char *quoted = remedy_quote(folder), *command;

	if (access(folder, F_OK) == 0 || errno != ENOENT)
		command = xstrdup("");
	else if (installation->user != NULL)
		command = xasprintf("%sinstall -d -o %s -g %s %s && ",
		    installation->sudo, installation->user, installation->user,
		    quoted);
	else
		command = xasprintf("install -d %s && ", quoted);
	free(quoted);
	free(path);
	return command;
}

static void
add_start(const struct installation *installation, struct finding *finding)
{
	char *folder, *start;

	if (installation->has_systemd && installation->is_service) {
		finding_cure(finding, "Start it:");
		finding_command(finding, "%ssystemctl restart reflashd",
		    installation->sudo);
		return;
	}
	if (strcmp(installation->ctl->socket,
		installation->config->control_socket) != 0) {
		finding_cure(finding,
		    "The usual configuration names another socket, %s. Name "
		    "the one that this daemon was started with: reflashctl "
		    "doctor --config FILE",
		    installation->config->control_socket);
		return;
	}
	if (installation->program == NULL)
		return;
	folder = folder_command(installation);
	start = starting_command(installation);
	finding_cure(finding, "Start it; it says why if it cannot:");
	finding_command(finding, "%s%s", folder, start);
	free(folder);
	free(start);
}

static void
add_silent(const struct installation *installation, struct findings *findings)
{
	const char *socket = installation->ctl->socket;
	struct finding *finding;

	if (access(socket, F_OK) == 0 && access(socket, R_OK | W_OK) != 0 &&
	    errno == EACCES) {
		finding = findings_add(findings, CHECK, VERDICT_FAILURE,
		    "this user may not use the socket %s", socket);
		finding_cure(finding, "Root can:");
		finding_command(
		    finding, "sudo %s doctor", installation->reflashctl);
		return;
	}
	finding = findings_add(
	    findings, CHECK, VERDICT_FAILURE, "%s", installation->silence.text);
	add_start(installation, finding);
}

static void
add_version(const struct installation *installation, struct findings *findings)
{
	const char *version = device_text(installation->status, "version");
	struct finding *finding;

	if (version != NULL && strcmp(version, PACKAGE_VERSION) == 0) {
		findings_add(findings, CHECK, VERDICT_OK,
		    "reflashd %s runs, and answers at %s", version,
		    installation->ctl->socket);
		return;
	}
	finding = findings_add(findings, CHECK, VERDICT_WARNING,
	    "reflashd %s runs, but reflashctl is of version %s",
	    version != NULL ? version : "of an unknown version",
	    PACKAGE_VERSION);
	finding_cure(finding, "Restart it, once no device is at work:");
	if (installation->has_systemd)
		finding_command(finding, "%ssystemctl restart reflashd",
		    installation->sudo);
}

/* Return true if discovery is one of the problems of a daemon just started. */
static bool
is_starting(const json_t *status)
{
	const json_t *problem;
	size_t i;

	json_array_foreach (json_object_get(status, "problems"), i, problem) {
		const char *text = json_string_value(problem);

		if (text != NULL && strncmp(text, "discovery:", 10) == 0)
			return device_number(status, "uptime") < STARTING_SEC;
	}
	return false;
}

/*
 * Return the status as it is now, a new reference; a daemon that has just been
 * started gets the time to look for devices.  NULL: it does not answer any
 * more.
 */
static json_t *
ask_again(const struct installation *installation)
{
	const struct timespec moment = { .tv_nsec = 200 * 1000000L };
	json_t *status = NULL;

	for (;;) {
		struct answer answer;
		struct error err;

		json_decref(status);
		status = NULL;
		if (request_send(
			installation->ctl, CTL_STATUS, NULL, &answer, &err))
			status = json_incref(answer.reply);
		answer_fini(&answer);
		if (status == NULL || !is_starting(status))
			return status;
		nanosleep(&moment, NULL);
	}
}

static void
add_problems(const struct installation *installation, struct findings *findings)
{
	json_auto_t *status = ask_again(installation);
	const json_t *problem;
	size_t i;

	if (status == NULL)
		add_silent(installation, findings);
	json_array_foreach (json_object_get(status, "problems"), i, problem)
		if (json_is_string(problem))
			findings_add(findings, CHECK, VERDICT_FAILURE, "%s",
			    json_string_value(problem));
}

static void
add_devices(const struct installation *installation, struct findings *findings)
{
	const json_t *counts = json_object_get(installation->status, "counts");
	json_int_t sum = 0;
	struct finding *finding;

	for (enum state state = 0; state < STATE_COUNT; state++)
		sum += device_number(counts, state_name(state));
	if (sum > 0) {
		findings_add(findings, "devices", VERDICT_OK,
		    "%lld device%s known", (long long)sum,
		    sum == 1 ? " is" : "s are");
		return;
	}
	finding = findings_add(
	    findings, "devices", VERDICT_WARNING, "no device is known yet");
	finding_cure(finding,
	    "Put a device into DIY mode on this network; README.md says how. "
	    "It announces itself when it is switched on");
}

void
check_daemon(const struct installation *installation, struct findings *findings)
{
	if (installation->status == NULL) {
		add_silent(installation, findings);
		return;
	}
	add_version(installation, findings);
	add_problems(installation, findings);
	add_devices(installation, findings);
}
