/* SPDX-License-Identifier: ISC */
/*
 * flash_parts -- what only the files of flash share.
 *
 *	flash.c		the image on the server, time, begin and end
 *	flash_local.c	the address that a device is told to fetch from
 *	flash_call.c	the questions to the device, and what it answers
 *	flash_fetch.c	what it does on the server
 *	flash_place.c	who is at work in its place
 *	flash_search.c	where it is, when it does not answer
 */
#ifndef REFLASHD_FLASH_PARTS_H
#define REFLASHD_FLASH_PARTS_H

#include "core/flash/job.h"
#include "core/net/connectivity.h"
#include "core/postflash/postflash.h"
#include "io/http/server.h"
#include "reflashd/flash/download.h"
#include "reflashd/flash/flash.h"

struct flash {
	struct flash_parts parts;
	struct flash_work *works; /* owned */
	unsigned at_work;	  /* of these, devices that can be reached */
	unsigned at_work_unheard; /* of these, that never answered anything */
	bool unheard_wait; /* others wait until one of the latter answers */
};

/* One job and what it holds of the world. */
struct flash_work {
	struct download download;	 /* what the server calls */
	struct flash *flash;		 /* borrowed */
	const struct flash_parts *parts; /* of that */
	struct device *device;		 /* borrowed */
	struct job *job;		 /* owned */
	struct policy *policy;		 /* a reference; NULL: it is gone */
	struct image *image;		 /* a reference */
	struct server_job *served;	 /* owned; NULL until the first offer */
	struct client_call *call;	 /* borrowed; NULL: none under way */
	struct timer *timer;		 /* owned */
	struct timer *search;		 /* owned; set: the device is silent */
	/* Where it was searched for; not again until then. */
	struct device_claim searched[POSTFLASH_MAX_ADDRESSES];
	uint64_t due_ms; /* awake: when it fires */
	struct connectivity_clock clock;
	bool is_cut_off;	  /* and so not counted at work */
	struct in_addr expected;  /* where it is announced, too */
	uint64_t expect_after_ms; /* monotonic: expect it elsewhere no sooner */
	char url[SERVER_URL_SIZE];
	struct in_addr local;  /* of this machine; the URL names it */
	bool is_local_own;     /* by the kernel, when the URL was made */
	bool told_moved;       /* the log says that it is gone */
	bool is_unheard;       /* counted as such */
	bool kept_whole;       /* its record says that it has every byte */
	unsigned told_percent; /* last progress line */
	uint64_t kept_ms;      /* when its progress was written last */
	struct flash_work *prev, *next;
};

/*
 * Note whether the device was never heard.  Where too many at work were not,
 * others wait until one is.
 */
void flash_count_unheard(struct flash_work *, bool is_unheard);

/* Find the address of this machine that the device is to fetch from. */
bool flash_note_local(struct flash_work *, struct error *);

/*
 * After a restart: take that address from the record.  Whether this machine
 * still has it, flash_look_at_local() finds.
 */
void flash_restore_local(struct flash_work *);

/* Of job_ops. */
void
flash_call(enum devapi_call, enum devapi_form, unsigned timeout_ms, void *ctx);
void flash_hang_up(void *ctx);

/*
 * The device is asked, and has answered.  In between, while it has not been
 * told to fetch, it is searched for by its MAC.
 */
void flash_await(struct flash_work *);
void flash_answered(struct flash_work *);

/* What the server tells this job. */
struct download flash_guest(struct flash_work *);

/* The search for the device; for timer_new(). */
void flash_on_search(void *work);

#endif
