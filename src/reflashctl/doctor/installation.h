/* SPDX-License-Identifier: ISC */
/*
 * installation -- what doctor examines: this machine, the configuration of the
 * daemon, and the daemon if it answers.
 */
#ifndef REFLASHD_REFLASHCTL_INSTALLATION_H
#define REFLASHD_REFLASHCTL_INSTALLATION_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "core/config/configuration.h"
#include "reflashctl/ctl.h"

struct installation {
	struct ctl *ctl; /* borrowed; its socket is the one that is examined */
	char *conf_file; /* owned; NULL: the standard one */
	struct config *config; /* owned; as far as this user may read it */
	char *program;	       /* owned; reflashd; NULL: not found */
	const char *sudo;      /* "sudo " where commands need it, or "" */
	char *reflashctl; /* owned; how to call it: "reflashctl --socket X" */
	bool is_root;
	bool has_systemd;     /* it is the service manager here */
	bool is_service;      /* there is a unit for reflashd */
	const char *user;     /* borrowed; that the daemon runs as; NULL */
	json_t *status;	      /* owned; NULL: the daemon does not answer */
	struct error silence; /* why it does not */
};

/* Look at it; conf_file NULL: that of the daemon, if it runs, or the usual. */
struct installation *installation_open(struct ctl *, const char *conf_file);
void installation_close(struct installation *);

/* Return the TCP port of the images: of the daemon, or as configured. */
unsigned installation_port(const struct installation *);

#endif
