/* SPDX-License-Identifier: ISC */
/*
 * The steps after a flash, in a world of one Tasmota that obeys the test, and
 * perhaps a second one. Time is a number.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/flash/rejoin_hint.h"
#include "core/postflash/postflash.h"

#include "unit/fixture.h"
#include "unit/test.h"

#define MAC	  "5c:cf:7f:0a:5b:f6"
#define OTHER_MAC "5C:CF:7F:00:00:02"
#define OLD	  "192.168.1.23"
#define NEW	  "192.168.1.77"
#define LOCKED	  "{\"WARNING\":\"Need user=<username>&password=<password>\"}"
#define LOCKED_DETAIL                                                          \
	"a Tasmota with a password: it was recognised by the kernel's table "  \
	"of neighbours alone, and its firmware could not be read"
#define UNKNOWN	    "{\"Command\":\"Unknown\"}"
#define NOTHING_NEW "Upgrade: nothing new came up in 10 min"
#define SERVER	    "Tasmota/14.2.0 (ESP8285N08)"
#define FULL	    "14.2.0(release-tasmota)" /* after the upgrade */
#define VERIFY_SEC  180
#define BOOT_MS	    8000 /* away for a restart */

/* A setting as the Tasmota of this world has it. */
struct setting {
	char name[32], value[64];
	unsigned lose; /* how often it ignores the command */
	bool lose_always;
};

/* A stranger that runs what the device should run. */
struct other {
	const char *address; /* NULL: there is none */
	char version[32];
	bool is_locked;
	bool is_mute;  /* a minimal build */
	unsigned told; /* how many orders it got */
	bool got_password;
};

struct world {
	uint64_t now, timer; /* timer 0: none */
	char asked[1300];    /* the call under way, or "" */
	char asked_at[16];
	bool with_password;
	unsigned calls, backlogs, serves, orders, moves, lacks, ended;
	char last_backlog[1300];
	const char *neighbours[3]; /* addresses with the MAC */
	bool knows_nobody;	   /* no MAC at all */
	bool alone_nowhere;	   /* the neighbours have another MAC */

	/* The Tasmota. */
	const char *address;	/* NULL: it is not on the LAN */
	const char *mac, *body; /* body: its answer to everything */
	int status;
	char version[32], built[24], password[16];
	bool has_password; /* asks for it */
	const char *door;  /* its answer then; NULL: the usual one */
	int door_status;
	bool ours_is_right, cuts_password;
	uint64_t away_until;
	bool is_away_after_backlog;
	struct other other;
	unsigned swap;	     /* the stranger gets the address at this restart */
	unsigned cut;	     /* this machine misses so many answers */
	unsigned silence_ms; /* timeout of a call; 0: 5000 */
	struct setting settings[6];
	size_t setting_count;
	const char *odd; /* its answer to settings */
	unsigned alone;	 /* settings that came alone */
	char last_alone[64];
	bool no_answer_to_backlog; /* once */
	bool deaf_to_backlog;	   /* always */

	/* Its upgrade. */
	const char *upgrades_to; /* the version; NULL: never fetches */
	uint64_t upgrade_at;	 /* when it is downloaded; 0: not */
	bool by_minimal;
	unsigned stuck; /* so many upgrades end in the minimal build */
	bool is_mute;	/* a minimal build without Status and Backlog */
	const char *unknown, *server; /* its answers; NULL: the usual ones */
	const char *later[2]; /* the neighbours, once it is stuck; "": none */
	bool cannot_serve;
	char ota_url[128]; /* "" its own */
	bool cuts_url;
	bool deaf_to_return;

	struct device *device;
	struct postflash_task task;
	struct postflash *after;
};

static uint64_t
world_now(void *ctx)
{
	return ((struct world *)ctx)->now;
}

static void
world_get(
    struct in_addr address, const char *command, bool with_password, void *ctx)
{
	struct world *w = ctx;

	assert_int_equal(w->ended, 0);
	assert_string_equal(w->asked, "");
	assert_true(strlen(command) < TASMOTA_MAX_CMND);
	snprintf(w->asked, sizeof(w->asked), "%s", command);
	inet_ntop(AF_INET, &address, w->asked_at, sizeof(w->asked_at));
	w->with_password = with_password;
	w->calls++;
}

static void
world_set_timer(uint64_t delay, void *ctx)
{
	struct world *w = ctx;

	assert_int_equal(w->ended, 0);
	assert_true(delay > 0);
	w->timer = w->now + delay;
}

static size_t
world_addresses(struct in_addr *out, size_t max, void *ctx)
{
	struct world *w = ctx;
	size_t n = 0;

	assert_int_equal(max, 8);
	out[n++] = w->device->place.address;
	for (size_t i = 0; i < 3 && w->neighbours[i] != NULL; i++) {
		struct in_addr at;

		inet_pton(AF_INET, w->neighbours[i], &at);
		if (at.s_addr != out[0].s_addr)
			out[n++] = at;
	}
	return n;
}

static enum postflash_place
world_place(struct in_addr address, void *ctx)
{
	struct world *w = ctx;
	enum postflash_place place =
	    w->knows_nobody ? POSTFLASH_UNKNOWN : POSTFLASH_ELSEWHERE;
	size_t count = 0;
	char text[16];

	inet_ntop(AF_INET, &address, text, sizeof(text));
	for (; count < 3 && w->neighbours[count] != NULL; count++)
		if (strcmp(w->neighbours[count], text) == 0)
			place = POSTFLASH_ALONE;
	if (w->alone_nowhere)
		return POSTFLASH_ELSEWHERE;
	return place == POSTFLASH_ALONE && count > 1 ? POSTFLASH_SHARED : place;
}

static void
world_moved(void *ctx)
{
	((struct world *)ctx)->moves++;
}

static bool
world_serve(char *url, size_t size, struct error *err, void *ctx)
{
	struct world *w = ctx;

	if (w->cannot_serve)
		return error_set(err, 2, "full.bin.gz: it is gone");
	w->serves++;
	if (w->device->upgrade.token[0] == '\0')
		snprintf(w->device->upgrade.token,
		    sizeof(w->device->upgrade.token), "t");
	snprintf(url, size, "http://192.168.1.2:8266/%s/fw.bin.gz",
	    w->device->upgrade.token);
	return true;
}

static void
world_ended(void *ctx)
{
	struct world *w = ctx;

	w->ended++;
	w->timer = 0;
}

static void
world_lacks(void *ctx)
{
	struct world *w = ctx;

	w->lacks++;
	w->timer = 0;
}

static const struct postflash_ops ops = {
	.now_ms = world_now,
	.get = world_get,
	.set_timer = world_set_timer,
	.addresses = world_addresses,
	.place = world_place,
	.moved = world_moved,
	.serve = world_serve,
	.lacks = world_lacks,
	.ended = world_ended,
};

static struct setting *
setting(struct world *w, const char *name)
{
	for (size_t i = 0; i < w->setting_count; i++)
		if (strcasecmp(w->settings[i].name, name) == 0)
			return &w->settings[i];
	return NULL;
}

static struct setting *
has(struct world *w, const char *name, const char *value)
{
	struct setting *s = &w->settings[w->setting_count++];

	snprintf(s->name, sizeof(s->name), "%s", name);
	snprintf(s->value, sizeof(s->value), "%s", value);
	return s;
}

static void
runs(struct world *w, const char *version)
{
	snprintf(w->version, sizeof(w->version), "%s", version);
}

/* One command of a Backlog. */
static void
execute(struct world *w, char *line)
{
	char *value = strchr(line, ' ');
	struct setting *s;

	assert_non_null(value);
	*value++ = '\0';
	if (strcmp(line, "OtaUrl") == 0) {
		snprintf(w->ota_url, sizeof(w->ota_url), "%s", value);
		return;
	}
	if (strcmp(line, "Upgrade") == 0) {
		w->orders++;
		if (w->upgrades_to != NULL)
			w->upgrade_at = w->now + 20000;
		return;
	}
	if (strcmp(line, "WebPassword") == 0) {
		w->has_password = true;
		w->ours_is_right = !w->cuts_password;
		return;
	}
	s = setting(w, line);
	assert_non_null(s);
	if (s->lose_always || s->lose > 0)
		s->lose -= s->lose > 0;
	else
		snprintf(s->value, sizeof(s->value), "%s", value);
}

static void
swap_now(struct world *w)
{
	w->other.address = OLD;
	w->address = w->neighbours[0] = NEW;
}

static void
restart(struct world *w, uint64_t ms)
{
	w->away_until = w->now + ms;
	if (w->swap > 0 && --w->swap == 0)
		swap_now(w);
}

static void
execute_all(struct world *w, const char *backlog)
{
	char *copy = xstrdup(backlog), *rest = copy, *line;

	snprintf(w->last_backlog, sizeof(w->last_backlog), "%s", backlog);
	w->backlogs++;
	while ((line = strsep(&rest, ";")) != NULL)
		execute(w, line);
	free(copy);
	if (w->is_away_after_backlog)
		restart(w, BOOT_MS);
}

static const char *
answer_to(struct world *w)
{
	static char body[600];
	const struct setting *s = setting(w, w->asked);

	if (w->body != NULL)
		return w->body;
	if (w->has_password && !(w->with_password && w->ours_is_right)) {
		w->status = w->door != NULL ? w->door_status : 401;
		return w->door != NULL ? w->door : LOCKED;
	}
	if (strcmp(w->asked, "Status 5") == 0)
		snprintf(body, sizeof(body), "{\"StatusNET\":{\"Mac\":\"%s\"}}",
		    w->mac);
	else if (strcmp(w->asked, "Status 2") == 0)
		snprintf(body, sizeof(body),
		    "{\"StatusFWR\":{\"Version\":\"%s\",\"BuildDateTime\":"
		    "\"%s\"}}",
		    w->version, w->built);
	else if (strcmp(w->asked, "OtaUrl 1") == 0)
		snprintf(body, sizeof(body), "{\"OtaUrl\":\"%s\"}",
		    strcpy(w->ota_url, ""));
	else if (w->odd != NULL)
		snprintf(body, sizeof(body), "%s", w->odd);
	else if (strcmp(w->asked, "Module") == 0)
		snprintf(body, sizeof(body), "{\"Module\":{\"%s\":\"x\"}}",
		    s->value);
	else
		snprintf(
		    body, sizeof(body), "{\"%s\":\"%s\"}", s->name, s->value);
	return body;
}

/* A minimal build of 11.1 or later. */
static const char *
minimal_answers(struct world *w)
{
	static char body[200];

	if (w->has_password && !(w->with_password && w->ours_is_right)) {
		w->status = 401;
		return LOCKED;
	}
	if (strncmp(w->asked, "OtaUrl ", 7) == 0) {
		snprintf(w->ota_url, sizeof(w->ota_url), "%.*s",
		    w->cuts_url ? 20 : 120, w->asked + 7);
		snprintf(
		    body, sizeof(body), "{\"OtaUrl\":\"%.120s\"}", w->ota_url);
		return body;
	}
	if (strcmp(w->asked, "Upgrade 1") != 0)
		return w->unknown != NULL ? w->unknown : UNKNOWN;
	w->orders++;
	w->upgrade_at = w->now + 20000;
	return "{\"Upgrade\":\"Version 14.2.0 from http://192.168.1.2\"}";
}

/* Is the call under way a setting outside of a Backlog? */
static bool
is_alone(const struct world *w)
{
	return strchr(w->asked, ' ') != NULL &&
	    strncmp(w->asked, "Status ", 7) != 0 &&
	    strncmp(w->asked, "Backlog ", 8) != 0 &&
	    strncmp(w->asked, "OtaUrl ", 7) != 0;
}

static bool
is_order(const struct world *w)
{
	return strncmp(w->asked, "Backlog ", 8) == 0 ||
	    strncmp(w->asked, "OtaUrl ", 7) == 0 || is_alone(w);
}

static const char *
other_answers(struct world *w)
{
	static char body[200];
	bool told = is_order(w);

	w->other.told += told;
	w->other.got_password |= w->with_password;
	w->status = w->other.is_locked ? 401 : 200;
	if (w->other.is_locked)
		return LOCKED;
	if (w->other.is_mute)
		return UNKNOWN;
	if (strcmp(w->asked, "Status 5") == 0)
		return "{\"StatusNET\":{\"Mac\":\"" OTHER_MAC "\"}}";
	snprintf(body, sizeof(body),
	    told ? "{}"
		 : "{\"StatusFWR\":{\"Version\":\"%s\",\"BuildDateTime\":"
		   "\"2025-01-01T00:00:00\"},\"DeviceName\":\"Hall\","
		   "\"Module\":{\"0\":\"x\"}}",
	    w->other.version);
	return body;
}

static bool
is_on_lan(const struct world *w)
{
	return w->address != NULL && w->now >= w->away_until;
}

/* End the call under way. */
static void
answer(struct world *w)
{
	bool backlog = strncmp(w->asked, "Backlog ", 8) == 0;
	bool hears = is_on_lan(w) && strcmp(w->asked_at, w->address) == 0;
	const char *body;

	w->now += 100;
	w->status = 200;
	if (w->cut > 0) {
		w->cut--;
		w->asked[0] = '\0';
		postflash_answered(w->after, POSTFLASH_CUT_OFF, 0, "", "", 0);
		return;
	}
	if (w->other.address != NULL &&
	    strcmp(w->asked_at, w->other.address) == 0) {
		body = other_answers(w);
		w->asked[0] = '\0';
		postflash_answered(w->after, POSTFLASH_REPLY, w->status, SERVER,
		    body, strlen(body));
		return;
	}
	if (backlog && (w->deaf_to_backlog || w->no_answer_to_backlog)) {
		if (w->no_answer_to_backlog)
			execute_all(w, w->asked + 8);
		w->no_answer_to_backlog = false;
		hears = false;
	}
	if (w->deaf_to_return && strcmp(w->asked, "OtaUrl 1") == 0)
		hears = false;
	if (!hears) {
		w->now += w->silence_ms > 0 ? w->silence_ms : 5000;
		w->asked[0] = '\0';
		postflash_answered(w->after, POSTFLASH_SILENCE, 0, "", "", 0);
		return;
	}
	if (w->is_mute)
		backlog = false;
	else if (backlog)
		execute_all(w, w->asked + 8);
	else if (is_alone(w)) {
		w->alone++;
		snprintf(
		    w->last_alone, sizeof(w->last_alone), "%.63s", w->asked);
		execute(w, w->asked);
		backlog = true;
	}
	body = backlog ? "{}" : w->is_mute ? minimal_answers(w) : answer_to(w);
	w->asked[0] = '\0';
	postflash_answered(w->after, POSTFLASH_REPLY, w->status,
	    w->server != NULL ? w->server : SERVER, body, strlen(body));
}

static void
boot_upgrade(struct world *w)
{
	w->upgrade_at = 0;
	postflash_fetching(w->after);
	postflash_fetched(w->after);
	restart(w, 24000);
	w->is_mute = w->stuck > 0;
	if (w->is_mute) {
		w->stuck--;
		if (w->later[0] != NULL)
			memcpy(w->neighbours, w->later, sizeof(w->later));
		if (w->neighbours[0][0] == '\0')
			w->neighbours[0] = NULL;
	} else if (w->by_minimal) {
		w->by_minimal = false;
		runs(w, "14.2.0(minimal)");
		w->upgrade_at = w->away_until + 6000;
	} else {
		runs(w, w->upgrades_to);
		snprintf(w->built, sizeof(w->built), "2025-01-01T00:00:00");
	}
}

/* Do the next thing that is due; false: it has ended. */
static bool
step(struct world *w)
{
	if (w->ended > 0)
		return false;
	if (w->upgrade_at != 0 && w->upgrade_at <= w->now)
		boot_upgrade(w);
	if (w->asked[0] != '\0') {
		answer(w);
		return true;
	}
	assert_int_not_equal(w->timer, 0);
	w->now = w->timer > w->now ? w->timer : w->now;
	w->timer = 0;
	postflash_timer(w->after);
	return true;
}

/* Run until it ends, or until that time. */
static void
run(struct world *w)
{
	for (unsigned i = 0; step(w); i++)
		assert_true(i < 5000);
	assert_int_equal(w->ended, 1);
}

static void
run_until(struct world *w, uint64_t ms)
{
	while (w->now < ms)
		assert_true(step(w));
}

/* Run until this question is asked. */
static void
run_to(struct world *w, const char *asked)
{
	while (strcmp(w->asked, asked) != 0)
		assert_true(step(w));
}

static void
run_to_backlog(struct world *w)
{
	while (w->backlogs == 0)
		assert_true(step(w));
}

static struct tasmota_steps
steps_of(const char *const pairs[])
{
	struct tasmota_steps steps = { 0 };

	for (size_t i = 0; pairs != NULL && pairs[i] != NULL; i += 2)
		tasmota_steps_add(&steps, pairs[i], pairs[i + 1]);
	return steps;
}

/* pairs: the settings of [Finish], or NULL. */
static void
start(struct world *w, const char *const pairs[])
{
	w->ended = 0;
	w->timer = 0;
	w->asked[0] = '\0';
	w->after = postflash_new(w->device, &w->task, steps_of(pairs), &ops, w);
	postflash_start(w->after);
}

/* A restart of the daemon: a record does not contain finishing. */
static void
start_again(struct world *w, const char *const pairs[])
{
	postflash_free(w->after);
	device_restore(w->device, STATE_VERIFYING, 0);
	start(w, pairs);
}

static void
finish(struct world *w, const char *const pairs[])
{
	start(w, pairs);
	run(w);
}

static void
finish_again(struct world *w, const char *const pairs[])
{
	start_again(w, pairs);
	run(w);
}

static const struct postflash_task tasmota = {
	.expect = DEVICE_EXPECT_TASMOTA,
	.must_return = true,
	.verify_sec = VERIFY_SEC,
	.fetch_sec = 60,
	.upgrade_sec = 600,
	.upgrade_sha256 = "",
	.upgrade_variant = "",
	.upgrade_version = "",
};

static struct world *the_world; /* of the test that runs, or NULL */

static int
end_world(void **unused)
{
	struct world *w = the_world;

	(void)unused;
	if (w != NULL) {
		postflash_free(w->after);
		device_free(w->device);
		free(w);
	}
	the_world = NULL;
	return 0;
}

/* The world is freed when the next one is made. */
static struct world *
world_new(void)
{
	struct world *w = xcalloc(1, sizeof(*w));

	end_world(NULL);
	the_world = w;
	w->task = tasmota;
	w->now = 1000000;
	w->mac = "5C:CF:7F:0A:5B:F6";
	w->address = OLD;
	w->neighbours[0] = OLD;
	runs(w, "9.5.0(lite)");
	snprintf(w->built, sizeof(w->built), "2021-06-17T08:26:01");
	w->device = fixture_device(FIXTURE_ID);
	fixture_end(w->device, "lite", SHA_A, STATE_VERIFYING, 0);
	snprintf(w->device->place.mac, sizeof(w->device->place.mac), MAC);
	w->device->seen.is_present = false;
	return w;
}

/* The policy has Upgrade=; variant: that of the image, or "". */
static void
is_upgraded(struct world *w, const char *variant)
{
	w->task.has_upgrade = true;
	w->task.upgrade_sha256 = SHA_B;
	w->task.upgrade_variant = variant;
	w->task.upgrade_version = variant[0] != '\0' ? "14.2.0" : "";
	w->upgrades_to = FULL;
}

static struct world *
world_upgrading(void)
{
	struct world *w = world_new();

	is_upgraded(w, "tasmota");
	return w;
}

static const char *const hall[] = { "DeviceName", "Hall", "Module", "0", NULL };

static void
hall_to_be(struct world *w)
{
	has(w, "DeviceName", "Tasmota");
	has(w, "Module", "1");
	w->is_away_after_backlog = true;
}

static struct world *
world_not_fetching(void)
{
	struct world *w = world_upgrading();

	w->upgrades_to = NULL;
	return w;
}

/* A Tasmota that restarts with its settings. */
static struct world *
world_told(void)
{
	struct world *w = world_new();

	hall_to_be(w);
	start(w, hall);
	run_to_backlog(w);
	return w;
}

static void
assert_failed(const struct world *w, enum reason reason, const char *needle)
{
	assert_int_equal(w->device->state, STATE_FAILED);
	assert_int_equal(w->device->reason, reason);
	if (strstr(w->device->detail, needle) == NULL)
		fail_msg("\"%s\" is not in: %s", needle, w->device->detail);
}

static void
assert_verified(const struct world *w, const char *detail)
{
	if (w->device->state != STATE_VERIFIED)
		print_error("%s\n", w->device->detail);
	assert_int_equal(w->device->state, STATE_VERIFIED);
	assert_string_equal(w->device->detail, detail);
	assert_int_equal(w->device->reason, REASON_NONE);
	assert_true(w->device->seen.is_present);
}

static void
assert_at(const struct world *w, const char *address)
{
	char text[16];

	inet_ntop(AF_INET, &w->device->place.address, text, sizeof(text));
	assert_string_equal(text, address);
}

TEST(a_tasmota_at_the_old_address_is_verified)
{
	struct world *w = world_new();

	device_blame(w->device, REASON_FINISH_NOT_READY, "its set-up waits");
	finish(w, NULL);
	assert_verified(w, "Tasmota 9.5.0 (lite)");
	assert_string_equal(w->device->facts.firmware, "9.5.0");
	assert_string_equal(w->device->facts.variant, "lite");
	assert_int_equal(w->calls, 3);
	assert_int_equal(w->backlogs, 0);
}

TEST(a_tasmota_is_found_by_its_mac_at_another_address)
{
	struct world *w = world_new();
	unsigned calls;

	w->address = NEW;
	w->neighbours[0] = NULL;
	start(w, NULL);
	run_until(w, w->now + 30000);
	w->neighbours[0] = NEW;
	while (strcmp(w->asked_at, NEW) != 0)
		assert_true(step(w));
	calls = w->calls;
	run(w);
	assert_verified(w, "Tasmota 9.5.0 (lite)");
	assert_at(w, NEW);
	assert_int_equal(w->calls, calls + 2); /* both at its new address */
	assert_int_equal(w->moves, 1);
}

/* No other address is asked while the known one may answer. */
TEST(a_tasmota_that_falls_silent_is_not_looked_for_at_once)
{
	struct world *w = world_new();

	w->neighbours[1] = NEW;
	start(w, NULL);
	while (w->calls < 3)
		assert_true(step(w));
	w->address = NULL;
	assert_true(step(w));
	assert_string_equal(w->asked, "");
	assert_int_equal(w->timer, w->now + 3000);
	w->address = OLD;
	run(w);
	assert_verified(w, "Tasmota 9.5.0 (lite)");
	assert_int_equal(w->moves, 0);
}

TEST(what_tells_no_version_is_asked_again)
{
	static const char *const bodies[] = {
		"{\"StatusNET\":{\"Mac\":\"5C:CF:7F:0A:5B:F6\"}}",
		"{\"StatusFWR\":{\"Version\":\"x\"}}", "{}", "x"
	};

	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct world *w = world_new();

		start(w, NULL);
		run_to(w, "Status 2");
		w->body = bodies[i];
		assert_true(step(w));
		assert_string_equal(w->asked, "");
		assert_int_equal(w->timer, w->now + 3000);
		w->body = NULL;
		run(w);
		assert_verified(w, "Tasmota 9.5.0 (lite)");
	}
}

TEST(silence_is_a_failure_only_where_something_must_return)
{
	struct world *w = world_new();
	uint64_t begun = w->now;

	w->address = NULL;
	finish(w, NULL);
	assert_failed(w, REASON_NOT_SEEN_AGAIN, MAC);
	assert_in_range(
	    w->now - begun, VERIFY_SEC * 1000, (VERIFY_SEC + 10) * 1000);

	w = world_new();
	w->address = NULL;
	w->task.must_return = false;
	device_blame(w->device, REASON_FINISH_NOT_READY, "its set-up waits");
	finish(w, NULL);
	assert_int_equal(w->device->state, STATE_FLASHED);
	assert_int_equal(w->device->reason, REASON_NONE);
	assert_contains(w->device->detail,
	    "it was not found in 3 min; its access point is "
	    "tasmota_0A5BF6-7158");

	w = world_new();
	w->address = NULL;
	w->device->place.mac[0] = '\0';
	finish(w, NULL);
	assert_failed(w, REASON_NOT_SEEN_AGAIN, "its MAC is not known");
}

/* A round is 5.1 s of silence and 3 s of rest. */
TEST(it_is_looked_for_until_its_time_is_up)
{
	static const struct {
		unsigned verify_sec;
		uint64_t ms;
	} cases[] = { { 80, 81000 }, { 81, 81000 }, { 82, 89100 },
		{ 154, 162000 } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_new();
		uint64_t begun = w->now;

		w->address = NULL;
		w->task.verify_sec = cases[i].verify_sec;
		finish(w, NULL);
		assert_failed(w, REASON_NOT_SEEN_AGAIN, MAC);
		assert_int_equal(w->now - begun, cases[i].ms);
	}
}

TEST(something_else_with_its_mac_is_a_wrong_firmware)
{
	static const char *const bodies[] = { "<html>something else</html>", "",
		"{\"StatusSNS\":{}}", "{\"error\":401}" };

	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct world *w = world_new();

		w->body = bodies[i];
		finish(w, NULL);
		assert_failed(w, REASON_WRONG_FIRMWARE, "not as Tasmota");
	}
}

TEST(another_at_its_old_address_is_not_it)
{
	struct world *w = world_new();

	w->mac = "5c:cf:7f:00:00:01";
	w->neighbours[0] = NULL;
	finish(w, NULL);
	assert_failed(w, REASON_NOT_SEEN_AGAIN, MAC);

	w = world_new();
	w->body = "<html>a printer</html>";
	w->neighbours[0] = NULL;
	w->task.must_return = false;
	finish(w, NULL);
	assert_int_equal(w->device->state, STATE_FLASHED);
}

/* A Tasmota can claim any MAC. A believed one would get the passwords. */
TEST(who_only_says_its_mac_is_not_it)
{
	static const char *const secret[] = { "WebPassword", "geheim", NULL };
	struct world *w = world_new();

	w->task.has_password = true;
	w->neighbours[0] = NULL;
	finish(w, secret);
	assert_failed(w, REASON_NOT_SEEN_AGAIN,
	    "; a Tasmota at " OLD " says that it has its MAC, but");
	assert_int_equal(w->backlogs, 0);

	w = world_new();
	w->neighbours[0] = NULL;
	w->task.has_password = true;
	w->task.must_return = false;
	finish(w, NULL);
	assert_int_equal(w->device->state, STATE_FLASHED);
	assert_contains(w->device->detail, "; a Tasmota at " OLD);
	assert_contains(w->device->detail, "its access point is");

	w = world_new();
	w->neighbours[0] = NULL;
	w->knows_nobody = true;
	finish(w, NULL);
	assert_failed(w, REASON_NOT_SEEN_AGAIN, "answered in 3 min");
	assert_null(strstr(w->device->detail, "says that"));

	/* A claim that has ended is not reported. */
	w = world_new();
	w->neighbours[0] = NULL;
	start(w, NULL);
	run_until(w, w->now + 30000);
	w->address = NULL;
	run(w);
	assert_null(strstr(w->device->detail, "says that"));
}

/* The device proved its MAC before the restart only. */
TEST(who_only_says_its_mac_is_told_nothing)
{
	struct world *w = world_told();

	w->neighbours[0] = NULL;
	run(w);
	assert_failed(w, REASON_FINISH_FAILED, "; a Tasmota at " OLD);
	assert_int_equal(w->backlogs, 1);
}

TEST(a_tasmota_that_denies_its_mac_is_told_of)
{
	struct world *w = world_new();

	w->mac = "5C:CF:7F:0A:5B:09";
	finish(w, NULL);
	assert_failed(w, REASON_WRONG_FIRMWARE, "its MAC is 5c:cf:7f:0a:5b:09");
}

/* A doubt is forgotten when the device is found. */
TEST(a_doubt_ends_where_the_device_is_found)
{
	static const struct {
		const char *mac, *neighbours[2];
		bool is_locked, upgrades;
		const char *end;
	} cases[] = {
		{ "5C:CF:7F:0A:5B:09", { OLD }, false, false, /* denies it */
		    "it stopped answering at" },
		{ NULL, { NULL }, false, false, /* only says it */
		    "it stopped answering at" },
		{ NULL, { OLD, NEW }, true, true, /* may be another */
		    "nothing new came up in 10 min" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_new();
		const char *mac = w->mac;

		if (cases[i].upgrades)
			is_upgraded(w, "tasmota");
		w->upgrades_to = NULL;
		hall_to_be(w);
		w->mac = cases[i].mac != NULL ? cases[i].mac : mac;
		memcpy(w->neighbours, cases[i].neighbours,
		    sizeof(cases[i].neighbours));
		w->has_password = cases[i].is_locked;
		start(w, hall);
		run_until(w, w->now + 20000);
		w->mac = mac;
		w->neighbours[0] = OLD;
		w->neighbours[1] = NULL;
		w->has_password = false;
		run_to_backlog(w);
		w->address = NULL;
		run(w);
		assert_failed(w, REASON_FINISH_FAILED, cases[i].end);
	}
}

/* The MAC of some devices changes with the firmware. A person can check. */
TEST(a_tasmota_with_another_mac_at_the_old_address_is_told_of)
{
	static const struct {
		const char *mac; /* of the device, as it was */
		const char *neighbour, *at;
		bool must_return, has_password;
		const char *want, *not;
	} cases[] = {
		{ MAC, NULL, OLD, true, false,
		    "answered in 3 min; a Tasmota with the MAC "
		    "ec:fa:bc:0a:5b:f6 is at its old address",
		    "its access point" },
		{ MAC, NULL, OLD, false, false,
		    "it was not found in 3 min; a Tasmota with the MAC "
		    "ec:fa:bc:0a:5b:f6 is at its old address",
		    "its access point" },
		{ MAC, NULL, OLD, true, true,
		    "; a Tasmota that wants a password with another MAC is at "
		    "its old address",
		    "ec:fa:bc" },
		{ "", NULL, OLD, true, false,
		    "its MAC is not known, so it cannot be recognised; a "
		    "Tasmota with the MAC ec:fa:bc:0a:5b:f6 is",
		    "answered" },
		/* At another address it can be any Tasmota. */
		{ MAC, NEW, NEW, true, false, "answered in 3 min",
		    "old address" },
		{ MAC, NEW, NEW, true, true, "answered in 3 min",
		    "old address" },
		{ MAC, NULL, NULL, true, false, "answered in 3 min",
		    "old address" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_new();

		print_message("  %s\n", cases[i].want);
		w->mac = "EC:FA:BC:0A:5B:F6";
		strcpy(w->device->place.mac, cases[i].mac);
		w->neighbours[0] = cases[i].neighbour;
		w->address = cases[i].at;
		w->has_password = cases[i].has_password;
		w->alone_nowhere = true;
		w->task.must_return = cases[i].must_return;
		finish(w, NULL);
		assert_int_equal(w->device->state,
		    w->task.must_return ? STATE_FAILED : STATE_FLASHED);
		assert_int_equal(w->device->reason,
		    w->task.must_return ? REASON_NOT_SEEN_AGAIN : REASON_NONE);
		if (strstr(w->device->detail, cases[i].want) == NULL ||
		    strstr(w->device->detail, cases[i].not) != NULL)
			fail_msg("%s", w->device->detail);
		if (strstr(cases[i].want, "old address") != NULL) {
			assert_contains(w->device->detail,
			    "run: reflashctl forget " FIXTURE_ID);
			assert_contains(
			    w->device->detail, "Look at http://" OLD "; if");
		}
		assert_int_equal(w->backlogs, 0);
	}
}

TEST(an_esphome_with_another_mac_at_the_old_address_is_told_of)
{
	static const struct {
		enum device_expect expect;
		const char *at;
		bool is_told;
	} cases[] = {
		{ DEVICE_EXPECT_ESPHOME, OLD, true },
		{ DEVICE_EXPECT_ESPHOME, NEW, false },
		{ DEVICE_EXPECT_TASMOTA, OLD, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_new();
		struct in_addr at;

		w->task.expect = cases[i].expect;
		w->address = NULL;
		inet_pton(AF_INET, cases[i].at, &at);
		start(w, NULL);
		postflash_announced_other(
		    w->after, DEVICE_EXPECT_ESPHOME, at, "ec:fa:bc:0a:5b:f6");
		run(w);
		assert_failed(w, REASON_NOT_SEEN_AGAIN, "answered in 3 min");
		assert_int_equal(cases[i].is_told,
		    strstr(w->device->detail,
			"; an ESPHome with the MAC ec:fa:bc:0a:5b:f6 is at its "
			"old address") != NULL);
	}
}

TEST(what_did_not_answer_at_first_is_asked_again)
{
	struct world *w = world_new();

	w->away_until = w->now + 60000;
	finish(w, NULL);
	assert_verified(w, "Tasmota 9.5.0 (lite)");
}

TEST(a_password_is_no_failure_where_nothing_is_to_be_set)
{
	struct world *w = world_new();

	w->has_password = true;
	finish(w, NULL);
	assert_verified(w, LOCKED_DETAIL);

	/* A stranger with a password is not the device. */
	w = world_new();
	w->has_password = true;
	w->neighbours[0] = NULL;
	finish(w, NULL);
	assert_failed(w, REASON_NOT_SEEN_AGAIN, MAC);
}

/* A locked Tasmota is known by its MAC only, at one address only. */
TEST(a_locked_one_is_known_by_a_mac_with_one_address_only)
{
	static const struct {
		const char *address, *neighbours[3];
		uint64_t until; /* then the first one is the only one */
		const char *failure;
	} cases[] = {
		{ OLD, { OLD }, 0, NULL },
		{ NEW, { NEW }, 0, NULL },
		{ OLD, { OLD, NEW }, 0, "at several addresses" },
		{ OLD, { NEW, OLD }, 0, "at several addresses" },
		{ NEW, { NEW, OLD }, 40000, NULL },
		{ OLD, { NEW }, 0, "nothing with the MAC" },
	};

	for (size_t i = 0; i < 2 * COUNT(cases); i++) {
		size_t n = i / 2;
		struct world *w = world_new();

		w->task.has_password = i % 2 == 1;
		w->has_password = true;
		w->address = cases[n].address;
		memcpy(
		    w->neighbours, cases[n].neighbours, sizeof(w->neighbours));
		start(w, NULL);
		if (cases[n].until != 0)
			run_until(w, w->now + cases[n].until);
		if (cases[n].until != 0)
			w->neighbours[1] = NULL;
		run(w);
		if (cases[n].failure != NULL) {
			assert_failed(
			    w, REASON_NOT_SEEN_AGAIN, cases[n].failure);
		} else {
			assert_verified(w, LOCKED_DETAIL);
			assert_at(w, cases[n].address);
		}
		if (n == 0) /* in two rounds */
			assert_int_equal(
			    w->calls, w->task.has_password ? 4 : 2);
	}
}

/* A stranger at its old address does not get the password. */
TEST(the_password_is_for_its_own_address_alone)
{
	for (int locked = 0; locked < 2; locked++) {
		struct world *w = world_new();

		w->task.has_password = true;
		w->other.address = OLD;
		w->other.is_locked = locked == 1;
		w->address = NEW;
		w->neighbours[0] = NULL;
		w->has_password = w->ours_is_right = true;
		hall_to_be(w);
		start(w, hall);
		run_until(w, w->now + 30000);
		w->neighbours[0] = NEW;
		run(w);
		assert_verified(w, "Tasmota 9.5.0 (lite)");
		assert_at(w, NEW);
		assert_false(w->other.got_password);
		assert_int_equal(w->other.told, 0);
	}
}

/* A device without a password does not get it either. */
TEST(who_wants_no_password_is_not_told_one)
{
	struct world *w = world_new();

	w->task.has_password = true;
	hall_to_be(w);
	start(w, hall);
	while (w->ended == 0) {
		assert_false(w->with_password);
		step(w);
	}
	assert_verified(w, "Tasmota 9.5.0 (lite)");
}

TEST(a_password_that_is_wrong_or_missing_ends_the_finish)
{
	struct world *w = world_new();

	w->has_password = true;
	hall_to_be(w);
	finish(w, hall);
	assert_failed(w, REASON_FINISH_FAILED, "the policy has none");

	w = world_new();
	w->has_password = w->task.has_password = true;
	hall_to_be(w);
	finish(w, hall);
	assert_failed(w, REASON_FINISH_FAILED, "another web password");

	w = world_new();
	w->task.has_password = true;
	w->has_password = w->ours_is_right = true;
	hall_to_be(w);
	finish(w, hall);
	assert_verified(w, "Tasmota 9.5.0 (lite)");
}

/* The sentence is the same whether or not a password was sent. */
TEST(what_a_refused_password_comes_of_is_told)
{
	static const char *const both[] = { "DeviceName", "Hall", "WebPassword",
		"geheim", NULL };

	for (int told = 0; told < 3; told++) {
		struct world *w = world_new();

		w->task.has_password = true;
		w->has_password = told == 0;
		hall_to_be(w);
		start(w, told == 1 ? hall : both);
		while (told == 1 && w->backlogs == 0)
			assert_true(step(w));
		while (told == 2 && strcmp(w->asked, "DeviceName") != 0)
			assert_true(step(w));
		if (told == 2) /* the next question is for the password */
			assert_true(step(w));
		w->has_password = true; /* by somebody else */
		run(w);
		assert_failed(w, REASON_FINISH_FAILED,
		    "it wants another web password than the policy has");
	}
}

/* The status is enough, and so are the words of an older Tasmota. */
TEST(a_door_is_shut_by_its_status_or_its_words)
{
	static const char *const pairs[] = { "DeviceName", "Hall",
		"WebPassword", "geheim", NULL };
	static const struct {
		int status;
		const char *body;
	} cases[] = { { 401, "<html>" }, { 200, LOCKED }, { 401, LOCKED } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_new();

		w->task.has_password = true;
		has(w, "DeviceName", "Tasmota");
		start(w, pairs);
		run_to_backlog(w);
		run_to(w, "DeviceName");
		/* A refused question is asked again later. */
		w->door = cases[i].body;
		w->door_status = cases[i].status;
		w->ours_is_right = false;
		assert_true(step(w));
		assert_string_equal(w->asked, "");
		w->ours_is_right = true;
		while (w->ended == 0) {
			/* This question shows if the password works. */
			w->door = strcmp(w->asked, "Status 2") == 0
			    ? cases[i].body
			    : NULL;
			step(w);
		}
		assert_verified(w, "Tasmota 9.5.0 (lite)");
		assert_int_equal(w->backlogs, 1);
	}
}

static void
announce_version(struct world *w, const char *address, const char *version)
{
	struct in_addr in;

	inet_pton(AF_INET, address, &in);
	postflash_announced(w->after, DEVICE_EXPECT_ESPHOME, in, version,
	    "as it announces itself");
}

static void
announce(struct world *w, const char *address)
{
	announce_version(w, address, "2024.10.1");
}

TEST(an_esphome_is_verified_by_its_announcement)
{
	struct world *w = world_new();

	w->task.expect = DEVICE_EXPECT_ESPHOME;
	w->address = NULL;
	start(w, NULL);
	run_until(w, w->now + 20000);
	announce(w, NEW);
	assert_int_equal(w->ended, 1);
	assert_verified(w, "ESPHome 2024.10.1, as it announces itself");
	assert_at(w, NEW);
}

/* The announcement may come from another address. */
TEST(an_esphome_need_not_tell_its_version)
{
	struct world *w = world_new();

	w->task.expect = DEVICE_EXPECT_ESPHOME;
	w->address = NULL;
	start(w, NULL);
	run_until(w, w->now + 20000);
	announce_version(w, NEW, "");
	assert_verified(w, "ESPHome, as it announces itself");
}

/* An announcement alone leads to a sentence and to nothing else. */
TEST(an_esphome_that_is_only_announced_is_not_found)
{
	static const bool must_return[] = { true, false };

	for (size_t i = 0; i < 2; i++) {
		struct world *w = world_new();
		struct in_addr in;

		w->task.expect = DEVICE_EXPECT_ESPHOME;
		w->task.must_return = must_return[i];
		w->address = NULL;
		start(w, NULL);
		inet_pton(AF_INET, NEW, &in);
		postflash_only_announced(w->after, in);
		run(w);
		assert_int_equal(w->device->state,
		    must_return[i] ? STATE_FAILED : STATE_FLASHED);
		assert_contains(w->device->detail,
		    "an ESPHome was announced at " NEW
		    " with its MAC, but nothing there answers as ESPHome "
		    "does");
	}
}

TEST(an_esphome_need_not_answer_as_a_tasmota)
{
	for (int locked = 0; locked < 2; locked++) {
		struct world *w = world_new();

		w->task.expect = DEVICE_EXPECT_ESPHOME;
		w->has_password = locked == 1;
		w->body = locked ? NULL : "Not Found";
		finish(w, NULL);
		assert_failed(w, REASON_NOT_SEEN_AGAIN, MAC);
	}
}

TEST(the_one_in_place_of_the_other_is_a_wrong_firmware)
{
	struct world *w = world_new();

	w->task.expect = DEVICE_EXPECT_ESPHOME;
	finish(w, NULL);
	assert_failed(w, REASON_WRONG_FIRMWARE, "it runs Tasmota, not ESPHome");

	w = world_new();
	w->task.expect = DEVICE_EXPECT_OTHER;
	finish(w, NULL);
	assert_failed(w, REASON_WRONG_FIRMWARE,
	    "it runs Tasmota, which its image is not");

	w = world_new();
	w->address = NULL;
	start(w, NULL);
	announce(w, NEW);
	assert_failed(w, REASON_WRONG_FIRMWARE, "ESPHome");
}

/* V verified, F flashed, W wrong firmware, N not seen again. */
static char
end_of(const struct device *device)
{
	if (device->state == STATE_VERIFIED)
		return 'V';
	if (device->state == STATE_FLASHED)
		return 'F';
	assert_int_equal(device->state, STATE_FAILED);
	if (device->reason == REASON_WRONG_FIRMWARE)
		return 'W';
	assert_int_equal(device->reason, REASON_NOT_SEEN_AGAIN);
	return 'N';
}

static const struct {
	enum policy_expect expect;
	const char *kind;
	const char *ends; /* as a Tasmota, as an ESPHome, not at all */
} outlooks[] = {
	{ POLICY_EXPECT_AUTO, "tasmota", "VWF" },
	{ POLICY_EXPECT_AUTO, "esphome", "WVN" },
	{ POLICY_EXPECT_AUTO, "unknown", "VVF" },
	{ POLICY_EXPECT_AUTO, "", "VVF" },
	{ POLICY_EXPECT_AUTO, "espurna", "WWF" },
	{ POLICY_EXPECT_AUTO, "espeasy", "WWF" },
	{ POLICY_EXPECT_LEAVE, "tasmota", "VWF" },
	{ POLICY_EXPECT_LEAVE, "esphome", "WVF" },
	{ POLICY_EXPECT_LEAVE, "unknown", "VVF" },
	{ POLICY_EXPECT_LEAVE, "espurna", "WWF" },
	{ POLICY_EXPECT_TASMOTA, "tasmota", "VWN" },
	{ POLICY_EXPECT_TASMOTA, "unknown", "VWN" },
	{ POLICY_EXPECT_ESPHOME, "esphome", "WVN" },
	{ POLICY_EXPECT_ESPHOME, "unknown", "WVN" },
};

/* What comes back: 0 a Tasmota, 1 an ESPHome, 2 nothing. */
static char
come_back(size_t i, int what)
{
	struct world *w = world_new();
	char end;

	w->task.expect = postflash_expect(outlooks[i].expect, outlooks[i].kind);
	w->task.must_return =
	    postflash_must_return(outlooks[i].expect, outlooks[i].kind);
	if (what != 0)
		w->address = NULL;
	start(w, NULL);
	if (what == 1)
		announce(w, NEW);
	run(w);
	end = end_of(w->device);
	if (end == 'V')
		assert_contains(
		    w->device->detail, what == 0 ? "Tasmota" : "ESPHome");
	return end;
}

TEST(what_it_must_come_back_as_follows_from_what_it_was_given)
{
	for (size_t i = 0; i < COUNT(outlooks); i++)
		for (int what = 0; what < 3; what++) {
			char end = come_back(i, what);

			if (end != outlooks[i].ends[what])
				fail_msg("case %zu, %d: %c", i, what, end);
		}
}

/* A retry ignores an Expect= that contradicts the image. */
TEST(a_retry_does_not_make_a_right_device_wrong)
{
	static const struct {
		const char *kind;
		enum policy_expect then, now;
		enum device_expect expect;
		bool must_return;
	} cases[] = {
		{ "tasmota", POLICY_EXPECT_AUTO, POLICY_EXPECT_ESPHOME,
		    DEVICE_EXPECT_TASMOTA, true },
		{ "tasmota", POLICY_EXPECT_AUTO, POLICY_EXPECT_TASMOTA,
		    DEVICE_EXPECT_TASMOTA, true },
		{ "tasmota", POLICY_EXPECT_ESPHOME, POLICY_EXPECT_TASMOTA,
		    DEVICE_EXPECT_TASMOTA, true },
		{ "tasmota", POLICY_EXPECT_ESPHOME, POLICY_EXPECT_AUTO,
		    DEVICE_EXPECT_TASMOTA, false },
		{ "esphome", POLICY_EXPECT_AUTO, POLICY_EXPECT_TASMOTA,
		    DEVICE_EXPECT_ESPHOME, true },
		{ "esphome", POLICY_EXPECT_ESPHOME, POLICY_EXPECT_LEAVE,
		    DEVICE_EXPECT_ESPHOME, false },
		{ "unknown", POLICY_EXPECT_TASMOTA, POLICY_EXPECT_ESPHOME,
		    DEVICE_EXPECT_ESPHOME, true },
		{ "unknown", POLICY_EXPECT_TASMOTA, POLICY_EXPECT_LEAVE,
		    DEVICE_EXPECT_ANY, false },
		{ "espurna", POLICY_EXPECT_AUTO, POLICY_EXPECT_TASMOTA,
		    DEVICE_EXPECT_OTHER, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device = fixture_device(FIXTURE_ID);

		text_copy(device->attempt.image.kind,
		    sizeof(device->attempt.image.kind), cases[i].kind);
		device->awaited.expect =
		    postflash_expect(cases[i].then, cases[i].kind);
		postflash_renew_expect(device, cases[i].now);
		assert_int_equal(device->awaited.expect, cases[i].expect);
		assert_int_equal(
		    device->awaited.must_return, cases[i].must_return);
	}
}

/* [Finish] was added to the policy after the flash. */
TEST(an_esphome_that_was_not_to_be_finished_is_right)
{
	struct world *w = world_new();

	w->task.expect = DEVICE_EXPECT_ESPHOME;
	w->task.finish_is_new = true;
	w->address = NULL;
	start(w, hall);
	announce(w, NEW);
	assert_verified(w, "ESPHome 2024.10.1, as it announces itself");
}

TEST(an_esphome_is_not_finished)
{
	struct world *w = world_new();

	w->task.expect = DEVICE_EXPECT_ESPHOME;
	w->address = NULL;
	start(w, hall);
	announce(w, NEW);
	assert_failed(w, REASON_FINISH_FAILED, "only Tasmota can be set up");
}

TEST(settings_are_sent_in_one_backlog_and_read_back)
{
	struct world *w = world_new();

	hall_to_be(w);
	finish(w, hall);
	assert_verified(w, "Tasmota 9.5.0 (lite)");
	assert_int_equal(w->backlogs, 1);
	assert_string_equal(w->last_backlog, "DeviceName Hall;Module 0");
}

TEST(a_command_that_was_lost_is_sent_again_alone)
{
	struct world *w = world_new();

	hall_to_be(w);
	setting(w, "Module")->lose = 1;
	finish(w, hall);
	assert_verified(w, "Tasmota 9.5.0 (lite)");
	assert_int_equal(w->backlogs, 2);
	assert_string_equal(w->last_backlog, "Module 0");
}

/* The numbers of the pins changed in 9.1. */
TEST(a_template_is_not_for_a_tasmota_before_91)
{
	static const char *const pairs[] = { "Template", "{}", NULL };
	struct world *w = world_new();

	runs(w, "8.5.0(lite)");
	finish(w, pairs);
	assert_failed(w, REASON_FINISH_FAILED,
	    "Template is one of Tasmota 9.1 and later, and it runs 8.5.0");
	assert_int_equal(w->backlogs, 0);
}

TEST(a_command_that_is_always_lost_is_named)
{
	struct world *w = world_new();

	hall_to_be(w);
	setting(w, "DeviceName")->lose_always = true;
	finish(w, hall);
	assert_failed(w, REASON_FINISH_FAILED,
	    "DeviceName did not take effect: it is Tasmota, wanted Hall");
	assert_int_equal(w->backlogs, 2);
}

TEST(a_backlog_whose_answer_is_lost_is_not_sent_twice)
{
	struct world *w = world_new();

	hall_to_be(w);
	w->no_answer_to_backlog = true;
	finish(w, hall);
	assert_verified(w, "Tasmota 9.5.0 (lite)");
	assert_int_equal(w->backlogs, 1);
}

TEST(a_backlog_that_is_never_heard_ends)
{
	struct world *w = world_new();

	hall_to_be(w);
	w->deaf_to_backlog = true;
	finish(w, hall);
	assert_failed(w, REASON_FINISH_FAILED,
	    "DeviceName did not take effect: it is Tasmota, wanted Hall");
}

TEST(a_tasmota_that_vanishes_while_it_is_set_up_ends)
{
	struct world *w = world_told();

	w->address = NULL;
	run(w);
	assert_failed(w, REASON_FINISH_FAILED, "stopped answering at");
}

/* The time counts from the last answer, in rounds with 3 s of rest. */
TEST(a_tasmota_that_is_set_up_is_waited_for_90_seconds)
{
	static const char *const pairs[] = { "DeviceName", "Hall",
		"WebPassword", "geheim", "Module", "0", NULL };
	static const struct {
		const char *last; /* the question without an answer */
		unsigned silence_ms;
		uint64_t ms;
	} cases[] = {
		{ "DeviceName", 4400, 90000 },
		{ "DeviceName", 4399, 97487 },
		{ "DeviceName", 5000, 97200 },
		{ "Module", 4400, 90000 },
		{ "Module", 4399, 97487 },
		{ "Module", 5000, 97200 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_new();
		uint64_t heard;

		w->task.has_password = true;
		hall_to_be(w);
		w->silence_ms = cases[i].silence_ms;
		start(w, pairs);
		run_to(w, cases[i].last);
		heard = w->now;
		w->address = NULL;
		run(w);
		assert_failed(w, REASON_FINISH_FAILED, "it stopped answering");
		assert_int_equal(w->now - heard, cases[i].ms);
	}
}

/* A Backlog takes its time, and so does the restart after it. */
TEST(a_tasmota_is_left_alone_behind_a_backlog)
{
	static const struct {
		const char *pairs[5];
		unsigned ms;
	} cases[] = {
		{ { "DeviceName", "Hall" }, 4250 },
		{ { "Module", "0", "DeviceName", "Hall" }, 4500 },
		{ { "Module", "1", "DeviceName", "Hall" }, 4250 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_new();

		hall_to_be(w);
		start(w, cases[i].pairs);
		run_to_backlog(w);
		assert_string_equal(w->asked, "");
		assert_int_equal(w->timer, w->now + cases[i].ms);
	}
}

TEST(nothing_is_sent_where_all_is_taken)
{
	struct world *w = world_new();

	has(w, "DeviceName", "Hall");
	has(w, "Module", "0");
	finish(w, hall);
	assert_verified(w, "Tasmota 9.5.0 (lite)");
	assert_int_equal(w->backlogs, 0);
}

/* The daemon restarts at any time. No setting is sent twice. */
TEST(after_a_restart_only_what_is_missing_is_sent)
{
	for (uint64_t when = 0; when < 30000; when += 500) {
		struct world *w = world_new();
		unsigned before;

		hall_to_be(w);
		start(w, hall);
		while (w->now < 1000000 + when && w->ended == 0)
			step(w);
		before = w->backlogs;
		if (w->ended == 0)
			finish_again(w, hall);
		assert_verified(w, "Tasmota 9.5.0 (lite)");
		assert_int_equal(w->backlogs, 1);
		assert_true(before <= 1);
	}
}

TEST(a_password_is_set_and_then_asked_for)
{
	static const char *const pairs[] = { "WebPassword", "geheim",
		"DeviceName", "Hall", NULL };
	struct world *w = world_new();

	w->task.has_password = true;
	has(w, "DeviceName", "Tasmota");
	finish(w, pairs);
	assert_verified(w, "Tasmota 9.5.0 (lite)");
	assert_int_equal(w->backlogs, 1);
	assert_string_equal(
	    w->last_backlog, "WebPassword geheim;DeviceName Hall");
	assert_true(w->has_password);

	/* A password that is set is not sent again. */
	w->device->state = STATE_VERIFYING;
	finish_again(w, pairs);
	assert_verified(w, "Tasmota 9.5.0 (lite)");
	assert_int_equal(w->backlogs, 1);
}

/* No other setting is read that would show it. */
TEST(a_password_that_does_not_open_has_not_taken)
{
	static const char *const pairs[] = { "WebPassword", "geheim", NULL };

	for (int cuts = 0; cuts < 2; cuts++) {
		struct world *w = world_new();

		w->task.has_password = true;
		w->cuts_password = cuts == 1;
		finish(w, pairs);
		assert_int_equal(w->backlogs, 1);
		if (cuts)
			assert_failed(w, REASON_FINISH_FAILED,
			    "WebPassword did not take");
		else
			assert_verified(w, "Tasmota 9.5.0 (lite)");
	}
}

/* In a Backlog, the brace would swallow the rest. */
TEST(a_secret_with_one_brace_goes_alone)
{
	static const char *const pairs[] = { "MqttPassword", "gehe{m",
		"DeviceName", "Hall", NULL };
	struct world *w = world_new();

	has(w, "DeviceName", "Tasmota");
	has(w, "MqttPassword", "****");
	finish(w, pairs);
	assert_verified(w,
	    "Tasmota 9.5.0 (lite); it cannot be asked whether MqttPassword "
	    "took effect");
	assert_int_equal(w->alone, 1);
	assert_string_equal(setting(w, "MqttPassword")->value, "gehe{m");
	assert_string_equal(w->last_backlog, "DeviceName Hall");
}

TEST(what_nobody_can_tell_is_sent_once_and_said)
{
	static const char *const pairs[] = { "AdcParam1", "2,1,2,3", NULL };
	struct world *w = world_new();

	has(w, "AdcParam1", "");
	w->odd = "{\"AdcParam1\":[17,1,2]}";
	finish(w, pairs);
	assert_verified(w,
	    "Tasmota 9.5.0 (lite); it cannot be checked whether AdcParam1 took "
	    "effect: it is [17,1,2], wanted 2,1,2,3");
	assert_int_equal(w->backlogs, 1);
}

TEST(a_command_that_it_does_not_know_is_named)
{
	static const char *const pairs[] = { "Sunrise", "1", NULL };
	struct world *w = world_new();

	has(w, "Sunrise", "");
	w->odd = "{\"Command\":\"Unknown\"}";
	finish(w, pairs);
	assert_failed(w, REASON_FINISH_FAILED,
	    "Sunrise did not take effect: Tasmota 9.5.0 does not know it, a "
	    "command of 12.2.0 and later");
}

/* Tasmota would not answer after that. */
TEST(a_setting_that_would_make_it_deaf_is_not_sent)
{
	static const char *const pairs[] = { "WebLog", "0", NULL };
	struct world *w = world_new();

	runs(w, "8.5.0(lite)");
	finish(w, pairs);
	assert_failed(w, REASON_FINISH_FAILED,
	    "WebLog was not sent: before 9.3 a Tasmota answers nothing with a "
	    "WebLog below 2");
	assert_int_equal(w->backlogs, 0);

	w = world_new();
	has(w, "WebLog", "2");
	finish(w, pairs);
	assert_verified(w, "Tasmota 9.5.0 (lite)");
	assert_string_equal(setting(w, "WebLog")->value, "0");
}

/* StateText is read first, and switches are compared with it. */
TEST(switches_are_compared_in_the_words_of_the_device)
{
	static const char *const pairs[] = { "StateText2", "an", "SetOption1",
		"1", NULL };
	struct world *w = world_new();

	has(w, "StateText2", "an");
	has(w, "SetOption1", "an");
	finish(w, pairs);
	assert_verified(w, "Tasmota 9.5.0 (lite)");
	assert_int_equal(w->backlogs, 0);
}

TEST(each_doubt_that_is_left_is_told)
{
	static const char *const pairs[] = { "MqttPassword", "geheim",
		"Password1", "geheimer", NULL };
	struct world *w = world_new();

	has(w, "MqttPassword", "****");
	has(w, "Password1", "****");
	finish(w, pairs);
	assert_verified(w,
	    "Tasmota 9.5.0 (lite); it cannot be asked whether MqttPassword "
	    "took effect; it cannot be asked whether Password1 took effect");
}

TEST(a_secret_is_sent_once_and_believed)
{
	static const char *const pairs[] = { "MqttPassword", "geheim",
		"DeviceName", "Hall", NULL };
	struct world *w = world_new();

	has(w, "DeviceName", "Hall");
	has(w, "MqttPassword", "****");
	finish(w, pairs);
	assert_verified(w,
	    "Tasmota 9.5.0 (lite); it cannot be asked whether MqttPassword "
	    "took effect");
	assert_int_equal(w->backlogs, 1);
	assert_string_equal(w->last_backlog, "MqttPassword geheim");

	/* A secret is not believed where its Backlog was not answered. */
	w = world_new();
	has(w, "DeviceName", "Hall");
	has(w, "MqttPassword", "****");
	w->deaf_to_backlog = true;
	finish(w, pairs);
	assert_failed(w, REASON_FINISH_FAILED, "MqttPassword did not take");
	assert_null(strstr(w->device->detail, "geheim"));
}

TEST(what_is_missing_is_not_passed_over)
{
	struct world *w = world_new();

	w->task.missing = "WebPasswordFile=/x: No such file";
	finish(w, NULL);
	assert_failed(w, REASON_FINISH_FAILED, "WebPasswordFile=/x");
}

TEST(lite_becomes_full_and_then_is_set_up)
{
	struct world *w = world_upgrading();

	hall_to_be(w);
	finish(w, hall);
	assert_verified(w, "Tasmota 14.2.0 (tasmota)");
	assert_int_equal(w->serves, 1);
	assert_int_equal(w->backlogs, 2);
	assert_string_equal(w->last_backlog, "DeviceName Hall;Module 0");
}

TEST(what_is_full_already_is_not_upgraded)
{
	struct world *w = world_upgrading();

	runs(w, "14.2.0(tasmota)");
	finish(w, NULL);
	assert_verified(w, "Tasmota 14.2.0 (tasmota)");
	assert_int_equal(w->serves, 0);

	/* An older version, or an image without a known version, is upgraded.
	 */
	for (int known = 0; known < 2; known++) {
		w = world_upgrading();
		runs(w, "9.5.0(tasmota)");
		w->task.upgrade_version = known ? "14.2.0" : "";
		finish(w, NULL);
		assert_verified(w, "Tasmota 14.2.0 (tasmota)");
		assert_int_equal(w->serves, 1);
	}
}

/* The settings fail after the upgrade. Then the policy is corrected. */
TEST(an_upgrade_that_took_is_not_repeated_by_a_retry)
{
	struct world *w = world_new();

	is_upgraded(w, "");
	hall_to_be(w);
	setting(w, "Module")->lose_always = true;
	finish(w, hall);
	assert_failed(w, REASON_FINISH_FAILED,
	    "Module did not take effect: it is {\"1\":\"x\"}, wanted 0");
	assert_string_equal(w->device->upgrade.sha256, "");

	setting(w, "Module")->lose_always = false;
	finish_again(w, hall);
	assert_verified(w, "Tasmota 14.2.0 (tasmota)");
	assert_int_equal(w->orders, 1);

	/* Another image is sent, and so is one whose upgrade was undone. */
	w->task.upgrade_sha256 = SHA_A;
	w->upgrades_to = "14.6.0(release-tasmota)";
	finish_again(w, hall);
	assert_verified(w, "Tasmota 14.6.0 (tasmota)");
	assert_int_equal(w->orders, 2);
	runs(w, "9.5.0(lite)");
	finish_again(w, hall);
	assert_verified(w, "Tasmota 14.6.0 (tasmota)");
	assert_int_equal(w->orders, 3);
}

TEST(an_image_that_does_not_tell_is_known_by_the_change)
{
	struct world *w = world_new();

	is_upgraded(w, "");
	w->upgrades_to = "9.5.0(lite)"; /* built on another day */
	finish(w, NULL);
	assert_verified(w, "Tasmota 9.5.0 (lite)");
	assert_int_equal(w->serves, 1);
}

TEST(the_way_by_minimal_takes_two_boots)
{
	struct world *w = world_upgrading();

	w->by_minimal = true;
	finish(w, NULL);
	assert_verified(w, "Tasmota 14.2.0 (tasmota)");
	assert_int_equal(w->serves, 1);
}

TEST(a_tasmota_stuck_in_minimal_is_told_again)
{
	struct world *w = world_upgrading();

	runs(w, "14.2.0(minimal)");
	w->upgrades_to = "14.2.0(minimal)";
	finish(w, NULL);
	assert_failed(w, REASON_FINISH_FAILED, "still runs 14.2.0 (minimal)");
	assert_int_equal(w->serves, 2);
}

/* A Tasmota stuck in a minimal build of 11.1 or later, without Status. */
static struct world *
world_stuck(unsigned stuck)
{
	struct world *w = world_upgrading();

	w->stuck = stuck;
	return w;
}

TEST(a_minimal_without_status_is_told_again_if_it_is_surely_the_device)
{
	static const struct {
		const char *unknown, *server, *later[2];
		bool has_password, cuts_url, told;
		const char *end; /* unless told */
	} cases[] = {
		{ .told = true },
		{ .unknown = "{\"Command\":\"Unknown\",\"Input\":\"STATUS 5\"}",
		    .told = true },
		{ .server = "Tasmota/15.5.0.1 (ESP8266EX)", .told = true },
		{ .has_password = true, .told = true },
		{ .unknown = "{\"Command\":\"Error\"}", .end = NOTHING_NEW },
		{ .unknown = "{\"Command\":\"Unknown one\"}",
		    .end = NOTHING_NEW },
		{ .unknown = "{}", .end = NOTHING_NEW },
		{ .server = "", .end = NOTHING_NEW },
		{ .server = "nginx/1.22.1", .end = NOTHING_NEW },
		{ .server = "Tasmota/x", .end = NOTHING_NEW },
		{ .later = { OLD, "192.168.1.99" },
		    .end = "Upgrade: a Tasmota in its minimal build answers, "
			   "but this machine sees the MAC " MAC
			   " at several addresses: it may be another" },
		{ .later = { "192.168.1.99", NULL }, .end = NOTHING_NEW },
		{ .later = { "", NULL }, .end = NOTHING_NEW },
		{ .cuts_url = true, .end = NOTHING_NEW },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_stuck(1);

		w->unknown = cases[i].unknown;
		w->server = cases[i].server;
		memcpy(w->later, cases[i].later, sizeof(w->later));
		w->cuts_url = cases[i].cuts_url;
		w->has_password = w->ours_is_right = w->task.has_password =
		    cases[i].has_password;
		finish(w, NULL);
		if (cases[i].told)
			assert_verified(w, "Tasmota 14.2.0 (tasmota)");
		else
			assert_failed(w, REASON_FINISH_FAILED, cases[i].end);
		assert_int_equal(w->orders, cases[i].told ? 2 : 1);
		assert_int_equal(w->backlogs, 1);
	}
}

TEST(a_tasmota_that_stays_in_such_a_minimal_ends_with_what_to_do)
{
	struct world *w = world_stuck(9);

	finish(w, NULL);
	assert_failed(w, REASON_FINISH_FAILED, "still runs 14.2.0 (minimal)");
	assert_failed(w, REASON_FINISH_FAILED,
	    ": reflashctl retry " FIXTURE_ID ". By hand: open http://" OLD
	    ", choose Firmware Upgrade and upload the file of Upgrade=");
	assert_int_equal(w->orders, 2);

	/* A person retries. */
	w->stuck = 0;
	finish_again(w, NULL);
	assert_verified(w, "Tasmota 14.2.0 (tasmota)");
	assert_int_equal(w->orders, 3);
}

TEST(a_device_left_in_a_minimal_needs_an_upgrade)
{
	struct world *w = world_stuck(9);

	finish(w, NULL);
	w->task = tasmota;
	finish_again(w, NULL);
	assert_failed(w, REASON_FINISH_FAILED,
	    "it runs 14.2.0 (minimal), which can do nothing but upgrade, and "
	    "the policy has no Upgrade=");
	assert_int_equal(w->orders, 2);
}

TEST(a_minimal_that_vanishes_ends_with_what_to_do)
{
	struct world *w = world_stuck(9);

	start(w, NULL);
	while (strcmp(w->device->facts.variant, "minimal") != 0)
		assert_true(step(w));
	w->address = NULL;
	run(w);
	assert_failed(w, REASON_FINISH_FAILED,
	    "nothing new came up in 10 min; it was last seen in its minimal "
	    "build. This build can do nothing but upgrade. To try once");
}

TEST(a_minimal_is_told_again_after_a_restart)
{
	struct world *w = world_stuck(1);

	start(w, NULL);
	while (!w->is_mute)
		assert_true(step(w));
	finish_again(w, NULL);
	assert_verified(w, "Tasmota 14.2.0 (tasmota)");
	assert_int_equal(w->orders, 2);
}

/* Run until the minimal build has taken the URL. */
static void
run_until_url_is_taken(struct world *w)
{
	while (!w->is_mute)
		assert_true(step(w));
	w->ota_url[0] = '\0';
	while (w->ota_url[0] == '\0')
		assert_true(step(w));
	assert_int_equal(w->orders, 1);
}

TEST(a_minimal_is_proven_anew_before_it_is_told_to_start)
{
	struct world *w = world_stuck(1);

	w->other.is_mute = true;
	start(w, NULL);
	run_until_url_is_taken(w);
	assert_string_equal(w->asked, "Status 5");
	swap_now(w);
	run(w);
	assert_verified(w, "Tasmota 14.2.0 (tasmota)");
	assert_at(w, NEW);
	assert_int_equal(w->other.told, 0);
	assert_int_equal(w->orders, 2);
}

TEST(a_minimal_that_vanishes_before_the_start_ends_with_what_to_do)
{
	struct world *w = world_stuck(1);

	start(w, NULL);
	run_until_url_is_taken(w);
	w->address = NULL;
	run(w);
	assert_failed(w, REASON_FINISH_FAILED, NOTHING_NEW);
}

TEST(a_minimal_that_may_be_another_is_not_told_to_start)
{
	struct world *w = world_stuck(1);

	start(w, NULL);
	run_until_url_is_taken(w);
	w->neighbours[1] = NEW;
	run(w);
	assert_failed(w, REASON_FINISH_FAILED,
	    "Upgrade: a Tasmota in its minimal build answers, but this machine "
	    "sees the MAC " MAC " at several addresses");
	assert_int_equal(w->orders, 1);
}

TEST(a_minimal_that_goes_on_by_itself_is_not_told_to_start)
{
	struct world *w = world_stuck(1);

	start(w, NULL);
	run_until_url_is_taken(w);
	w->is_mute = false;
	runs(w, w->upgrades_to);
	run(w);
	assert_verified(w, "Tasmota 14.2.0 (tasmota)");
	assert_int_equal(w->orders, 1);
}

/* The kernel has asked for all neighbours before the second round. */
TEST(a_minimal_is_not_believed_in_the_first_round)
{
	struct world *w = world_stuck(9);
	unsigned calls;

	finish(w, NULL);
	calls = w->calls;
	start_again(w, NULL);
	while (w->calls == calls || w->asked[0] != '\0')
		assert_true(step(w));
	w->neighbours[1] = "192.168.1.99";
	run(w);
	assert_failed(w, REASON_NOT_SEEN_AGAIN,
	    "a Tasmota in its minimal build answers, but this machine sees "
	    "the MAC " MAC " at several addresses: it may be another");
	assert_int_equal(w->orders, 2);
}

TEST(a_minimal_that_comes_after_the_upgrade_is_told_nothing)
{
	struct world *w = world_upgrading();

	hall_to_be(w);
	start(w, hall);
	while (w->backlogs < 2)
		assert_true(step(w));
	w->is_mute = true;
	while (step(w))
		if (w->asked[0] != '\0')
			assert_string_equal(w->asked, "Status 5");
	assert_int_equal(w->device->state, STATE_FAILED);
	assert_int_equal(w->orders, 1);
}

/* A device that was not told to upgrade cannot run a minimal build. */
TEST(a_minimal_is_no_device_of_ours_before_it_was_told)
{
	struct world *w = world_not_fetching();

	w->is_mute = true;
	finish(w, NULL);
	assert_failed(w, REASON_WRONG_FIRMWARE, "not as Tasmota");
	assert_int_equal(w->orders, 0);
}

TEST(an_upgrade_that_is_never_fetched_is_tried_twice)
{
	struct world *w = world_not_fetching();

	w->task.no_step = "there is no minimal";
	finish(w, NULL);
	assert_failed(w, REASON_FINISH_FAILED,
	    "never downloaded the image; if it has no room for it: there is no "
	    "minimal");
	assert_contains(w->device->detail, "9.5.0 (lite)");
	assert_int_equal(w->serves, 2);

	/* There is a minimal build for the way. */
	w = world_not_fetching();
	w->task.no_step = "";
	finish(w, NULL);
	assert_failed(w, REASON_FINISH_FAILED, "never downloaded the image");
	assert_null(strstr(w->device->detail, "room"));
}

/* A look each 3.3 s: three questions take 0.3 s. */
TEST(an_order_is_repeated_when_its_time_is_up)
{
	static const struct {
		unsigned fetch_sec;
		uint64_t ms;
	} cases[] = { { 65, 66000 }, { 66, 66000 }, { 67, 69300 },
		{ 109, 112200 } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_not_fetching();
		uint64_t told;

		w->task.fetch_sec = cases[i].fetch_sec;
		start(w, NULL);
		run_to_backlog(w);
		told = w->now;
		while (w->serves == 1)
			assert_true(step(w));
		assert_int_equal(w->now - told, cases[i].ms);
	}
}

/* An image without a checksum cannot be known to run already. */
TEST(an_upgrade_to_an_unknown_image_is_not_remembered)
{
	struct world *w = world_new();

	is_upgraded(w, "");
	w->task.upgrade_sha256 = "";
	finish(w, NULL);
	assert_verified(w, "Tasmota 14.2.0 (tasmota)");
	assert_string_equal(w->device->upgrade.last, "");
	w->upgrades_to = "14.6.0(release-tasmota)";
	finish_again(w, NULL);
	assert_verified(w, "Tasmota 14.6.0 (tasmota)");
	assert_int_equal(w->orders, 2);
}

/* The first two orders do not count: this machine could not serve. */
TEST(an_upgrade_that_we_could_not_serve_is_no_try)
{
	struct world *w = world_not_fetching();

	start(w, NULL);
	while (w->serves < 2)
		assert_true(step(w));
	postflash_excuse(w->after);
	run(w);
	assert_failed(w, REASON_FINISH_FAILED, "never downloaded the image");
	assert_int_equal(w->serves, 4);
}

TEST(an_upgrade_that_changes_nothing_is_tried_twice)
{
	struct world *w = world_upgrading();

	w->upgrades_to = "9.5.0(lite)";
	snprintf(w->built, sizeof(w->built), "2025-01-01T00:00:00");
	w->task.no_step = "there is no minimal";
	finish(w, NULL);
	assert_failed(w, REASON_FINISH_FAILED, "has downloaded the image");
	assert_null(strstr(w->device->detail, "room"));
	assert_int_equal(w->serves, 2);
}

/* A second order would end the download. */
TEST(a_slow_download_is_left_alone)
{
	struct world *w = world_upgrading();

	start(w, NULL);
	while (w->serves == 0)
		assert_true(step(w));
	while (w->asked[0] != '\0' && w->backlogs == 0)
		assert_true(step(w));
	w->upgrade_at = w->now + 150000;
	run_until(w, w->now + 10000);
	postflash_fetching(w->after);
	run(w);
	assert_verified(w, "Tasmota 14.2.0 (tasmota)");
	assert_int_equal(w->serves, 1);
}

TEST(an_order_whose_answer_is_lost_is_not_given_twice)
{
	struct world *w = world_upgrading();

	w->no_answer_to_backlog = true;
	finish(w, NULL);
	assert_verified(w, "Tasmota 14.2.0 (tasmota)");
	assert_int_equal(w->serves, 1);
}

TEST(an_upgrade_that_cannot_be_served_says_why)
{
	struct world *w = world_not_fetching();

	w->cannot_serve = true;
	finish(w, NULL);
	assert_failed(
	    w, REASON_FINISH_FAILED, "Upgrade: full.bin.gz: it is gone");
}

/* A missing file is no failure of the device. The job waits for it. */
TEST(what_lost_a_file_of_ours_waits_for_it)
{
	struct world *w = world_not_fetching();

	w->task.lack = "Upgrade=full.bin.gz: there is no image full.bin.gz";
	start(w, NULL);
	for (unsigned i = 0; w->lacks == 0 && step(w); i++)
		assert_true(i < 100);
	assert_int_equal(w->lacks, 1);
	assert_string_equal(w->asked, "");
	assert_int_equal(w->ended, 0);
	assert_int_equal(w->serves, 0);
	assert_int_equal(w->device->state, STATE_FINISHING);
	assert_int_equal(w->device->reason, REASON_FINISH_NOT_READY);
	assert_string_equal(w->device->detail,
	    "its set-up waits: Upgrade=full.bin.gz: there is no image "
	    "full.bin.gz");
}

TEST(a_tasmota_that_never_comes_back_from_an_upgrade_ends)
{
	struct world *w = world_upgrading();

	start(w, NULL);
	while (w->upgrade_at == 0)
		assert_true(step(w));
	w->address = NULL;
	run(w);
	assert_failed(w, REASON_FINISH_FAILED, "nothing new came up in 10 min");
}

/* The daemon restarts at any time. variant: as in is_upgraded(). */
static void
restart_at_any_time(const char *variant)
{
	for (uint64_t when = 0; when < 80000; when += 1000) {
		struct world *w = world_new();

		is_upgraded(w, variant);
		hall_to_be(w);
		start(w, hall);
		while (w->now < 1000000 + when && w->ended == 0)
			step(w);
		if (w->ended == 0)
			finish_again(w, hall);
		assert_verified(w, "Tasmota 14.2.0 (tasmota)");
		assert_int_equal(w->orders, 1);
		assert_string_equal(w->device->upgrade.token, "");
		assert_string_equal(w->ota_url, "");
	}
}

TEST(after_a_restart_an_upgrade_is_not_ordered_again)
{
	restart_at_any_time("tasmota");
	restart_at_any_time("");
}

/* The daemon ended after it wrote the order and before it sent it. */
TEST(an_order_that_was_never_given_is_given_later)
{
	struct world *w = world_upgrading();

	snprintf(w->device->upgrade.token, sizeof(w->device->upgrade.token),
	    "token");
	snprintf(w->device->upgrade.from, sizeof(w->device->upgrade.from),
	    "9.5.0(lite) 2021-06-17T08:26:01");
	finish(w, NULL);
	assert_verified(w, "Tasmota 14.2.0 (tasmota)");
	assert_int_equal(w->orders, 1);
	assert_int_equal(w->serves, 2);
}

TEST(without_its_own_url_it_is_finished_as_well)
{
	struct world *w = world_upgrading();

	hall_to_be(w);
	w->deaf_to_return = true;
	finish(w, hall);
	assert_verified(w, "Tasmota 14.2.0 (tasmota)");
	assert_string_equal(w->ota_url, "http://192.168.1.2:8266/t/fw.bin.gz");
}

/* The device gets another address at each of its restarts. */
TEST(who_takes_its_address_is_neither_told_nor_believed)
{
	static const struct {
		bool upgrades, by_minimal;
		unsigned swap;
		bool locked;
	} cases[] = {
		{ false, false, 1, false },
		{ false, false, 1, true },
		{ true, false, 1, false },
		{ true, false, 2, false },
		{ true, false, 3, false },
		{ true, true, 1, false },
		{ true, true, 1, true },
		{ true, true, 2, false },
		{ true, true, 3, false },
		{ true, true, 4, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_new();

		if (cases[i].upgrades)
			is_upgraded(w, "tasmota");
		w->task.has_password = true;
		hall_to_be(w);
		setting(w, "DeviceName")->lose = 1;
		w->by_minimal = cases[i].by_minimal;
		w->swap = cases[i].swap;
		w->other.is_locked = cases[i].locked;
		snprintf(w->other.version, sizeof(w->other.version), FULL);
		finish(w, hall);
		assert_verified(w,
		    cases[i].upgrades ? "Tasmota 14.2.0 (tasmota)"
				      : "Tasmota 9.5.0 (lite)");
		assert_int_equal(w->swap, 0);
		assert_int_equal(w->other.told, 0);
		assert_false(w->other.got_password);
		assert_at(w, NEW);
		assert_int_equal(w->moves, 1);
		assert_string_equal(setting(w, "DeviceName")->value, "Hall");
		assert_int_equal(w->orders, cases[i].upgrades);
	}
}

/* A stranger answers the nth call; false: there are not so many. */
static bool
swap_at_call(unsigned n, unsigned upgrades)
{
	struct world *w = world_new();
	const unsigned stuck = upgrades > 1;
	bool reached, told;

	if (upgrades > 0)
		is_upgraded(w, "tasmota");
	hall_to_be(w);
	w->stuck = stuck;
	w->other.is_mute = stuck > 0;
	snprintf(w->other.version, sizeof(w->other.version), FULL);
	start(w, hall);
	while (w->ended == 0 && (w->calls < n || w->asked[0] == '\0'))
		step(w);
	reached = w->ended == 0;
	told = is_order(w);
	if (strncmp(w->asked, "Backlog OtaUrl ", 15) == 0)
		w->stuck = 0; /* the stranger gets one of the two orders */
	if (reached) {
		swap_now(w);
		run(w);
		assert_verified(w,
		    upgrades > 0 ? "Tasmota 14.2.0 (tasmota)"
				 : "Tasmota 9.5.0 (lite)");
		assert_at(w, NEW);
		/* The stranger hears the order that was under way. */
		assert_true(w->other.told <= told);
		assert_false(w->other.got_password);
		assert_string_equal(setting(w, "DeviceName")->value, "Hall");
	}
	return reached;
}

TEST(what_another_one_says_in_between_counts_for_nothing)
{
	for (unsigned upgrades = 0; upgrades < 3; upgrades++) {
		unsigned n = 1;

		while (swap_at_call(n, upgrades))
			n++;
		assert_true(n > 8);
	}
}

TEST(who_is_not_found_behind_another_one_ends_in_time)
{
	for (int upgrades = 0; upgrades < 2; upgrades++) {
		struct world *w = world_new();
		uint64_t lost;

		if (upgrades)
			is_upgraded(w, "tasmota");
		hall_to_be(w);
		w->swap = 1;
		snprintf(w->other.version, sizeof(w->other.version), FULL);
		start(w, hall);
		while (w->swap != 0)
			assert_true(step(w));
		lost = w->now;
		w->address = w->neighbours[0] = NULL;
		run(w);
		assert_failed(w, REASON_FINISH_FAILED,
		    "5c:cf:7f:00:00:02 has its address now");
		assert_in_range(w->now - lost, 60000, 620000);
		assert_int_equal(w->other.told, 0);
	}
}

/* This machine misses the nth answer; false: there are not so many. */
static bool
cut_at_call(unsigned n, unsigned upgrades)
{
	struct world *w = world_new();
	const unsigned stuck = upgrades > 1;
	bool reached;

	if (upgrades > 0)
		is_upgraded(w, "tasmota");
	hall_to_be(w);
	w->stuck = stuck;
	start(w, hall);
	while (w->ended == 0 && (w->calls < n || w->asked[0] == '\0'))
		step(w);
	reached = w->ended == 0;
	if (reached) {
		uint64_t cut_at = w->now + 100;
		bool is_settings = strncmp(w->asked, "Backlog D", 9) == 0;
		bool is_return = strcmp(w->asked, "OtaUrl 1") == 0;

		w->cut = 1;
		assert_true(step(w));
		/* Its own URL is sent once. */
		assert_string_equal(w->asked, is_return ? "Status 5" : "");
		if (!is_return)
			assert_int_equal(
			    w->timer, cut_at + (is_settings ? 4500 : 3000));
		run(w);
		assert_verified(w,
		    upgrades > 0 ? "Tasmota 14.2.0 (tasmota)"
				 : "Tasmota 9.5.0 (lite)");
		assert_int_equal(w->orders, upgrades > 0 ? 1 + stuck : 0);
		assert_string_equal(setting(w, "DeviceName")->value, "Hall");
	}
	return reached;
}

TEST(what_this_machine_does_not_hear_it_asks_again)
{
	for (unsigned upgrades = 0; upgrades < 3; upgrades++) {
		unsigned n = 1;

		while (cut_at_call(n, upgrades))
			n++;
		assert_true(n > 8);
	}
}

/* The device keeps its whole time. */
TEST(the_time_that_this_machine_is_cut_off_is_added)
{
	struct world *w = world_new();
	uint64_t begun = w->now;

	w->address = NULL;
	w->neighbours[1] = NEW;
	w->task.verify_sec = 81;
	w->cut = 10;
	start(w, NULL);
	for (w->asked_at[0] = '\0'; w->cut > 0;) {
		assert_true(step(w));
		if (w->asked[0] != '\0')
			assert_string_equal(w->asked_at, OLD);
	}
	run(w);
	assert_failed(w, REASON_NOT_SEEN_AGAIN, MAC);
	assert_in_range(w->now - begun, 111000, 111000 + 2 * 5100 + 3000);
}

/* An order that the device cannot have heard does not count. */
TEST(what_was_never_sent_counts_as_no_try)
{
	for (unsigned cut = 0; cut < 3; cut++) {
		struct world *w = world_not_fetching();

		start(w, NULL);
		for (unsigned i = 0; i < cut; i++) {
			while (w->serves == i || w->asked[0] == '\0')
				assert_true(step(w));
			w->cut = 1;
			assert_true(step(w));
		}
		run(w);
		assert_failed(
		    w, REASON_FINISH_FAILED, "never downloaded the image");
		assert_int_equal(w->serves, 2 + cut);

		w = world_new();
		hall_to_be(w);
		setting(w, "DeviceName")->lose_always = true;
		start(w, hall);
		for (unsigned i = 0; i < cut; i++) {
			while (strncmp(w->asked, "Backlog ", 8) != 0)
				assert_true(step(w));
			w->cut = 1;
			assert_true(step(w));
		}
		run(w);
		assert_failed(
		    w, REASON_FINISH_FAILED, "DeviceName did not take");
		assert_int_equal(w->backlogs, 2);
		assert_string_equal(setting(w, "Module")->value, "0");
	}
}

/* A missed answer to a question does not undo what was sent. */
TEST(a_reading_that_was_cut_off_gives_no_try_back)
{
	struct world *w = world_told();

	setting(w, "DeviceName")->lose_always = true;
	snprintf(setting(w, "DeviceName")->value, 64, "Tasmota");
	for (unsigned i = 0; i < 3; i++) {
		run_to(w, "DeviceName");
		w->cut = 1;
		assert_true(step(w));
	}
	run(w);
	assert_failed(w, REASON_FINISH_FAILED, "DeviceName did not take");
	assert_int_equal(w->backlogs, 2);
}

TEST(who_left_is_searched_for_ever_more_rarely_and_a_week)
{
	static const struct {
		time_t away;
		unsigned sec;
	} cases[] = {
		{ 0, 15 },
		{ 60, 15 },
		{ 100, 25 },
		{ 1200, 300 },
		{ 86400, 300 },
		{ 7 * 86400, 300 },
		{ 7 * 86400 + 1, 0 },
		{ -1, 300 },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(
		    rejoin_hint_search_sec(cases[i].away), cases[i].sec);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, end_world);
}
