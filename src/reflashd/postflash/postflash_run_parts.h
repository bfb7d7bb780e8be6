/* SPDX-License-Identifier: ISC */
/*
 * postflash_run_parts -- what only the files of postflash_run share.
 *
 *	postflash_run.c		calls, addresses, begin and end
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
	struct download download;  /* first: what the server calls */
	struct postflash_run *run; /* borrowed */
	const struct postflash_run_parts *parts; /* of that */
	struct device *device;			 /* borrowed */
	struct postflash *after;		 /* owned */
	struct timer *timer;			 /* owned */
	uint64_t due_ms;			 /* awake: when it fires */
	struct connectivity_clock clock;
	struct client_call *call; /* borrowed; NULL: none */
	uint64_t doubt_ms;	  /* not found until then: is it stock? */
	char *password;		  /* owned, secret; NULL: none */
	char *upgrade;		  /* owned; path, or NULL */
	struct image *image;	  /* a reference; its bytes, or NULL */
	char upgrade_sha256[65], upgrade_variant[24], upgrade_version[32];
	bool is_same_job; /* it goes on from the flash, by the same policy */
	bool lacks;	  /* its set-up waits for a file */
	struct error missing;		/* what its finish lacks */
	struct error no_step;		/* why there is no way by a minimal */
	struct server_job *served;	/* owned; NULL: nothing to fetch */
	struct download stepping_guest; /* who fetches the minimal */
	struct server_job *stepping;	/* owned; NULL: none is there */
	uint64_t size, bytes;		/* of the upgrade */
	bool told_fetched;		/* in the log */
	struct postflash_care *prev, *next;
};

/*
 * The upgrade that the policy names; or the one that the device was told to
 * fetch before a restart of ours, and that is served on.  False: there is none.
 */
bool postflash_run_find_upgrade(struct postflash_care *, const struct policy *);

/* Read it, or the copy that was kept of it before the flash. */
bool postflash_run_read_upgrade(struct postflash_care *, struct error *);

/* The serve of postflash_ops: put the upgrade on the server. */
bool postflash_run_serve(char *url, size_t size, struct error *, void *ctx);
void postflash_run_drop_upgrade(struct postflash_care *);

/* It has another address now, or may have one of those. */
void postflash_run_move_upgrade(struct postflash_care *);
void postflash_run_expect_at(
    struct postflash_care *, const struct in_addr *, size_t count);

/* For the download: somebody has come for the upgrade. */
void postflash_run_upgrade_began(void *ctx);
void postflash_run_upgrade_served(
    void *ctx, uint64_t first, uint64_t len, struct in_addr from);

#endif
