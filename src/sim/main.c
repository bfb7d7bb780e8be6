/* SPDX-License-Identifier: ISC */
/* The program reflash-sim: makes the LAN, runs COMMAND on it, and reports. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file_limit.h"
#include "base/output.h"
#include "sim/command.h"
#include "sim/control.h"
#include "sim/device.h"
#include "sim/image/image_command.h"
#include "sim/options.h"
#include "sim/report.h"
#include "sim/sim.h"

#define EXIT_USAGE  64
#define EXIT_BREACH 70
#define MIN_FILES   64
#define SIGNALS	    5
#define CONF_BYTES  (256 * 1024) /* for the most devices that there can be */

struct run {
	struct options options;
	struct sim sim;
	struct command command;
	struct control *control;
	struct event *signals[SIGNALS];
	char conf[PATH_MAX];
	int status;
	bool stopping, ended;
};

static bool
write_report(struct run *r)
{
	struct error err;

	if (r->options.report == NULL ||
	    report_write(&r->sim, r->options.report, &err))
		return true;
	fprintf(stderr, "reflash-sim: %s\n", err.text);
	return false;
}

static void
on_child(evutil_socket_t signo, short what, void *ctx)
{
	struct run *r = ctx;
	int status;
	pid_t pid;

	(void)signo;
	(void)what;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != r->command.pid)
			continue;
		r->status = status;
		r->ended = true;
		event_base_loopbreak(r->sim.base);
	}
}

/*
 * Ask the command to end, the second time by force; then the simulation ends,
 * too.  A command that was started by nohup(1) ignores SIGHUP.
 */
static void
on_stop(evutil_socket_t signo, short what, void *ctx)
{
	struct run *r = ctx;

	(void)what;
	if (r->stopping)
		signo = SIGKILL;
	else if (signo == SIGHUP)
		signo = SIGTERM;
	kill(r->command.pid, signo);
	r->stopping = true;
}

static void
on_usr1(evutil_socket_t signo, short what, void *ctx)
{
	(void)signo;
	(void)what;
	write_report(ctx);
}

static void
watch_signals(struct run *r)
{
	struct event_base *base = r->sim.base;

	signal(SIGPIPE, SIG_IGN);
	r->signals[0] = evsignal_new(base, SIGCHLD, on_child, r);
	r->signals[1] = evsignal_new(base, SIGINT, on_stop, r);
	r->signals[2] = evsignal_new(base, SIGTERM, on_stop, r);
	r->signals[3] = evsignal_new(base, SIGUSR1, on_usr1, r);
	/* The simulation ends when its terminal closes. */
	r->signals[4] = evsignal_new(base, SIGHUP, on_stop, r);
	for (size_t i = 0; i < SIGNALS; i++)
		event_add(r->signals[i], NULL);
}

/* Add a device of the command line, and its twin if it has that fault. */
static bool
add_device(struct run *r, const struct spec *spec, struct error *err)
{
	struct device *d = sim_add(&r->sim, spec, err);
	struct spec twin;

	if (d == NULL)
		return false;
	if (!fault_has(&spec->faults, FAULT_CLASH))
		return true;
	twin = d->spec;
	memset(&twin.faults, 0, sizeof(twin.faults));
	return sim_add(&r->sim, &twin, err) != NULL;
}

static bool
add_devices(struct run *r, struct error *err)
{
	for (size_t i = 0; i < r->options.count; i++)
		if (!add_device(r, &r->options.specs[i], err))
			return false;
	return true;
}

static bool
wake_devices(struct run *r, struct error *err)
{
	for (size_t i = 0; i < r->sim.count; i++)
		if (!device_come(r->sim.devices[i], err))
			return false;
	return true;
}

static bool
choose_lan(struct run *r, struct error *err)
{
	bool loopback = r->options.loopback;

	if (!loopback && !lan_probe(err)) {
		fprintf(stderr,
		    "reflash-sim: no virtual LAN can be made here (%s), so "
		    "the rehearsal is on the loopback network: without mDNS, "
		    "with Device= entries from $REFLASH_SIM_DEVICES_CONF\n",
		    err->text);
		loopback = true;
	}
	if (!loopback && !lan_enter(err))
		return false;
	lan_init(&r->sim.lan, (unsigned)r->options.count, loopback);
	return true;
}

/* Make a file in the folder, with room for all devices.  Returns it, or -1. */
static int
make_file(const char *folder, char path[PATH_MAX])
{
	int fd = -1;

	if (folder != NULL && folder[0] == '/' &&
	    snprintf(path, PATH_MAX, "%s/reflash-sim.XXXXXX", folder) <
		PATH_MAX)
		fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (posix_fallocate(fd, 0, CONF_BYTES) == 0 && ftruncate(fd, 0) == 0)
		return fd;
	close(fd);
	unlink(path);
	return -1;
}

/*
 * Make the file that names the devices, in the first folder that takes it: /tmp
 * may be full, read-only or missing, and TMPDIR left over from elsewhere.
 */
static bool
make_conf(struct run *r, struct error *err)
{
	const char *folders[] = { getenv("TMPDIR"), "/tmp", "/var/tmp",
		"/dev/shm" };
	int fd = -1;

	for (size_t i = 0; i < 4 && fd < 0; i++)
		fd = make_file(folders[i], r->conf);
	if (fd < 0) {
		r->conf[0] = '\0';
		return error_set(err, ENOSPC,
		    "no file can be made in /tmp, /var/tmp or /dev/shm, which "
		    "are full, read-only or missing: name a folder of yours, "
		    "as in: TMPDIR=$HOME reflash-sim ...");
	}
	close(fd);
	return true;
}

static void
set_environment(const struct run *r)
{
	setenv(
	    "REFLASH_SIM", r->sim.lan.loopback ? "loopback" : "namespace", 1);
	setenv("REFLASH_SIM_SERVER", inet_ntoa(r->sim.lan.server), 1);
	setenv("REFLASH_SIM_DEVICES_CONF", r->conf, 1);
	if (r->options.control != NULL)
		setenv("REFLASH_SIM_CONTROL", r->options.control, 1);
}

/* Make the LAN, the process of COMMAND and the devices. */
static bool
build_lan(struct run *r, struct error *err)
{
	/* Each device takes a socket or two. */
	if (!file_limit_raise(MIN_FILES, RLIM_INFINITY, err) ||
	    !choose_lan(r, err) || !make_conf(r, err))
		return false;
	set_environment(r);
	if (!command_prepare(
		&r->command, &r->sim.lan, r->options.command, err) ||
	    !lan_connect(&r->sim.lan, r->command.pid, err) ||
	    !command_connect(&r->command, err))
		return false;
	r->sim.base = event_base_new();
	r->sim.verbose = r->options.verbose;
	return sim_open(&r->sim, err) && add_devices(r, err) &&
	    report_write_conf(&r->sim, r->conf, err);
}

static bool
start_run(struct run *r, struct error *err)
{
	if (r->options.control != NULL) {
		r->control = control_new(
		    &r->sim, r->options.control, r->options.report, err);
		if (r->control == NULL)
			return false;
	}
	watch_signals(r);
	return wake_devices(r, err) && command_run(&r->command, err);
}

static void
stop_run(struct run *r)
{
	if (r->command.pid > 0 && !r->ended)
		kill(r->command.pid, SIGKILL);
	command_sweep();
	control_free(r->control);
	for (size_t i = 0; i < SIGNALS; i++)
		if (r->signals[i] != NULL)
			event_free(r->signals[i]);
	sim_close(&r->sim);
	if (r->sim.base != NULL)
		event_base_free(r->sim.base);
	if (r->conf[0] != '\0')
		unlink(r->conf);
	options_fini(&r->options);
}

static int
finish_run(struct run *r)
{
	int code = command_exit_code(r->status);

	if (!write_report(r) && code == 0)
		code = EXIT_FAILURE;
	if (!r->options.quiet)
		report_print(&r->sim, stdout);
	if (code == 0 && report_count_breaches(&r->sim) > 0)
		code = EXIT_BREACH;
	return code;
}

int
main(int argc, char *argv[])
{
	struct run r = { .sim.lan.netlink = -1 };
	struct error err;
	int code = EXIT_FAILURE;

	output_begin();
	if (argc > 1 && strcmp(argv[1], "image") == 0)
		return image_command_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "control") == 0)
		return control_main(argc - 1, argv + 1);
	switch (options_read(&r.options, argc, argv, &err)) {
	case OPTIONS_DONE:
		return output_end(EXIT_SUCCESS);
	case OPTIONS_BAD:
		fprintf(stderr, "reflash-sim: %s\n", err.text);
		options_fini(&r.options);
		return EXIT_USAGE;
	case OPTIONS_RUN:
		break;
	}
	if (build_lan(&r, &err) && start_run(&r, &err)) {
		event_base_dispatch(r.sim.base);
		code = finish_run(&r);
	} else {
		fprintf(stderr, "reflash-sim: %s\n", err.text);
	}
	stop_run(&r);
	return output_end(code);
}
