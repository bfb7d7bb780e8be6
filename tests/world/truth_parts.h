/* SPDX-License-Identifier: ISC */
/*
 * truth_parts -- what the files of truth share: what the daemon said last of
 * each device, and which policies it has taken over.
 */
#ifndef TESTS_WORLD_TRUTH_PARTS_H
#define TESTS_WORLD_TRUTH_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/state/state.h"
#include "tests/world/script.h"
#include "tests/world/world.h"

#define OWN_ORDER "reflashctl" /* the policy of an order with an image */

struct thing;

/* What the daemon said last of a device, and what people told the daemon. */
struct view {
	enum state state;
	bool is_known;
	char reason[32], policy[64], sha256[65], detail[200];
	unsigned attempt, attempts;
	bool is_encrypted, must_stay_on;
	uint64_t changed_ms, began_ms, offered_ms; /* in this state; this job */
	uint64_t due_ms;    /* its next attempt; 0: it is in no back-off */
	uint64_t failed_ms; /* an attempt ended so last */
	unsigned began_life, began_attempt;
	bool is_at_once;    /* it is tried again without a pause */
	bool is_cancelled;  /* accepted, and not taken back */
	bool was_cancelled; /* before the command that is under way */
	bool was_ever_cancelled, was_ever_forgotten;
	bool had_flash_order;
	/* Of images: what a person orders, and may have ordered, as bits. */
	unsigned ordered_file, own_files, files_before;
	uint64_t retried_ms; /* a person's last retry */
	bool
	    is_retry_order; /* no policy flashed it then, so that is an order */
	unsigned forged_life, asked_life; /* the last ones; 0: never */
	uint64_t asked_ms;		  /* for the first time in that life */
	/*
	 * It failed as a person has removed what says how to set it up, or as
	 * only somebody else said that it is there.
	 */
	bool may_fail;
	bool is_awaited;	  /* said to be flashed, and not seen since */
	bool was_awaited;	  /* before a forget that is under way */
	unsigned told_life, told; /* events of it, since then */
	uint64_t told_ms;
	struct {
		char policy[64], sha256[65];
	} approved[4]; /* what a person has approved */
	unsigned approvals;
	/* An approval that was accepted, and is on the disk. */
	char saved_approval[65], saved_policy[64];
	uint64_t ordered_ms;   /* a person's last word */
	enum act_kind ordered; /* accepted, and on the disk; ACT_COUNT: none */
	bool is_saved;	       /* its end must be known after a restart */
	enum state saved;
	bool is_end_recorded; /* the disk says in this life that it has ended */
	bool was_known;	      /* when the last life ended */
	enum state was;
	uint64_t forgotten_ms;
	bool is_forget_saved; /* the disk worked */
	unsigned calls;	      /* without a job, since then */
	uint64_t calls_ms;
};

extern struct view views[WORLD_MAX_DEVICES];

/* What all rules need to know. */
extern struct truth {
	/* The texts of the policies that were taken over, and since when. */
	const char *in_force[SCRIPT_POLICIES];
	uint64_t in_force_ms;
	uint64_t last_image_ms;	  /* when a file of images last changed */
	uint64_t wall_set_ms;	  /* when the clock was last set */
	uint64_t disk_trouble_ms; /* when the disk last did not work */
	bool is_paused, is_listing;
	bool may_be_paused; /* a death may forget it */
	bool has_listed;    /* this life has told of all that it knows */
	uint64_t paused_ms;
	bool
	    has_strangers; /* devices that the world does not have were heard */
} truth;

bool text_has(const char *text, const char *what);
/* The text in force of the policy that the daemon names; NULL. */
const char *text_of(const struct view *);

void truth_take_over_policies(void);
/* Whether the daemon has had the time to save what the disk did not take. */
bool truth_has_mended(void);
const char *truth_sha_of(const char *content); /* "" for NULL */
const char *truth_image_now(unsigned file);
/* Whether a file had this image at some time since then. */
bool truth_had_image(unsigned file, const char *sha256, uint64_t since_ms);

/* truth_told.c: the text of the first policy that fits the device; NULL. */
const char *truth_policy_for(const struct thing *);
/* Whether a policy of this text flashes its devices; NULL: no policy. */
bool truth_flashes(const char *text);

/* truth_said.c: whether something may make its flash fail. */
bool truth_is_lost(const struct thing *);
void truth_check_due(void);

/*
 * truth_life.c: a new life has named all devices that it knows; whether the
 * disk did not take what happened then, and the daemon has died since.
 */
void truth_check_saved(void);
bool truth_may_be_forgotten(uint64_t then_ms);

/* truth_rollout.c: a job begins; a person resumes what was paused. */
void rollout_truth_begins(const struct thing *);
void rollout_truth_resumed(unsigned slot);
void rollout_truth_refused(void);  /* the last one was not carried out */
void rollout_truth_accepted(void); /* it was, and the disk works */
bool rollout_truth_is_forgiven(const struct view *);

#endif
