/* SPDX-License-Identifier: ISC */
/*
 * inject_shim -- a library for LD_PRELOAD that counts the calls which reflashd
 * and reflash-scan make to the system and to malloc(), and makes one of them
 * fail.
 *
 *	INJECT_TABLE=FILE	where the counts go, see struct table; those of
 *				PROGRAM to FILE.PROGRAM; without it nothing is
 *				counted, nor in a program that INJECT= does not
 *				mean
 *	INJECT=PROGRAM:CALL:SITE:N:HOW	the Nth call from there fails
 *
 * A site is a hash of the stack, so that the same call has the same name in
 * the next run, whatever else happened before.  HOW is an errno; 0 moves half
 * of the bytes, -1 is the end of the file.  Once it has failed, all goes on as
 * if nothing was.  Children of the two are watched until they run another
 * program; other programs are left alone.  The clock of reflashd runs SPEED
 * times as fast, as a flash is mostly waiting.
 *
 * Which memory it still has, and how many descriptors, is counted when it ends
 * by exit(3): more than when nothing fails is a leak.
 */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <unwind.h>

#define FRAMES	    40
#define SITES	    16384
#define MODULES	    48
#define LEFT_FRAMES 2 /* once it has failed: enough to name a leak */
#define SPEED	    4
#define BLOCKS	    (1U << 18) /* ten times what there is at once */
#define MAX_FDS	    256

/* What a call returns that has failed. */
enum failure {
	MINUS, /* -1, the reason in errno */
	ZERO,  /* NULL, the reason in errno */
	ERRNO, /* the reason */
	LATE,  /* -1, though it was done: close(2) */
};

/* clang-format off */
#define CALLS(X) \
	/* first what takes memory */ \
	X(malloc, ZERO) X(calloc, ZERO) X(realloc, ZERO) X(reallocarray, ZERO) \
	X(open, MINUS) X(open64, MINUS) X(openat, MINUS) X(openat64, MINUS) \
	X(__open_2, MINUS) X(__openat_2, MINUS) X(__open64_2, MINUS) \
	X(__openat64_2, MINUS) X(fopen, ZERO) X(fopen64, ZERO) \
	X(opendir, ZERO) X(fdopendir, ZERO) X(readdir, ZERO) \
	X(readdir64, ZERO) X(read, MINUS) X(__read_chk, MINUS) \
	X(pread, MINUS) X(pread64, MINUS) X(readv, MINUS) X(recv, MINUS) \
	X(recvfrom, MINUS) X(recvmsg, MINUS) X(write, MINUS) X(pwrite, MINUS) \
	X(pwrite64, MINUS) X(writev, MINUS) X(send, MINUS) X(sendto, MINUS) \
	X(sendmsg, MINUS) X(sendfile, MINUS) X(fgets, ZERO) X(fclose, LATE) \
	X(close, LATE) X(fsync, MINUS) X(fdatasync, MINUS) \
	X(ftruncate, MINUS) X(ftruncate64, MINUS) X(posix_fallocate, ERRNO) \
	X(posix_fallocate64, ERRNO) X(lseek, MINUS) X(renameat, MINUS) \
	X(unlink, MINUS) X(unlinkat, MINUS) X(mkdirat, MINUS) \
	X(lchown, MINUS) X(fstat, MINUS) X(fstat64, MINUS) \
	X(fstatat, MINUS) X(fstatat64, MINUS) X(stat, MINUS) X(lstat, MINUS) \
	X(access, MINUS) X(faccessat, MINUS) X(readlink, MINUS) \
	X(flock, MINUS) X(fcntl, MINUS) X(fcntl64, MINUS) X(ioctl, MINUS) \
	X(memfd_create, MINUS) X(eventfd, MINUS) X(dup2, MINUS) \
	X(dup3, MINUS) X(realpath, ZERO) X(chmod, MINUS) X(mkdir, MINUS) \
	X(pipe2, MINUS) X(socketpair, MINUS) X(socket, MINUS) X(bind, MINUS) \
	X(listen, MINUS) X(accept, MINUS) X(accept4, MINUS) \
	X(connect, MINUS) X(shutdown, MINUS) X(getsockname, MINUS) \
	X(getpeername, MINUS) X(getsockopt, MINUS) X(setsockopt, MINUS) \
	X(getifaddrs, MINUS) X(epoll_create1, MINUS) X(epoll_ctl, MINUS) \
	X(epoll_wait, MINUS) X(timerfd_create, MINUS) \
	X(timerfd_settime, MINUS) X(poll, MINUS) X(ppoll, MINUS) \
	X(fork, MINUS) X(execv, MINUS) X(execve, MINUS) X(setsid, MINUS) \
	X(posix_spawn, ERRNO) X(signal, MINUS) X(uname, MINUS) \
	X(waitpid, MINUS) X(kill, MINUS) X(pidfd_open, MINUS) \
	X(prctl, MINUS) X(chdir, MINUS) X(close_range, MINUS) \
	X(sigaction, MINUS) X(sigprocmask, MINUS) X(signalfd, MINUS) X(getrlimit, MINUS) \
	X(setrlimit, MINUS) X(getgrnam, ZERO) X(getrandom, MINUS) \
	X(getentropy, MINUS) X(nanosleep, MINUS) X(mmap, MINUS) X(mmap64, MINUS)
/* clang-format on */

enum call {
#define X(call, kind) CALL_##call,
	CALLS(X) X(syscall, MINUS) /* has one argument more */
#undef X
	COUNT
};

static const struct {
	const char *name;
	enum failure kind;
} calls[COUNT] = {
#define X(call, kind) { #call, kind },
	CALLS(X) X(syscall, MINUS)
#undef X
};

/* A call from one place.  A frame is the number of its module and where. */
struct site {
	_Atomic uint64_t hash; /* 0: none yet */
	_Atomic uint32_t count;
	uint32_t call, depth;
	uint32_t left; /* blocks of memory, at the end */
	uint32_t module[FRAMES];
	uint64_t offset[FRAMES];
};

/* In a file, so that it outlives whatever happens. */
struct table {
	_Atomic uint32_t fired;
	uint32_t calls, sites, frames, modules;
	uint32_t ended, descriptors; /* at the end */
	char call[COUNT][32];
	char module[MODULES][128];
	struct site site[SITES];
};

struct module {
	uintptr_t begin, end, base;
};

static long (*real[COUNT])(long, long, long, long, long, long);
static struct table *table; /* NULL: leave this program alone */
static struct module modules[MODULES];
static uint32_t module_count;
static uint32_t own_module;
static bool busy;
static int speed = 1;
static pid_t own_pid;

/*
 * What memory there is, found by its address.  That is kept as its complement,
 * for the leak checker of a sanitizer would take it for a pointer.
 */
static struct block {
	uintptr_t inverse; /* 0: free */
	struct site *site;
} blocks[BLOCKS];

/* What is to fail. */
static enum call fail_call; /* if fail_at is not 0 */
static uint64_t fail_hash;
static uint32_t fail_at;
static int fail_how;

static void
resolve(enum call call)
{
	void *symbol = dlsym(RTLD_NEXT, calls[call].name);

	if (symbol == NULL)
		abort();
	memcpy(&real[call], &symbol, sizeof(symbol));
}

static int
add_module(struct dl_phdr_info *info, size_t size, void *ctx)
{
	struct module *m = &modules[module_count];

	(void)size;
	(void)ctx;
	if (module_count == MODULES)
		return 1;
	*m = (struct module){ UINTPTR_MAX, 0, info->dlpi_addr };
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t at = info->dlpi_addr + p->p_vaddr;

		if (p->p_type != PT_LOAD)
			continue;
		if (at < m->begin)
			m->begin = at;
		if (at + p->p_memsz > m->end)
			m->end = at + p->p_memsz;
	}
	snprintf(table->module[module_count], sizeof(table->module[0]), "%s",
	    info->dlpi_name);
	module_count++;
	return 0;
}

/* Where it lies, or MODULES. */
static uint32_t
find_module(uintptr_t at)
{
	for (int tries = 0; tries < 2; tries++) {
		for (uint32_t i = 0; i < module_count; i++)
			if (at >= modules[i].begin && at < modules[i].end)
				return i;
		module_count = 0; /* another one may have been loaded */
		dl_iterate_phdr(add_module, NULL);
	}
	return MODULES;
}

static uint64_t
mix(uint64_t hash, uint64_t value)
{
	for (int i = 0; i < 8; i++, value >>= 8)
		hash = (hash ^ (value & 0xff)) * UINT64_C(0x100000001b3);
	return hash;
}

/*
 * One more frame.  What a library does between its caller and malloc() makes no
 * difference: there is but one end, out of memory.
 */
static _Unwind_Reason_Code
add_frame(struct _Unwind_Context *context, void *ctx)
{
	struct site *here = ctx;
	uintptr_t at = _Unwind_GetIP(context);
	uint32_t m = find_module(at), d;

	if (m == own_module || (m != 0 && here->call <= CALL_reallocarray))
		return _URC_NO_REASON;
	if (here->depth == FRAMES ||
	    (here->depth == LEFT_FRAMES && table->fired &&
		here->call <= CALL_reallocarray))
		return _URC_END_OF_STACK;
	d = here->depth++;
	here->module[d] = m;
	here->offset[d] = m == MODULES ? 0 : at - modules[m].base;
	here->hash = mix(mix(here->hash, m), here->offset[d]);
	return _URC_NO_REASON;
}

static struct site
look(enum call call)
{
	struct site here = { .call = call };

	here.hash = mix(UINT64_C(0xcbf29ce484222325), call);
	_Unwind_Backtrace(add_frame, &here);
	if (here.hash == 0)
		here.hash = 1;
	return here;
}

/* Its row, new or old; NULL if there is no room. */
static struct site *
find_site(const struct site *here)
{
	for (uint64_t i = 0; i < SITES; i++) {
		struct site *s = &table->site[(here->hash + i) % SITES];

		if (s->hash == here->hash)
			return s;
		if (s->hash != 0)
			continue;
		s->call = here->call;
		s->depth = here->depth;
		memcpy(s->module, here->module, sizeof(s->module));
		memcpy(s->offset, here->offset, sizeof(s->offset));
		s->hash = here->hash;
		return s;
	}
	return NULL;
}

static uint32_t
home_of(uintptr_t at)
{
	return (uint32_t)((at >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 46);
}

static void
remember(uintptr_t at, struct site *site)
{
	uint32_t i = home_of(at);

	for (uint32_t n = 0; n < BLOCKS; n++, i = (i + 1) % BLOCKS)
		if (blocks[i].inverse == 0) {
			blocks[i] = (struct block){ ~at, site };
			return;
		}
	abort();
}

/* Those behind it move up, so that a search may end at what is free. */
static void
forget(uintptr_t at)
{
	uint32_t i = home_of(at), hole;

	while (blocks[i].inverse != 0 && blocks[i].inverse != ~at)
		i = (i + 1) % BLOCKS;
	if (blocks[i].inverse == 0)
		return;
	hole = i;
	for (;;) {
		uint32_t home;

		blocks[hole].inverse = 0;
		do {
			i = (i + 1) % BLOCKS;
			if (blocks[i].inverse == 0)
				return;
			home = home_of(~blocks[i].inverse);
		} while ((i - home) % BLOCKS < (i - hole) % BLOCKS);
		blocks[hole] = blocks[i];
		hole = i;
	}
}

/* Whether this is the one, and its site, which may be NULL. */
static bool
fails(enum call call, struct site **where)
{
	struct site here, *site;
	int keep = errno;
	bool hit = false;

	*where = NULL;
	if (real[call] == NULL)
		resolve(call);
	if (table == NULL || busy)
		return false;
	busy = true;
	here = look(call);
	site = find_site(&here);
	if (site != NULL)
		hit = atomic_fetch_add(&site->count, 1) + 1 == fail_at &&
		    call == fail_call && here.hash == fail_hash &&
		    atomic_fetch_add(&table->fired, 1) == 0;
	busy = false;
	errno = keep;
	*where = site;
	return hit;
}

/* What was returned; the block at old is no more. */
static long
done(enum call call, struct site *site, long result, long old)
{
	if (call > CALL_reallocarray || result == 0)
		return result;
	if (call == CALL_realloc || call == CALL_reallocarray)
		forget((uintptr_t)old);
	forget((uintptr_t)result); /* reallocarray() calls realloc() */
	if (site != NULL)
		remember((uintptr_t)result, site);
	return result;
}

static long
fail(enum call call, long a, long b, long c, long d, long e, long f)
{
	if (fail_how == 0)
		return real[call](a, b, c / 2, d, e, f);
	if (fail_how == -1)
		return 0;
	if (calls[call].kind == ERRNO)
		return fail_how;
	if (calls[call].kind == LATE)
		real[call](a, b, c, d, e, f);
	if (call == CALL_fgets)
		((FILE *)(uintptr_t)c)->_flags |= 0x20; /* for ferror(3) */
	errno = fail_how;
	return calls[call].kind == ZERO ? 0 : -1;
}

/*
 * On 64-bit Linux all that these take and return are words in registers, so
 * that one form fits all.  Their own names are for the linker only.
 */
#define X(call, kind)                                                          \
	long inject_##call(long, long, long, long, long, long) __asm__(#call); \
	long inject_##call(long a, long b, long c, long d, long e, long f)     \
	{                                                                      \
		struct site *site;                                             \
                                                                               \
		if (fails(CALL_##call, &site))                                 \
			return fail(CALL_##call, a, b, c, d, e, f);            \
		if (CALL_##call == CALL_epoll_wait && (int)d > 0)              \
			d = ((int)d + speed - 1) / speed;                      \
		return done(CALL_##call, site,                                 \
		    real[CALL_##call](a, b, c, d, e, f), a);                   \
	}
CALLS(X)
#undef X

long
inject_syscall(long, long, long, long, long, long, long) __asm__("syscall");
long
inject_syscall(long n, long a, long b, long c, long d, long e, long f)
{
	long (*call)(long, long, long, long, long, long, long);
	struct site *site;

	if (fails(CALL_syscall, &site))
		return fail(CALL_syscall, n, a, b, c, d, e);
	memcpy(&call, &real[CALL_syscall], sizeof(call));
	return call(n, a, b, c, d, e, f);
}

void inject_free(void *) __asm__("free");
void
inject_free(void *p)
{
	static void (*real_free)(void *);
	/* What dlsym(), for the compiler a leaf, frees on its way. */
	static void *volatile later;
	static volatile bool looking;

	if (looking) {
		later = p;
		return;
	}
	if (real_free == NULL) {
		void *symbol;

		looking = true;
		symbol = dlsym(RTLD_NEXT, "free");
		memcpy(&real_free, &symbol, sizeof(symbol));
		looking = false;
		if (later != NULL)
			real_free(later);
	}
	if (p != NULL)
		forget((uintptr_t)p);
	real_free(p);
}

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	static int (*get)(clockid_t, struct timespec *);
	uint64_t ns;

	if (get == NULL) {
		void *symbol = dlsym(RTLD_NEXT, "clock_gettime");

		memcpy(&get, &symbol, sizeof(symbol));
	}
	if (get(clock, ts) != 0)
		return -1;
	if (clock == CLOCK_REALTIME)
		return 0;
	ns = (uint64_t)ts->tv_sec * 1000000000 + (uint64_t)ts->tv_nsec;
	ns *= (uint64_t)speed;
	ts->tv_sec = (time_t)(ns / 1000000000);
	ts->tv_nsec = (long)(ns % 1000000000);
	return 0;
}

/* False: it is not for this program. */
static bool
read_order(const char *order, const char *program)
{
	char whose[32], name[32];
	unsigned long long hash;

	if (sscanf(order, "%31[^:]:%31[^:]:%llx:%u:%d", whose, name, &hash,
		&fail_at, &fail_how) != 5)
		abort();
	if (strcmp(whose, program) != 0)
		return false;
	fail_call = COUNT;
	while (fail_call > 0 && strcmp(calls[fail_call - 1].name, name) != 0)
		fail_call--;
	if (fail_call-- == 0)
		abort();
	fail_hash = hash;
	return true;
}

static void
open_table(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd == -1 || ftruncate(fd, sizeof(*table)) != 0)
		abort();
	table = mmap(
	    NULL, sizeof(*table), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (table == MAP_FAILED)
		abort();
	close(fd);
	table->calls = COUNT;
	table->sites = SITES;
	table->frames = FRAMES;
	table->modules = MODULES;
	for (int i = 0; i < COUNT; i++)
		strcpy(table->call[i], calls[i].name);
}

__attribute__((constructor)) static void
start(void)
{
	const char *file = getenv("INJECT_TABLE"), *order = getenv("INJECT");
	const char *program = program_invocation_short_name;
	char path[PATH_MAX];

	if (strcmp(program, "reflashd") == 0)
		speed = SPEED;
	else if (strcmp(program, "reflash-scan") != 0)
		return;
	if (file == NULL || (order != NULL && !read_order(order, program)))
		return;
	busy = true;
	snprintf(path, sizeof(path), "%s.%s", file, program);
	open_table(path);
	own_module = find_module((uintptr_t)start);
	own_pid = getpid();
	tzset(); /* keeps memory, whoever logs first */
	busy = false;
}

__attribute__((destructor)) static void
end(void)
{
	if (table == NULL || getpid() != own_pid)
		return;
	busy = true;
	for (uint32_t i = 0; i < BLOCKS; i++)
		if (blocks[i].inverse != 0)
			blocks[i].site->left++;
	for (int fd = 0; fd < MAX_FDS; fd++)
		table->descriptors += fcntl(fd, F_GETFD) != -1;
	table->ended = 1;
}
