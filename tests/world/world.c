/* SPDX-License-Identifier: ISC */
/*
 * Runs the daemon in a world of its own, once for each seed, and makes a run
 * that fails as short as can be.
 */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reflashd/daemon.h"
#include "tests/world/pairs.h"
#include "tests/world/parts.h"
#include "tests/world/script.h"
#include "tests/world/things.h"
#include "tests/world/truth.h"

#define DOWN_MS	    3000 /* between two lives of the daemon */
#define EXIT_FAILED 3

uint64_t world_seed, world_end_ms;

struct tally *tally; /* shared by all processes */

static struct script script;
static bool is_shown;
static bool is_first_enough; /* the first failure ends it, as it is */
static uint64_t down_ms;     /* until the daemon is started again */
static int report_fd = -1;

void
world_note(const char *fmt, ...)
{
	uint64_t ms = world_ms();
	va_list args;

	if (!is_shown)
		return;
	printf("%3" PRIu64 ":%02" PRIu64 ":%02" PRIu64 ".%03" PRIu64 " ",
	    ms / WORLD_HOUR, ms / WORLD_MINUTE % 60, ms / 1000 % 60, ms % 1000);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

void
world_fail(const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	world_note("FAILED: %s", text);
	fflush(stdout);
	if (report_fd != -1)
		(void)!write(report_fd, text, strlen(text));
	_exit(EXIT_FAILED);
}

void
tally_add(unsigned *counter, unsigned n)
{
	__atomic_add_fetch(counter, n, __ATOMIC_RELAXED);
}

static void
live(void *ctx)
{
	const struct daemon_options options = { .scan_program = "scan" };
	struct error err = { 0 };

	(void)ctx;
	if (daemon_run(&options, &err))
		return;
	world_note("the daemon does not start: %s", err.text);
	down_ms = WORLD_MINUTE;
}

static void
end_life(void)
{
	disk_close_all();
	client_world_reset();
	server_world_reset();
	control_world_reset();
	scanner_world_reset();
	signals_world_reset();
}

void
world_lose_power(void)
{
	if (world_is_running()) {
		world_at(world_ms(), (world_fn *)disk_lose_power, NULL);
		world_boot();
		world_die();
	}
	disk_lose_power();
	world_boot();
}

static void
run(void)
{
	script_play(&script);
	while (world_ms() < script.end_ms) {
		tally_add(&tally->lives, 1);
		world_new_life();
		truth_new_life();
		down_ms = DOWN_MS;
		loop_live(live, NULL);
		end_life();
		truth_life_over();
		world_new_life();
		world_run_until(world_ms() + down_ms);
	}
	truth_at_end();
	tally_add(&tally->devices, (unsigned)thing_count);
	__atomic_add_fetch(&tally->world_ms, world_ms(), __ATOMIC_RELAXED);
}

/* Run the script in a process of its own.  Returns true if all was well. */
static bool
run_apart(char *why, size_t size)
{
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	fflush(stdout);
	if (pipe(fds) == -1)
		abort();
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		report_fd = fds[1];
		world_begin(script.seed);
		run();
		fflush(stdout);
		_exit(EXIT_SUCCESS);
	}
	close(fds[1]);
	n = read(fds[0], why, size - 1);
	why[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	if (waitpid(pid, &status, 0) == -1)
		abort();
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
		return true;
	if (why[0] == '\0')
		snprintf(why, size, "the daemon crashed (%s %d)",
		    WIFSIGNALED(status) ? "signal" : "status",
		    WIFSIGNALED(status) ? WTERMSIG(status)
					: WEXITSTATUS(status));
	return false;
}

/* Compare sentences without their numbers. */
static bool
is_same(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, "0123456789");
		b += strspn(b, "0123456789");
		if (*a != *b)
			return false;
		if (*a == '\0')
			return true;
	}
}

/* Leave out each act that the failure does not need. */
static void
shorten(const char *why)
{
	char now[512];

	for (size_t n = script.count / 2; n > 0; n /= 2)
		for (size_t at = 0; at + n <= script.count;) {
			struct script all = script;

			memmove(&script.acts[at], &script.acts[at + n],
			    (script.count - at - n) * sizeof(script.acts[0]));
			script.count -= n;
			if (run_apart(now, sizeof(now)) || !is_same(now, why)) {
				script = all;
				at += n;
			}
		}
}

static void
report(const char *why)
{
	char now[512];

	printf("FAILED: seed %" PRIu64 ": %s\n", script.seed, why);
	fflush(stdout);
	if (is_first_enough)
		return;
	shorten(why);
	run_apart(now, sizeof(now));
	printf("# %s\n", now);
	script_print(&script, stdout);
	fflush(stdout);
}

static void
print_totals(uint64_t runs)
{
	uint64_t minutes = tally->world_ms / WORLD_MINUTE;

	printf("%" PRIu64 " runs, %u failed: %" PRIu64 " days, %u lives of the "
	       "daemon, %u devices, %u flashed\n",
	    runs, tally->failed, minutes / (24 * 60), tally->lives,
	    tally->devices, tally->flashes);
}

/* Run each seed that is this one's of so many workers. */
static void
work(uint64_t from, uint64_t count, unsigned first, unsigned step)
{
	char why[512];

	for (uint64_t seed = from + first;
	    seed < from + count && (tally->failed == 0 || !is_first_enough);
	    seed += step) {
		script_make(&script, seed);
		if (!run_apart(why, sizeof(why))) {
			__atomic_add_fetch(&tally->failed, 1, __ATOMIC_RELAXED);
			report(why);
		}
	}
}

static int
run_seeds(uint64_t from, uint64_t count, unsigned jobs)
{
	for (unsigned i = 0; i < jobs; i++) {
		fflush(stdout);
		if (fork() == 0) {
			work(from, count, i, jobs);
			fflush(stdout);
			_exit(EXIT_SUCCESS);
		}
	}
	while (wait(NULL) > 0 || errno == EINTR)
		;
	print_totals(count);
	return tally->failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Read a file, or make the script of a number. */
static bool
read_script(const char *what)
{
	char *end;
	uint64_t seed = strtoull(what, &end, 10);
	FILE *file;
	bool ok;

	if (*end == '\0') {
		script_make(&script, seed);
		return true;
	}
	file = fopen(what, "r");
	if (file == NULL) {
		fprintf(stderr, "world: %s: %s\n", what, strerror(errno));
		return false;
	}
	ok = script_read(&script, file);
	fclose(file);
	return ok;
}

static int
run_files(char *names[], int count)
{
	unsigned failed = 0;

	for (int i = 0; i < count; i++) {
		char why[512] = "no script";
		bool ok = read_script(names[i]) && run_apart(why, sizeof(why));

		printf("%s: %s%s%s\n", ok ? "ok" : "FAILED", names[i],
		    ok ? "" : ": ", ok ? "" : why);
		failed += !ok;
	}
	return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static const char usage[] =
    "world -- run reflashd in simulated worlds\n"
    "\n"
    "  world [--seeds N] [--from SEED] [--jobs N] [--first] [--pairs]\n"
    "  world SCRIPT|SEED...\n"
    "  world --show SCRIPT|SEED\n"
    "\n"
    "  --seeds N     run N random scripts (1000)\n"
    "  --from SEED   the first of them is the script of this seed (1)\n"
    "  --jobs N      N runs at a time (1)\n"
    "  --first       end with the first run that fails\n"
    "  --pairs       print how often each act met each state of a device, and\n"
    "                each state followed another\n"
    "  --show        print everything that happens in one run\n"
    "\n"
    "A run that fails is made as short as can be, and printed as a script.\n";

static uint64_t
number(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);

	if (*end != '\0' || text[0] == '\0' || text[0] == '-') {
		fprintf(stderr, "world: %s is not a number\n", text);
		exit(2);
	}
	return value;
}

struct arguments {
	uint64_t seeds, from;
	unsigned jobs;
	bool has_pairs;
};

static void
parse(struct arguments *out, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "seeds", required_argument, NULL, 's' },
		{ "from", required_argument, NULL, 'f' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "first", no_argument, NULL, '1' },
		{ "pairs", no_argument, NULL, 'p' },
		{ "show", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*out = (struct arguments){ .seeds = 1000, .from = 1, .jobs = 1 };
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 's':
			out->seeds = number(optarg);
			break;
		case 'f':
			out->from = number(optarg);
			break;
		case 'j':
			out->jobs = (unsigned)number(optarg);
			break;
		case '1':
			is_first_enough = true;
			break;
		case 'p':
			out->has_pairs = true;
			break;
		case 'v':
			is_shown = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_SUCCESS);
		default:
			exit(2);
		}
}

int
main(int argc, char *argv[])
{
	struct arguments arguments;
	int code;

	setenv("TZ", "UTC", 1);
	parse(&arguments, argc, argv);
	if (is_shown) /* a crash loses no line, through a pipe either */
		setvbuf(stdout, NULL, _IOLBF, 0);
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		return EXIT_FAILURE;
	if (optind < argc)
		code = run_files(argv + optind, argc - optind);
	else
		code = run_seeds(arguments.from, arguments.seeds,
		    arguments.jobs > 0 ? arguments.jobs : 1);
	if (arguments.has_pairs)
		pairs_print(stdout);
	return code;
}
