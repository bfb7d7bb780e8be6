/* SPDX-License-Identifier: ISC */
/*
 * flash_parts -- what only the files of flash share.
 *
 *	flash.c		the image on the server, time, begin and end
 *	flash_local.c	addresses and networks that this machine loses
 *	flash_call.c	requests to the device, and its answers
 *	flash_fetch.c	what the device fetches
 *	flash_place.c	whether there is room for another job
 *	flash_search.c	where the device is, when it does not answer
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
	unsigned at_work;	  /* jobs whose devices can be reached */
	unsigned at_work_unheard; /* jobs whose devices never answered */
	bool unheard_wait;	  /* devices wait for such a one to answer */
	struct ratelimit close_looks; /* downloads that are logged often */
};

/* One job, and all that it uses. */
struct flash_work {
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
	/* Where it was searched for, and when it may be again. */
	struct device_claim searched[POSTFLASH_MAX_ADDRESSES];
	uint64_t due_ms; /* awake: when the timer fires */
	struct connectivity_clock clock;
	bool is_cut_off;	  /* and so not counted in at_work */
	struct in_addr expected;  /* another address that it may have */
	uint64_t expect_after_ms; /* monotonic: not a third one before */
	char url[SERVER_URL_SIZE];
	struct in_addr local;  /* of this machine; the URL names it */
	bool is_local_own;     /* by the kernel, when the URL was made */
	bool told_moved;       /* the log says that it is gone */
	bool is_unheard;       /* counted in at_work_unheard */
	bool kept_whole;       /* its record says that it has every byte */
	unsigned told_percent; /* last progress event */
	unsigned logged_percent, log_step; /* last progress line, and between */
	uint64_t kept_ms; /* when its progress was written last */
	struct flash_work *prev, *next;
};

/*
 * Count the job as one whose device never answered, or not any more, and then
 * give its place to a device that waits.
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
 * Note that the device is asked, and that it has answered.  In between it is
 * searched for by its MAC, until it is told to fetch and while it restarts.
 */
void flash_await(struct flash_work *);
void flash_answered(struct flash_work *);

/* What the server calls for a job, with its work as the ctx. */
extern const struct server_job_ops flash_server_ops;

/* The search for the device; for timer_new(). */
void flash_on_search(void *work);

#endif
