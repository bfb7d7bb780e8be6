/* SPDX-License-Identifier: ISC */
/* The command "reflash-sim image", which writes a firmware image to a file. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bad_option.h"
#include "base/output.h"
#include "base/text.h"
#include "sim/image/image_command.h"
#include "sim/image/mkimage.h"

#define EXIT_USAGE 64

static const char usage[] = "usage: reflash-sim image [--size N] [--payload "
			    "NAME] [--seed N] KIND FILE\n"
			    "       reflash-sim image --list\n"
			    "\n"
			    "Writes a firmware image, whole or bad in one way, "
			    "to FILE (- for standard\n"
			    "output).  --list names the kinds and payloads.\n";

struct request {
	uint64_t size, seed;
	const char *payload;
	bool list, help;
};

static void
print_list(void)
{
	const char *name, *help;

	for (size_t i = 0; mkimage_kind(i, &name, &help); i++)
		printf("%-18s %s\n", name, help);
	printf("\npayloads:");
	for (size_t i = 0; (name = mkimage_payload(i)) != NULL; i++)
		printf(" %s", name);
	printf("\n");
}

static bool
read_options(int argc, char *argv[], struct request *r)
{
	static const struct option options[] = {
		{ "size", required_argument, NULL, 's' },
		{ "payload", required_argument, NULL, 'p' },
		{ "seed", required_argument, NULL, 'e' },
		{ "list", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct bad_option bad;
	bool ok = true;
	int c;

	optind = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		if (c == 's')
			ok &= text_number(optarg, 1, 1 << 24, &r->size);
		else if (c == 'e')
			ok &= text_number(optarg, 0, 1 << 30, &r->seed);
		else if (c == 'p')
			r->payload = optarg;
		else if (c == 'l')
			r->list = true;
		else if (c == 'h')
			r->help = true;
		else {
			bad_option_find(&bad, c, argv, options);
			bad_option_print(&bad, "reflash-sim image");
			return false;
		}
	}
	return ok && (r->list || r->help || argc - optind == 2);
}

static bool
write_file(const char *path, const unsigned char *data, size_t len)
{
	bool ok = false;
	FILE *f;

	if (strcmp(path, "-") == 0)
		ok = fwrite(data, 1, len, stdout) == len && fflush(stdout) == 0;
	else if ((f = fopen(path, "wb")) != NULL) {
		ok = fwrite(data, 1, len, f) == len;
		ok &= fclose(f) == 0;
	}
	if (!ok)
		fprintf(stderr, "reflash-sim: %s: %s\n", path, strerror(errno));
	return ok;
}

static int
make_image(const struct request *r, const char *kind, const char *path)
{
	unsigned char *image;
	size_t len;
	bool ok;

	if (!mkimage_with(
		kind, r->payload, r->size, (unsigned)r->seed, &image, &len)) {
		fprintf(stderr,
		    "reflash-sim: %s: no such kind of image, or not of that "
		    "size or payload; see reflash-sim image --list\n",
		    kind);
		return EXIT_USAGE;
	}
	ok = write_file(path, image, len);
	free(image);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
image_command_main(int argc, char *argv[])
{
	struct request r = { .seed = 1 };

	if (!read_options(argc, argv, &r)) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	if (r.help)
		fputs(usage, stdout);
	if (r.list)
		print_list();
	if (r.help || r.list)
		return output_end(EXIT_SUCCESS);
	return make_image(&r, argv[optind], argv[optind + 1]);
}
