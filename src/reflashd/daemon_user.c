/* SPDX-License-Identifier: ISC */
/*
 * Finds out which user the daemon runs as, for reflashd -t and for a reflashd
 * that a person starts by hand.
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

/* A user by its entry in passwd(5). */
static void
take_user(struct account *account, const struct passwd *entry)
{
	gid_t *groups = xcalloc(MAX_GROUPS, sizeof(*groups));
	int count = MAX_GROUPS;
	const struct group *group;

	account->name = xstrdup(entry->pw_name);
	account->user.uid = entry->pw_uid;
	account->user.gid = entry->pw_gid;
	if (getgrouplist(entry->pw_name, entry->pw_gid, groups, &count) == -1)
		count = 0;
	account->user.other = groups;
	account->user.other_count = (size_t)count;
	group = getgrgid(entry->pw_gid);
	account->user.group = group != NULL
	    ? xstrdup(group->gr_name)
	    : xasprintf("%u", (unsigned)entry->pw_gid);
}

/* One that no entry has. */
static void
take_ids(struct account *account, uid_t uid, gid_t gid)
{
	account->name = xasprintf("%u", (unsigned)uid);
	account->user.uid = uid;
	account->user.gid = gid;
	account->user.group = xasprintf("%u", (unsigned)gid);
}

static bool
is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	    x.st_ino == y.st_ino;
}

/* The files need not be trusted to say where the state would be. */
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
take_owner(struct account *account, const char *state)
{
	struct stat st = { .st_uid = geteuid(), .st_gid = getegid() };
	const struct passwd *entry;

	if (stat(state, &st) != 0)
		st = (struct stat){ .st_uid = geteuid(), .st_gid = getegid() };
	entry = st.st_uid != geteuid() ? getpwuid(st.st_uid) : NULL;
	if (entry != NULL)
		take_user(account, entry);
	else
		take_ids(account, st.st_uid,
		    st.st_uid == geteuid() ? getegid() : st.st_gid);
}

void
account_find(struct account *account, const char *conf_file)
{
	const struct passwd *service = getpwnam(ACCOUNT_USER);
	char *state = read_state_directory(conf_file);

	*account = (struct account){ 0 };
	account->is_service = service != NULL &&
	    (conf_file == NULL || is_same_file(conf_file, SETUP_CONF_FILE) ||
		strcmp(state, STANDARD_STATE) == 0);
	if (account->is_service)
		take_user(account, service);
	else
		take_owner(account, state);
	free(state);
}

void
account_fini(struct account *account)
{
	free((void *)(uintptr_t)account->user.group);
	free((void *)(uintptr_t)account->user.other);
	free(account->name);
	*account = (struct account){ 0 };
}

static bool
does_somebody_answer(void)
{
	struct error ignored;
	int fd = unixsock_connect(STANDARD_SOCKET, &ignored);

	if (fd != -1)
		close(fd);
	return fd != -1;
}

bool
account_may_run(const char *conf_file, struct error *err)
{
	struct account account;
	bool may;

	/* The unit may have been given another user. */
	if (manager_is_there())
		return true;
	account_find(&account, conf_file);
	may = !account.is_service || account.user.uid == geteuid();
	if (!may && does_somebody_answer())
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
		    account.name);
	account_fini(&account);
	return may;
}

bool
account_check_state(
    const struct account *account, const char *path, struct error *err)
{
	const char *sudo = geteuid() == 0 ? "" : "sudo ";
	const struct trust_user *user = &account->user;
	char *file = remedy_quote(path);
	struct stat st;
	bool ok = stat(path, &st) != 0 || !S_ISDIR(st.st_mode) ||
	    (st.st_uid == user->uid && (st.st_mode & 0700) == 0700) ||
	    user->uid == 0;

	if (!ok)
		error_set(err, EBADMSG,
		    "StateDirectory=%s: the daemon, which runs as the user %s, "
		    "may not write to it; put that right with: %schown -R "
		    "%s:%s %s && %schmod u+rwx %s",
		    path, account->name, sudo, account->name, user->group, file,
		    sudo, file);
	else if (stat(path, &st) == 0)
		ok = trust_check(&st, path, err);
	free(file);
	return ok;
}
