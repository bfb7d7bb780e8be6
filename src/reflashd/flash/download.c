/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "reflashd/daemon.h"
#include "reflashd/events/netdiag_log.h"
#include "reflashd/flash/download.h"
#include "reflashd/flash/stray.h"
#include "reflashd/net/outage.h"

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
	netdiag_log_came(((struct daemon *)ctx)->firewall, from);
}

static void
on_starved(void *ctx, int why)
{
	outage_starved(ctx, why);
}

const struct server_ops download_server_ops = {
	.came = on_came,
	.fetch_started = on_fetch_started,
	.served = on_served,
	.verdict = on_verdict,
	.is_at = is_at,
	.stray = stray_came,
	.starved = on_starved,
};
