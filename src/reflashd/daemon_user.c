/* SPDX-License-Identifier: ISC */
/*
 * Finds out as which user the daemon runs, for reflashd -t and for a reflashd
 * that you start by hand.
 */
#include "config.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/remedy.h"
#include "base/unixsock.h"
#include "io/conffiles.h"
#include "io/manager.h"
#include "reflashd/daemon_user.h"

#define MAX_GROUPS	64
#define STANDARD_STATE	LOCALSTATEDIR "/lib/reflashd"
#define STANDARD_SOCKET RUNSTATEDIR "/reflashd/control.sock"

/* Take a user from an entry of passwd(5). */
static void
take_user(struct daemon_user *daemon_user, const struct passwd *entry)
{
	gid_t *groups = xcalloc(MAX_GROUPS, sizeof(*groups));
	int count = MAX_GROUPS;
	const struct group *group;

	daemon_user->name = xstrdup(entry->pw_name);
	daemon_user->user.uid = entry->pw_uid;
	daemon_user->user.gid = entry->pw_gid;
	if (getgrouplist(entry->pw_name, entry->pw_gid, groups, &count) == -1)
		count = 0;
	daemon_user->user.other = groups;
	daemon_user->user.other_count = (size_t)count;
	group = getgrgid(entry->pw_gid);
	daemon_user->user.group = group != NULL
	    ? xstrdup(group->gr_name)
	    : xasprintf("%u", (unsigned)entry->pw_gid);
}

/* Take a user without an entry. */
static void
take_ids(struct daemon_user *daemon_user, uid_t uid, gid_t gid)
{
	daemon_user->name = xasprintf("%u", (unsigned)uid);
	daemon_user->user.uid = uid;
	daemon_user->user.gid = gid;
	daemon_user->user.group = xasprintf("%u", (unsigned)gid);
}

static bool
is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	    x.st_ino == y.st_ino;
}

/* Return StateDirectory=, even if the files are not trusted; yours. */
static char *
read_state_directory(const char *conf_file)
{
	static const struct trust_user easy = { .is_easy = true };
	char *path;

	trust_judge_for(&easy);
	path = setup_state_directory(conf_file);
	trust_judge_for(NULL);
	return path;
}

static void
take_owner(struct daemon_user *daemon_user, const char *state)
{
	struct stat st = { .st_uid = geteuid(), .st_gid = getegid() };
	const struct passwd *entry;

	if (stat(state, &st) != 0)
		st = (struct stat){ .st_uid = geteuid(), .st_gid = getegid() };
	entry = st.st_uid != geteuid() ? getpwuid(st.st_uid) : NULL;
	if (entry != NULL)
		take_user(daemon_user, entry);
	else
		take_ids(daemon_user, st.st_uid,
		    st.st_uid == geteuid() ? getegid() : st.st_gid);
}

void
daemon_user_find(struct daemon_user *daemon_user, const char *conf_file)
{
	const struct passwd *service = getpwnam(DAEMON_USER_USER);
	char *state = read_state_directory(conf_file);

	*daemon_user = (struct daemon_user){ 0 };
	daemon_user->is_service = service != NULL &&
	    (conf_file == NULL || is_same_file(conf_file, SETUP_CONF_FILE) ||
		strcmp(state, STANDARD_STATE) == 0);
	if (daemon_user->is_service)
		take_user(daemon_user, service);
	else
		take_owner(daemon_user, state);
	free(state);
}

void
daemon_user_fini(struct daemon_user *daemon_user)
{
	free((void *)(uintptr_t)daemon_user->user.group);
	free((void *)(uintptr_t)daemon_user->user.other);
	free(daemon_user->name);
	*daemon_user = (struct daemon_user){ 0 };
}

static bool
is_service_running(void)
{
	struct error ignored;
	int fd = unixsock_connect(STANDARD_SOCKET, &ignored);

	if (fd != -1)
		close(fd);
	return fd != -1;
}

bool
daemon_user_may_run(const char *conf_file, struct error *err)
{
	struct daemon_user daemon_user;
	bool may;

	/* The unit may have been given another user. */
	if (manager_is_there())
		return true;
	daemon_user_find(&daemon_user, conf_file);
	may = !daemon_user.is_service || daemon_user.user.uid == geteuid();
	if (!may && is_service_running())
		error_set(err, EBUSY,
		    "it runs already, as the service: systemctl status "
		    "reflashd, or reflashctl status");
	else if (!may)
		error_set(err, EPERM,
		    "these folders are the service's, which runs as the user "
		    "%s: start it with: systemctl start reflashd. To run one "
		    "by hand, give it folders of its own: reflashd -c FILE, "
		    "where FILE has [Paths] with StateDirectory=, "
		    "ImageDirectory=, PolicyDirectories= and ControlSocket=",
		    daemon_user.name);
	daemon_user_fini(&daemon_user);
	return may;
}

bool
daemon_user_check_state(
    const struct daemon_user *daemon_user, const char *path, struct error *err)
{
	const char *sudo = geteuid() == 0 ? "" : "sudo ";
	const struct trust_user *user = &daemon_user->user;
	char *file = remedy_quote(path);
	struct stat st;
	bool ok = stat(path, &st) != 0 || !S_ISDIR(st.st_mode) ||
	    (st.st_uid == user->uid && (st.st_mode & 0700) == 0700) ||
	    user->uid == 0;

	if (!ok)
		error_set(err, EBADMSG,
		    "StateDirectory=%s: the daemon, which runs as the user %s, "
		    "may not write to it; correct it with: %schown -R %s:%s %s "
		    "&& %schmod u+rwx %s",
		    path, daemon_user->name, sudo, daemon_user->name,
		    user->group, file, sudo, file);
	else if (stat(path, &st) == 0)
		ok = trust_check(&st, path, err);
	free(file);
	return ok;
}
