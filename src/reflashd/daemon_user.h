/* SPDX-License-Identifier: ISC */
/*
 * daemon_user -- the user that the daemon runs as, for a person who types its
 * name: `reflashd -t` judges files for that user, and `reflashd` alone must
 * not run beside the service, or make files that the service cannot use.
 */
#ifndef REFLASHD_DAEMON_USER_H
#define REFLASHD_DAEMON_USER_H

#include <stdbool.h>

#include "base/error.h"
#include "base/trust.h"

#define DAEMON_USER_USER "reflashd" /* User= of the unit */

struct daemon_user {
	struct trust_user user;
	bool is_service; /* it is that of the unit, which is installed */
	char *name;	 /* of the user, or the number; owned */
};

/*
 * The service's, where its configuration or its state is meant; else that of
 * whom the state belongs to, or whoever asks.
 */
void daemon_user_find(struct daemon_user *, const char *conf_file);
void daemon_user_fini(struct daemon_user *);

/*
 * False: the service has these folders, and this process is not the service.
 * The error says what to do instead.
 */
bool daemon_user_may_run(const char *conf_file, struct error *);

/* False: that user could not write to this StateDirectory; and the command. */
bool daemon_user_check_state(
    const struct daemon_user *, const char *path, struct error *);

#endif
