/* SPDX-License-Identifier: ISC */
/* Forbids system calls with seccomp, where it was built with libseccomp. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef HAVE_SECCOMP
#include <seccomp.h>
#endif

#include "base/connector.h"
#include "base/sandbox_parts.h"

#if defined(HAVE_SECCOMP) && !defined(SANDBOX_TRACES_ITSELF)

/*
 * The list names the forbidden calls and allows all others.  Which calls a
 * library makes differs from version to version, and a call refused in the
 * middle of a flash would do more harm than the list keeps out.
 */
static const int forbidden[] = {
	/* another program */
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	/* another's memory, or its descriptors */
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(kcmp),
	/* another view of the system */
	SCMP_SYS(mount),
	SCMP_SYS(umount),
	SCMP_SYS(umount2),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(setns),
	SCMP_SYS(unshare),
	SCMP_SYS(open_tree),
	SCMP_SYS(move_mount),
	SCMP_SYS(fsopen),
	SCMP_SYS(fsconfig),
	SCMP_SYS(fsmount),
	SCMP_SYS(fspick),
	SCMP_SYS(mount_setattr),
	SCMP_SYS(open_by_handle_at),
	/* another identity */
	SCMP_SYS(setuid),
	SCMP_SYS(setgid),
	SCMP_SYS(setreuid),
	SCMP_SYS(setregid),
	SCMP_SYS(setresuid),
	SCMP_SYS(setresgid),
	SCMP_SYS(setfsuid),
	SCMP_SYS(setfsgid),
	SCMP_SYS(setgroups),
	/* the same where numbers of users had 16 bits at first */
	SCMP_SYS(setuid32),
	SCMP_SYS(setgid32),
	SCMP_SYS(setreuid32),
	SCMP_SYS(setregid32),
	SCMP_SYS(setresuid32),
	SCMP_SYS(setresgid32),
	SCMP_SYS(setfsuid32),
	SCMP_SYS(setfsgid32),
	SCMP_SYS(setgroups32),
	SCMP_SYS(capset),
	SCMP_SYS(personality),
	/* what the kernel's own flaws hide behind */
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(io_uring_enter),
	SCMP_SYS(io_uring_register),
	SCMP_SYS(add_key),
	SCMP_SYS(keyctl),
	SCMP_SYS(request_key),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load),
	SCMP_SYS(reboot),
	SCMP_SYS(swapon),
	SCMP_SYS(swapoff),
	SCMP_SYS(acct),
	SCMP_SYS(quotactl),
	SCMP_SYS(vhangup),
	SCMP_SYS(syslog),
	SCMP_SYS(settimeofday),
	SCMP_SYS(clock_settime),
	SCMP_SYS(clock_settime64),
	SCMP_SYS(clock_adjtime),
	SCMP_SYS(clock_adjtime64),
	SCMP_SYS(stime),
	SCMP_SYS(adjtimex),
};

/* Forbid a call if all these comparisons of its arguments hold. */
static bool
forbid_where(scmp_filter_ctx filter, int call, int code,
    const struct scmp_arg_cmp *arguments, unsigned count)
{
	return seccomp_rule_add_array(filter, SCMP_ACT_ERRNO((uint16_t)code),
		   call, count, arguments) == 0;
}

/* Forbid a call if this comparison of its first argument holds. */
static bool
forbid_if(scmp_filter_ctx filter, int call, int code, enum scmp_compare how,
    uint64_t a, uint64_t b)
{
	const struct scmp_arg_cmp first = {
#ifdef __s390x__
		.arg = call == SCMP_SYS(clone) ? 1 : 0,
#endif
		.op = how,
		.datum_a = a,
		.datum_b = b,
	};

	return forbid_where(filter, call, code, &first, 1);
}

static bool
forbid(scmp_filter_ctx filter, int call, int code)
{
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(code), call, 0) == 0;
}

/*
 * Forbid new processes, but not threads. clone3 is refused as unknown: a filter
 * cannot look into its arguments.
 */
static bool
forbid_processes(scmp_filter_ctx filter)
{
	return forbid(filter, SCMP_SYS(fork), EPERM) &&
	    forbid(filter, SCMP_SYS(vfork), EPERM) &&
	    forbid(filter, SCMP_SYS(clone3), ENOSYS) &&
	    forbid_if(filter, SCMP_SYS(clone), EPERM, SCMP_CMP_MASKED_EQ,
		CLONE_THREAD, 0);
}

/*
 * Forbid all families of sockets but Unix, IPv4, IPv6 and netlink, one rule
 * each: libseccomp takes one comparison a rule.
 */
static bool
forbid_families(scmp_filter_ctx filter)
{
	bool ok = forbid_if(
	    filter, SCMP_SYS(socket), EAFNOSUPPORT, SCMP_CMP_GT, AF_NETLINK, 0);

	for (uint64_t family = 0; family < AF_NETLINK && ok; family++)
		if (family != AF_UNIX && family != AF_INET &&
		    family != AF_INET6)
			ok = forbid_if(filter, SCMP_SYS(socket), EAFNOSUPPORT,
			    SCMP_CMP_EQ, family, 0);
	return ok;
}

/*
 * Forbid the calls by which the kernel would send signals to others.  It looks
 * at the lower half of the number of such a command alone.
 */
static bool
forbid_owners(scmp_filter_ctx filter)
{
	static const struct {
		int call;
		unsigned command;
	} owners[] = {
		{ SCMP_SYS(fcntl), F_SETOWN },
		{ SCMP_SYS(fcntl), F_SETOWN_EX },
		{ SCMP_SYS(fcntl), F_SETSIG },
		{ SCMP_SYS(fcntl64), F_SETOWN },
		{ SCMP_SYS(fcntl64), F_SETOWN_EX },
		{ SCMP_SYS(fcntl64), F_SETSIG },
		{ SCMP_SYS(ioctl), FIOSETOWN },
		{ SCMP_SYS(ioctl), SIOCSPGRP },
	};
	bool ok = true;

	for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++) {
		const struct scmp_arg_cmp command = { .arg = 1,
			.op = SCMP_CMP_MASKED_EQ,
			.datum_a = UINT32_MAX,
			.datum_b = owners[i].command };

		ok = ok &&
		    forbid_where(filter, owners[i].call, EPERM, &command, 1);
	}
	return ok;
}

/*
 * Forbid what reaches another process of the same user. tgkill() stays, as a
 * process aborts itself by it.
 */
static bool
forbid_reach(scmp_filter_ctx filter)
{
	static const int calls[] = {
		SCMP_SYS(kill),
		SCMP_SYS(tkill),
		SCMP_SYS(rt_sigqueueinfo),
		SCMP_SYS(rt_tgsigqueueinfo),
		SCMP_SYS(pidfd_send_signal),
		SCMP_SYS(setpriority),
		SCMP_SYS(ioprio_set),
		SCMP_SYS(sched_setaffinity),
		SCMP_SYS(sched_setattr),
		SCMP_SYS(sched_setparam),
		SCMP_SYS(sched_setscheduler),
		SCMP_SYS(process_madvise),
		SCMP_SYS(process_mrelease),
		SCMP_SYS(migrate_pages),
		SCMP_SYS(move_pages),
	};
	bool ok = forbid_owners(filter) &&
	    forbid_if(filter, SCMP_SYS(tgkill), EPERM, SCMP_CMP_NE,
		(uint64_t)getpid(), 0) &&
	    forbid_if(filter, SCMP_SYS(prlimit64), EPERM, SCMP_CMP_NE, 0, 0);

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		ok = ok && forbid(filter, calls[i], EPERM);
	return ok;
}

/* Forbid TCP sockets, and Unix sockets that need no connect(). */
static bool
forbid_sockets(scmp_filter_ctx filter)
{
	static const struct {
		int family, type;
	} kinds[] = {
		{ AF_UNIX, SOCK_DGRAM },
		{ AF_UNIX, SOCK_SEQPACKET },
		{ AF_INET, SOCK_STREAM },
		{ AF_INET6, SOCK_STREAM },
	};
	bool ok = true;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct scmp_arg_cmp kind[] = {
			{ .op = SCMP_CMP_EQ,
			    .datum_a = (uint64_t)kinds[i].family },
			{ .arg = 1,
			    .op = SCMP_CMP_MASKED_EQ,
			    .datum_a = 0xf,
			    .datum_b = (uint64_t)kinds[i].type },
		};

		ok = ok &&
		    forbid_where(filter, SCMP_SYS(socket), EPERM, kind, 2);
	}
	return ok;
}

static bool
forbid_others(scmp_filter_ctx filter, const struct sandbox_rules *rules)
{
	uint32_t connecting = rules->only_socket != NULL
	    ? SCMP_ACT_NOTIFY
	    : SCMP_ACT_ERRNO(EACCES);

	return forbid_reach(filter) &&
	    (SANDBOX_HAS_SOCKETCALL ||
		(forbid_sockets(filter) &&
		    seccomp_rule_add(
			filter, connecting, SCMP_SYS(connect), 0) == 0));
}

static bool
fill(scmp_filter_ctx filter, const struct sandbox_rules *rules)
{
	bool ok = (SANDBOX_HAS_SOCKETCALL || forbid_families(filter)) &&
	    (rules->may_fork || forbid_processes(filter)) &&
	    (!rules->is_apart || forbid_others(filter, rules));

	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
		ok = ok && forbid(filter, forbidden[i], EPERM);
	return ok;
}

/*
 * Put the filter in force; the connector is taken.  Returns 0, or an errno.
 * *connects says whether this kernel lets the connector work.
 */
static int
load(const struct sandbox_rules *rules, int connector, bool *connects)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int code = ENOMEM;

	if (filter != NULL)
		code = fill(filter, rules) ? -seccomp_load(filter) : EINVAL;
	if (code == 0 && connector != -1) {
		int listener = seccomp_notify_fd(filter);

		*connects = connector_can_work(listener);
		if (!connector_hand_over(connector, listener))
			code = EPIPE;
	} else if (connector != -1) {
		close(connector);
	}
	seccomp_release(filter);
	return code;
}

/*
 * Put the filter in force, if need be without the connector, which takes a
 * kernel from Linux 5.9 on.
 */
static int
load_what_is_possible(
    const struct sandbox_rules *rules, int connector, bool *connects)
{
	struct sandbox_rules apart = *rules;

	if (connector != -1 && load(rules, connector, connects) == 0)
		return 0;
	*connects = false;
	apart.only_socket = NULL;
	return load(&apart, -1, connects);
}

/* Put the connector into the same sandbox, except that it may connect. */
static void
confine_connector(void *ctx)
{
	struct sandbox_rules rules = *(const struct sandbox_rules *)ctx;
	char said[SANDBOX_TEXT_SIZE];

	rules.may_fork = rules.is_apart = false;
	rules.only_socket = NULL;
	sandbox_enter(&rules, said);
}

int
sandbox_start_connector(const struct sandbox_rules *rules)
{
	struct sandbox_rules copy = *rules;

	if (!rules->is_apart || rules->only_socket == NULL ||
	    SANDBOX_HAS_SOCKETCALL)
		return -1;
	return connector_start(rules->only_socket, confine_connector, &copy);
}

void
sandbox_enter_seccomp(const struct sandbox_rules *rules, int connector,
    char said[SANDBOX_TEXT_SIZE])
{
	bool connects;
	int code = load_what_is_possible(rules, connector, &connects);

	if (code == ECANCELED) /* so says libseccomp: seccomp_load(3) */
		sandbox_say(said, "no seccomp (this kernel has none)");
	else if (code != 0)
		sandbox_say(said, "no seccomp (%s)", strerror(code));
	else if (SANDBOX_HAS_SOCKETCALL)
		sandbox_say(said,
		    "seccomp (not of sockets: this processor has socketcall)");
	else if (rules->only_socket != NULL && !connects)
		sandbox_say(said,
		    "seccomp (no Unix socket at all: the connector takes "
		    "Linux 5.9)");
	else
		sandbox_say(said, "seccomp");
}

#else

int
sandbox_start_connector(const struct sandbox_rules *rules)
{
	(void)rules;
	return -1;
}

void
sandbox_enter_seccomp(const struct sandbox_rules *rules, int connector,
    char said[SANDBOX_TEXT_SIZE])
{
	(void)rules;
	(void)connector;
#ifdef SANDBOX_TRACES_ITSELF
	sandbox_say(said, "no seccomp (the address sanitizer traces itself)");
#else
	sandbox_say(said, "no seccomp (built without libseccomp)");
#endif
}

#endif
