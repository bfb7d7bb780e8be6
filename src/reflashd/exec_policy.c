/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <libgen.h>
#include <net/if.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/starter.h"
#include "base/text.h"
#include "base/trust.h"
#include "core/config/configuration.h"
#include "core/sonoff/announce.h"
#include "io/conffiles.h"
#include "reflashd/exec_policy.h"

#define MAX_SECONDS 86400
#define MAX_DEVICES 65536

static const char path_variable[] =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* As the manual promises them. */
static const char *const variables[EXEC_POLICY_VARIABLES] = {
	"DEVICE", "NAME", "ADDRESS", "MAC",	 /* which device */
	"STATE", "OLD_STATE",			 /* what happened */
	"REASON", "DETAIL", "ADVICE",		 /* and why */
	"POLICY", "IMAGE", "SHA256", "FIRMWARE", /* with what */
	"ACCESS_POINT",				 /* and then */
};

static bool
has_type(int fd, mode_t type)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type;
}

/* ---- reflash-scan ------------------------------------------------------ */

static bool
is_service(const char *value)
{
	return strcmp(value, ANNOUNCE_EWELINK) == 0 ||
	    strcmp(value, ANNOUNCE_ESPHOME) == 0 ||
	    strcmp(value, ANNOUNCE_HTTP) == 0;
}

static bool
is_backend(const char *value)
{
	return strcmp(value, "auto") == 0 || strcmp(value, "avahi") == 0 ||
	    strcmp(value, "embedded") == 0;
}

static bool
is_seconds(const char *value)
{
	uint64_t n;

	return text_number(value, 1, MAX_SECONDS, &n);
}

static bool
is_devices(const char *value)
{
	uint64_t n;

	return text_number(value, 1, MAX_DEVICES, &n);
}

static bool
is_interface(const char *value)
{
	return value[0] != '\0' && strlen(value) < IF_NAMESIZE;
}

static bool
is_scan_option(const char *option, const char *value)
{
	static const struct {
		const char *name;
		bool (*fits)(const char *value);
	} options[] = {
		{ "--service", is_service },
		{ "--backend", is_backend },
		{ "--requery", is_seconds },
		{ "--max", is_devices },
		{ "--interface", is_interface },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strcmp(option, options[i].name) == 0)
			return value != NULL && options[i].fits(value);
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

/* ---- hooks ------------------------------------------------------------- */

/* Is it a file of that folder, by its name? */
static bool
is_in(const char *path, const char *folder)
{
	size_t len = folder != NULL ? strlen(folder) : 0;

	return len > 0 && strncmp(path, folder, len) == 0 && path[len] == '/' &&
	    path[len + 1] != '\0' && path[len + 1] != '.' &&
	    strchr(path + len + 1, '/') == NULL;
}

/* The daemon's sandbox, too, is as it was at the start. */
static void
set_writable(struct exec_policy *exec_policy, const struct config *config)
{
	char *socket = xstrdup(config->control_socket);

	if (exec_policy->state == NULL) {
		exec_policy->state = xstrdup(config->state_directory);
		exec_policy->runtime = xstrdup(dirname(socket));
	}
	free(socket);
}

/* It may have changed since; one with mistakes changes nothing. */
static void
read_configuration(struct exec_policy *exec_policy)
{
	struct problems problems = { 0 };
	struct setup setup;

	if (setup_load(exec_policy->conf_file, &setup, &problems)) {
		free(exec_policy->hooks);
		exec_policy->hooks = xstrdup(setup.config->hook_directory);
		set_writable(exec_policy, setup.config);
		setup_fini(&setup);
	}
	problems_fini(&problems);
}

static bool
is_hook(struct exec_policy *exec_policy, const char *path)
{
	if (is_in(path, exec_policy->hooks))
		return true;
	read_configuration(exec_policy);
	return is_in(path, exec_policy->hooks);
}

/* Whatever links there are on the way. */
static bool
is_below(const char *real, const char *folder)
{
	char *top = realpath(folder, NULL);
	size_t len = top != NULL ? strlen(top) : 0;
	bool is = len > 0 && strncmp(real, top, len) == 0 && real[len] == '/';

	free(top);
	return is;
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
 * The name is run, not a descriptor, which a script could not be started by.
 * But only who may write to one of these folders could put another file there,
 * and he could as well write to this one.
 */
static bool
is_file_trusted(
    const struct exec_policy *exec_policy, const char *path, struct error *err)
{
	char *real = realpath(path, NULL);
	bool ok;

	if (real == NULL)
		ok = error_set(err, errno, "%s", strerror(errno));
	else if (is_below(real, exec_policy->state) ||
	    is_below(real, exec_policy->runtime))
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

/* PATH is ours: nobody else has to say where a script's programs are. */
static bool
make_environment(
    struct exec_policy *exec_policy, char *const asked[], struct error *err)
{
	size_t n = 0;

	exec_policy->env[n++] = (char *)(uintptr_t)path_variable;
	for (; asked != NULL && *asked != NULL; asked++) {
		if (n > EXEC_POLICY_VARIABLES || !is_promised(*asked))
			return error_set(err, EPERM,
			    "may not be run with other variables than those "
			    "of reflashd(8)");
		exec_policy->env[n++] = *asked;
	}
	exec_policy->env[n] = NULL;
	return true;
}

static bool
may_hook(struct exec_policy *exec_policy, struct starter_program *p,
    struct error *err)
{
	if (p->argv[0] == NULL || strcmp(p->argv[0], p->path) != 0 ||
	    p->argv[1] != NULL)
		return error_set(err, EPERM, "may not be run with arguments");
	if (!has_type(p->in, S_IFREG) || !has_type(p->out, S_IFIFO))
		return error_set(
		    err, EPERM, "may be run between a file and a pipe only");
	if (!make_environment(exec_policy, p->env, err))
		return false;
	p->env = exec_policy->env;
	p->out_is_err = p->is_on_its_own = true;
	return is_file_trusted(exec_policy, p->path, err);
}

bool
exec_policy_may_start(struct starter_program *p, void *ctx, struct error *err)
{
	struct exec_policy *exec_policy = ctx;

	if (strcmp(p->path, exec_policy->scan_program) == 0)
		return may_scan(p, err);
	if (is_hook(exec_policy, p->path))
		return may_hook(exec_policy, p, err);
	return error_set(
	    err, EPERM, "may not be run: neither reflash-scan nor a hook");
}
