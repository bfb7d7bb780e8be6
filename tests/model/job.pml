/* SPDX-License-Identifier: ISC */
/*
 * A model of the daemon's jobs: two devices, their records on the disk, the
 * network between, and a daemon that may die between any two steps.  spin tries
 * every order in which these steps can come; README.md says what it proves, and
 * which rules of time it takes for granted.
 *
 * Names in capitals are those of src/core/state/state.h, and each ROW is a row
 * of the table in src/core/state/state.c; model.sh compares them.
 */
#ifndef DEVICES
#define DEVICES 2
#endif
#ifndef DEATHS
#define DEATHS	2 /* of the daemon, in each life of the model */
#endif
#ifndef RELOADS
#define RELOADS 2 /* after which the policy fits or not, or has another image */
#endif
#ifndef CANCELS
#define CANCELS 1 /* by a person, of any device */
#endif
#ifndef RETRIES
#define RETRIES 1
#endif
#ifndef BAD_COPIES
#define BAD_COPIES 1 /* copies of an image that a new life cannot read */
#endif
#ifndef ATTEMPTS
#define ATTEMPTS 2 /* with one image */
#endif
#define UNLOCKS	 1 /* in one attempt */

/* The states of the daemon; SEEN has to be the first that is used. */
mtype = { SEEN, REFUSED, HELD, PROBING, UNLOCKING, CONFIRMING, OFFERING,
	DOWNLOADING, REBOOTING, VERIFYING, FLASHED, VERIFIED, FAILED }

/* The events of the daemon. */
mtype = { OBSERVE, REFUSE, HOLD, START, VERIFY, DONE, UNLOCKED, LOCKED, AGAIN,
	AT_ONCE, FAIL, CANCEL, LEFT, BACK, STOCK }

/* ---- what there is ------------------------------------------------------- */

/* What a record has of a device. */
typedef Facts {
	mtype state;
	unsigned image : 2;  /* of the last attempt: 1 or 2; 0: none yet */
	unsigned number : 2; /* of the last attempt */
	bit wait;	     /* hold_until_ms: the back-off is not over */
	bit tries;	     /* tries_until_ms: it may still try a dead URL */
	bit cancelled;	     /* by a person */
	bit retry;	     /* a person wants it tried again */
	bit unsure;	     /* it may have its image: it fell silent */
	bit whole;	     /* every byte was handed over */
	bit took;	     /* FAILED after it has taken its image */
	bit tried1, tried2   /* the images that came to an end with it */
}

Facts now[2];	  /* what the daemon knows */
Facts letter[2];  /* what waits in the queue for the disk */
Facts disk[2];	  /* the record */
bit waiting[2];	  /* there is a letter */
bit progress[2];  /* the disk: all bytes are noted as handed over */

/* What else a daemon knows of a job, and loses when it dies. */
bit told[2];	       /* in this attempt */
bit began[2];	       /* it has asked for bytes, or may have before a death */
byte unlocks[2];       /* how often it was asked to unlock */

/* The daemon, and the policy that is in force: 0 fits no device. */
bit is_up = 1;
unsigned policy : 2 = 1;
#define NOBODY 2
unsigned telling : 2 = NOBODY; /* the device that is just being told */
bit is_saved;		       /* its record says so already */

/* What may still happen. */
unsigned deaths : 2 = DEATHS;
unsigned reloads : 2 = RELOADS;
unsigned cancels : 2 = CANCELS;
unsigned retries : 2 = RETRIES;
unsigned bad_copies : 2 = BAD_COPIES;
bit misses = 1; /* searches that do not find a device that is there */

/* The network: an order under way to a device, its answer, its verdict. */
bit order[2];
mtype = { NO_CALL, CALLED, YES, NO_LOCKED, NO_OTHER }
mtype call[2] = NO_CALL;
mtype = { NO_VERDICT, GOOD, BAD, DAMAGED, OWN_ERROR }
mtype verdict[2] = NO_VERDICT;

/* The device: idle under its old firmware, or how far its order has come. */
mtype = { IDLE, OBEYS, HALF, ALL, NEW }
mtype device[2] = IDLE;

/* The person: a cancel was answered, and not taken back. */
bit promised[2];

/* ---- words --------------------------------------------------------------- */

#define S		  now[d].state
#define IS_BEFORE_OFFER(s) (s == PROBING || s == UNLOCKING || s == CONFIRMING)
#define IS_UNDER_WAY(s)	  (s == OFFERING || s == DOWNLOADING || s == REBOOTING)
#define HAS_JOB(s)	  (IS_BEFORE_OFFER(s) || IS_UNDER_WAY(s))
#define IS_ENDED(s)	  (s == FLASHED || s == VERIFIED || s == FAILED)
#define TOOK_IMAGE(f)	  (f.state == VERIFYING || f.state == FLASHED || \
			   f.state == VERIFIED || (f.state == FAILED && f.took))
#define MUST_RETURN	  (d == 0) /* both kinds of policy are in the model */

/* An order may still be obeyed. */
#define MAY_OBEY (order[d] || device[d] == OBEYS || device[d] == HALF || \
		  device[d] == ALL)
#ifdef WITHOUT_PATIENCE
#define HAS_GIVEN_UP 1
#else
#define HAS_GIVEN_UP (!MAY_OBEY)
#endif
#define IS_STOCK (device[d] != NEW)

/* The daemon can act: it lives, and does not wait for its disk. */
#define CAN_ACT	 (is_up && telling == NOBODY)

/* The image is at the URL that the device was told. */
#define IS_SERVED (IS_UNDER_WAY(S))

/* What decide.c asks. */
#define TRIED	 ((policy == 1 && now[d].tried1) || (policy == 2 && now[d].tried2))
#define SAME	 (now[d].image == policy || now[d].image == 0 || TRIED)
#define SETTLED	 (S == FAILED && SAME && !now[d].retry)
#define USED_UP	 (now[d].image == policy && now[d].number >= ATTEMPTS)
#define WANTED	 (policy != 0 && !now[d].cancelled)
#define CAN_DECIDE (CAN_ACT && !HAS_JOB(S) && !TOOK_IMAGE(now[d]))
#define MAY_TRY	 (WANTED && !SETTLED && !USED_UP && (!TRIED || now[d].retry))
#ifdef WITHOUT_LAST_LOOK
#define GOES_ON	 (S == CONFIRMING || (policy != 0 && now[d].image == policy))
#else
#define GOES_ON	 (policy != 0 && now[d].image == policy)
#endif
#define HAS_SLOT (!HAS_JOB(now[1 - d].state))

/* ---- the disk ------------------------------------------------------------ */

inline copy(to, from)
{
	to.state = from.state;
	to.image = from.image;
	to.number = from.number;
	to.wait = from.wait;
	to.tries = from.tries;
	to.cancelled = from.cancelled;
	to.retry = from.retry;
	to.unsure = from.unsure;
	to.whole = from.whole;
	to.took = from.took;
	to.tried1 = from.tried1;
	to.tried2 = from.tried2
}

inline forget(facts)
{
	facts.state = SEEN;
	facts.image = 0;
	facts.number = 0;
	facts.wait = 0;
	facts.tries = 0;
	facts.cancelled = 0;
	facts.retry = 0;
	facts.unsure = 0;
	facts.whole = 0;
	facts.took = 0;
	facts.tried1 = 0;
	facts.tried2 = 0
}

/* persist_soon(): the record is on the disk some time later, or never. */
inline save_soon(d)
{
#ifdef PLAIN
	copy(disk[d], now[d])
#else
	copy(letter[d], now[d]);
	waiting[d] = 1
#endif
}

inline drop_letter(d)
{
	waiting[d] = 0;
	forget(letter[d])
}

/* persist_device(): the record is on the disk now. */
inline save(d)
{
	drop_letter(d);
	copy(disk[d], now[d])
}

/* ---- the states ---------------------------------------------------------- */

#define ROW(from, event, to) :: S == from && e == event -> S = to

/* device_post(), and what comes along with each change. */
inline post(d, e)
{
	was = S;
	if
	ROW(SEEN, REFUSE, REFUSED)
	ROW(SEEN, HOLD, HELD)
	ROW(SEEN, FAIL, FAILED)
	ROW(SEEN, START, PROBING)
	ROW(SEEN, CANCEL, HELD)
	ROW(REFUSED, OBSERVE, SEEN)
	ROW(REFUSED, HOLD, HELD)
	ROW(REFUSED, FAIL, FAILED)
	ROW(REFUSED, START, PROBING)
	ROW(REFUSED, CANCEL, HELD)
	ROW(HELD, OBSERVE, SEEN)
	ROW(HELD, REFUSE, REFUSED)
	ROW(HELD, FAIL, FAILED)
	ROW(HELD, START, PROBING)
	ROW(HELD, CANCEL, HELD)
	ROW(HELD, BACK, VERIFYING)

	ROW(PROBING, OBSERVE, SEEN)
	ROW(PROBING, HOLD, HELD)
	ROW(PROBING, FAIL, FAILED)
	ROW(PROBING, DONE, UNLOCKING)
	ROW(PROBING, UNLOCKED, CONFIRMING)
	ROW(PROBING, AGAIN, HELD)
	ROW(PROBING, CANCEL, HELD)

	ROW(UNLOCKING, OBSERVE, SEEN)
	ROW(UNLOCKING, HOLD, HELD)
	ROW(UNLOCKING, FAIL, FAILED)
	ROW(UNLOCKING, DONE, CONFIRMING)
	ROW(UNLOCKING, AGAIN, HELD)
	ROW(UNLOCKING, CANCEL, HELD)

	ROW(CONFIRMING, OBSERVE, SEEN)
	ROW(CONFIRMING, HOLD, HELD)
	ROW(CONFIRMING, FAIL, FAILED)
	ROW(CONFIRMING, DONE, OFFERING)
	ROW(CONFIRMING, LOCKED, UNLOCKING)
	ROW(CONFIRMING, AGAIN, HELD)
	ROW(CONFIRMING, CANCEL, HELD)

	ROW(OFFERING, DONE, DOWNLOADING)
	ROW(OFFERING, LOCKED, UNLOCKING)
	ROW(OFFERING, AGAIN, HELD)
	ROW(OFFERING, AT_ONCE, PROBING)
	ROW(OFFERING, FAIL, FAILED)

	ROW(DOWNLOADING, DONE, REBOOTING)
	ROW(DOWNLOADING, AGAIN, HELD)
	ROW(DOWNLOADING, AT_ONCE, PROBING)
	ROW(DOWNLOADING, FAIL, FAILED)

	ROW(REBOOTING, DONE, VERIFYING)
	ROW(REBOOTING, LEFT, FLASHED)
	ROW(REBOOTING, AGAIN, HELD)
	ROW(REBOOTING, AT_ONCE, PROBING)
	ROW(REBOOTING, FAIL, FAILED)

	ROW(VERIFYING, BACK, VERIFIED)
	ROW(VERIFYING, LEFT, FLASHED)
	ROW(VERIFYING, STOCK, FAILED)
	ROW(VERIFYING, FAIL, FAILED)

	ROW(FLASHED, BACK, VERIFYING)
	ROW(FLASHED, STOCK, FAILED)
	ROW(VERIFIED, STOCK, FAILED)
	ROW(FAILED, HOLD, HELD)
	ROW(FAILED, START, PROBING)
	ROW(FAILED, VERIFY, VERIFYING)
	ROW(FAILED, BACK, VERIFYING)
	ROW(FAILED, STOCK, FAILED)
	:: else -> assert(false) /* the daemon would assert, or drop it */
	fi;
	if
	:: S == OFFERING -> now[d].retry = 0
	:: S == HELD && now[d].cancelled -> now[d].retry = 0
	:: IS_ENDED(S) ->
		now[d].retry = 0;
		now[d].wait = 0;
		if
		:: now[d].image == 1 -> now[d].tried1 = 1
		:: now[d].image == 2 -> now[d].tried2 = 1
		:: else
		fi
	:: else
	fi;
	if
	:: !HAS_JOB(S) ->
		told[d] = 0;
		began[d] = 0;
		unlocks[d] = 0;
		call[d] = NO_CALL;
		now[d].whole = 0
	:: else
	fi;
	/* persist_change(): before the offer, nothing lasts. */
	if
	:: S == PROBING && IS_UNDER_WAY(was) -> save_soon(d)
	:: IS_BEFORE_OFFER(S) || S == OFFERING
	:: !IS_BEFORE_OFFER(S) && S != OFFERING && (now[d].image != 0 ||
		now[d].cancelled) -> save_soon(d)
	:: else
	fi
}

/* ---- how an attempt ends (job_end.c) -------------------------------------- */

/* The attempt failed; another follows later, if one is left. */
inline fail_later(d)
{
	if
	:: now[d].number < ATTEMPTS -> now[d].wait = 1; post(d, AGAIN)
	:: else -> post(d, FAIL)
	fi
}

/* The flash is damaged: another attempt follows now, if one is left. */
inline fail_damaged(d)
{
	if
	:: now[d].number < ATTEMPTS ->
		now[d].number++;
		told[d] = 0;
		call[d] = NO_CALL;
		began[d] = 0;
		now[d].whole = 0;
		unlocks[d] = 0;
		post(d, AT_ONCE)
	:: else -> post(d, FAIL)
	fi
}

/* Something else than this flash is decided: the attempt does not count. */
inline call_off(d, by_device)
{
	if
	:: !told[d] -> now[d].number--
	:: else
	fi;
	now[d].wait = by_device;
	if
	:: policy == 0 -> post(d, OBSERVE)
	:: else -> post(d, HOLD)
	fi
}

/* ---- what the daemon does with a device ----------------------------------- */

/* The record says that the device is told, and then it is told. */
inline save_intent(d)
{
	progress[d] = 0;
	save(d);
	is_saved = 1
}

inline tell(d)
{
	assert(!MAY_OBEY);		  /* CLAIM: never told twice */
	assert(!promised[d]);		  /* CLAIM: never told after a cancel */
	assert(policy == now[d].image);	  /* CLAIM: told by a policy that fits */
	told[d] = 1;
	call[d] = CALLED;
	is_saved = 0;
	telling = NOBODY
}

/* Something has been heard of a device that is told: it downloads. */
inline is_downloading(d)
{
	if
	:: S == OFFERING -> post(d, DONE)
	:: else
	fi
}

proctype about(byte d)
{
	mtype was;

end:	do
	/* -- decisions, between two jobs (scheduler_device.c) -- */
	:: d_step { CAN_DECIDE && now[d].cancelled && S == FAILED &&
		policy != 0 && !SETTLED -> post(d, HOLD) }
	:: d_step { CAN_DECIDE && !now[d].cancelled && policy == 0 &&
		(S == HELD || S == REFUSED) -> post(d, OBSERVE) }
	:: d_step { CAN_DECIDE && WANTED && USED_UP && S != FAILED ->
		post(d, FAIL) }
	:: d_step { CAN_DECIDE && WANTED && !USED_UP && TRIED && !now[d].retry &&
		(S == SEEN || S == HELD) -> post(d, REFUSE) }
	:: d_step { CAN_DECIDE && MAY_TRY && S != HELD -> post(d, HOLD) }
	/* RULE OF TIME: a verdict is under way for a shorter time than it takes
	   until the next attempt. */
	:: d_step { CAN_DECIDE && MAY_TRY && !now[d].wait && HAS_SLOT &&
		verdict[d] == NO_VERDICT && !now[d].tries ->
		if
		:: now[d].image != policy -> now[d].number = 0
		:: else
		fi;
		now[d].image = policy;
		now[d].number++;
		post(d, START) }
	/* RULE OF TIME: a back-off is longer than all that it waits for. */
	:: d_step { CAN_ACT && now[d].wait && !HAS_JOB(S) && HAS_GIVEN_UP &&
		verdict[d] == NO_VERDICT -> now[d].wait = 0 }
	/* RULE OF TIME: FlashTimeoutSec is longer than a device tries. */
	:: d_step { CAN_ACT && now[d].tries && !HAS_JOB(S) && HAS_GIVEN_UP ->
		now[d].tries = 0 }

	/* -- a job before its offer (job_ask.c) -- */
	:: d_step { CAN_ACT && IS_BEFORE_OFFER(S) && !GOES_ON -> call_off(d, 0) }
	:: d_step { CAN_ACT && S == PROBING && IS_STOCK && GOES_ON ->
		now[d].unsure = 0; post(d, UNLOCKED) }
	:: d_step { CAN_ACT && S == PROBING && IS_STOCK && GOES_ON ->
		now[d].unsure = 0; post(d, DONE); unlocks[d]++ }
	:: d_step { CAN_ACT && S == UNLOCKING -> post(d, DONE) }
	:: d_step { CAN_ACT && S == CONFIRMING && IS_STOCK && GOES_ON &&
		unlocks[d] < UNLOCKS ->
		post(d, LOCKED); unlocks[d]++ }
	:: d_step { CAN_ACT && S == CONFIRMING && IS_STOCK && GOES_ON ->
		began[d] = 0;
		now[d].whole = 0;
		telling = d;
		post(d, DONE) }
	/* no answer, or locked for too long */
	:: d_step { CAN_ACT && IS_BEFORE_OFFER(S) -> fail_later(d) }

	/* -- the offer: the record first (flash.c, persist_intent()) -- */
#ifdef WITHOUT_RECORD_FIRST
	:: d_step { is_up && telling == d && !is_saved ->
		save_soon(d);
		tell(d); order[d] = 1 }
#else
	:: d_step { is_up && telling == d && !is_saved -> save_intent(d) }
	:: d_step { is_up && telling == d && is_saved -> tell(d); order[d] = 1 }
#endif
	:: d_step { is_up && telling == d && is_saved -> /* it is never sent */
		tell(d); fail_later(d) }

	/* -- the answer to the order, late or lost (job_flash.c) -- */
	:: d_step { CAN_ACT && S == OFFERING && call[d] == YES ->
		call[d] = NO_CALL; post(d, DONE) }
	:: d_step { CAN_ACT && S == OFFERING && call[d] != NO_CALL ->
		call[d] = NO_CALL; post(d, DONE) } /* silence */
	:: d_step { CAN_ACT && S == OFFERING && call[d] == NO_LOCKED &&
		unlocks[d] < UNLOCKS ->
		call[d] = NO_CALL;
		post(d, LOCKED); unlocks[d]++ }
	:: d_step { CAN_ACT && call[d] == NO_LOCKED &&
		(S == DOWNLOADING || unlocks[d] == UNLOCKS) -> fail_later(d) }
	:: d_step { CAN_ACT && call[d] == NO_OTHER -> fail_later(d) }

	/* -- the download -- */
	/* RULE OF TIME: FirstFetchSec and StallSec are longer than an order is
	   under way, and than a device goes on that gets nothing. */
	:: d_step { CAN_ACT && S == DOWNLOADING && !now[d].whole && HAS_GIVEN_UP &&
		IS_STOCK -> now[d].unsure = 0; fail_later(d) }
	:: d_step { CAN_ACT && S == DOWNLOADING && !now[d].whole &&
		HAS_GIVEN_UP ->
		now[d].unsure = began[d]; fail_later(d) } /* it is silent */
	:: d_step { CAN_ACT && S == DOWNLOADING && now[d].whole -> post(d, DONE) }

	/* -- the verdict: once, or again and again -- */
	:: d_step { CAN_ACT && verdict[d] == GOOD &&
		(S == OFFERING || S == DOWNLOADING) ->
		is_downloading(d); post(d, DONE); verdict[d] = NO_VERDICT }
	:: d_step { CAN_ACT && verdict[d] == BAD && IS_UNDER_WAY(S) ->
		is_downloading(d); fail_later(d); verdict[d] = NO_VERDICT }
	:: d_step { CAN_ACT && verdict[d] == DAMAGED && IS_UNDER_WAY(S) ->
		is_downloading(d); fail_damaged(d); verdict[d] = NO_VERDICT }
	:: d_step { CAN_ACT && verdict[d] == OWN_ERROR && IS_UNDER_WAY(S) ->
		is_downloading(d); post(d, FAIL); verdict[d] = NO_VERDICT }
	:: d_step { verdict[d] != NO_VERDICT -> verdict[d] = NO_VERDICT } /* lost */

	/* -- the restart of the device -- */
	/* RULE OF TIME: GoneSec and LeaveTimeoutSec are longer than a device
	   takes to check its image and to restart. */
	:: d_step { CAN_ACT && S == REBOOTING && !MAY_OBEY && MUST_RETURN ->
		post(d, DONE) } /* it was silent for so long */
	:: d_step { CAN_ACT && S == REBOOTING && !MAY_OBEY && !MUST_RETURN ->
		post(d, LEFT) }
	:: d_step { CAN_ACT && S == REBOOTING && !MAY_OBEY && IS_STOCK ->
		fail_later(d) }

	/* -- after the flash (postflash.c, identify.c) -- */
	:: d_step { CAN_ACT && S == VERIFYING && device[d] == NEW -> post(d, BACK) }
	:: d_step { CAN_ACT && S == VERIFYING && !MUST_RETURN &&
		device[d] != NEW -> post(d, LEFT) }
	:: d_step { CAN_ACT && S == VERIFYING && !MUST_RETURN &&
		device[d] == NEW && misses > 0 -> misses--; post(d, LEFT) }
	:: d_step { CAN_ACT && S == VERIFYING && MUST_RETURN ->
		now[d].took = 1; post(d, FAIL) }
	:: d_step { CAN_ACT && TOOK_IMAGE(now[d]) && device[d] == IDLE ->
		now[d].took = 0; post(d, STOCK) }
	:: d_step { CAN_ACT && device[d] == NEW && (S == FLASHED ||
		(now[d].unsure && (S == HELD || S == FAILED))) ->
		now[d].unsure = 0; now[d].took = 0; post(d, BACK) }

	/* -- a person -- */
	:: d_step { CAN_ACT && cancels > 0 && !now[d].cancelled &&
		!TOOK_IMAGE(now[d]) && !IS_UNDER_WAY(S) ->
		cancels--;
		now[d].cancelled = 1;
		if
		:: S != FAILED -> post(d, CANCEL)
		:: else
		fi;
#ifdef WITHOUT_SAVED_CANCEL
		save_soon(d);
#else
		save(d);
#endif
		promised[d] = 1 }
	:: d_step { CAN_ACT && retries > 0 && S == FAILED && now[d].took ->
		retries--;
		now[d].took = 0;
		now[d].cancelled = 0;
		promised[d] = 0;
		post(d, VERIFY);
		save(d) }
	:: d_step { CAN_ACT && retries > 0 && policy != 0 && !HAS_JOB(S) &&
		!TOOK_IMAGE(now[d]) && (S == FAILED || S == REFUSED ||
		now[d].cancelled || (S == HELD && now[d].wait)) ->
		retries--;
		promised[d] = 0;
		now[d].cancelled = 0;
		now[d].retry = 1;
		now[d].number = 0;
		now[d].wait = 0;
		if
		:: policy == 1 -> now[d].tried1 = 0
		:: else -> now[d].tried2 = 0
		fi;
		save(d) }

	/* -- the disk writes what waits -- */
	:: d_step { is_up && telling == NOBODY && waiting[d] ->
		copy(disk[d], letter[d]); drop_letter(d) }

	/* -- the network, and the device -- */
	:: d_step { order[d] -> order[d] = 0 } /* lost */
	:: d_step { order[d] && device[d] == IDLE ->
		order[d] = 0; device[d] = OBEYS;
		if
		:: call[d] == CALLED -> call[d] = YES
		:: else
		fi }
	:: d_step { order[d] && device[d] == IDLE && call[d] == CALLED ->
		order[d] = 0; call[d] = NO_LOCKED }
	:: d_step { order[d] && device[d] == IDLE && call[d] == CALLED ->
		order[d] = 0; call[d] = NO_OTHER }
	/* the first range, the last range */
	:: d_step { CAN_ACT && device[d] == OBEYS && IS_SERVED ->
		device[d] = HALF; began[d] = 1; is_downloading(d) }
	/* RULE OF TIME: a download takes longer than a verdict is under way. */
	:: d_step { CAN_ACT && device[d] == HALF && IS_SERVED &&
		verdict[d] == NO_VERDICT ->
		device[d] = ALL;
		began[d] = 1;
		is_downloading(d);
		now[d].whole = 1;
		progress[d] = 1;
		save_soon(d) }
	/* it gives up, and reports that or cannot */
	:: d_step { device[d] == OBEYS || device[d] == HALF ->
		device[d] = IDLE; verdict[d] = BAD }
	:: d_step { device[d] == OBEYS || device[d] == HALF -> device[d] = IDLE }
	/* it has every byte, and reports that or cannot */
	:: d_step { device[d] == ALL -> device[d] = NEW; verdict[d] = GOOD }
	:: d_step { device[d] == ALL -> device[d] = NEW }
	:: d_step { device[d] == ALL -> device[d] = IDLE; verdict[d] = GOOD }
	:: d_step { device[d] == ALL -> device[d] = IDLE; verdict[d] = DAMAGED }
	:: d_step { device[d] == ALL -> device[d] = IDLE; verdict[d] = OWN_ERROR }
	:: d_step { device[d] == ALL -> device[d] = IDLE }
	od
}

/* ---- deaths, and what follows them ---------------------------------------- */

inline die(d)
{
	drop_letter(d);
	forget(now[d]);
	told[d] = 0;
	began[d] = 0;
	unlocks[d] = 0;
	call[d] = NO_CALL
}

/*
 * CLAIM: the record of a device that may have its image says so.  One that may
 * still obey an order whose URL is dead waits at least.
 */
#define IS_KNOWN (IS_UNDER_WAY(S) || TOOK_IMAGE(now[d]) || now[d].unsure || \
		  S == FAILED)

/* record_apply() */
inline load(d)
{
	copy(now[d], disk[d]);
	if
	:: IS_BEFORE_OFFER(S) -> S = HELD; now[d].number--
#ifdef WITHOUT_RESUME
	:: IS_UNDER_WAY(S) -> S = HELD; now[d].whole = 0
#endif
	:: else
	fi;
	assert((device[d] != ALL && device[d] != NEW) || IS_KNOWN);
	assert(!MAY_OBEY || IS_KNOWN || now[d].wait || now[d].tries)
}

/* flash_resume() */
inline resume(d)
{
	if
	:: IS_UNDER_WAY(S) ->
		told[d] = 1;
		began[d] = 1;
		if
		:: progress[d] -> now[d].whole = 1
		:: else
		fi;
		is_downloading(d)
	:: else
	fi
}

/* end_unresumable(): the copy of the image cannot be read. */
inline give_up(d)
{
#ifndef WITHOUT_DOUBT
	now[d].unsure = 1;
#endif
#ifndef WITHOUT_TRIES
	now[d].tries = 1;
#endif
	now[d].number--;
	now[d].wait = 1;
	post(d, AGAIN)
}

/* Each device has come to an end, or waits for a person or a policy. */
#define IS_AT_REST(f) (f.state == SEEN && DEVICES == 1 || IS_ENDED(f.state) || (f.state == HELD && f.cancelled) || \
		       f.state == REFUSED || (f.state == SEEN && policy == 0))
#define IS_TRUE(f, thing) (thing != NEW || TOOK_IMAGE(f) || \
		       ((f.state == SEEN || f.state == REFUSED) && f.unsure))

init
{
	mtype was;
	byte d;

	d_step {
		forget(now[0]); forget(now[1]);
		forget(disk[0]); forget(disk[1]);
		forget(letter[0]); forget(letter[1])
	}
	atomic {
		run about(0);
#if DEVICES > 1
		run about(1)
#endif
	}
end:	do
	:: d_step { is_up && deaths > 0 ->
		deaths--;
		is_up = 0;
		telling = NOBODY;
		is_saved = 0;
		die(0); die(1) }
	/* a cut of the power takes the progress along, which is not flushed */
	:: d_step { !is_up && progress[0] -> progress[0] = 0 }
	:: d_step { !is_up && progress[1] -> progress[1] = 0 }
	:: d_step { !is_up ->
		is_up = 1;
		d = 0; load(d); resume(d);
		d = 1; load(d); resume(d);
		d = 0 }
	:: d_step { !is_up && bad_copies > 0 && IS_UNDER_WAY(disk[0].state) ->
		bad_copies--;
		is_up = 1;
		d = 0; load(d); give_up(d);
		d = 1; load(d); resume(d);
		d = 0 }
	:: d_step { !is_up && bad_copies > 0 && IS_UNDER_WAY(disk[1].state) ->
		bad_copies--;
		is_up = 1;
		d = 0; load(d); resume(d);
		d = 1; load(d); give_up(d);
		d = 0 }
	:: d_step { CAN_ACT && reloads > 0 && policy != 0 -> reloads--; policy = 0 }
	:: d_step { CAN_ACT && reloads > 0 && policy != 1 -> reloads--; policy = 1 }
	:: d_step { CAN_ACT && reloads > 0 && policy != 2 -> reloads--; policy = 2 }
	/* CLAIM: nothing can happen any more only where nothing has to */
	:: timeout ->
		assert(IS_AT_REST(now[0]) && IS_AT_REST(now[1]));
		assert(IS_TRUE(now[0], device[0]) && IS_TRUE(now[1], device[1]));
		break
	od
}
