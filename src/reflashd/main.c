/* SPDX-License-Identifier: ISC */
/* reflashd -- the daemon: its options, then its life. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "core/configuration.h"
#include "reflashd/daemon.h"

#define EXIT_USAGE 64

static void
usage(FILE *out)
{
	fputs(
	    "usage: reflashd [-c FILE] [-D TOPIC] [-t | -p | -V | -h]\n"
	    "  -c FILE   configuration (default " SYSCONFDIR
	    "/reflashd/reflashd.conf)\n"
	    "  -t        check configuration, policies and images, then exit\n"
	    "  -p        print the effective configuration, then exit\n"
	    "  -D TOPIC  debug messages: state, device, discovery, ... or all\n"
	    "  -V        version and built-in features\n"
	    "It stays in the foreground; stop it with SIGTERM, reload it with "
	    "SIGHUP.\n",
	    out);
}

static void
version(void)
{
	puts("reflashd " PACKAGE_VERSION);
#ifdef HAVE_AVAHI_CORE
	puts("  +embedded-mdns");
#else
	puts("  -embedded-mdns");
#endif
#ifdef HAVE_SYSTEMD
	puts("  +systemd");
#else
	puts("  -systemd");
#endif
}

static int
print_config(const char *conf_file)
{
	struct problems problems = { 0 };
	struct setup setup;
	bool ok = setup_load(conf_file, &setup, &problems);

	for (size_t i = 0; i < problems.count; i++)
		fprintf(stderr, "%s\n", problems.text[i]);
	problems_fini(&problems);
	if (!ok)
		return EXIT_FAILURE;
	config_print(setup.config, stdout);
	setup_fini(&setup);
	return EXIT_SUCCESS;
}

/* Also for a build that is not installed: REFLASHD_SCAN names the program. */
static const char *
scan_program(void)
{
	const char *program = getenv("REFLASHD_SCAN");

	return program != NULL ? program : LIBEXECDIR "/reflash-scan";
}

int
main(int argc, char *argv[])
{
	struct daemon_options options = { .scan_program = scan_program() };
	struct error err;
	int mode = 0, c;

	while ((c = getopt(argc, argv, "c:D:tpVh")) != -1) {
		if (c == 'c')
			options.conf_file = optarg;
		else if (c == 'D')
			log_debug_topic(optarg);
		else if (c == '?') {
			usage(stderr);
			return EXIT_USAGE;
		} else
			mode = c;
	}
	if (optind < argc) {
		usage(stderr);
		return EXIT_USAGE;
	}
	switch (mode) {
	case 'h':
		usage(stdout);
		return EXIT_SUCCESS;
	case 'V':
		version();
		return EXIT_SUCCESS;
	case 'p':
		return print_config(options.conf_file);
	case 't':
		return daemon_check(options.conf_file) ? EXIT_SUCCESS
						       : EXIT_FAILURE;
	}
	log_open("reflashd");
	if (!daemon_run(&options, &err)) {
		log_err("%s", err.text);
		return EXIT_FAILURE;
	}
	log_close();
	return EXIT_SUCCESS;
}
