/* SPDX-License-Identifier: ISC */
/*
 * Decides in the starter which programs the daemon may start, and with which
 * arguments, environment and descriptors.
 */
#include "config.h"

#include <errno.h>
#include <libgen.h>
#include <net/if.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/path_within.h"
#include "base/starter.h"
#include "base/text.h"
#include "base/trust.h"
#include "core/config/configuration.h"
#include "core/sonoff/announce.h"
#include "io/conffiles.h"
#include "reflashd/exec_policy.h"
#include "reflashd/policy/image_use.h"

#define MAX_SECONDS 86400
#define MAX_DEVICES 65536

static const char path_variable[] =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* The variables of a hook, as reflashd(8) promises them. */
static const char *const variables[EXEC_POLICY_VARIABLES] = {
	"DEVICE", "LABEL", "NAME", "ADDRESS", "MAC", /* which device */
	"STATE", "OLD_STATE",	      /* its state, and the state before */
	"REASON", "DETAIL", "ADVICE", /* why, and what helps */
	"POLICY", "IMAGE", "SHA256", "FIRMWARE", /* what it is flashed with */
	"ACCESS_POINT",				 /* where you find it now */
};

static bool
has_type(int fd, mode_t type)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type;
}

/* An option: its words, a number up to max, or the name of an interface. */
struct scan_option {
	const char *name, *words[3];
	uint64_t max;
};

static bool
fits(const struct scan_option *option, const char *value)
{
	uint64_t n;

	if (option->max > 0)
		return text_number(value, 1, option->max, &n);
	if (option->words[0] == NULL)
		return value[0] != '\0' && strlen(value) < IF_NAMESIZE;
	for (int i = 0; i < 3; i++)
		if (strcmp(value, option->words[i]) == 0)
			return true;
	return false;
}

static bool
is_scan_option(const char *name, const char *value)
{
	static const struct scan_option options[] = {
		{ "--service",
		    { ANNOUNCE_EWELINK, ANNOUNCE_ESPHOME, ANNOUNCE_HTTP }, 0 },
		{ "--backend", { "auto", "avahi", "embedded" }, 0 },
		{ "--requery", { NULL }, MAX_SECONDS },
		{ "--max", { NULL }, MAX_DEVICES },
		{ "--interface", { NULL }, 0 },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strcmp(name, options[i].name) == 0)
			return value != NULL && fits(&options[i], value);
	return false;
}

static bool
may_scan(struct starter_program *p, struct error *err)
{
	if (p->argv[0] == NULL || strcmp(p->argv[0], p->path) != 0)
		return error_set(
		    err, EPERM, "may not be run under another name");
	for (char *const *arg = &p->argv[1]; *arg != NULL; arg += 2)
		if (!is_scan_option(arg[0], arg[1]))
			return error_set(
			    err, EPERM, "may not be run with such options");
	if (p->env != NULL)
		return error_set(
		    err, EPERM, "may not be run in another environment");
	if (!has_type(p->in, S_IFSOCK) || !has_type(p->out, S_IFSOCK))
		return error_set(
		    err, EPERM, "may be run at the end of a socket only");
	p->out_is_err = p->is_on_its_own = false;
	return true;
}

/* Return true for the path of a file in that folder, by its name. */
static bool
is_in(const char *path, const char *folder)
{
	size_t len = folder != NULL ? strlen(folder) : 0;

	return len > 0 && strncmp(path, folder, len) == 0 && path[len] == '/' &&
	    path[len + 1] != '\0' && path[len + 1] != '.' &&
	    strchr(path + len + 1, '/') == NULL;
}

/* Note where the daemon may write: its sandbox stays as at the start. */
static void
set_writable(struct exec_policy *policy, const struct setup *setup)
{
	const struct config *config = setup->config;
	char *socket = xstrdup(config->control_socket);

	if (policy->state == NULL) {
		policy->state = xstrdup(config->state_directory);
		policy->runtime = xstrdup(dirname(socket));
		if (image_use_may_write(setup, NULL))
			policy->images = xstrdup(config->image_directory);
	}
	free(socket);
}

/* Read where the hooks are now, unless the configuration has mistakes. */
static void
read_configuration(struct exec_policy *policy)
{
	struct problems problems = { 0 };
	struct setup setup;

	if (setup_load(policy->conf_file, &setup, &problems)) {
		free(policy->hooks);
		policy->hooks = xstrdup(setup.config->hook_directory);
		set_writable(policy, &setup);
		setup_fini(&setup);
	}
	problems_fini(&problems);
}

static bool
is_hook(struct exec_policy *policy, const char *path)
{
	if (is_in(path, policy->hooks))
		return true;
	read_configuration(policy);
	return is_in(path, policy->hooks);
}

/* Return true if the daemon may write to a folder that the path leads into. */
static bool
is_writable(const struct exec_policy *policy, const char *path)
{
	return path_within(path, policy->state) ||
	    path_within(path, policy->runtime) ||
	    (policy->images != NULL && path_within(path, policy->images));
}

static bool
is_trusted(const char *path, struct error *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return error_set(err, errno, "%s", strerror(errno));
	return trust_check(&st, path, err);
}

static bool
is_folder_trusted(const char *path, struct error *err)
{
	char *copy = xstrdup(path);
	const char *folder = dirname(copy);
	bool ok = is_trusted(folder, err);

	free(copy);
	return ok;
}

/*
 * Return true if a hook is trusted.  Its name is run, as a script cannot be run
 * by a descriptor.  That is safe: to put another file there, an attacker needs
 * the right to write to one of these folders, and thus to this file.
 */
static bool
is_file_trusted(
    const struct exec_policy *policy, const char *path, struct error *err)
{
	char *real = realpath(path, NULL);
	bool ok;

	if (real == NULL)
		ok = error_set(err, errno, "%s", strerror(errno));
	else if (is_writable(policy, real))
		ok = error_set(err, EPERM,
		    "it is where reflashd itself may write; move it away");
	else
		ok = is_folder_trusted(path, err) &&
		    is_folder_trusted(real, err) && is_trusted(real, err);
	free(real);
	return ok || error_prefix(err, "not run");
}

static bool
is_promised(const char *variable)
{
	static const char prefix[] = "REFLASHD_";
	const char *name = variable + sizeof(prefix) - 1;

	if (strncmp(variable, prefix, sizeof(prefix) - 1) != 0)
		return false;
	for (size_t i = 0; i < EXEC_POLICY_VARIABLES; i++) {
		size_t len = strlen(variables[i]);

		if (strncmp(name, variables[i], len) == 0 && name[len] == '=')
			return true;
	}
	return false;
}

/* Make the environment of a hook: a PATH of our own, and what was asked for. */
static bool
make_environment(
    struct exec_policy *policy, char *const asked[], struct error *err)
{
	size_t n = 0;

	policy->env[n++] = (char *)(uintptr_t)path_variable;
	for (; asked != NULL && *asked != NULL; asked++) {
		if (n > EXEC_POLICY_VARIABLES || !is_promised(*asked))
			return error_set(err, EPERM,
			    "may not be run with other variables than those "
			    "of reflashd(8)");
		policy->env[n++] = *asked;
	}
	policy->env[n] = NULL;
	return true;
}

static bool
may_hook(
    struct exec_policy *policy, struct starter_program *p, struct error *err)
{
	if (p->argv[0] == NULL || strcmp(p->argv[0], p->path) != 0 ||
	    p->argv[1] != NULL)
		return error_set(err, EPERM, "may not be run with arguments");
	if (!has_type(p->in, S_IFREG) || !has_type(p->out, S_IFIFO))
		return error_set(
		    err, EPERM, "may be run between a file and a pipe only");
	if (!make_environment(policy, p->env, err))
		return false;
	p->env = policy->env;
	p->out_is_err = p->is_on_its_own = true;
	return is_file_trusted(policy, p->path, err);
}

bool
exec_policy_may_start(struct starter_program *p, void *ctx, struct error *err)
{
	struct exec_policy *policy = ctx;

	if (strcmp(p->path, policy->scan_program) == 0)
		return may_scan(p, err);
	if (is_hook(policy, p->path))
		return may_hook(policy, p, err);
	return error_set(
	    err, EPERM, "may not be run: neither reflash-scan nor a hook");
}
