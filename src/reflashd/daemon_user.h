/* SPDX-License-Identifier: ISC */
/*
 * daemon_user -- the user as which the daemon runs.
 *
 * reflashd -t judges files for that user.  A reflashd that is started by hand
 * must not run beside the service, or make files that the service cannot use.
 */
#ifndef REFLASHD_DAEMON_USER_H
#define REFLASHD_DAEMON_USER_H

#include <stdbool.h>

#include "base/error.h"
#include "base/trust.h"

#define DAEMON_USER_USER "reflashd" /* User= of the unit */

struct daemon_user {
	struct trust_user user;
	bool is_service; /* the user of the unit, which is installed */
	char *name;	 /* of the user, or the number; owned */
};

/*
 * Find the user: that of the service, if its configuration or state is meant;
 * else the owner of the state, or the user who asks.
 */
void daemon_user_find(struct daemon_user *, const char *conf_file);
void daemon_user_fini(struct daemon_user *);

/*
 * Return false if the folders are those of the service, and this process is not
 * the service.  The error says what to do instead.
 */
bool daemon_user_may_run(const char *conf_file, struct error *);

/*
 * Return false if the user cannot write to this StateDirectory; the error has
 * the command that helps.
 */
bool daemon_user_check_state(
    const struct daemon_user *, const char *path, struct error *);

#endif
