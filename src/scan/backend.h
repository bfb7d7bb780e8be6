/* SPDX-License-Identifier: ISC */
/*
 * backend -- an mDNS stack, reduced to questions and answers.
 *
 * A driver opens a stack and asks it standing questions.  Each record that the
 * stack knows now or hears later is an answer.  What to ask and what the
 * answers mean is the same for all stacks (browser.c), so no driver knows what
 * a service is.
 *
 * struct stack and struct question belong to each driver.
 */
#ifndef REFLASHD_BACKEND_H
#define REFLASHD_BACKEND_H

#include <avahi-common/watch.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct options;
struct question;
struct stack;

struct answer {
	int ifindex;
	const void *rdata; /* borrowed during the call; names not compressed */
	size_t len;
	bool is_gone; /* expired, or taken back */
};

/*
 * Gets an answer.  It may ask and drop other questions, but neither drop this
 * one nor close the stack.
 */
typedef void answer_fn(const struct answer *, void *ctx);

struct backend_config {
	const AvahiPoll *poll;	       /* borrowed */
	const struct options *options; /* borrowed */

	/*
	 * The stack is dead.  This may not close it: that waits for the loop.
	 */
	void (*failed)(const char *why, void *ctx);
	void *ctx; /* borrowed */
};

struct backend {
	const char *text;	/* "through avahi-daemon": for the status */
	const char *name;	/* as in --backend */
	unsigned max_questions; /* that can stand at a time */

	struct stack *(*open)(const struct backend_config *, struct error *);

	/* Close the stack, which ends all its questions, too. */
	void (*close)(struct stack *);

	/*
	 * Ask a question; ifindex 0: on all interfaces.  Returns NULL if it
	 * cannot be asked.
	 */
	struct question *(*ask)(struct stack *, int ifindex, const char *name,
	    uint16_t type, answer_fn *, void *ctx);
	void (*drop)(struct question *); /* NULL is fine */
};

extern const struct backend backend_avahi;
extern const struct backend backend_embedded; /* with HAVE_AVAHI_CORE */

#endif
