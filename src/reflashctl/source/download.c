/* SPDX-License-Identifier: ISC */
/* Starts reflash-download, follows what it says, and takes what it fetched. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/image/image_file.h"
#include "reflashctl/out/download_bar.h"
#include "reflashctl/out/term.h"
#include "reflashctl/source/download.h"

#define PROGRAM	  "reflash-download"
#define MAX_EVENT 8192 /* bytes of a line */
#define MAX_WORDS 16
#define INTO	  "3" /* the descriptor for the bytes, in the program */

/* Return its path, or NULL: it was not built. */
static const char *
find_program(void)
{
	static const char installed[] = LIBEXECDIR "/" PROGRAM;
	static char beside[PATH_MAX + sizeof("/" PROGRAM)];
	const char *program = getenv("REFLASHD_DOWNLOAD");
	ssize_t n;

	if (program != NULL)
		return access(program, X_OK) == 0 ? program : NULL;
	if (access(installed, X_OK) == 0)
		return installed;
	n = readlink("/proc/self/exe", beside, PATH_MAX);
	if (n <= 0)
		return NULL;
	beside[n] = '\0';
	strcpy(strrchr(beside, '/'), "/" PROGRAM);
	return access(beside, X_OK) == 0 ? beside : NULL;
}

/* Runs in the child: become the program; it ends when we do. */
static void
become_program(const char *path, const char *const words[], int into, int out)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	/* Not dup2() of a number to itself, which would stay close-on-exec. */
	into = fcntl(into, F_DUPFD, 4);
	if (dup2(out, STDOUT_FILENO) == -1 || dup2(into, 3) == -1)
		_exit(127);
	close(into);
	execv(path, (char *const *)(uintptr_t)words);
	_exit(127);
}

/* Start it; *out gets what it says.  Returns its pid, or -1. */
static pid_t
start(const char *path, const char *const words[], int into, FILE **out,
    struct error *err)
{
	int pipes[2];
	pid_t child;

	if (pipe2(pipes, O_CLOEXEC) != 0) {
		error_errno(err, errno, PROGRAM);
		return -1;
	}
	child = fork();
	if (child == 0)
		become_program(path, words, into, pipes[1]);
	close(pipes[1]);
	*out = child != -1 ? fdopen(pipes[0], "r") : NULL;
	if (child == -1) {
		error_errno(err, errno, PROGRAM);
		close(pipes[0]);
	}
	return child;
}

/* The event that the program has told last. */
struct end {
	bool is_done;
	char why[sizeof(((struct error *)0)->text)]; /* "" nothing */
};

static void
take_event(const json_t *event, const struct download_bar *bar,
    const struct download *wish, struct end *end)
{
	const char *what = json_string_value(json_object_get(event, "event"));
	json_int_t bytes = json_integer_value(json_object_get(event, "bytes"));
	json_int_t total = json_integer_value(json_object_get(event, "total"));
	char *why;

	if (what == NULL)
		return;
	if (strcmp(what, "progress") == 0)
		download_bar_draw(bar, (uint64_t)bytes,
		    total > 0 ? (uint64_t)total : wish->size);
	end->is_done = strcmp(what, "done") == 0;
	if (strcmp(what, "failed") == 0) {
		why =
		    term_text(json_string_value(json_object_get(event, "why")));
		snprintf(end->why, sizeof(end->why), "%s", why);
		free(why);
	}
}

/* Follow the program to its end. */
static void
follow(FILE *out, const struct download *wish, struct end *end)
{
	char name[IMAGE_FILE_SIZE], line[MAX_EVENT];
	struct download_bar bar;

	image_file_of(wish->url, name);
	download_bar_begin(&bar, name, wish->is_shown);
	while (fgets(line, sizeof(line), out) != NULL) {
		json_t *event = json_loads(line, 0, NULL);

		take_event(event, &bar, wish, end);
		json_decref(event);
	}
	download_bar_end(&bar);
}

static bool
judge(int status, const struct end *end, struct error *err)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && end->is_done)
		return true;
	if (end->why[0] != '\0')
		return error_set(err, EIO, "%s", end->why);
	if (WIFSIGNALED(status))
		return error_set(err, EIO, PROGRAM " was ended by %s",
		    strsignal(WTERMSIG(status)));
	return error_set(err, EIO, PROGRAM " has ended without a word");
}

static bool
run(const char *path, const struct download *wish, int into, struct error *err)
{
	char size[24], timeout[16];
	const char *words[MAX_WORDS] = { PROGRAM, "--into", INTO };
	struct end end = { 0 };
	size_t n = 3;
	FILE *out;
	pid_t child;
	int status = 0;

	snprintf(size, sizeof(size), "%zu", wish->size);
	snprintf(timeout, sizeof(timeout), "%u", wish->timeout_sec);
	if (wish->size > 0) {
		words[n++] = "--size";
		words[n++] = size;
	}
	if (wish->timeout_sec > 0) {
		words[n++] = "--timeout";
		words[n++] = timeout;
	}
	if (wish->base != NULL) {
		words[n++] = "--from";
		words[n++] = wish->base;
	}
	words[n++] = "--";
	words[n++] = wish->url;
	child = start(path, words, into, &out, err);
	if (child == -1)
		return false;
	if (out != NULL) {
		follow(out, wish, &end);
		fclose(out);
	}
	while (waitpid(child, &status, 0) == -1 && errno == EINTR)
		;
	return judge(status, &end, err);
}

bool
download(
    const struct download *wish, struct image_bytes *bytes, struct error *err)
{
	const char *path = find_program();

	*bytes = (struct image_bytes){ .fd = -1 };
	if (path == NULL)
		return error_set(err, ENOENT,
		    "there is no " PROGRAM ", because reflashd was built "
		    "without libcurl: install libcurl4-openssl-dev and build "
		    "it again; or get the file by other means, and put it "
		    "there with: reflashctl add FILE");
	return image_bytes_begin(bytes, err) &&
	    run(path, wish, bytes->fd, err) && image_bytes_seal(bytes, err);
}
