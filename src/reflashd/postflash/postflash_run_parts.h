/* SPDX-License-Identifier: ISC */
/*
 * postflash_run_parts -- what only the files of postflash_run share.
 *
 *	postflash_run.c		requests, begin and end
 *	postflash_run_find.c	the addresses at which a device may be
 *	postflash_run_heard.c	announcements under a new firmware
 *	postflash_run_upgrade.c	the second image and its way to the device
 */
#ifndef REFLASHD_POSTFLASH_RUN_PARTS_H
#define REFLASHD_POSTFLASH_RUN_PARTS_H

#include "core/net/connectivity.h"
#include "core/policy/policy.h"
#include "core/postflash/postflash.h"
#include "io/http/server.h"
#include "reflashd/flash/download.h"
#include "reflashd/postflash/postflash_run.h"

struct postflash_run {
	struct postflash_run_parts parts;
	struct postflash_care *cares; /* owned */
};

/* A device that is verifying or finishing, and what it holds. */
struct postflash_care {
	struct postflash_run *run;		 /* borrowed */
	const struct postflash_run_parts *parts; /* of that */
	struct device *device;			 /* borrowed */
	struct postflash *after;		 /* owned */
	struct timer *timer;			 /* owned */
	uint64_t due_ms;			 /* awake: when it fires */
	struct connectivity_clock clock;
	struct client_call *call; /* borrowed; NULL: none */
	uint64_t doubt_ms;	  /* when to ask for its old firmware, too */
	char *password;		  /* owned, secret; NULL: none */
	char *upgrade;		  /* owned; path, or NULL */
	struct image *image;	  /* a reference; its bytes, or NULL */
	char upgrade_sha256[65], upgrade_variant[24], upgrade_version[32];
	bool is_same_job;	     /* no restart since its flash */
	bool lacks;		     /* its set-up waits for a file */
	struct error missing;	     /* what its finish lacks */
	struct error no_step;	     /* why there is no way by a minimal */
	struct server_job *served;   /* owned; NULL: nothing to fetch */
	struct server_job *stepping; /* owned; tasmota-minimal, or NULL */
	uint64_t size, bytes;	     /* of the upgrade */
	bool told_fetched;	     /* the log says that it has it */
	struct postflash_care *prev, *next;
};

/*
 * Find the upgrade: of the policy, or what the device was told to fetch before
 * a restart of the daemon, which is served on.  Returns false if there is none.
 */
bool postflash_run_find_upgrade(struct postflash_care *, const struct policy *);

/* Read the upgrade, or the copy that was kept before the flash. */
bool postflash_run_read_upgrade(struct postflash_care *, struct error *);

/* The serve of postflash_ops: put the upgrade on the server. */
bool postflash_run_serve(char *url, size_t size, struct error *, void *ctx);

/* The addresses and the place of postflash_ops. */
size_t postflash_run_find(struct in_addr *out, size_t max, void *ctx);
enum postflash_place postflash_run_place(struct in_addr, void *ctx);

void postflash_run_drop_upgrade(struct postflash_care *);

/* Serve the upgrade to the address that the device has now. */
void postflash_run_move_upgrade(struct postflash_care *);

/*
 * Serve the upgrade also to these addresses, one of which the device may have.
 * A Tasmota that goes by tasmota-minimal asks for the rest as soon as it has an
 * address, and answers nothing meanwhile.
 */
void postflash_run_expect_at(
    struct postflash_care *, const struct in_addr *, size_t count);

#endif
