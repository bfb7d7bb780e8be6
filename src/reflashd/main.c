/* SPDX-License-Identifier: ISC */
/*
 * reflashd -- the daemon, or a check of its configuration: main() does what the
 * command line says.
 */
#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <jansson.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file_limit.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/output.h"
#include "base/sandbox.h"
#include "base/starter.h"
#include "core/config/configuration.h"
#include "reflashd/arguments.h"
#include "reflashd/config_check.h"
#include "reflashd/daemon.h"
#include "reflashd/daemon_user.h"
#include "reflashd/exec_policy.h"

#define EXIT_CONFIG 78 /* a restart would not help */
#define MIN_FILES   64
#define MAX_FILES   8192 /* devices, clients and images, all at once */

static int
print_config(const char *conf_file)
{
	struct problems problems = { 0 };
	struct setup setup;
	bool ok = setup_load(conf_file, &setup, &problems);

	problems_print(&problems, stderr);
	problems_fini(&problems);
	if (!ok)
		return EXIT_FAILURE;
	config_print(setup.config, stdout);
	setup_fini(&setup);
	return EXIT_SUCCESS;
}

/*
 * Return the path of reflash-scan: of REFLASHD_SCAN, as installed, or beside
 * this program where nothing is installed.
 */
static const char *
scan_program(void)
{
	static const char installed[] = LIBEXECDIR "/reflash-scan";
	static char beside[PATH_MAX + sizeof("/reflash-scan")];
	const char *program = getenv("REFLASHD_SCAN");
	ssize_t n;

	if (program != NULL)
		return program;
	n = readlink("/proc/self/exe", beside, PATH_MAX);
	if (access(installed, X_OK) == 0 || n <= 0)
		return installed;
	beside[n] = '\0';
	strcpy(strrchr(beside, '/'), "/reflash-scan");
	return access(beside, X_OK) == 0 ? beside : installed;
}

static void *
grow(void *p, size_t size)
{
	return xrealloc(p, 1, size);
}

static void *
crypto_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return xmalloc(size);
}

static void *
crypto_realloc(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return grow(p, size);
}

static void
crypto_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

/*
 * Let the libraries use xmalloc(), which ends the program when memory is out.
 * A record that lacks a key, or an event that never comes, would be worse.
 */
static void
give_memory_functions(void)
{
	json_set_alloc_funcs(xmalloc, free);
	event_set_mem_functions(xmalloc, grow, free);
	CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free);
}

/* Run the daemon; returns the exit code of the program. */
static int
run(struct daemon_options *options)
{
	struct exec_policy programs = { .conf_file = options->conf_file,
		.scan_program = options->scan_program };
	struct error err;
	bool ok;

	log_open("reflashd");
	if (!daemon_user_may_run(options->conf_file, &err)) {
		log_err("%s", err.text);
		log_close();
		return EXIT_CONFIG;
	}
	sandbox_begin();
	options->starter = starter_new(exec_policy_may_start, &programs, &err);
	ok = options->starter != NULL;
	ok = ok && file_limit_raise(MIN_FILES, MAX_FILES, &err) &&
	    daemon_run(options, &err);
	if (!ok)
		log_err("%s", err.text);
	starter_free(options->starter);
	log_close();
	if (ok)
		return EXIT_SUCCESS;
	return err.code == EBADMSG || err.code == EMFILE ? EXIT_CONFIG
							 : EXIT_FAILURE;
}

int
main(int argc, char *argv[])
{
	struct daemon_options options = { .scan_program = scan_program() };
	struct arguments arguments;

	output_begin();
	give_memory_functions();
	arguments_parse(&arguments, argc, argv);
	options.conf_file = arguments.conf_file;
	switch (arguments.mode) {
	case ARGUMENTS_PRINT:
		return output_end(print_config(options.conf_file));
	case ARGUMENTS_CHECK:
		return output_end(config_check_run(options.conf_file)
			? EXIT_SUCCESS
			: EXIT_FAILURE);
	case ARGUMENTS_RUN:
		break;
	}
	return run(&options);
}
