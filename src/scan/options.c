/* SPDX-License-Identifier: ISC */
/* Parses the command line of reflash-scan. */
#include "config.h"

#include <getopt.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bad_option.h"
#include "base/output.h"
#include "base/text.h"
#include "core/sonoff/announce.h"
#include "scan/options.h"

#define EXIT_USAGE	64
#define DEFAULT_MAX	4096
#define DEFAULT_REQUERY 60
#define MAX_SECONDS	86400
#define MAX_SERVICE	32

#ifdef HAVE_AVAHI_CORE
#define BACKENDS       "avahi embedded"
#define BACKENDS_COUNT 3
#else
#define BACKENDS       "avahi"
#define BACKENDS_COUNT 2
#endif

static const char *const backends[] = { "auto", "avahi", "embedded" };

static const struct option table[] = {
	{ "backend", required_argument, NULL, 'b' },
	{ "interface", required_argument, NULL, 'i' },
	{ "service", required_argument, NULL, 's' },
	{ "requery", required_argument, NULL, 'r' },
	{ "max", required_argument, NULL, 'm' },
	{ "time", required_argument, NULL, 't' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
    "Usage: reflash-scan [OPTION...]\n"
    "List devices as they announce themselves on the LAN.\n"
    "\n"
    "  -b, --backend=NAME    auto, avahi or embedded (auto)\n"
    "  -i, --interface=NAME  listen on this interface only; repeatable\n"
    "  -s, --service=TYPE    look for this service; repeatable"
    " (_ewelink._tcp)\n"
    "  -r, --requery=SEC     ask again after so many seconds (60)\n"
    "  -m, --max=N           remember at most N of each service (4096)\n"
    "  -t, --time=SEC        end after so many seconds\n"
    "  -j, --json            print JSON lines, to a terminal too\n"
    "  -h, --help            print this\n"
    "  -V, --version         print the version\n";

/* Refuse a value and exit; wanted says what the option takes. */
static void
refuse(const char *option, const char *value, const char *wanted)
{
	fprintf(stderr, "reflash-scan: %s takes %s, and not '%s'\n", option,
	    wanted, value);
	exit(EXIT_USAGE);
}

static unsigned
parse_number(const char *option, uint64_t max)
{
	uint64_t n = 0;
	char wanted[64];

	snprintf(wanted, sizeof(wanted), "a whole number from 1 to %llu",
	    (unsigned long long)max);
	if (!text_number(optarg, 1, max, &n))
		refuse(option, optarg, wanted);
	return (unsigned)n;
}

static enum options_backend
parse_backend(void)
{
	for (size_t i = 0; i < BACKENDS_COUNT; i++)
		if (strcmp(optarg, backends[i]) == 0)
			return (enum options_backend)i;
	refuse("--backend", optarg, "one of these: auto " BACKENDS);
	return BACKEND_AUTO;
}

static void
add_service(struct options *o)
{
	if (o->service_count == OPTIONS_MAX_SERVICES || optarg[0] != '_' ||
	    strlen(optarg) >= MAX_SERVICE ||
	    (strstr(optarg, "._tcp") == NULL &&
		strstr(optarg, "._udp") == NULL))
		refuse("--service", optarg, "a type like _ewelink._tcp");
	o->services[o->service_count++] = optarg;
}

static void
add_interface(struct options *o)
{
	if (o->interface_count == OPTIONS_MAX_INTERFACES || optarg[0] == '\0' ||
	    strlen(optarg) >= IF_NAMESIZE)
		refuse("--interface", optarg, "the name of an interface");
	if (if_nametoindex(optarg) == 0)
		fprintf(stderr,
		    "reflash-scan: there is no interface %s yet: it is "
		    "listened to once it is there\n",
		    optarg);
	o->interfaces[o->interface_count++] = optarg;
}

static void
parse_one(struct options *o, int c)
{
	switch (c) {
	case 'b':
		o->backend = parse_backend();
		break;
	case 'i':
		add_interface(o);
		break;
	case 's':
		add_service(o);
		break;
	case 'r':
		o->requery_sec = parse_number("--requery", MAX_SECONDS);
		break;
	case 'm':
		o->max = parse_number("--max", 1000000);
		break;
	case 't':
		o->time_sec = parse_number("--time", MAX_SECONDS);
		break;
	case 'j':
		o->text = false;
		break;
	case 'h':
		fputs(help, stdout);
		exit(output_end(0));
	case 'V':
		puts("reflash-scan " PACKAGE_VERSION "\nbackends: " BACKENDS);
		exit(output_end(0));
	}
}

static void
refuse_option(int c, char *const argv[])
{
	struct bad_option bad;

	bad_option_find(&bad, c, argv, table);
	bad_option_print(&bad, "reflash-scan");
	exit(EXIT_USAGE);
}

void
options_parse(struct options *o, int argc, char *argv[])
{
	int c;

	*o = (struct options){ .requery_sec = DEFAULT_REQUERY,
		.max = DEFAULT_MAX,
		.text = isatty(STDOUT_FILENO) };
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":b:i:s:r:m:t:jhV", table, NULL)) !=
	    -1)
		if (c == '?' || c == ':')
			refuse_option(c, argv);
		else
			parse_one(o, c);
	if (optind < argc) {
		fprintf(stderr,
		    "reflash-scan: %s: reflash-scan takes only options\n",
		    argv[optind]);
		exit(EXIT_USAGE);
	}
	if (o->service_count == 0)
		o->services[o->service_count++] = ANNOUNCE_EWELINK;
}

bool
options_allow_interface(const struct options *o, const char *name)
{
	for (size_t i = 0; i < o->interface_count; i++)
		if (strcmp(o->interfaces[i], name) == 0)
			return true;
	return o->interface_count == 0;
}
