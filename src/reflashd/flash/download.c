/* SPDX-License-Identifier: ISC */
/*
 * Puts images on the file server for flash and postflash_run, and logs the
 * requests that belong to no image.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/ratelimit.h"
#include "io/images.h"
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
release_image(void *owner)
{
	image_unref(owner);
}

struct server_job *
download_offer(struct server *server, struct image *image, const char *name,
    struct in_addr device, const char *token, const struct server_job_ops *ops,
    void *ctx, struct error *err)
{
	struct server_file file = {
		.name = name,
		.data = image_data(image),
		.size = image_size(image),
		.sha256 = image_sha256(image),
		.md5 = image_md5(image),
		.modified = image_modified(image),
		.release = release_image,
		.owner = image,
	};
	struct server_job *job =
	    server_job_new(server, &file, device, token, ops, ctx, err);

	if (job != NULL)
		image_ref(image);
	return job;
}

static void
on_came(void *ctx, struct in_addr from)
{
	struct downloads *downloads = ctx;

	netdiag_log_came(downloads->parts.netdiag_log, from);
}

static void
on_starved(void *ctx, int why)
{
	struct downloads *downloads = ctx;

	outage_starved(downloads->parts.outage, why);
}

/* The words of the log for each kind of stray request; NULL: none. */
static const char *const sentences[SERVER_STRAYS] = {
	[SERVER_STRAY_ADDRESS] =
	    "asked for the URL of another device, and was refused; if it is "
	    "that device with another address, CheckSource=no lets it in",
	[SERVER_STRAY_VERDICT] =
	    "reported the end of a download, but is not being flashed",
	[SERVER_STRAY_BAD_VERDICT] =
	    "reported the end of a download in a form that cannot be read",
	[SERVER_STRAY_REFUSED] =
	    "opened a connection too many, and was refused: MaxConnections or "
	    "MaxConnectionsPerAddress is reached",
};

/*
 * Log a request that belongs to no image.  Any machine can send any number of
 * them, so each kind is logged once in ten minutes, with its count.
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
		log_warning("server: %s %s", text, sentences[what]);
	else if (count > 1)
		log_warning("server: %s %s (and %u times before)", text,
		    sentences[what], count - 1);
}

const struct server_ops download_server_ops = {
	.came = on_came,
	.stray = on_stray,
	.starved = on_starved,
};
