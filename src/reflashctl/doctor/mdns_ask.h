/* SPDX-License-Identifier: ISC */
/*
 * mdns_ask -- asks the network by multicast DNS who is there, and counts who
 * answers.
 */
#ifndef REFLASHD_REFLASHCTL_MDNS_ASK_H
#define REFLASHD_REFLASHCTL_MDNS_ASK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "reflashctl/doctor/lan_interface.h"

struct mdns_heard {
	bool self;	 /* our own question came back */
	unsigned others; /* hosts other than this machine; counted up to 64 */
};

/*
 * Ask over these interfaces, and listen for at most so long, or until another
 * host is heard.  Returns false if port 5353 cannot be listened to.
 */
bool mdns_ask(const struct lan_interface *, size_t count, unsigned ms,
    struct mdns_heard *, struct error *);

#endif
