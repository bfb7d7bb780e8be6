/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reflashd/arguments.h"

#include "base/log.h"
#include "base/output.h"

#define EXIT_USAGE 64
#define TOPICS	   "state, device, discovery, server, control, libevent, all"

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void
usage(FILE *out)
{
	fputs(
	    "usage: reflashd [-c FILE] [-D TOPIC] [-t | -p | -V | -h]\n"
	    "  -c FILE   configuration (default " SYSCONFDIR
	    "/reflashd/reflashd.conf)\n"
	    "  -t        check configuration, policies and images, then exit\n"
	    "  -p        print the effective configuration, then exit\n"
	    "  -D TOPIC  debug messages: " TOPICS "\n"
	    "  -V        version and built-in features; also --version\n"
	    "  -h        this; also --help\n"
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
#ifdef HAVE_SECCOMP
	puts("  +seccomp");
#else
	puts("  -seccomp");
#endif
#ifdef HAVE_SYSTEMD
	puts("  +systemd");
#else
	puts("  -systemd");
#endif
}

static void
refuse(void)
{
	usage(stderr);
	exit(EXIT_USAGE);
}

static void
debug(const char *topic)
{
	size_t len = strlen(topic);
	const char *at = TOPICS;

	while (strcspn(at, ",") != len || strncmp(at, topic, len) != 0) {
		at += strcspn(at, ",");
		if (*at == '\0') {
			fprintf(stderr,
			    "reflashd: -D %s: there is no such topic; there "
			    "are " TOPICS "\n",
			    topic);
			exit(EXIT_USAGE);
		}
		at += strlen(", ");
	}
	log_debug_topic(topic);
}

static void
parse_one(struct arguments *arguments, int *mode, int c)
{
	switch (c) {
	case 'c':
		if (optarg[0] == '\0') {
			fputs(
			    "reflashd: -c needs the name of a file\n", stderr);
			refuse();
		}
		arguments->conf_file = optarg;
		break;
	case 'D':
		debug(optarg);
		break;
	case '?':
		refuse();
		break;
	default:
		*mode = c;
	}
}

void
arguments_parse(struct arguments *arguments, int argc, char *argv[])
{
	int mode = 0, c;

	*arguments = (struct arguments){ 0 };
	while (
	    (c = getopt_long(argc, argv, "c:D:tpVh", long_options, NULL)) != -1)
		parse_one(arguments, &mode, c);
	if (optind < argc) {
		fprintf(stderr, "reflashd: %s: reflashd takes only options\n",
		    argv[optind]);
		refuse();
	}
	switch (mode) {
	case 'h':
		usage(stdout);
		exit(output_end(EXIT_SUCCESS));
	case 'V':
		version();
		exit(output_end(EXIT_SUCCESS));
	case 'p':
		arguments->mode = ARGUMENTS_PRINT;
		break;
	case 't':
		arguments->mode = ARGUMENTS_CHECK;
		break;
	}
}
