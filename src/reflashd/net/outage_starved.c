/* SPDX-License-Identifier: ISC */
/*
 * Keeps the time in which this machine can accept no connection of a device,
 * for want of descriptors or memory, and logs what helps.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "core/device/registry.h"
#include "reflashd/net/outage_parts.h"

/* The things that this machine lacks when accept(2) fails, and the cures. */
struct lack {
	int why; /* errno */
	const char *what, *cure;
};

static const struct lack *
lack_of(int why)
{
	static const char memory[] = "memory for another connection";
	static const char free_memory[] = ". Other programs use it up: "
					  "\"free -m\" shows how much there is";
	static const struct lack lacks[] = {
		{ EMFILE, "free file descriptors",
		    ". Raise LimitNOFILE= of reflashd.service" },
		{ ENFILE, "free file descriptors",
		    ". Other programs use them up: raise the sysctl "
		    "fs.file-max" },
		{ ENOMEM, memory, free_memory },
		{ ENOBUFS, memory, free_memory },
		{ 0, "way to accept a connection", "" },
	};
	const struct lack *lack = lacks;

	while (lack->why != 0 && lack->why != why)
		lack++;
	return lack;
}

static char *
starved_sentence(const struct outage *outage)
{
	const struct lack *lack = lack_of(outage->starved_why);

	return xasprintf("server: this machine has no %s (%s), and so no "
			 "device can connect; what is not heard meanwhile does "
			 "not count%s",
	    lack->what, strerror(outage->starved_why), lack->cure);
}

static void
begin_starvation(struct outage *outage, int why)
{
	char *sentence;

	outage->starved_ms = clock_awake_ms();
	outage->starved_why = why;
	if (!ratelimit_take(&outage->starved_lines, MAX_LINES, clock_now_ms()))
		return;
	sentence = starved_sentence(outage);
	log_warning("%s", sentence);
	free(sentence);
}

static void
go_on_starving(struct outage *outage)
{
	char what[120];

	connectivity_hold(&outage->reach, clock_awake_ms());
	snprintf(what, sizeof(what), "this machine has no %s",
	    lack_of(outage->starved_why)->what);
	registry_foreach (outage->parts.registry, device)
		outage->parts.ops->starved(device, what, outage->parts.ctx);
}

static void
end_starvation(struct outage *outage)
{
	uint64_t now = clock_awake_ms();
	char what[120], time[32];

	snprintf(what, sizeof(what), "this machine had no %s for %s",
	    lack_of(outage->starved_why)->what,
	    text_duration(
		time, sizeof(time), (now - outage->starved_ms) / 1000));
	if (ratelimit_take(&outage->starved_lines, MAX_LINES, clock_now_ms()))
		log_info("server: devices can connect again: %s", what);
	outage->starved_ms = 0;
	connectivity_release(&outage->reach, now);
	outage_excuse_all(outage, what);
}

void
outage_starved(struct outage *outage, int why)
{
	if (outage->starved_ms == 0)
		begin_starvation(outage, why);
	if (why != 0)
		go_on_starving(outage);
	else
		end_starvation(outage);
}

void
outage_starved_problem(const struct outage *outage, json_t *problems)
{
	char *sentence;

	if (outage->starved_ms == 0)
		return;
	sentence = starved_sentence(outage);
	json_array_append_new(problems, json_string(sentence));
	free(sentence);
}
