/* SPDX-License-Identifier: ISC */
/* Parses the command line of a program beside the daemon. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bad_option.h"
#include "base/error.h"
#include "base/log.h"
#include "base/output.h"
#include "base/problems.h"
#include "base/unixsock.h"
#include "beside/program_start.h"

#define EXIT_USAGE  64
#define EXIT_CONFIG 78 /* the service manager does not try again */

static const struct option table[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static _Noreturn void
refuse(const struct program_start *program, const char *sentence)
{
	fprintf(stderr, "%s: %s\n%s", program->name, sentence, program->help);
	exit(EXIT_USAGE);
}

static void
parse_one(
    const struct program_start *program, struct program_options *options, int c)
{
	switch (c) {
	case 'c':
		if (optarg[0] == '\0')
			refuse(program, "-c needs the name of a file");
		options->conf_file = optarg;
		break;
	case 't':
		options->is_check = true;
		break;
	case 'D':
		log_debug_topic(program->topic);
		break;
	case 'V':
		printf("%s " PACKAGE_VERSION "\n", program->name);
		program->print_libraries();
		exit(output_end(0));
	case 'h':
		fputs(program->help, stdout);
		exit(output_end(0));
	}
}

void
program_start_parse(const struct program_start *program,
    struct program_options *options, int argc, char *argv[])
{
	struct bad_option bad;
	char sentence[200];
	int c;

	*options = (struct program_options){ 0 };
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":c:tDVh", table, NULL)) != -1) {
		if (c != '?' && c != ':') {
			parse_one(program, options, c);
			continue;
		}
		bad_option_find(&bad, c, argv, table);
		bad_option_print(&bad, program->name);
		exit(EXIT_USAGE);
	}
	if (optind == argc)
		return;
	snprintf(sentence, sizeof(sentence), "%.100s: %s takes only options",
	    argv[optind], program->name);
	refuse(program, sentence);
}

int
program_start_refuse(const struct problems *problems, bool is_check)
{
	if (is_check)
		problems_print(problems, stderr);
	for (size_t i = 0; i < problems->count && !is_check; i++)
		log_err("%s", problems->text[i]);
	return EXIT_CONFIG;
}

void
program_start_check_daemon(const char *path)
{
	struct error err;
	int fd = unixsock_connect(path, &err);

	if (fd == -1) {
		printf("daemon: not now: %s\n", err.text);
		return;
	}
	printf("daemon: ok: %s\n", path);
	close(fd);
}
