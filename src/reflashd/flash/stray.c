/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>

#include "base/log.h"
#include "reflashd/daemon.h"
#include "reflashd/flash/stray.h"

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

void
stray_came(void *ctx, enum server_stray what, struct in_addr from)
{
	struct daemon *daemon = ctx;
	struct ratelimit *quota = &daemon->strays[what];
	char text[INET_ADDRSTRLEN];
	unsigned count;

	inet_ntop(AF_INET, &from, text, sizeof(text));
	if (sentences[what] == NULL) { /* whoever scans for web servers */
		log_debug("server", "%s asked for what is not there", text);
		return;
	}
	ratelimit_take(quota, 0, daemon_now_ms());
	count = ratelimit_tell(quota, daemon_now_ms());
	if (count == 1)
		log_warning("server: %s: %s", text, sentences[what]);
	else if (count > 1)
		log_warning("server: %s, and %u times before it: %s", text,
		    count - 1, sentences[what]);
}
