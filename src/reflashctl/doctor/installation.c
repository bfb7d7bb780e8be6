/* SPDX-License-Identifier: ISC */
/*
 * Finds out what there is to examine: which configuration, which socket, and
 * whether a daemon answers there.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/remedy.h"
#include "reflashctl/doctor/installation.h"
#include "beside/conf_files.h"
#include "reflashctl/link/conn.h"
#include "reflashctl/link/request.h"

#define SERVICE_USER  "reflashd"
#define MAX_ARGUMENTS 4096 /* bytes of a command line */

static bool
is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Return the path of reflashd: as installed, or beside this program. */
static char *
find_program(void)
{
	static char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *beside, *slash;

	if (n > 0) {
		self[n] = '\0';
		slash = strrchr(self, '/');
		*slash = '\0';
		beside = xasprintf("%s/reflashd", self);
		if (access(beside, X_OK) == 0)
			return beside;
		free(beside);
	}
	return access(SBINDIR "/reflashd", X_OK) == 0
	    ? xstrdup(SBINDIR "/reflashd")
	    : NULL;
}

/* Return the value of -c in the command line of a process; free(); or NULL. */
static char *
find_conf_file(const char *arguments, size_t len)
{
	const char *end = arguments + len, *at = arguments;

	while (at < end) {
		const char *next = at + strlen(at) + 1;

		if (strcmp(at, "-c") == 0 && next < end && next[0] == '/')
			return xstrdup(next);
		if (strncmp(at, "-c/", 3) == 0)
			return xstrdup(at + 2);
		at = next;
	}
	return NULL;
}

/* Return the configuration file with which that daemon was started; or NULL. */
static char *
conf_file_of(pid_t pid)
{
	char path[64], arguments[MAX_ARGUMENTS + 1] = "";
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return NULL;
	n = read(fd, arguments, MAX_ARGUMENTS);
	close(fd);
	return n > 0 ? find_conf_file(arguments, (size_t)n) : NULL;
}

/* Return the process at the other end of the socket; 0: not known. */
static pid_t
peer_of(const struct ctl *ctl)
{
	struct ucred peer = { 0 };
	socklen_t len = sizeof(peer);

	if (ctl->conn == NULL ||
	    getsockopt(
		conn_fd(ctl->conn), SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return 0;
	return peer.pid > 1 ? peer.pid : 0; /* 1: a socket unit */
}

/* Ask the daemon for its status. */
static void
ask_status(struct installation *installation)
{
	struct answer answer;

	if (request_send(installation->ctl, CTL_STATUS, NULL, &answer,
		&installation->silence))
		installation->status = json_incref(answer.reply);
	answer_fini(&answer);
}

/* Use the socket of the configuration file, unless another one was named. */
static void
take_socket(struct installation *installation)
{
	struct ctl *ctl = installation->ctl;
	bool is_named = ctl->source != NULL &&
	    strcmp(ctl->source, CONF_FILES_STANDARD) != 0;

	if (installation->conf_file == NULL || is_named)
		return;
	free(ctl->socket);
	ctl->socket = xstrdup(installation->config->control_socket);
	ctl->source = installation->conf_file;
}

static void
name_reflashctl(struct installation *installation)
{
	struct config *standard = config_new();
	const char *socket = installation->ctl->socket;
	char *path = remedy_quote(socket);

	installation->reflashctl =
	    strcmp(socket, standard->control_socket) == 0 ||
		getenv("REFLASHD_SOCKET") != NULL
	    ? xstrdup("reflashctl")
	    : xasprintf("reflashctl --socket %s", path);
	config_free(standard);
	free(path);
}

static void
look_for_service(struct installation *installation)
{
	const struct passwd *service = getpwnam(SERVICE_USER);

	installation->has_systemd = is_there("/run/systemd/system");
	installation->is_service =
	    is_there("/usr/lib/systemd/system/reflashd.service") ||
	    is_there("/lib/systemd/system/reflashd.service") ||
	    is_there("/etc/systemd/system/reflashd.service");
	if (service != NULL && installation->conf_file == NULL)
		installation->user = SERVICE_USER;
}

struct installation *
installation_open(struct ctl *ctl, const char *conf_file)
{
	struct installation *installation = xcalloc(1, sizeof(*installation));

	installation->ctl = ctl;
	installation->is_root = geteuid() == 0;
	installation->sudo = installation->is_root ? "" : "sudo ";
	installation->program = find_program();
	if (conf_file != NULL) {
		installation->conf_file = realpath(conf_file, NULL);
		if (installation->conf_file == NULL)
			installation->conf_file = xstrdup(conf_file);
		installation->config = conf_files_read(installation->conf_file);
		take_socket(installation);
	}
	ask_status(installation);
	if (conf_file == NULL) {
		installation->conf_file = conf_file_of(peer_of(ctl));
		installation->config = conf_files_read(
		    installation->conf_file != NULL ? installation->conf_file
						    : CONF_FILES_STANDARD);
	}
	look_for_service(installation);
	name_reflashctl(installation);
	return installation;
}

void
installation_close(struct installation *installation)
{
	config_free(installation->config);
	json_decref(installation->status);
	free(installation->conf_file);
	free(installation->program);
	free(installation->reflashctl);
	free(installation);
}

unsigned
installation_port(const struct installation *installation)
{
	json_int_t port =
	    json_integer_value(json_object_get(installation->status, "port"));

	return port > 0 && port <= UINT16_MAX ? (unsigned)port
					      : installation->config->port;
}
