/* SPDX-License-Identifier: ISC */
/* Reads the command line of reflash-sim, and prints its help. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bad_option.h"
#include "base/memory.h"
#include "base/text.h"
#include "sim/options.h"

/* clang-format off */
static const char usage[] =
"usage: reflash-sim [options] [--] COMMAND [ARGUMENT...]\n"
"       reflash-sim image [options] KIND FILE\n"
"       reflash-sim control SOCKET REQUEST...\n"
"\n"
"Runs COMMAND, or a shell, on a virtual LAN with simulated Sonoff devices.  Each\n"
"has an address, a MAC, mDNS announcements and the API of its stock firmware.  At\n"
"the end reflash-sim prints what the devices saw.\n"
"\n"
"  --devices N        N devices, by turns with firmware 3.3.0, 3.6.0 and 3.7.6\n"
"  --device SPEC      one more device: KEY=VALUE,... (see below); repeatable\n"
"  --each SPEC        keys for all devices of --devices\n"
"  --loopback         no namespaces: devices are 127.0.0.3 and so on, no mDNS\n"
"  --report FILE      write a JSON report, at the end and on SIGUSR1\n"
"  --control PATH     make a socket for \"reflash-sim control\"\n"
"  --quiet            print no summary at the end\n"
"  --verbose          print what the devices do\n"
"  --list-faults      list what can be wrong with a device\n"
"  --help, --version\n"
"\n"
"Without --devices and --device there are three devices.\n"
"\n"
"COMMAND finds in its environment: REFLASH_SIM (namespace or loopback),\n"
"REFLASH_SIM_SERVER (its address on the LAN), REFLASH_SIM_CONTROL, and\n"
"REFLASH_SIM_DEVICES_CONF, a piece of configuration that names the devices.\n"
"\n"
"The exit code is that of COMMAND; it is 70 if COMMAND succeeds but a device saw\n"
"a breach of the protocol.\n"
"\n"
"Keys of a SPEC:\n";
/* clang-format on */

static void
print_help(void)
{
	const char *name, *help;

	fputs(usage, stdout);
	for (size_t i = 0; spec_key_at(i, &name, &help); i++)
		printf("  %-20s %s\n", name, help);
}

static void
print_faults(void)
{
	const char *name, *help;

	for (size_t i = 0; fault_at(i, &name, &help); i++)
		printf("%-26s %s\n", name, help);
}

static struct spec *
add_spec(struct options *o)
{
	o->specs = xrealloc(o->specs, o->count + 1, sizeof(o->specs[0]));
	spec_init(&o->specs[o->count]);
	return &o->specs[o->count++];
}

static bool
add_device(struct options *o, const char *text, struct error *err)
{
	if (o->count >= OPTIONS_MAX_DEVICES)
		return error_set(err, EINVAL, "write at most %d devices",
		    OPTIONS_MAX_DEVICES);
	if (!spec_parse(add_spec(o), text, err))
		return error_prefix(err, "--device %s", text);
	return true;
}

static bool
add_many(struct options *o, uint64_t count, const char *each, struct error *err)
{
	static const char *const mix[] = { "fw=3.3.0", "fw=3.6.0", "fw=3.7.6" };

	for (uint64_t i = 0; i < count; i++) {
		struct spec *s = add_spec(o);

		if (!spec_parse(s, mix[i % 3], err) ||
		    !spec_parse(s, each, err))
			return error_prefix(err, "--each %s", each);
	}
	return true;
}

enum {
	DEVICES = 256,
	DEVICE,
	EACH,
	LOOPBACK,
	REPORT,
	CONTROL,
	QUIET,
	LIST_FAULTS
};

static const struct option table[] = {
	{ "devices", required_argument, NULL, DEVICES },
	{ "device", required_argument, NULL, DEVICE },
	{ "each", required_argument, NULL, EACH },
	{ "loopback", no_argument, NULL, LOOPBACK },
	{ "report", required_argument, NULL, REPORT },
	{ "control", required_argument, NULL, CONTROL },
	{ "quiet", no_argument, NULL, QUIET },
	{ "verbose", no_argument, NULL, 'v' },
	{ "list-faults", no_argument, NULL, LIST_FAULTS },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

/* Handle an option that prints something and ends the program. */
static bool
print_asked(int c)
{
	if (c == 'h')
		print_help();
	else if (c == LIST_FAULTS)
		print_faults();
	else if (c == 'V')
		printf("reflash-sim %s\n", PACKAGE_VERSION);
	else
		return false;
	return true;
}

static bool
take_option(struct options *o, int c, uint64_t *many, const char **each,
    struct error *err)
{
	switch (c) {
	case DEVICES:
		if (!text_number(optarg, 0, OPTIONS_MAX_DEVICES, many))
			return error_set(err, EINVAL,
			    "--devices %s: write a number from 0 to %d", optarg,
			    OPTIONS_MAX_DEVICES);
		return true;
	case DEVICE:
		return add_device(o, optarg, err);
	case EACH:
		*each = optarg;
		return true;
	case LOOPBACK:
		o->loopback = true;
		return true;
	case REPORT:
		o->report = optarg;
		return true;
	case CONTROL:
		o->control = optarg;
		return true;
	case QUIET:
		o->quiet = true;
		return true;
	case 'v':
		o->verbose = true;
		return true;
	}
	return false;
}

static bool
refuse_option(int c, char *const argv[], struct error *err)
{
	struct bad_option bad;

	bad_option_find(&bad, c, argv, table);
	return error_set(err, EINVAL, "%s; see: reflash-sim --help", bad.text);
}

static char sh[] = "/bin/sh";
static char *shell[] = { sh, NULL };

static void
choose_command(struct options *o, int argc, char *argv[])
{
	o->command = argv + optind;
	if (optind < argc)
		return;
	if (getenv("SHELL") != NULL)
		shell[0] = getenv("SHELL");
	o->command = shell;
}

enum options_result
options_read(struct options *o, int argc, char *argv[], struct error *err)
{
	uint64_t many = 0;
	const char *each = "";
	int c;

	*o = (struct options){ 0 };
	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:hVv", table, NULL)) != -1) {
		if (print_asked(c))
			return OPTIONS_DONE;
		if (c == '?' || c == ':'
			? !refuse_option(c, argv, err)
			: !take_option(o, c, &many, &each, err))
			return OPTIONS_BAD;
	}
	if (many == 0 && o->count == 0)
		many = 3;
	if (!add_many(o, many, each, err))
		return OPTIONS_BAD;
	choose_command(o, argc, argv);
	return OPTIONS_RUN;
}

void
options_fini(struct options *o)
{
	free(o->specs);
	o->specs = NULL;
}
