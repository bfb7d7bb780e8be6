/* SPDX-License-Identifier: ISC */
/* Looks whether this user may approve and change things. */
#include "config.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/remedy.h"
#include "reflashctl/doctor/checks.h"

#define CHECK	   "group"
#define MAX_GROUPS 1024

/* Return true if this process, and so this session, is in the group. */
static bool
is_in_session(gid_t gid)
{
	gid_t *groups = xcalloc(MAX_GROUPS, sizeof(*groups));
	int count = getgroups(MAX_GROUPS, groups);
	bool is = getegid() == gid;

	for (int i = 0; i < count && !is; i++)
		is = groups[i] == gid;
	free(groups);
	return is;
}

/* Return true if the user was made a member, even after this session began. */
static bool
is_listed(const struct group *group, const char *user)
{
	for (char **member = group->gr_mem; *member != NULL; member++)
		if (strcmp(*member, user) == 0)
			return true;
	return false;
}

/* Return the command that makes the group, and puts the user into it. */
static char *
making_command(
    const struct installation *installation, const char *name, const char *user)
{
	if (installation->is_root)
		return xasprintf("groupadd --system %s", name);
	return xasprintf("sudo groupadd --system %s && sudo usermod -aG %s %s",
	    name, name, user);
}

static void
add_missing(const struct installation *installation, struct findings *findings,
    const char *group, const char *user)
{
	struct finding *finding = findings_add(findings, CHECK, VERDICT_FAILURE,
	    "there is no group %s, so only root may approve and change things",
	    group);
	char *name = remedy_quote(group);
	char *making = making_command(installation, name, user);

	finding_cure(finding,
	    "Make the group that ControlGroup= names, and let the daemon read "
	    "its configuration again:");
	if (installation->status != NULL)
		finding_command(finding, "%s && %s%s reload", making,
		    installation->sudo, installation->reflashctl);
	else
		finding_command(finding, "%s", making);
	free(making);
	free(name);
}

static void
add_stranger(
    struct findings *findings, const struct group *group, const char *user)
{
	struct finding *finding;
	char *name = remedy_quote(group->gr_name);

	if (is_listed(group, user)) {
		finding = findings_add(findings, CHECK, VERDICT_FAILURE,
		    "%s is in the group %s, but this session began before",
		    user, group->gr_name);
		finding_cure(finding, "Log out and in again, or:");
		finding_command(finding, "newgrp %s", name);
	} else {
		finding = findings_add(findings, CHECK, VERDICT_FAILURE,
		    "%s is not in the group %s: this user may look, but not "
		    "approve or change anything",
		    user, group->gr_name);
		finding_cure(finding,
		    "Make it a member, and log out and in again after that:");
		finding_command(finding, "sudo usermod -aG %s %s", name, user);
	}
	free(name);
}

void
check_group(const struct installation *installation, struct findings *findings)
{
	const char *name = installation->config->control_group;
	const struct passwd *self = getpwuid(geteuid());
	const char *user = self != NULL ? self->pw_name : "this user";
	const struct group *group = getgrnam(name);

	if (group == NULL)
		add_missing(installation, findings, name, user);
	else if (installation->is_root)
		findings_add(findings, CHECK, VERDICT_OK,
		    "root may change everything, and so may the group %s",
		    name);
	else if (is_in_session(group->gr_gid))
		findings_add(findings, CHECK, VERDICT_OK,
		    "%s is in the group %s, and may change everything", user,
		    name);
	else
		add_stranger(findings, group, user);
}
