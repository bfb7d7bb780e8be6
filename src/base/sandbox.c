/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef HAVE_SECCOMP
#include <seccomp.h>
#endif

#include "base/sandbox.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define TRACES_ITSELF
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define TRACES_ITSELF
#endif

/* Newer than the headers that this is to be built with: landlock(7). */
#define FS_REFER    (UINT64_C(1) << 13) /* ABI 2 */
#define FS_TRUNCATE (UINT64_C(1) << 14) /* ABI 3 */
#define NET_BIND    (UINT64_C(1) << 0)	/* ABI 4 */
#define NET_CONNECT (UINT64_C(1) << 1)

#define FS_RUN LANDLOCK_ACCESS_FS_EXECUTE
#define FS_DEVICES                                                             \
	(LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK)
#define FS_WRITE                                                               \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |       \
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |     \
	    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |       \
	    LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM)

struct ruleset {
	uint64_t fs, net; /* net: from ABI 4 */
};

/* Append a part of what is said. */
__attribute__((format(printf, 2, 3))) static void
say(char said[SANDBOX_TEXT_SIZE], const char *fmt, ...)
{
	size_t used = strlen(said);
	va_list ap;

	if (used > 0)
		used += (size_t)snprintf(
		    said + used, SANDBOX_TEXT_SIZE - used, ", ");
	if (used >= SANDBOX_TEXT_SIZE)
		return;
	va_start(ap, fmt);
	vsnprintf(said + used, SANDBOX_TEXT_SIZE - used, fmt, ap);
	va_end(ap);
}

/* ---- Landlock ---------------------------------------------------------- */

/* What is forbidden, as far as this kernel can; writable may have the rest. */
static uint64_t
writing_rights(int abi)
{
	return FS_WRITE | (abi >= 2 ? FS_REFER : 0) |
	    (abi >= 3 ? FS_TRUNCATE : 0);
}

static int
make_ruleset(const struct sandbox_rules *rules, int abi)
{
	const struct ruleset set = {
		.fs = FS_RUN | FS_DEVICES | writing_rights(abi),
		.net = NET_BIND | (rules->may_connect ? 0 : NET_CONNECT),
	};

	return (int)syscall(SYS_landlock_create_ruleset, &set,
	    abi >= 4 ? sizeof(set) : sizeof(set.fs), 0);
}

static bool
allow(int ruleset, const char *folder, uint64_t rights)
{
	int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct landlock_path_beneath_attr rule = {
		.allowed_access = rights, .parent_fd = fd
	};
	bool ok;

	if (fd == -1)
		return errno == ENOENT;
	ok = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		 &rule, 0) == 0;
	close(fd);
	return ok;
}

static void
enter_landlock(const struct sandbox_rules *rules, char said[SANDBOX_TEXT_SIZE])
{
	int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	int ruleset = abi > 0 ? make_ruleset(rules, abi) : -1;
	bool ok = ruleset != -1;

	for (size_t i = 0; i < rules->writable_count && ok; i++)
		ok = allow(ruleset, rules->writable[i], writing_rights(abi));
	if (ok)
		ok = syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	if (ok)
		say(said, "Landlock ABI %d%s", abi,
		    abi < 4 ? " (nothing about the network)" : "");
	else if (abi > 0 || (errno != ENOSYS && errno != EOPNOTSUPP))
		say(said, "no Landlock (%s)", strerror(errno));
	else
		say(said, "no Landlock (the kernel has it not)");
	if (ruleset != -1)
		close(ruleset);
}

/* ---- seccomp ----------------------------------------------------------- */

#if defined(HAVE_SECCOMP) && !defined(TRACES_ITSELF)

/*
 * Named is what must not be, and all else may be: which calls a library makes
 * differs from one version to the next, and one that is refused in the middle
 * of a flash would do more harm than it keeps out.
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
	SCMP_SYS(clock_adjtime),
	SCMP_SYS(adjtimex),
};

/* Forbid a call if its first argument is so. */
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

	return seccomp_rule_add_array(
		   filter, SCMP_ACT_ERRNO(code), call, 1, &first) == 0;
}

static bool
forbid(scmp_filter_ctx filter, int call, int code)
{
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(code), call, 0) == 0;
}

/* A thread is no process; and the newer call cannot be looked into. */
static bool
forbid_processes(scmp_filter_ctx filter)
{
	return forbid(filter, SCMP_SYS(fork), EPERM) &&
	    forbid(filter, SCMP_SYS(vfork), EPERM) &&
	    forbid(filter, SCMP_SYS(clone3), ENOSYS) &&
	    forbid_if(filter, SCMP_SYS(clone), EPERM, SCMP_CMP_MASKED_EQ,
		CLONE_THREAD, 0);
}

/* One comparison a rule is all that libseccomp takes. */
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

static bool
fill(scmp_filter_ctx filter, const struct sandbox_rules *rules)
{
	bool ok = forbid_families(filter) &&
	    (rules->may_fork || forbid_processes(filter));

	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
		ok = ok && forbid(filter, forbidden[i], EPERM);
	return ok;
}

static void
enter_seccomp(const struct sandbox_rules *rules, char said[SANDBOX_TEXT_SIZE])
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int code = ENOMEM;

	if (filter != NULL)
		code = fill(filter, rules) ? -seccomp_load(filter) : EINVAL;
	if (code == 0)
		say(said, "seccomp");
	else
		say(said, "no seccomp (%s)", strerror(code));
	seccomp_release(filter);
}

#else

static void
enter_seccomp(const struct sandbox_rules *rules, char said[SANDBOX_TEXT_SIZE])
{
	(void)rules;
#ifdef TRACES_ITSELF
	say(said, "no seccomp (the address sanitizer traces itself)");
#else
	say(said, "no seccomp (built without libseccomp)");
#endif
}

#endif

/* ---- all of it --------------------------------------------------------- */

void
sandbox_begin(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#ifndef TRACES_ITSELF
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

char *
sandbox_enter(const struct sandbox_rules *rules, char said[SANDBOX_TEXT_SIZE])
{
	said[0] = '\0';
	sandbox_begin();
#ifdef COVERAGE
	(void)rules;
	say(said, "no sandbox (built for coverage)");
	(void)enter_landlock;
	(void)enter_seccomp;
#else
	enter_landlock(rules, said);
	enter_seccomp(rules, said);
#endif
	return said;
}
