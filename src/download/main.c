/* SPDX-License-Identifier: ISC */
/*
 * reflash-download -- fetches one file for reflashctl, and says how it goes:
 *one JSON object a line on standard output.
 *
 *	{"event":"progress","bytes":N,"total":N or null}
 *	{"event":"moved","url":"..."}
 *	{"event":"done","bytes":N}		the last line, or
 *	{"event":"failed","bytes":N,"why":"..."}
 *
 * The bytes go into a descriptor that it is given, so that it needs no file.
 */
#include "config.h"

#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bad_option.h"
#include "base/memory.h"
#include "base/output.h"
#include "base/sandbox.h"
#include "base/text.h"
#include "download/download_sandbox.h"
#include "download/fetch.h"

#define EXIT_USAGE  64
#define MAX_SECONDS 86400
#define MAX_BYTES   (4u << 20) /* as of an image */

static const struct option table[] = {
	{ "into", required_argument, NULL, 'i' },
	{ "from", required_argument, NULL, 'f' },
	{ "size", required_argument, NULL, 's' },
	{ "connect", required_argument, NULL, 'c' },
	{ "stall", required_argument, NULL, 'l' },
	{ "timeout", required_argument, NULL, 't' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
    "Usage: reflash-download --into=FD [OPTION...] URL\n"
    "Fetch a file for reflashctl, which starts this program: reflashctl "
    "download.\n"
    "\n"
    "  -i, --into=FD      write the bytes to this descriptor\n"
    "  -f, --from=URL     what a relative URL is relative to\n"
    "  -s, --size=BYTES   the file must have so many\n"
    "  -c, --connect=SEC  wait so long for a connection (15)\n"
    "  -l, --stall=SEC    give up after so long at less than 1000 bytes/s "
    "(15)\n"
    "  -t, --timeout=SEC  give up after so long (600)\n"
    "  -h, --help         print this\n"
    "  -V, --version      print the version\n";

static void
print_event(json_t *event)
{
	json_dumpf(event, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(event);
}

static void
on_progress(uint64_t bytes, uint64_t total, void *ctx)
{
	(void)ctx;
	print_event(json_pack("{s:s, s:I, s:o}", "event", "progress", "bytes",
	    (json_int_t)bytes, "total",
	    total > 0 ? json_integer((json_int_t)total) : json_null()));
}

/* Return the text as JSON, whatever its bytes are. */
static json_t *
any_text(const char *text)
{
	json_t *string = json_string(text);
	char shown[1024];

	return string != NULL ? string
			      : json_string(text_escape(
				    shown, sizeof(shown), text, strlen(text)));
}

static void
on_moved(const char *url, void *ctx)
{
	(void)ctx;
	print_event(
	    json_pack("{s:s, s:o}", "event", "moved", "url", any_text(url)));
}

static uint64_t
number(const char *option, uint64_t min, uint64_t max)
{
	uint64_t n = 0;

	if (!text_number(optarg, min, max, &n)) {
		fprintf(stderr,
		    "reflash-download: %s takes a whole number from %llu to "
		    "%llu, and not '%s'\n",
		    option, (unsigned long long)min, (unsigned long long)max,
		    optarg);
		exit(EXIT_USAGE);
	}
	return n;
}

static void
take_option(int option, struct fetch_wish *wish)
{
	switch (option) {
	case 'i':
		wish->fd = (int)number("--into", 0, 1024);
		break;
	case 'f':
		wish->base = optarg;
		break;
	case 's':
		wish->size = number("--size", 1, MAX_BYTES);
		break;
	case 'c':
		wish->connect_sec =
		    (unsigned)number("--connect", 1, MAX_SECONDS);
		break;
	case 'l':
		wish->stall_sec = (unsigned)number("--stall", 1, MAX_SECONDS);
		break;
	case 't':
		wish->total_sec = (unsigned)number("--timeout", 1, MAX_SECONDS);
		break;
	case 'h':
		fputs(help, stdout);
		exit(output_end(EXIT_SUCCESS));
	case 'V':
		puts("reflash-download " PACKAGE_VERSION);
		exit(output_end(EXIT_SUCCESS));
	}
}

static void
parse_options(int argc, char *argv[], struct fetch_wish *wish)
{
	struct bad_option bad;
	int option;

	opterr = 0;
	while ((option = getopt_long(
		    argc, argv, ":i:f:s:c:l:t:hV", table, NULL)) != -1) {
		if (option == '?' || option == ':') {
			bad_option_find(&bad, option, argv, table);
			bad_option_print(&bad, "reflash-download");
			exit(EXIT_USAGE);
		}
		take_option(option, wish);
	}
	if (optind + 1 != argc || wish->fd == -1) {
		fputs(help, stderr);
		exit(EXIT_USAGE);
	}
	wish->url = argv[optind];
}

int
main(int argc, char *argv[])
{
	struct fetch_wish wish = {
		.fd = -1,
		.max = MAX_BYTES,
		.connect_sec = 15,
		.stall_sec = 15,
		.stall_rate = 1000,
		.total_sec = 600,
		.progress = on_progress,
		.moved = on_moved,
	};
	uint64_t bytes = 0;
	struct error err;
	bool ok;

	output_begin();
	json_set_alloc_funcs(xmalloc, free);
	parse_options(argc, argv, &wish);
	fcntl(wish.fd, F_SETFD, FD_CLOEXEC);
	sandbox_begin();
	ok = fetch_begin(&err);
	download_sandbox_enter();
	ok = ok && fetch(&wish, &bytes, &err);
	if (ok)
		print_event(json_pack(
		    "{s:s, s:I}", "event", "done", "bytes", (json_int_t)bytes));
	else
		print_event(json_pack("{s:s, s:I, s:o}", "event", "failed",
		    "bytes", (json_int_t)bytes, "why", any_text(err.text)));
	fetch_end();
	return output_end(ok ? EXIT_SUCCESS : EXIT_FAILURE);
}
