/* SPDX-License-Identifier: ISC */
/*
 * reflash-scan -- finds devices by multicast DNS and writes a line for each
 * thing it learns.
 *
 * A process of its own because the libraries it stands on block and abort:
 * whatever happens here, a flash under way in the daemon goes on.
 */
#include "config.h"

#include <avahi-common/simple-watch.h>
#include <err.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/output.h"
#include "scan/alarm_timer.h"
#include "scan/browser.h"
#include "scan/fair_poll.h"
#include "scan/input.h"
#include "scan/options.h"
#include "scan/output.h"
#include "scan/scan_sandbox.h"
#include "scan/sniffer.h"
#include "scan/stack_chooser.h"

struct program {
	AvahiSimplePoll *poll;
	struct output *output;
	struct hunt *hunt;
	struct keeper *keeper;
};

static void
on_room(void *ctx)
{
	struct program *p = ctx;

	keeper_tell(p->keeper);
	hunt_tell(p->hunt);
}

static void
quit(void *ctx)
{
	struct program *p = ctx;

	avahi_simple_poll_quit(p->poll);
}

static const struct output_ops output_ops = { on_room, quit };

int
main(int argc, char *argv[])
{
	struct program p;
	struct options options;
	const AvahiPoll *poll;
	struct overhear *overhear;
	struct input *input;
	struct turns turns = { -1 };
	char said[SANDBOX_TEXT_SIZE];
	struct alarm *end;
	int failure;

	output_begin();
	json_set_alloc_funcs(xmalloc, free);
	options_parse(&options, argc, argv);
	confine_enter(said);
	signal(SIGPIPE, SIG_IGN);
	p.poll = avahi_simple_poll_new();
	if (p.poll == NULL)
		errx(1, "no poll loop");
	avahi_simple_poll_set_func(p.poll, turns_poll, &turns);
	poll = avahi_simple_poll_get(p.poll);
	p.output = output_new(poll, options.text, &output_ops, &p);
	p.hunt = hunt_new(poll, &options, p.output);
	p.keeper = keeper_new(poll, &options, p.hunt, p.output);
	overhear = overhear_new(poll, &options, p.hunt);
	input = input_new(poll, p.hunt);
	end = alarm_new(poll, quit, &p);
	if (options.time_sec > 0)
		alarm_set(end, options.time_sec * 1000);

	avahi_simple_poll_loop(p.poll);
	failure = output_failure(p.output);

	alarm_free(end);
	input_free(input);
	overhear_free(overhear);
	keeper_free(p.keeper);
	hunt_free(p.hunt);
	output_free(p.output);
	avahi_simple_poll_free(p.poll);
	if (failure != 0)
		errx(
		    1, "cannot write all of the output: %s", strerror(failure));
	return 0;
}
