/* SPDX-License-Identifier: ISC */
/* Runs programs of the system for doctor: reflashd -t, nft, systemctl. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "reflashctl/doctor/run_program.h"

#define PATIENCE_MS 10000
#define MAX_OUTPUT  (4u << 20)

/* The output that comes from one end of the program. */
struct stream {
	int fd; /* -1: its end has come */
	char *text;
	size_t len;
};

char *
run_program_find(const char *name)
{
	static const char *const folders[] = { "/usr/sbin", "/usr/bin", "/sbin",
		"/bin", "/usr/local/sbin", "/usr/local/bin" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		char *path = xasprintf("%s/%s", folders[i], name);

		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

/* Become the program; this process is its own already. */
static void
become(const char *const argv[], int out, int err)
{
	int null = open("/dev/null", O_RDONLY);

	setenv("LC_ALL", "C", 1);
	setenv("SYSTEMD_PAGER", "", 1);
	if (null != -1)
		dup2(null, STDIN_FILENO);
	if (dup2(out, STDOUT_FILENO) != -1 && dup2(err, STDERR_FILENO) != -1)
		execv(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

/* Take what there is to read. */
static void
take(struct stream *stream)
{
	char part[16384];
	ssize_t n = read(stream->fd, part, sizeof(part));

	if (n == -1 && errno == EINTR)
		return;
	if (n <= 0 || stream->len + (size_t)n > MAX_OUTPUT) {
		close(stream->fd);
		stream->fd = -1;
		return;
	}
	stream->text = xrealloc(stream->text, stream->len + (size_t)n + 1, 1);
	memcpy(stream->text + stream->len, part, (size_t)n);
	stream->len += (size_t)n;
	stream->text[stream->len] = '\0';
}

/* Read both until they end.  Returns false if that takes too long. */
static bool
read_both(struct stream streams[2])
{
	uint64_t until = clock_now_ms() + PATIENCE_MS;

	while (streams[0].fd != -1 || streams[1].fd != -1) {
		struct pollfd fds[2] = { { .fd = streams[0].fd,
					     .events = POLLIN },
			{ .fd = streams[1].fd, .events = POLLIN } };
		uint64_t now = clock_now_ms();

		if (now >= until || poll(fds, 2, (int)(until - now)) == 0)
			return false;
		for (int i = 0; i < 2; i++)
			if (streams[i].fd != -1 && fds[i].revents != 0)
				take(&streams[i]);
	}
	return true;
}

static int
wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Start the program, with these ends of pipes.  Returns its pid, or -1. */
static pid_t
start(const char *const argv[], int out[2], int err[2])
{
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) == -1)
		return -1;
	if (pipe2(err, O_CLOEXEC) == -1) {
		close(out[0]);
		close(out[1]);
		return -1;
	}
	pid = fork();
	if (pid == 0)
		become(argv, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	if (pid == -1) {
		close(out[0]);
		close(err[0]);
	}
	return pid;
}

void
run_program(const char *const argv[], struct run_result *result)
{
	struct stream streams[2] = { { .fd = -1 }, { .fd = -1 } };
	int out[2], err[2];
	pid_t pid = start(argv, out, err);

	*result = (struct run_result){ .code = -1 };
	if (pid != -1) {
		streams[0].fd = out[0];
		streams[1].fd = err[0];
		if (!read_both(streams))
			kill(pid, SIGKILL);
		for (int i = 0; i < 2; i++)
			if (streams[i].fd != -1)
				close(streams[i].fd);
		result->code = wait_for(pid);
	}
	result->out = streams[0].text != NULL ? streams[0].text : xstrdup("");
	result->err = streams[1].text != NULL ? streams[1].text : xstrdup("");
}

void
run_result_fini(struct run_result *result)
{
	free(result->out);
	free(result->err);
	*result = (struct run_result){ 0 };
}
