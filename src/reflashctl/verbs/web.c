/* SPDX-License-Identifier: ISC */
/* The verb web: a link to the page of reflash-web that is good once. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "beside/conf_files.h"
#include "beside/web_config.h"
#include "beside/web_link.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/verb.h"

#define WEB_GROUP "reflash-web"

/* The configuration that the text of each file goes into, and its mistakes. */
struct reading {
	struct web_config *config;
	struct problems *problems;
};

static void
take_text(const char *text, size_t len, const char *file, void *ctx)
{
	struct reading *reading = ctx;

	web_config_parse(reading->config, text, len, file, reading->problems);
}

/* Read web.conf; false: something is wrong with it, which is printed. */
static bool
read_config(struct web_config *config, const char *file)
{
	struct problems problems = { 0 };
	struct reading reading = { config, &problems };
	bool is_good;

	if (file != NULL && access(file, R_OK) == -1) {
		complain("%s: %s", file, strerror(errno));
		return false;
	}
	conf_files_each(
	    file != NULL ? file : WEB_CONFIG_FILE, take_text, &reading);
	web_config_check(config, &problems);
	for (size_t i = 0; i < problems.count; i++)
		complain("%s", problems.text[i]);
	is_good = problems.count == 0;
	problems_fini(&problems);
	return is_good;
}

static bool
write_token(int fd, const char *token)
{
	const struct group *group = getgrnam(WEB_GROUP);
	size_t len = strlen(token);

	if (group != NULL && fchown(fd, (uid_t)-1, group->gr_gid) == -1)
		return false;
	return write(fd, token, len) == (ssize_t)len && write(fd, "\n", 1) == 1;
}

/* Make the file of the token, which root and reflash-web may read. */
static char *
make_token(const char *file, struct error *err)
{
	char *token = web_link_new_token();
	int fd = token != NULL
	    ? open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640)
	    : -1;

	if (fd == -1 || !write_token(fd, token)) {
		error_errno(err, errno, "%s", file);
		free(token);
		token = NULL;
		if (fd != -1)
			unlink(file);
	}
	if (fd != -1)
		close(fd);
	return token;
}

/* Return the token, yours, and make it if there is none; NULL: not to be had.
 */
static char *
find_token(const char *file)
{
	struct error err;
	char *token = web_link_read_token(file, &err);

	if (token == NULL && err.code == ENOENT) {
		token = make_token(file, &err);
		if (token != NULL)
			fprintf(stderr,
			    "%s is made: whoever knows what is in "
			    "it may give orders\n",
			    file);
	}
	if (token != NULL)
		return token;
	complain("%s%s", err.text,
	    geteuid() != 0 && (err.code == EACCES || err.code == EPERM)
		? "; try: sudo reflashctl web"
		: "");
	return NULL;
}

/* Return where the page is, yours; NULL: nobody knows, and why is printed. */
static char *
find_url(const struct web_config *config, const char *given)
{
	char *url;

	if (given != NULL &&
	    (strncmp(given, "http://", 7) == 0 ||
		strncmp(given, "https://", 8) == 0))
		return xstrdup(given);
	if (given != NULL) {
		complain("%s is no address of a page: write it as the browser "
			 "has it, as in https://page.example/",
		    given);
		return NULL;
	}
	url = web_config_url(config);
	if (url == NULL)
		complain("web.conf has no address that a browser could open; "
			 "say where the page is: reflashctl web "
			 "https://page.example/");
	return url;
}

/* Return the link of the page with a code, yours. */
static char *
make_link(const char *url, const char *code)
{
	size_t len = strlen(url);
	bool has_slash = len > 0 && url[len - 1] == '/';

	return xasprintf("%s%s#t=%s", url, has_slash ? "" : "/", code);
}

static void
print_link(const struct ctl *ctl, const char *link, time_t expires)
{
	char text[32];

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime(&expires));
	if (ctl->json) {
		json_out_print_object(
		    json_pack("{s:s, s:s}", "url", link, "expires", text),
		    JSON_INDENT(2));
		return;
	}
	puts(link);
	if (isatty(STDOUT_FILENO) && strstr(link, "//127.0.0.1:") != NULL)
		fprintf(stderr,
		    "It is good once, for ten minutes, in a browser on this "
		    "machine.\nFrom another one, open a tunnel first: ssh -L "
		    "8267:127.0.0.1:8267 this-machine\n");
}

/* Print the link; returns an exit code. */
static int
give_link(
    const struct ctl *ctl, const struct web_config *config, const char *given)
{
	time_t expires = time(NULL) + WEB_LINK_SECONDS;
	char *url = find_url(config, given);
	char *token = url != NULL ? find_token(config->token_file) : NULL;
	char *code = token != NULL ? web_link_make(token, expires) : NULL;
	bool is_done = code != NULL;
	char *link;

	if (is_done) {
		link = make_link(url, code);
		print_link(ctl, link, expires);
		free(link);
	}
	free(url);
	free(token);
	free(code);
	return is_done ? CTL_EXIT_DONE : CTL_EXIT_ERROR;
}

int
verb_web(struct ctl *ctl, int argc, char **argv)
{
	struct web_config *config = web_config_new();
	int rc = CTL_EXIT_ERROR;

	if (read_config(config, ctl->config))
		rc = give_link(ctl, config, argc > 0 ? argv[0] : NULL);
	web_config_free(config);
	return rc;
}
