/* SPDX-License-Identifier: ISC */
/* Parses the command line of reflashd for main(). */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bad_option.h"
#include "base/log.h"
#include "base/output.h"
#include "reflashd/arguments.h"

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
	    "  -V        print the version and built-in features; also "
	    "--version\n"
	    "  -h        print this; also --help\n"
	    "It stays in the foreground; stop it with SIGTERM, reload it with "
	    "SIGHUP.\n",
	    out);
}

static void
version(void)
{
	puts("reflashd " PACKAGE_VERSION);
	puts("  +avahi"); /* reflash-scan is never built without */
#ifdef HAVE_AVAHI_CORE
	puts("  +embedded-mdns");
#else
	puts("  -embedded-mdns");
#endif
#ifdef HAVE_ZLIB
	puts("  +gzip");
#else
	puts("  -gzip");
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
exit_with_usage(void)
{
	usage(stderr);
	exit(EXIT_USAGE);
}

/* Switch on the debug messages of a topic; an unknown one ends the program. */
static void
set_debug_topic(const char *topic)
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
refuse_option(int c, char *const argv[])
{
	struct bad_option bad;

	bad_option_find(&bad, c, argv, long_options);
	bad_option_print(&bad, "reflashd");
	exit(EXIT_USAGE);
}

static void
parse_one(struct arguments *arguments, int *mode, int c, char *const argv[])
{
	switch (c) {
	case 'c':
		if (optarg[0] == '\0') {
			fputs("reflashd: -c needs the name of a file, as in: "
			      "reflashd -c /etc/reflashd/reflashd.conf\n",
			    stderr);
			exit_with_usage();
		}
		arguments->conf_file = optarg;
		break;
	case 'D':
		set_debug_topic(optarg);
		break;
	case '?':
	case ':':
		refuse_option(c, argv);
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
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":c:D:tpVh", long_options, NULL)) !=
	    -1)
		parse_one(arguments, &mode, c, argv);
	if (optind < argc) {
		fprintf(stderr, "reflashd: %s: reflashd takes only options\n",
		    argv[optind]);
		exit_with_usage();
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
