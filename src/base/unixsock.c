/* SPDX-License-Identifier: ISC */
/*
 * Opens the Unix sockets of the control connection, and finds out which user is
 * at the other end.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/unixsock.h"
#include "base/memory.h"
#include "base/path_error.h"
#include "base/text.h"

#define BACKLOG	   64
#define MAX_GROUPS 65536 /* NGROUPS_MAX of Linux */

static bool
set_address(struct sockaddr_un *address, const char *path, struct error *err)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (path[0] == '\0' ||
	    !text_copy(address->sun_path, sizeof(address->sun_path), path))
		return error_set(err, ENAMETOOLONG,
		    "%s: the path of a socket must have 1 to %zu bytes; write "
		    "one such as /run/reflashd/control.sock",
		    path, sizeof(address->sun_path) - 1);
	return true;
}

/* Bind with exactly this mode, so that the socket never has another one. */
static int
bind_mode(int fd, const struct sockaddr_un *address, mode_t mode)
{
	mode_t saved = umask(~mode & 0777);
	int rc = bind(fd, (const struct sockaddr *)address, sizeof(*address));
	int code = errno;

	umask(saved);
	return rc == 0 ? 0 : code;
}

/* Make the folders as a service manager does with RuntimeDirectory=. */
static void
make_folders(const struct sockaddr_un *address)
{
	char *path = xstrdup(address->sun_path), *slash = path;

	while ((slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		if (mkdir(path, 0755) == 0)
			chmod(path, 0755); /* whatever the umask */
		*slash = '/';
	}
	free(path);
}

/* Remove the file if it is a socket on which no process listens any more. */
static bool
remove_stale(const struct sockaddr_un *address, struct error *err)
{
	const char *path = address->sun_path;
	struct stat st;
	int fd, code;

	if (lstat(path, &st) != 0)
		return error_errno(err, errno, "%s", path);
	if (!S_ISSOCK(st.st_mode))
		return error_set(err, EEXIST,
		    "%s: there is a file that is not a socket; move it away, "
		    "or choose another path",
		    path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return error_errno(err, errno, "%s", path);
	code =
	    connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0
	    ? 0
	    : errno;
	close(fd);
	if (code != ECONNREFUSED)
		return error_set(err, EADDRINUSE,
		    "%s: another program listens there already; is another "
		    "reflashd running?",
		    path);
	unixsock_remove(path, &st);
	return true;
}

static bool
bind_listen(int fd, const struct sockaddr_un *address, mode_t mode, gid_t group,
    struct error *err)
{
	int code = bind_mode(fd, address, mode);

	if (code == ENOENT) {
		make_folders(address);
		code = bind_mode(fd, address, mode);
	}
	if (code == EADDRINUSE) {
		if (!remove_stale(address, err))
			return false;
		code = bind_mode(fd, address, mode);
	}
	if (code != 0)
		return path_error(err, code, address->sun_path);
	if (group != (gid_t)-1 &&
	    lchown(address->sun_path, (uid_t)-1, group) != 0 && errno != EPERM)
		return error_errno(err, errno, "%s", address->sun_path);
	if (listen(fd, BACKLOG) != 0)
		return error_errno(err, errno, "%s", address->sun_path);
	return true;
}

int
unixsock_listen(const char *path, mode_t mode, gid_t group, struct error *err)
{
	struct sockaddr_un address;
	int fd;

	if (!set_address(&address, path, err))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1) {
		error_errno(err, errno, "%s", path);
		return -1;
	}
	if (!bind_listen(fd, &address, mode, group, err)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
get_option(int fd, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 ? value
								     : -1;
}

bool
unixsock_inherit(int fd, struct error *err)
{
	if (get_option(fd, SO_DOMAIN) != AF_UNIX ||
	    get_option(fd, SO_TYPE) != SOCK_STREAM ||
	    get_option(fd, SO_ACCEPTCONN) != 1)
		return error_set(err, EINVAL,
		    "descriptor %d is not a listening Unix stream socket", fd);
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == -1 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
		return error_errno(err, errno, "descriptor %d", fd);
	return true;
}

void
unixsock_remove(const char *path, const struct stat *known)
{
	struct stat st;

	if (lstat(path, &st) == 0 && st.st_dev == known->st_dev &&
	    st.st_ino == known->st_ino)
		unlink(path);
}

static int
connect_to(const char *path, int type, struct error *err)
{
	struct sockaddr_un address;
	int fd;

	if (!set_address(&address, path, err))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | type, 0);
	if (fd == -1) {
		error_errno(err, errno, "%s", path);
		return -1;
	}
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) !=
	    0) {
		path_error(err, errno, path);
		close(fd);
		return -1;
	}
	return fd;
}

int
unixsock_connect(const char *path, struct error *err)
{
	return connect_to(path, 0, err);
}

int
unixsock_connect_now(const char *path, struct error *err)
{
	return connect_to(path, SOCK_NONBLOCK, err);
}

bool
unixsock_peer(int fd, struct unixsock_peer *out, struct error *err)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return error_errno(err, errno, "SO_PEERCRED");
	*out = (struct unixsock_peer){ peer.pid, peer.uid, peer.gid };
	return true;
}

bool
unixsock_peer_has_group(int fd, const struct unixsock_peer *peer, gid_t gid)
{
	gid_t *groups;
	socklen_t len = 0;
	bool found = false;

	if (peer->gid == gid)
		return true;
	/* The kernel says how much room the groups need: ERANGE and len. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) == 0 ||
	    errno != ERANGE || len > MAX_GROUPS * sizeof(*groups))
		return false;
	groups = xcalloc(len / sizeof(*groups) + 1, sizeof(*groups));
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) == 0)
		for (size_t i = 0; i < len / sizeof(*groups) && !found; i++)
			found = groups[i] == gid;
	free(groups);
	return found;
}
