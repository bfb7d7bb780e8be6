/* SPDX-License-Identifier: ISC */
/*
 * reflash-web -- shows the devices of reflashd on a page with live progress,
 * takes approvals from there, and gives Prometheus its numbers.
 *
 * It is a client of the control socket like any other: whatever happens to it,
 * a flash under way in the daemon goes on.
 */
#include "config.h"

#include <err.h>
#include <event2/event.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file_limit.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/output.h"
#include "beside/mainloop.h"
#include "beside/program_start.h"
#include "beside/socket_path.h"
#include "beside/web_config.h"
#include "beside/web_link.h"
#include "io/conffiles.h"
#include "web/web_sandbox.h"
#include "web/web_site.h"
#include "web/web_sockets.h"

#define NAME	  "reflash-web"
#define MIN_FILES 24

static const char help[] =
    "usage: " NAME " [-c FILE] [-D] [-t | -V | -h]\n"
    "Show the devices of reflashd on a page, and take approvals from there.\n"
    "\n"
    "  -c FILE  configuration (default " WEB_CONFIG_FILE ")\n"
    "  -t       check the configuration, the token, the daemon and where the\n"
    "           page would be; then exit\n"
    "  -D       debug messages\n"
    "  -V       print the version; also --version\n"
    "  -h       print this; also --help\n"
    "It stays in the foreground; stop it with SIGTERM.\n";

static void
print_libraries(void)
{
	printf("  libevent %s\n", event_get_version());
}

static const struct program_start start = { .name = NAME,
	.topic = "web",
	.help = help,
	.print_libraries = print_libraries };

struct program {
	struct web_config *config;
	struct mainloop *mainloop;
	char machine[256];
};

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

static struct web_config *
load_config(const struct program_options *options, struct problems *problems)
{
	const char *file = options->conf_file;
	struct web_config *config = web_config_new();
	struct reading reading = { config, problems };

	conffiles_read(file != NULL ? file : WEB_CONFIG_FILE, file == NULL,
	    take_text, &reading, problems);
	web_config_check(config, problems);
	return config;
}

/* Say whether there is a token; a file that is not used is a mistake. */
static bool
check_token(const struct web_config *config)
{
	struct error err;
	char *token = web_link_read_token(config->token_file, &err);

	if (token != NULL)
		printf("token: ok: %s%s\n", config->token_file,
		    web_link_is_open(config->token_file)
			? ": but everybody on this machine can read it; "
			  "correct it with: chmod o= and its name"
			: "");
	else if (access(config->token_file, F_OK) == -1)
		printf("token: none: the page only shows; to make one: sudo "
		       "reflashctl web\n");
	else
		printf("token: wrong: %s\n", err.text);
	free(token);
	return token != NULL || access(config->token_file, F_OK) == -1;
}

/* Say who may give orders behind Home Assistant; a token does not matter. */
static void
check_ingress(const struct web_config *config)
{
	printf("ingress: ok: orders are taken from %s",
	    config->ingress_users.count == 0
		? "everybody whom Home Assistant lets in"
		: "");
	for (size_t i = 0; i < config->ingress_users.count; i++)
		printf(
		    "%s%s", i > 0 ? ", " : "", config->ingress_users.items[i]);
	puts("");
}

static void
check_place(const struct web_config *config, size_t i)
{
	const struct web_address *at = &config->addresses[i];

	printf("page: %s%s%s\n", at->path == NULL ? "http://" : "",
	    config->listen.items[i],
	    at->path != NULL			     ? ""
		: config->ingress_address[0] != '\0' ? ": only for Home "
						       "Assistant"
		: at->is_loopback		     ? ""
		: config->insecure_approve ? ": orders are taken, and others "
					     "on the network can read the token"
					   : ": others on the network can "
					     "look; orders are not taken");
}

static int
check(const struct program *program, const char *path)
{
	bool is_good;

	puts("configuration: ok");
	program_start_check_daemon(path);
	is_good = program->config->ingress_address[0] != '\0' ||
	    check_token(program->config);
	if (program->config->ingress_address[0] != '\0')
		check_ingress(program->config);
	for (size_t i = 0; i < program->config->address_count; i++)
		check_place(program->config, i);
	return output_end(is_good ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void
on_signal(void *ctx)
{
	struct program *program = ctx;

	mainloop_end(program->mainloop);
}

/* Say at the start where the page is, and what a person may not have meant. */
static void
tell(const struct program *program, const struct web_sockets *sockets)
{
	char name[160];
	struct error err;
	char *token = web_link_read_token(program->config->token_file, &err);

	for (size_t i = 0; i < sockets->count; i++) {
		web_sockets_name(sockets->fds[i], name, sizeof(name));
		log_info("reflash-web " PACKAGE_VERSION ": %s", name);
	}
	if (program->config->ingress_address[0] != '\0')
		log_info("web: the page is only for Home Assistant, whose "
			 "ingress connects from %s",
		    program->config->ingress_address);
	else if (token == NULL)
		log_info("web: the page only shows, as there is no token: %s",
		    err.text);
	else if (web_link_is_open(program->config->token_file))
		log_warning("web: %s: everybody on this machine can read the "
			    "token; correct it with: chmod o= %s",
		    program->config->token_file, program->config->token_file);
	if (program->config->insecure_approve)
		log_warning("web: InsecureApprove=yes: orders are taken "
			    "without encryption, and others on the network "
			    "can read the token");
	free(token);
}

static int
run(struct program *program, const char *path)
{
	char said[SANDBOX_TEXT_SIZE];
	struct web_sockets sockets;
	struct web_site *site;
	struct error err;

	if (file_limit_raise(MIN_FILES, MIN_FILES, &err))
		program->mainloop = mainloop_new(on_signal, program, &err);
	if (program->mainloop == NULL)
		errx(EXIT_FAILURE, "%s", err.text);
	if (!web_sockets_open(&sockets, program->config, &err)) {
		log_err("web: %s", err.text);
		mainloop_free(program->mainloop);
		return EXIT_FAILURE;
	}
	tell(program, &sockets);
	log_info("sandboxed: %s", web_sandbox_enter(program->config, said));
	site = web_site_new(mainloop_base(program->mainloop), program->config,
	    program->machine, path);
	for (size_t i = 0; i < sockets.count; i++)
		web_site_listen(site, sockets.fds[i]);
	mainloop_run(program->mainloop);
	web_site_free(site);
	mainloop_free(program->mainloop);
	return EXIT_SUCCESS;
}

int
main(int argc, char *argv[])
{
	struct program program = { 0 };
	struct problems problems = { 0 };
	struct program_options options;
	const char *source;
	char *path;
	int code;

	output_begin();
	json_set_alloc_funcs(xmalloc, free);
	program_start_parse(&start, &options, argc, argv);
	if (!options.is_check)
		log_open(NAME);
	program.config = load_config(&options, &problems);
	gethostname(program.machine, sizeof(program.machine) - 1);
	path = socket_path(NULL, &source);
	if (problems.count > 0)
		code = program_start_refuse(&problems, options.is_check);
	else if (options.is_check)
		code = check(&program, path);
	else
		code = run(&program, path);
	problems_fini(&problems);
	web_config_free(program.config);
	free(path);
	log_close();
	return code;
}
