/* SPDX-License-Identifier: ISC */
/* Forbids files, folders and TCP with Landlock, as far as this kernel can. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/sandbox_parts.h"

/* Newer than the headers with which this must build: landlock(7). */
#define FS_REFER     (UINT64_C(1) << 13) /* ABI 2 */
#define FS_TRUNCATE  (UINT64_C(1) << 14) /* ABI 3 */
#define NET_BIND     (UINT64_C(1) << 0)	 /* ABI 4 */
#define NET_CONNECT  (UINT64_C(1) << 1)
#define SCOPE_SOCKET (UINT64_C(1) << 0) /* ABI 6: abstract Unix sockets */
#define SCOPE_SIGNAL (UINT64_C(1) << 1)

#define FS_RUN	LANDLOCK_ACCESS_FS_EXECUTE
#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_DEVICES                                                             \
	(LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK)
#define FS_WRITE                                                               \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |       \
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |     \
	    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |       \
	    LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM)

struct ruleset {
	uint64_t fs, net, scoped; /* net: from ABI 4, scoped: from ABI 6 */
};

/* Return the rights to forbid that this kernel knows. */
static uint64_t
writing_rights(int abi)
{
	return FS_WRITE | (abi >= 2 ? FS_REFER : 0) |
	    (abi >= 3 ? FS_TRUNCATE : 0);
}

static size_t
ruleset_size(int abi)
{
	if (abi >= 6)
		return sizeof(struct ruleset);
	return abi >= 4 ? offsetof(struct ruleset, scoped)
			: offsetof(struct ruleset, net);
}

static int
make_ruleset(const struct sandbox_rules *rules, int abi)
{
	const struct ruleset set = {
		.fs = FS_RUN | FS_DEVICES | writing_rights(abi) |
		    (rules->readable != NULL ? FS_READ : 0),
		.net = NET_BIND | (rules->may_connect ? 0 : NET_CONNECT),
		.scoped = rules->is_apart ? SCOPE_SOCKET | SCOPE_SIGNAL : 0,
	};

	return (int)syscall(
	    SYS_landlock_create_ruleset, &set, ruleset_size(abi), 0);
}

/*
 * Allow rights below a path.  A file has fewer rights than a folder, and the
 * kernel refuses the others.
 */
static bool
allow(int ruleset, const char *path, uint64_t rights)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr rule = { .allowed_access = rights,
		.parent_fd = fd };
	struct stat st;
	bool ok;

	if (fd == -1)
		return errno == ENOENT;
	if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= LANDLOCK_ACCESS_FS_READ_FILE |
		    LANDLOCK_ACCESS_FS_WRITE_FILE;
	ok = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		 &rule, 0) == 0;
	close(fd);
	return ok;
}

static bool
allow_all(int ruleset, const char *const *paths, size_t count, uint64_t rights)
{
	bool ok = true;

	for (size_t i = 0; i < count && ok; i++)
		ok = allow(ruleset, paths[i], rights);
	return ok;
}

void
sandbox_enter_landlock(
    const struct sandbox_rules *rules, char said[SANDBOX_TEXT_SIZE])
{
	int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	int ruleset = abi > 0 ? make_ruleset(rules, abi) : -1;
	bool ok = ruleset != -1;

	ok = ok &&
	    allow_all(ruleset, rules->writable, rules->writable_count,
		writing_rights(abi)) &&
	    allow_all(ruleset, rules->readable, rules->readable_count, FS_READ);
#ifdef SANDBOX_TRACES_ITSELF
	/* The leak sanitizer looks at its own threads there. */
	ok =
	    ok && (rules->readable == NULL || allow(ruleset, "/proc", FS_READ));
#endif
	if (ok)
		ok = syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	if (ok)
		sandbox_say(said, "Landlock ABI %d%s", abi,
		    abi < 4 ? " (nothing about the network)" : "");
	else if (abi > 0 || (errno != ENOSYS && errno != EOPNOTSUPP))
		sandbox_say(said, "no Landlock (%s)", strerror(errno));
	else
		sandbox_say(said, "no Landlock (this kernel has none)");
	if (ruleset != -1)
		close(ruleset);
}
