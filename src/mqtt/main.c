/* SPDX-License-Identifier: ISC */
/*
 * reflash-mqtt -- shows the devices of reflashd in Home Assistant, and on any
 * MQTT broker, and takes approvals from there.
 *
 * It is a client of the control socket like any other: whatever happens to it,
 * a flash under way in the daemon goes on.
 */
#include "config.h"

#include <err.h>
#include <jansson.h>
#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file_limit.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/output.h"
#include "beside/mainloop.h"
#include "beside/program_start.h"
#include "beside/socket_path.h"
#include "io/conffiles.h"
#include "mqtt/bridge.h"
#include "mqtt/broker_check.h"
#include "mqtt/mqtt_config.h"
#include "mqtt/mqtt_sandbox.h"

#define NAME	  "reflash-mqtt"
#define MIN_FILES 24

static const char help[] =
    "usage: " NAME " [-c FILE] [-D] [-t | -V | -h]\n"
    "Show the devices of reflashd in Home Assistant, and on any MQTT broker.\n"
    "\n"
    "  -c FILE  configuration (default " MQTT_CONFIG_FILE ")\n"
    "  -t       check the configuration, and the broker: its name, "
    "certificate,\n"
    "           login and rights; then exit\n"
    "  -D       debug messages\n"
    "  -V       print the version; also --version\n"
    "  -h       print this; also --help\n"
    "It stays in the foreground; stop it with SIGTERM.\n";

static void
print_libraries(void)
{
	int major, minor, revision;

	mosquitto_lib_version(&major, &minor, &revision);
	printf("  libmosquitto %d.%d.%d\n", major, minor, revision);
}

static const struct program_start start = { .name = NAME,
	.topic = "mqtt",
	.help = help,
	.print_libraries = print_libraries };

struct program {
	struct mqtt_config *config;
	struct mainloop *mainloop;
	struct bridge *bridge;
};

/* The configuration that the text of each file goes into, and its mistakes. */
struct reading {
	struct mqtt_config *config;
	struct problems *problems;
};

static void
take_text(const char *text, size_t len, const char *file, void *ctx)
{
	struct reading *reading = ctx;

	mqtt_config_parse(reading->config, text, len, file, reading->problems);
}

/* Return true if the service manager has the password for us. */
static bool
has_credential(void)
{
	const char *folder = getenv(MQTT_CONFIG_CREDENTIALS);
	bool is_there;
	char *path;

	if (folder == NULL)
		return false;
	path = xasprintf("%s/" MQTT_CONFIG_CREDENTIAL, folder);
	is_there = access(path, F_OK) == 0;
	free(path);
	return is_there;
}

static struct mqtt_config *
load_config(const struct program_options *options, struct problems *problems)
{
	const char *file = options->conf_file;
	struct mqtt_config *config = mqtt_config_new();
	struct reading reading = { config, problems };
	char host[256] = "";

	conffiles_read(file != NULL ? file : MQTT_CONFIG_FILE, file == NULL,
	    take_text, &reading, problems);
	gethostname(host, sizeof(host) - 1);
	mqtt_config_check(config, host, has_credential(), problems);
	return config;
}

static int
check(const struct program *program, const char *path)
{
	char said[SANDBOX_TEXT_SIZE];
	bool is_good;

	puts("configuration: ok");
	program_start_check_daemon(path);
	printf("site: %s, topics below %s/%s\n", program->config->site,
	    program->config->prefix, program->config->site);
	mqtt_sandbox_enter(program->config, said);
	is_good = broker_check(program->config);
	return output_end(is_good ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void
on_ended(void *ctx)
{
	struct program *program = ctx;

	mainloop_end(program->mainloop);
}

static void
on_signal(void *ctx)
{
	struct program *program = ctx;

	bridge_end(program->bridge, on_ended, program);
}

/* Return true for this machine itself: no other can read the connection. */
static bool
is_this_machine(const char *host)
{
	return strcasecmp(host, "localhost") == 0 ||
	    strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

/* Say at the start what a person may not have meant. */
static void
warn_about(const struct mqtt_config *config)
{
	if (config->user != NULL && !config->has_tls &&
	    !is_this_machine(config->host))
		log_info(
		    "mqtt: the connection to %s is not encrypted; see CAFile= "
		    "in mqtt.conf(5)",
		    config->host);
	if (config->allowed == 0)
		log_info(
		    "mqtt: commands are not carried out, and Home Assistant "
		    "shows no Install; see Allow= in mqtt.conf(5)");
}

static int
run(struct program *program, const char *path)
{
	char said[SANDBOX_TEXT_SIZE];
	struct error err;

	if (file_limit_raise(MIN_FILES, MIN_FILES, &err))
		program->mainloop = mainloop_new(on_signal, program, &err);
	if (program->mainloop == NULL)
		errx(EXIT_FAILURE, "%s", err.text);
	log_info("reflash-mqtt " PACKAGE_VERSION ": site %s, broker %s:%u",
	    program->config->site, program->config->host,
	    program->config->port);
	warn_about(program->config);
	log_info("sandboxed: %s", mqtt_sandbox_enter(program->config, said));
	program->bridge =
	    bridge_new(mainloop_base(program->mainloop), program->config, path);
	mainloop_run(program->mainloop);
	bridge_free(program->bridge);
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
	path = socket_path(NULL, &source);
	if (problems.count > 0)
		code = program_start_refuse(&problems, options.is_check);
	else if (options.is_check)
		code = check(&program, path);
	else
		code = run(&program, path);
	problems_fini(&problems);
	mqtt_config_free(program.config);
	free(path);
	log_close();
	return code;
}
