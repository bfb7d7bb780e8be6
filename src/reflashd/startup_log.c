/* SPDX-License-Identifier: ISC */
/* Writes the lines of the log after the start and after a reload. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "core/config/configuration.h"
#include "io/advice.h"
#include "io/manager.h"
#include "reflashd/startup_log.h"

#define STANDARD_SOCKET RUNSTATEDIR "/reflashd/control.sock"
#define MAX_LINE	900 /* a longer line would be cut by the log */

/* Return the directories in one line; yours. */
static char *
join(const struct strlist *dirs)
{
	char *all = xstrdup("");

	for (size_t i = 0; i < dirs->count; i++) {
		char *more =
		    xasprintf("%s%s%s", all, i > 0 ? ", " : "", dirs->items[i]);

		free(all);
		all = more;
	}
	return all;
}

/* Return the directory for your own policies: the last one wins. */
static const char *
last_directory(const struct setup *setup)
{
	const struct strlist *dirs = &setup->config->policy_directories;

	return dirs->count > 0 ? dirs->items[dirs->count - 1] : NULL;
}

static void
list_policies(const struct policy_list *list, startup_log_say *say)
{
	char line[MAX_LINE + 128];
	size_t used;

	used =
	    (size_t)snprintf(line, sizeof(line), "policies: %zu:", list->count);
	for (size_t i = 0; i < list->count; i++) {
		const struct policy *policy = list->items[i];
		const char *action = policy_action_name(policy->action);

		if (used + strlen(policy->file) + strlen(action) > MAX_LINE) {
			snprintf(line + used, sizeof(line) - used,
			    " and %zu more", list->count - i);
			break;
		}
		used += (size_t)snprintf(line + used, sizeof(line) - used,
		    " %s (%s)%s", policy->file, action,
		    i + 1 < list->count ? "," : "");
	}
	say(line);
}

void
startup_log_policies(const struct setup *setup, startup_log_say *say)
{
	char *dirs, *line;

	if (setup->policies->count > 0) {
		list_policies(setup->policies, say);
		return;
	}
	dirs = join(&setup->config->policy_directories);
	line = xasprintf("policies: none in %s: devices are only observed, "
			 "nothing is flashed",
	    dirs);
	say(line);
	free(line);
	free(dirs);
}

static void
tell_missing(const char *what, const char *path, startup_log_say *say)
{
	char *command, *line;

	if (path == NULL || !advice_folder_is_missing(path))
		return;
	command = advice_command(path);
	line = xasprintf(
	    "%s: there is no %s; make it with: %s", what, path, command);
	say(line);
	free(line);
	free(command);
}

void
startup_log_folders(const struct setup *setup, startup_log_say *say)
{
	tell_missing("policies", last_directory(setup), say);
	tell_missing("images", setup->config->image_directory, say);
}

static void
log_line(const char *line)
{
	log_info("%s", line);
}

/* Log how to begin, as there is no policy yet. */
static void
tell_next(const struct setup *setup)
{
	const char *socket = setup->config->control_socket;
	const char *dir = last_directory(setup);
	bool standard = strcmp(socket, STANDARD_SOCKET) == 0;
	char *ctl = standard ? xstrdup("reflashctl")
			     : xasprintf("reflashctl --socket %s", socket);

	log_info("next: to see which devices can be flashed: %s devices", ctl);
	if (dir != NULL)
		log_info("next: to write a first policy for them: %s propose | "
			 "sudo tee %s/50-first.policy",
		    ctl, dir);
	log_info("next: to put it in force: %s reload", ctl);
	free(ctl);
}

/*
 * Return true if reflashctl finds the socket by its variable.  Whoever has set
 * that, as ./run does, has also said how to begin.
 */
static bool
is_introduced(const struct setup *setup)
{
	const char *known = getenv("REFLASHD_SOCKET");

	return known != NULL &&
	    strcmp(known, setup->config->control_socket) == 0;
}

static void
log_check(const struct config_check *check)
{
	for (size_t i = 0; i < check->faults.count; i++)
		log_warning("%s", check->faults.text[i]);
	for (size_t i = 0; i < check->doubts.count; i++)
		log_warning("%s", check->doubts.text[i]);
}

void
startup_log_reloaded(
    const struct setup *setup, const struct config_check *check)
{
	if (setup->policies->count == 0)
		log_info("policies: none: devices are only observed, nothing "
			 "is flashed");
	else
		startup_log_policies(setup, log_line);
	log_check(check);
	startup_log_folders(setup, log_line);
	if (check->summary != NULL)
		log_info("devices: %s", check->summary);
}

void
startup_log_start(const struct setup *setup, struct image_cache *images,
    unsigned port, bool inherited)
{
	const struct config *config = setup->config;
	struct config_check check = { .is_service = manager_is_there() };
	bool anywhere = inherited || strcmp(config->listen, "0.0.0.0") == 0;

	log_info("reflashd %s: devices download from TCP port %u%s%s%s; "
		 "reflashctl connects to %s",
	    PACKAGE_VERSION, port, anywhere ? "" : " of ",
	    anywhere ? "" : config->listen,
	    inherited ? " of the socket unit" : "", config->control_socket);
	config_check_setup(setup, images, &check);
	startup_log_reloaded(setup, &check);
	config_check_fini(&check);
	if (setup->policies->count == 0 && !is_introduced(setup))
		tell_next(setup);
}
