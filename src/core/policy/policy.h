/* SPDX-License-Identifier: ISC */
/*
 * policy -- which devices are to get which firmware, when and how many.
 *
 * A policy is one file.  The first policy of the list whose [Match] fits a
 * device decides about it; two policies are never merged.
 */
#ifndef REFLASHD_POLICY_H
#define REFLASHD_POLICY_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/problems.h"
#include "base/strlist.h"
#include "core/config/network.h"
#include "core/config/option.h"
#include "core/config/version.h"
#include "core/config/window.h"

enum policy_action {
	POLICY_FLASH,
	POLICY_ASK,	/* flash, once a person has approved */
	POLICY_OBSERVE, /* the default */
	POLICY_IGNORE,
};

/* The firmware that the device must run after the flash. */
enum policy_expect {
	POLICY_EXPECT_AUTO, /* what the image is */
	POLICY_EXPECT_TASMOTA,
	POLICY_EXPECT_ESPHOME,
	POLICY_EXPECT_LEAVE, /* the device must only leave */
};

#define POLICY_NAME_SIZE 64 /* what a device and its record have room for */

/* A policy is only read, and owns all in it.  A missing text is NULL. */
struct policy {
	char *name; /* of the file, without .policy; printable ASCII */
	char *file; /* the path */

	struct strlist types, device_ids;
	struct versions firmware;
	struct networks addresses;

	enum policy_action action;
	char *image;	 /* absolute, or below ImageDirectory */
	char sha256[65]; /* lower case; "" */
	unsigned attempts;
	struct windows windows; /* none: always */

	unsigned canary;	      /* 0: none goes first */
	unsigned max_parallel;	      /* 0: no limit but the common one */
	unsigned stop_after_failures; /* 0: goes on whatever happens */
	unsigned soak_sec;

	enum policy_expect expect;
	unsigned verify_timeout_sec;

	char *template_json;
	bool has_module;
	unsigned module;
	struct strlist commands; /* "Name value", in the order of the file */
	char *upgrade;		 /* an image, as above */
	char *web_password_file;

	struct options options; /* private, as is this: */
	unsigned refs;		/* besides the first */
};

/* A list in order. policy_find() borrows it. */
struct policy_list {
	struct policy **items; /* owned, each of them too */
	size_t count;
};

/*
 * Parse a policy.  On any mistake return NULL and add at least one problem:
 * half a policy is worse than none.
 */
struct policy *policy_parse(const char *name, const char *text, size_t len,
    const char *file, struct problems *);
void policy_free(struct policy *); /* a reference; NULL is fine */

/*
 * Add a reference to a policy; NULL is fine.  A job that began under a policy
 * ends under it, even if the list is replaced meanwhile.
 */
struct policy *policy_ref(struct policy *);

/*
 * Return true if the text is empty or only comments: such a file disables the
 * policy of its name.
 */
bool policy_text_is_empty(const char *text, size_t len);

void policy_list_add(struct policy_list *, struct policy *taken);
struct policy_list *policy_list_new(void);
void policy_list_free(struct policy_list *); /* NULL is fine */

/* Find the policy of that name; NULL: there is none. */
struct policy *policy_list_find(const struct policy_list *, const char *name);

/* Return true if DeviceId= of any policy has this very id, no pattern. */
bool policy_list_names(const struct policy_list *, const char *id);

/* The facts that are known of a device.  Borrowed; NULL: not known (yet). */
struct policy_facts {
	const char *id, *type, *firmware;
	struct in_addr address;
	bool has_address;
	bool is_all; /* unknown facts will stay unknown */
};

enum policy_fit {
	POLICY_NO,
	POLICY_FITS,
	POLICY_UNDECIDED, /* a key needs an unknown fact; the others fit */
};

enum policy_fit
policy_match(const struct policy *, const struct policy_facts *);

/* Compare as above, but only one key of [Match]. */
enum policy_match {
	POLICY_MATCH_DEVICE_ID,
	POLICY_MATCH_TYPE,
	POLICY_MATCH_FIRMWARE,
	POLICY_MATCH_ADDRESS,
	POLICY_MATCHES,
};
enum policy_fit policy_match_key(
    const struct policy *, const struct policy_facts *, enum policy_match);
const char *policy_match_name(enum policy_match);

/*
 * Find the policy that decides, borrowed from the list.  Returns NULL if there
 * is none, or if it depends on a fact that is not known yet; then *undecided is
 * true.
 */
struct policy *policy_find(
    const struct policy_list *, const struct policy_facts *, bool *undecided);

/*
 * Return true if a job may begin at this local time; the other function returns
 * when it next may (see window.h).
 */
bool policy_window_open(const struct policy *, const struct tm *local);
time_t policy_window_next(const struct policy *, time_t now);

/* Return "file:line" where the key was last given, or NULL for its default. */
const char *
policy_origin(const struct policy *, const char *section, const char *key);

/* Return true if the policy asks for anything to be done after the flash. */
bool policy_has_finish(const struct policy *);

const char *policy_action_name(enum policy_action);

/*
 * Return the table of all keys, so that the manual can be checked against it.
 */
const struct option_table *policy_table(void);

#endif
