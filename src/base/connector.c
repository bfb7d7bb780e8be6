/* SPDX-License-Identifier: ISC */
/* Connects to one Unix socket on behalf of a process that must not connect. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/connector.h"

/* Newer than the headers with which this must build: seccomp_unotify(2). */
#define ADDFD_SETFD (UINT32_C(1) << 0)

struct target {
	struct sockaddr_un address;
	socklen_t len;
};

/* Set the address as libdbus passes it: without the zero after the path. */
static bool
set_target(struct target *target, const char *path)
{
	size_t len = strlen(path);

	*target = (struct target){ .address.sun_family = AF_UNIX };
	if (len >= sizeof(target->address.sun_path))
		return false;
	memcpy(target->address.sun_path, path, len);
	target->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	return true;
}

/* Put a connection in the place of the socket.  Returns 0 or an errno. */
static int
replace_socket(const struct target *target, int listener,
    const struct seccomp_notif *request)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), code = 0;
	struct seccomp_notif_addfd add = {
		.id = request->id,
		.flags = ADDFD_SETFD,
		.srcfd = (unsigned)fd,
		.newfd = (unsigned)request->data.args[0],
		.newfd_flags = O_CLOEXEC,
	};

	if (fd == -1)
		return errno;
	if (connect(fd, (const struct sockaddr *)&target->address,
		target->len) == -1 ||
	    ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add) == -1)
		code = errno;
	close(fd);
	return code;
}

/* Answer a stopped connect(2), of whose address only the length is seen. */
static void
answer(const struct target *target, int listener,
    const struct seccomp_notif *request)
{
	struct seccomp_notif_resp reply = { .id = request->id };
	int code = EACCES;

	if (request->data.args[2] == target->len)
		code = replace_socket(target, listener, request);
	reply.error = -code;
	/* The process may have died meanwhile: nothing waits then. */
	(void)!ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
}

static int
receive_listener(int from)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr message = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	const struct cmsghdr *c;
	int fd;

	if (recvmsg(from, &message, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	c = CMSG_FIRSTHDR(&message);
	if (c == NULL || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/* Close the descriptors of the parent: they must end when the parent dies. */
static void
close_all_but(int fd)
{
	for (int other = 0; other < 3; other++)
		if (other != STDERR_FILENO)
			close(other);
	close_range(STDERR_FILENO + 1, (unsigned)fd - 1, 0);
	close_range((unsigned)fd + 1, ~0U, 0);
}

/*
 * Wait for a call.  Returns false if no process has the filter any more.  The
 * signal of a parent's death cannot be used: the sandbox lets none out
 * (Landlock ABI 6).
 */
static bool
wait_for_call(int listener)
{
	struct pollfd wanted = { .fd = listener, .events = POLLIN };

	while (poll(&wanted, 1, -1) == -1)
		if (errno != EINTR)
			return false;
	return (wanted.revents & POLLIN) != 0;
}

static void
run(const struct target *target, int from)
{
	int listener = receive_listener(from);
	struct seccomp_notif request;

	close(from);
	while (listener != -1 && wait_for_call(listener)) {
		memset(&request, 0, sizeof(request));
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) == 0)
			answer(target, listener, &request);
	}
}

int
connector_start(const char *path, void (*confine)(void *ctx), void *ctx)
{
	struct target target;
	int pair[2];
	pid_t pid;

	if (!set_target(&target, path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		return -1;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_NAME, "reflash-connect");
		close_all_but(pair[1]);
		confine(ctx);
		run(&target, pair[1]);
		_exit(0);
	}
	close(pair[1]);
	if (pid == -1) {
		close(pair[0]);
		return -1;
	}
	return pair[0];
}

bool
connector_can_work(int listener)
{
	/* A kernel that knows this request looks where it points to. */
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, NULL) == -1 &&
	    errno == EFAULT;
}

bool
connector_hand_over(int connector, int listener)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_level = SOL_SOCKET,
			  .cmsg_type = SCM_RIGHTS,
			  .cmsg_len = CMSG_LEN(sizeof(int)) } };
	struct iovec iov = { (char[]){ 0 }, 1 };
	const struct msghdr message = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	bool ok;

	memcpy(CMSG_DATA(&control.header), &listener, sizeof(listener));
	ok = sendmsg(connector, &message, MSG_NOSIGNAL) == 1;
	close(connector);
	close(listener);
	return ok;
}
