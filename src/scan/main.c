/* SPDX-License-Identifier: ISC */
/*
 * reflash-scan -- finds devices by multicast DNS and writes a line for each
 * thing it learns.
 *
 * It is a process of its own because the libraries that it uses block and
 * abort: whatever happens here, a flash under way in the daemon goes on.
 */
#include "config.h"

#include <avahi-common/simple-watch.h>
#include <err.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/file_limit.h"
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

#define MIN_FILES 32

struct program {
	AvahiSimplePoll *poll;
	struct output *output;
	struct browser *browser;
	struct stack_chooser *stack_chooser;
};

static void
on_room(void *ctx)
{
	struct program *p = ctx;

	stack_chooser_tell(p->stack_chooser);
	browser_tell(p->browser);
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
	struct sniffer *sniffer;
	struct input *input;
	struct fair_poll turns = { -1 };
	char said[SANDBOX_TEXT_SIZE];
	struct alarm_timer *end;
	struct error err;
	int failure;

	output_begin();
	json_set_alloc_funcs(xmalloc, free);
	options_parse(&options, argc, argv);
	if (!file_limit_raise(MIN_FILES, MIN_FILES, &err))
		errx(1, "%s", err.text);
	if (strstr(scan_sandbox_enter(said), "no ") != NULL)
		warnx("sandboxed: %s", said);
	signal(SIGPIPE, SIG_IGN);
	p.poll = avahi_simple_poll_new();
	if (p.poll == NULL)
		errx(1, "no poll loop");
	avahi_simple_poll_set_func(p.poll, fair_poll, &turns);
	poll = avahi_simple_poll_get(p.poll);
	p.output = output_new(poll, options.text, &output_ops, &p);
	p.browser = browser_new(poll, &options, p.output);
	p.stack_chooser =
	    stack_chooser_new(poll, &options, p.browser, p.output);
	sniffer = sniffer_new(poll, &options, p.browser);
	input = input_new(poll, p.browser);
	end = alarm_timer_new(poll, quit, &p);
	if (options.time_sec > 0)
		alarm_timer_set(end, options.time_sec * 1000);

	avahi_simple_poll_loop(p.poll);
	failure = output_failure(p.output);

	alarm_timer_free(end);
	input_free(input);
	sniffer_free(sniffer);
	stack_chooser_free(p.stack_chooser);
	browser_free(p.browser);
	output_free(p.output);
	avahi_simple_poll_free(p.poll);
	if (failure != 0)
		errx(
		    1, "cannot write all of the output: %s", strerror(failure));
	return 0;
}
