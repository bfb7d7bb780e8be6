/* SPDX-License-Identifier: ISC */
/*
 * Hands what the file server tells of a file to the module that has put it
 * there, and logs what came to the server for no file.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/ratelimit.h"
#include "reflashd/events/netdiag_log.h"
#include "reflashd/flash/download.h"
#include "reflashd/net/outage.h"

struct downloads {
	struct downloads_parts parts;
	struct ratelimit strays[SERVER_STRAYS]; /* of the log, a kind each */
};

struct downloads *
downloads_new(const struct downloads_parts *parts)
{
	struct downloads *downloads = xcalloc(1, sizeof(*downloads));

	downloads->parts = *parts;
	return downloads;
}

void
downloads_free(struct downloads *downloads)
{
	free(downloads);
}

static void
on_fetch_started(void *job, struct in_addr from)
{
	const struct download *download = job;

	(void)from;
	if (download->began != NULL)
		download->began(download->ctx);
}

static void
on_served(void *job, uint64_t first, uint64_t len, struct in_addr from)
{
	const struct download *download = job;

	if (download->served != NULL)
		download->served(download->ctx, first, len, from);
}

static void
on_verdict(void *job, int code, struct in_addr from)
{
	const struct download *download = job;

	(void)from;
	if (download->verdict != NULL)
		download->verdict(download->ctx, code);
}

static bool
is_at(void *job, struct in_addr from)
{
	const struct download *download = job;

	return download->is_at != NULL && download->is_at(download->ctx, from);
}

static void
on_came(void *ctx, struct in_addr from)
{
	struct downloads *downloads = ctx;

	netdiag_log_came(downloads->parts.firewall, from);
}

static void
on_starved(void *ctx, int why)
{
	struct downloads *downloads = ctx;

	outage_starved(downloads->parts.outage, why);
}

/* Of how many times, and the last from whom. */
static const char *const sentences[SERVER_STRAYS] = {
	[SERVER_STRAY_ADDRESS] =
	    "asked for with the URL of another device, and refused; if it is "
	    "that device behind another address, CheckSource=no lets it",
	[SERVER_STRAY_VERDICT] = "a verdict of who is not being flashed",
	[SERVER_STRAY_BAD_VERDICT] = "a verdict that cannot be read",
	[SERVER_STRAY_REFUSED] =
	    "a connection too many, refused: MaxConnections or "
	    "MaxConnectionsPerAddress is reached",
};

/*
 * What came to the file server for no job, in the log.  Anybody can cause it as
 * often as they like: each kind is told once in ten minutes, with its count.
 */
static void
on_stray(void *ctx, enum server_stray what, struct in_addr from)
{
	struct downloads *downloads = ctx;
	struct ratelimit *quota = &downloads->strays[what];
	char text[INET_ADDRSTRLEN];
	unsigned count;

	inet_ntop(AF_INET, &from, text, sizeof(text));
	if (sentences[what] == NULL) { /* a scan for web servers, say */
		log_debug("server", "%s asked for what is not there", text);
		return;
	}
	ratelimit_take(quota, 0, clock_now_ms());
	count = ratelimit_tell(quota, clock_now_ms());
	if (count == 1)
		log_warning("server: %s: %s", text, sentences[what]);
	else if (count > 1)
		log_warning("server: %s, and %u times before it: %s", text,
		    count - 1, sentences[what]);
}

const struct server_ops download_server_ops = {
	.came = on_came,
	.fetch_started = on_fetch_started,
	.served = on_served,
	.verdict = on_verdict,
	.is_at = is_at,
	.stray = on_stray,
	.starved = on_starved,
};
