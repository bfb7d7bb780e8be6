/* SPDX-License-Identifier: ISC */
/*
 * conffiles -- a whole configuration from the disk, or all that is wrong.
 *
 *	reflashd.conf			may be absent unless it was named
 *	reflashd.conf.d/ *.conf		on top of it, in byte order
 *	policy.d/ *.policy		of each of PolicyDirectories; a file
 *					replaces the one of the same name in an
 *					earlier directory
 *
 * An empty policy file, one of comments only, or a link to /dev/null switches
 * its name off.  The drop-ins of FILE are in FILE.d.
 */
#ifndef REFLASHD_CONFFILES_H
#define REFLASHD_CONFFILES_H

#include <stdbool.h>

#include "base/problems.h"
#include "core/config/configuration.h"
#include "core/policy/policy.h"

#define SETUP_CONF_FILE SYSCONFDIR "/reflashd/reflashd.conf"

/* A loaded configuration; the daemon and tests may take parts out of it. */
struct setup {
	char *file; /* reflashd.conf, or what was named instead */
	struct config *config;
	struct policy_list *policies;
	struct strlist
	    unseen; /* files that the caller may not read, see trust.h */
	struct problems
	    strays; /* files whose name keeps them from being read */
};

/*
 * Load all files.  If anything is wrong with any of them, returns false, an
 * empty setup, and at least one problem. conf_file NULL means SETUP_CONF_FILE,
 * which may be missing.
 */
bool setup_load(const char *conf_file, struct setup *out, struct problems *);
void setup_fini(struct setup *);

/* The function that takes the text of a file, borrowed for the call. */
typedef void
conffiles_take_fn(const char *text, size_t len, const char *file, void *ctx);

/*
 * Read the configuration file of another program: give its text, and then that
 * of each drop-in FILE.d/ *.conf, to take().  What is wrong with a file itself
 * is added to problems.
 */
void conffiles_read(const char *file, bool may_be_missing, conffiles_take_fn *,
    void *ctx, struct problems *);

/*
 * Return the StateDirectory that the files name, or the built-in one, whatever
 * else is wrong with the files; freed with free().
 */
char *setup_state_directory(const char *conf_file);

#endif
