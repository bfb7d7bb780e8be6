/* SPDX-License-Identifier: ISC */
/* The decision about one device, in a world that the test describes. */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/schedule/decide.h"

#include "unit/fixture.h"
#include "unit/test.h"

#define NOW   1000000
#define FLASH "[Flash]\nAction=flash\nImage=lite.bin\n"

/* The world of one decision, and the questions to it. */
struct scene {
	struct policy_list *list;
	struct device *device;
	struct image_report report;
	struct preflight_image image;
	struct preflight_facts rest;
	struct policy *order;
	const char *forbidden;
	enum hold hold;
	uint64_t now_ms;
	unsigned images, waits;
	struct decision out;
};

static void
give_image(const struct policy *policy, struct preflight_image *out, void *ctx)
{
	struct scene *scene = ctx;

	assert_non_null(policy->image);
	scene->images++;
	*out = scene->image;
}

static void
give_rest(const struct policy *policy, const struct device *device,
    struct preflight_facts *out, void *ctx)
{
	struct scene *scene = ctx;

	(void)policy;
	(void)device;
	*out = scene->rest;
}

static struct policy *
give_order(const struct device *device, void *ctx)
{
	assert_non_null(device->order.image);
	return ((struct scene *)ctx)->order;
}

static enum hold
must_wait(const struct device *device, const struct policy *policy,
    const struct preflight_image *image, char *detail, size_t size, void *ctx)
{
	struct scene *scene = ctx;

	(void)device;
	assert_ptr_equal(policy, scene->out.policy);
	assert_string_equal(image->name, scene->image.name);
	scene->waits++;
	snprintf(detail, size, "%s", scene->hold ? "the facts" : "");
	return scene->hold;
}

static struct scene *the_scene; /* of the test that runs, or NULL */

static int
end_scene(void **unused)
{
	(void)unused;
	if (the_scene != NULL) {
		policy_list_free(the_scene->list);
		device_free(the_scene->device);
		free(the_scene);
	}
	the_scene = NULL;
	return 0;
}

/* The scene is freed when the next one is made. */
static struct scene *
scene_new(void)
{
	struct scene *scene = xcalloc(1, sizeof(*scene));

	end_scene(NULL);
	the_scene = scene;
	*scene = (struct scene){
		.list = policy_list_new(),
		.device = fixture_device(FIXTURE_ID),
		.report = { .verdict = IMAGE_ACCEPT },
		.image = { .name = "lite.bin",
		    .sha256 = SHA_A,
		    .size = 500000 },
		.now_ms = NOW,
	};
	scene->image.report = &scene->report;
	return scene;
}

static void
scene_add(struct scene *scene, const char *name, const char *text)
{
	policy_list_add(scene->list, fixture_policy(name, text));
}

/* With one policy, p. */
static struct scene *
scene_of(const char *policy)
{
	struct scene *scene = scene_new();

	scene_add(scene, "p", policy);
	return scene;
}

static struct decide_world
world_of(struct scene *scene)
{
	return (struct decide_world){
		.policies = scene->list,
		.now_ms = scene->now_ms,
		.ctx = scene,
		.image = give_image,
		.rest = give_rest,
		.order = give_order,
		.forbidden = scene->forbidden,
		.wait = must_wait,
	};
}

static enum decide_what
scene_decide(struct scene *scene)
{
	const struct decide_world world = world_of(scene);

	decide(scene->device, &world, &scene->out);
	return scene->out.what;
}

static const char *
policy_of(const struct scene *scene)
{
	return scene->out.policy != NULL ? scene->out.policy->name : NULL;
}

TEST(the_first_policy_that_fits_decides)
{
	static const struct {
		const char *first, *second;
		const char *type, *firmware;
		bool info_known;
		enum decide_what what;
		const char *policy; /* NULL: none */
	} cases[] = {
		{ "[Match]\nType=diy_plug\n[Flash]\nAction=ignore\n", FLASH,
		    "diy_plug", "3.6.0", true, DECIDE_IGNORE, "first" },
		{ "[Match]\nType=strip\n[Flash]\nAction=ignore\n", FLASH,
		    "diy_plug", "3.6.0", true, DECIDE_START, "second" },
		{ "[Match]\nType=strip\n", "[Match]\nType=strip\n", "diy_plug",
		    "3.6.0", true, DECIDE_OBSERVE, NULL },
		{ "[Match]\nType=diy_plug\n", FLASH, "diy_plug", "3.6.0", true,
		    DECIDE_OBSERVE, "first" },
		/* the policy needs the firmware, which is not known */
		{ "[Match]\nFirmware=<3.5\n", FLASH, "diy_plug", "", false,
		    DECIDE_ASK, NULL },
		{ FLASH, "[Match]\nFirmware=<3.5\n", "diy_plug", "", false,
		    DECIDE_START, "first" },
		{ "[Match]\nType=strip\nFirmware=<3.5\n", FLASH, "diy_plug", "",
		    false, DECIDE_START, "second" },
		{ "[Match]\nFirmware=<3.5\n", FLASH, "diy_plug", "3.3", true,
		    DECIDE_OBSERVE, "first" },
		{ "[Match]\nFirmware=<3.5\n", FLASH, "diy_plug", "3.6.0", true,
		    DECIDE_START, "second" },
		/* the type of a device that never announced itself */
		{ "[Match]\nType=diy_plug\n[Flash]\nAction=ignore\n", FLASH, "",
		    "3.6.0", false, DECIDE_ASK, NULL },
		{ "[Match]\nType=diy_plug\n[Flash]\nAction=ignore\n", FLASH, "",
		    "3.6.0", true, DECIDE_REFUSE, "second" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene *s = scene_new();

		scene_add(s, "first", cases[i].first);
		scene_add(s, "second", cases[i].second);
		text_copy(s->device->facts.type, sizeof(s->device->facts.type),
		    cases[i].type);
		text_copy(s->device->facts.firmware,
		    sizeof(s->device->facts.firmware), cases[i].firmware);
		s->device->facts.info_known = cases[i].info_known;
		assert_int_equal(scene_decide(s), cases[i].what);
		if (cases[i].policy == NULL)
			assert_null(s->out.policy);
		else
			assert_string_equal(policy_of(s), cases[i].policy);
	}
}

/* The next policy decides where the device will never be asked. */
TEST(what_nobody_will_ask_for_is_not_waited_for)
{
	static const struct {
		bool encrypted, forbidden;
		const char *second;
		enum decide_what what;
		enum reason reason;
	} cases[] = {
		{ false, false, FLASH, DECIDE_ASK, REASON_NONE },
		{ true, false, FLASH, DECIDE_REFUSE, REASON_NOT_DIY_MODE },
		{ true, false, "[Flash]\nAction=ignore\n", DECIDE_IGNORE,
		    REASON_NONE },
		{ false, true, FLASH, DECIDE_REFUSE,
		    REASON_ADDRESS_NOT_ALLOWED },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene *s = scene_new();

		scene_add(s, "first", "[Match]\nFirmware=>=3.5\n" FLASH);
		scene_add(s, "second", cases[i].second);
		s->device->facts.firmware[0] = '\0';
		s->device->facts.encrypted = cases[i].encrypted;
		s->forbidden = cases[i].forbidden ? "no" : NULL;
		assert_int_equal(scene_decide(s), cases[i].what);
		assert_int_equal(s->out.reason, cases[i].reason);
	}
}

TEST(without_policies_devices_are_observed)
{
	struct scene *s = scene_new();

	assert_int_equal(scene_decide(s), DECIDE_OBSERVE);
	assert_null(s->out.policy);
	assert_false(s->out.has_image);
}

TEST(only_the_four_actions_are_known)
{
	static const struct {
		const char *text;
		bool ordered;
		enum decide_what what;
	} cases[] = {
		{ FLASH, false, DECIDE_START },
		{ "[Flash]\nAction=ask\nImage=lite.bin\n", false,
		    DECIDE_START },
		{ "[Flash]\nAction=observe\n", false, DECIDE_OBSERVE },
		{ "[Flash]\nAction=observe\nImage=lite.bin\n", false,
		    DECIDE_OBSERVE },
		{ "[Flash]\nAction=ignore\nImage=lite.bin\n", false,
		    DECIDE_IGNORE },
		/* an order flashes where the policy has an image */
		{ "[Flash]\nAction=observe\n", true, DECIDE_OBSERVE },
		{ "[Flash]\nAction=observe\nImage=lite.bin\n", true,
		    DECIDE_START },
		{ "[Flash]\nAction=ignore\nImage=lite.bin\n", true,
		    DECIDE_START },
		{ "[Flash]\nAction=ignore\n", true, DECIDE_IGNORE },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene *s = scene_of(cases[i].text);

		s->device->order.is_given = cases[i].ordered;
		assert_int_equal(scene_decide(s), cases[i].what);
		assert_int_equal(s->images, s->out.has_image);
	}
}

TEST(an_order_with_an_image_has_a_policy_of_its_own)
{
	struct policy *order = fixture_policy("order", FLASH);
	struct scene *s = scene_of("[Flash]\nAction=ignore\n");

	s->order = order;
	device_order_image(s->device, "/tmp/mine.bin");
	assert_int_equal(scene_decide(s), DECIDE_IGNORE);
	s->device->order.is_given = true;
	assert_int_equal(scene_decide(s), DECIDE_START);
	assert_string_equal(policy_of(s), "order");
	s->order = NULL;
	assert_int_equal(scene_decide(s), DECIDE_ASK);
	assert_null(s->out.policy);
	policy_free(order);
}

/* Make one thing wrong, or right again. */
static void
set_flaw(struct scene *s, enum reason reason, bool wrong)
{
	struct device *device = s->device;

	switch (reason) {
	case REASON_NOT_DIY_MODE:
		device->facts.encrypted = wrong;
		break;
	case REASON_WRONG_TYPE:
		text_copy(device->facts.type, sizeof(device->facts.type),
		    wrong ? "light" : "diy_plug");
		break;
	case REASON_WRONG_CHIP:
		device->facts.has_switches = wrong;
		break;
	case REASON_FIRMWARE_OUT_OF_RANGE:
		text_copy(device->facts.firmware,
		    sizeof(device->facts.firmware), wrong ? "4.0" : "3.6.0");
		break;
	case REASON_ADDRESS_NOT_ALLOWED:
		s->forbidden = wrong ? "not in AllowNetworks" : NULL;
		break;
	case REASON_WRONG_DEVICE:
		device->rival.address.s_addr = wrong ? htonl(0xc0a80163) : 0;
		break;
	case REASON_IMAGE_MISSING:
		s->image.missing = wrong ? "no such file" : NULL;
		break;
	case REASON_FINISH_NOT_READY:
		s->rest.hooks = "/hooks.d";
		s->rest.no_hooks = wrong ? "everybody may write" : NULL;
		break;
	case REASON_IMAGE_HASH_MISMATCH:
		s->image.sha256 = wrong ? SHA_B : SHA_A;
		break;
	default:
		s->report.verdict = wrong ? IMAGE_REFUSE : IMAGE_WARN;
		s->report.reason = wrong ? reason : REASON_NONE;
		snprintf(s->report.text, sizeof(s->report.text), "a doubt");
	}
}

static const struct {
	enum reason reason;
	const char *detail;
} flaws[] = {
	{ REASON_NOT_DIY_MODE, "it announces encrypt=true (type light)" },
	{ REASON_WRONG_TYPE, "its type is light" },
	{ REASON_WRONG_CHIP,
	    "it lists several switches, as the ESP32 models do" },
	{ REASON_FIRMWARE_OUT_OF_RANGE, "its firmware is 4.0" },
	{ REASON_ADDRESS_NOT_ALLOWED, "not in AllowNetworks" },
	{ REASON_WRONG_DEVICE,
	    "both 192.168.1.23 and 192.168.1.99 say that they "
	    "are " FIXTURE_ID },
	{ REASON_IMAGE_MISSING, "no such file" },
	{ REASON_IMAGE_HASH_MISMATCH,
	    "lite.bin: its checksum (SHA-256) is " SHA_B
	    ", but the policy names " SHA_A },
	{ REASON_IMAGE_TOO_LARGE, "lite.bin: a doubt" },
	{ REASON_FINISH_NOT_READY,
	    "HookDirectory=/hooks.d: everybody may write" },
};

static void
assert_refused(struct scene *s, size_t flaw)
{
	assert_int_equal(scene_decide(s), DECIDE_REFUSE);
	assert_int_equal(s->out.reason, flaws[flaw].reason);
	assert_int_equal(s->waits, 0);
}

/* The flaw that is hardest to correct comes first. */
TEST(of_all_that_is_wrong_the_surest_is_told)
{
	struct scene *s = scene_of(FLASH "Sha256=" SHA_A "\n");

	for (size_t i = 0; i < COUNT(flaws); i++)
		set_flaw(s, flaws[i].reason, true);
	for (size_t i = 0; i < COUNT(flaws); i++) {
		assert_refused(s, i);
		assert_string_equal(s->out.detail, flaws[i].detail);
		set_flaw(s, flaws[i].reason, false);
	}
	assert_int_equal(scene_decide(s), DECIDE_START);
	assert_int_equal(s->out.reason, REASON_NONE);
	assert_string_equal(s->out.detail, "");
}

TEST(one_flaw_is_enough_even_for_an_order_or_an_absent_device)
{
	for (size_t i = 0; i < COUNT(flaws); i++) {
		struct scene *s = scene_of(FLASH "Sha256=" SHA_A "\n");

		set_flaw(s, flaws[i].reason, true);
		assert_refused(s, i);
		s->device->order.is_given = s->device->order.again = true;
		assert_refused(s, i);
		s->device->seen.is_present = false;
		assert_refused(s, i);
	}
}

/* A forged announcement could show a flaw for a moment. */
TEST(no_flaw_ends_the_wait_behind_a_failure)
{
	for (size_t i = 0; i < COUNT(flaws); i++) {
		struct scene *s = scene_of(FLASH "Sha256=" SHA_A "\n");

		set_flaw(s, flaws[i].reason, true);
		device_restore(s->device, STATE_HELD, 0);
		s->device->hold = HOLD_BACKOFF;
		s->device->hold_until_ms = NOW + 1000;
		assert_int_equal(scene_decide(s), DECIDE_HOLD);
		assert_int_equal(s->out.hold, HOLD_BACKOFF);
		s->now_ms = NOW + 1000;
		assert_refused(s, i);
	}
}

TEST(an_encrypted_device_need_not_have_a_type)
{
	struct scene *s = scene_of(FLASH);

	s->device->facts.encrypted = true;
	s->device->facts.type[0] = '\0';
	assert_int_equal(scene_decide(s), DECIDE_REFUSE);
	assert_string_equal(
	    s->out.detail, "it announces encrypt=true (type unknown)");
}

TEST(what_is_not_known_yet_refuses_nothing)
{
	struct scene *s = scene_of(FLASH);

	s->device->facts.type[0] = s->device->facts.firmware[0] = '\0';
	s->device->facts.info_known = false;
	assert_int_equal(scene_decide(s), DECIDE_START);
}

TEST(a_pin_is_compared_whatever_the_case)
{
	struct scene *s =
	    scene_of(FLASH "Sha256=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
			   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");

	assert_int_equal(scene_decide(s), DECIDE_START);
	s->image.sha256 = SHA_B;
	assert_int_equal(scene_decide(s), DECIDE_REFUSE);
	assert_int_equal(s->out.reason, REASON_IMAGE_HASH_MISMATCH);
}

TEST(the_image_of_a_decision_is_one_that_can_be_read)
{
	struct scene *s = scene_of(FLASH);
	struct device_image image;

	assert_int_equal(scene_decide(s), DECIDE_START);
	assert_true(decide_image(&s->out, &image));
	assert_string_equal(image.sha256, SHA_A);
	assert_string_equal(image.name, "lite.bin");
	s->out.image.report = NULL;
	assert_false(decide_image(&s->out, &image));
	s->out.has_image = false;
	assert_false(decide_image(&s->out, &image));
}

/* As long as the order stands, whatever gave it: flash or retry. */
TEST(an_order_for_one_image_flashes_no_other)
{
	struct scene *s = scene_of(FLASH);

	strcpy(s->device->order.sha256, SHA_A);
	for (int given = 0; given < 2; given++) {
		s->device->order.is_given = given != 0;
		s->image.sha256 = SHA_A;
		assert_int_equal(scene_decide(s), DECIDE_START);
		s->image.sha256 = SHA_B;
		assert_int_equal(scene_decide(s), DECIDE_REFUSE);
		assert_int_equal(s->out.reason, REASON_IMAGE_CHANGED);
		assert_string_equal(s->out.detail,
		    "lite.bin has the checksum " SHA_B
		    " now, but the order is for " SHA_A);
	}
	/* A device that may still be fetching goes on waiting. */
	s->device->hold_until_ms = s->now_ms + 1000;
	device_restore(s->device, STATE_HELD, 0);
	s->device->hold = HOLD_BACKOFF;
	assert_int_equal(scene_decide(s), DECIDE_HOLD);
}

TEST(what_was_tried_to_its_end_is_not_tried_again)
{
	static const struct {
		enum state state;
		const char *sha256; /* NULL: it never began */
		bool ordered, again, missing;
		enum decide_what what;
	} cases[] = {
		{ STATE_FLASHED, SHA_A, false, false, false, DECIDE_NOTHING },
		{ STATE_FLASHED, SHA_B, false, false, false, DECIDE_NOTHING },
		{ STATE_FLASHED, SHA_A, true, false, false, DECIDE_NOTHING },
		{ STATE_FLASHED, SHA_A, false, true, false, DECIDE_NOTHING },
		{ STATE_FLASHED, SHA_A, true, true, false, DECIDE_START },
		{ STATE_FLASHED, SHA_B, true, false, false, DECIDE_START },
		{ STATE_FLASHED, SHA_B, true, false, true, DECIDE_NOTHING },
		{ STATE_FLASHED, SHA_A, true, true, true, DECIDE_REFUSE },
		{ STATE_VERIFIED, SHA_A, false, false, false, DECIDE_NOTHING },
		{ STATE_VERIFIED, SHA_B, false, false, false, DECIDE_NOTHING },
		{ STATE_VERIFIED, SHA_A, true, false, false, DECIDE_NOTHING },
		{ STATE_VERIFIED, SHA_A, true, true, false, DECIDE_START },
		{ STATE_VERIFIED, SHA_B, true, false, false, DECIDE_START },
		/* another image is another chance */
		{ STATE_FAILED, SHA_A, false, false, false, DECIDE_NOTHING },
		{ STATE_FAILED, SHA_B, false, false, false, DECIDE_START },
		{ STATE_FAILED, SHA_B, false, false, true, DECIDE_NOTHING },
		{ STATE_FAILED, SHA_A, true, false, false, DECIDE_NOTHING },
		{ STATE_FAILED, SHA_A, true, true, false, DECIDE_START },
		{ STATE_FAILED, SHA_B, true, false, false, DECIDE_START },
		/* cancelled before its attempt began */
		{ STATE_FAILED, NULL, false, false, false, DECIDE_NOTHING },
		{ STATE_HELD, SHA_A, false, false, false, DECIDE_START },
		{ STATE_SEEN, NULL, false, false, false, DECIDE_START },
		{ STATE_IGNORED, NULL, false, false, false, DECIDE_START },
		{ STATE_REFUSED, SHA_A, false, false, false, DECIDE_START },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene *s = scene_of(FLASH);

		fixture_end(s->device, "p",
		    cases[i].sha256 != NULL ? cases[i].sha256 : "",
		    cases[i].state, 0);
		s->device->attempt.has_image = cases[i].sha256 != NULL;
		s->device->order.is_given = cases[i].ordered;
		s->device->order.again = cases[i].again;
		s->image.missing = cases[i].missing ? "no such file" : NULL;
		assert_int_equal(scene_decide(s), cases[i].what);
	}
}

/* A device that leaves the wrong mode has all its attempts. */
TEST(what_could_not_be_flashed_is_once_it_can)
{
	static const struct {
		bool encrypted;
		unsigned attempt, attempts;
		uint64_t wait_ms; /* after its attempt was called off */
		enum decide_what what;
		bool is_excused;
	} cases[] = {
		{ true, 0, 1, 0, DECIDE_REFUSE, false },
		{ true, 0, 1, 1000, DECIDE_REFUSE, false },
		{ false, 0, 1, 0, DECIDE_START, false },
		{ false, 0, 1, 1000, DECIDE_HOLD, false },
		{ true, 2, 3, 0, DECIDE_REFUSE, false },
		{ false, 2, 3, 0, DECIDE_START, false },
		{ false, 3, 3, 0, DECIDE_FAIL, false },
		/* it was told, and may still be downloading */
		{ true, 0, 1, 1000, DECIDE_HOLD, true },
		{ true, 0, 1, 0, DECIDE_REFUSE, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene *s = scene_new();
		char text[100];

		snprintf(text, sizeof(text), FLASH "Attempts=%u\n",
		    cases[i].attempts);
		scene_add(s, "p", text);
		fixture_end(s->device, "p", SHA_A, STATE_REFUSED, 0);
		s->device->attempt.is_excused = cases[i].is_excused;
		s->device->reason = REASON_NOT_DIY_MODE;
		s->device->attempt.number = cases[i].attempt;
		s->device->attempt.is_uncounted = true;
		s->device->hold_until_ms = NOW + cases[i].wait_ms;
		s->device->facts.encrypted = cases[i].encrypted;
		assert_int_equal(scene_decide(s), cases[i].what);
	}
}

TEST(no_attempt_is_made_beyond_those_that_the_policy_allows_now)
{
	static const struct {
		enum state state;
		enum hold hold;
		unsigned attempt, allowed;
		const char *sha256;
		enum decide_what what;
	} cases[] = {
		{ STATE_HELD, HOLD_BACKOFF, 2, 1, SHA_A, DECIDE_FAIL },
		{ STATE_HELD, HOLD_BACKOFF, 2, 2, SHA_A, DECIDE_FAIL },
		{ STATE_HELD, HOLD_BACKOFF, 2, 3, SHA_A, DECIDE_HOLD },
		{ STATE_HELD, HOLD_WINDOW, 2, 1, SHA_A, DECIDE_FAIL },
		{ STATE_HELD, HOLD_PAUSED, 1, 1, SHA_A, DECIDE_FAIL },
		{ STATE_HELD, HOLD_PAUSED, 0, 1, SHA_A, DECIDE_HOLD },
		{ STATE_SEEN, HOLD_NONE, 1, 1, SHA_A, DECIDE_FAIL },
		{ STATE_IGNORED, HOLD_NONE, 1, 1, SHA_A, DECIDE_FAIL },
		{ STATE_REFUSED, HOLD_NONE, 1, 1, SHA_A, DECIDE_FAIL },
		/* another image has its own attempts */
		{ STATE_HELD, HOLD_BACKOFF, 2, 1, SHA_B, DECIDE_HOLD },
		/* more attempts do not revive a failed device */
		{ STATE_FAILED, HOLD_NONE, 2, 5, SHA_A, DECIDE_NOTHING },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene *s = scene_new();
		char text[100];

		snprintf(text, sizeof(text), FLASH "Attempts=%u\n",
		    cases[i].allowed);
		scene_add(s, "p", text);
		fixture_end(s->device, "p", cases[i].sha256, cases[i].state, 0);
		s->device->hold = cases[i].hold;
		s->device->hold_until_ms = NOW + 1;
		s->device->attempt.number = cases[i].attempt;
		s->device->kept.reason = REASON_STALLED;
		snprintf(s->device->kept.detail, sizeof(s->device->kept.detail),
		    "it stopped");
		assert_int_equal(scene_decide(s), cases[i].what);
		if (s->out.what == DECIDE_FAIL) {
			assert_int_equal(s->out.reason, REASON_STALLED);
			assert_contains(s->out.detail, "it stopped; ");
		}
	}
}

/* Neither another image nor a person's order makes it begin earlier. */
TEST(a_device_that_may_still_try_to_download_is_not_told_anything_else)
{
	static const struct {
		enum state state;
		const char
		    *sha256; /* of its last image; the policy has SHA_A */
		bool is_given, retry, is_uncounted;
	} cases[] = {
		{ STATE_HELD, SHA_A, false, false, false },
		{ STATE_HELD, SHA_A, false, true, false },
		{ STATE_HELD, SHA_A, true, false, true },
		{ STATE_FAILED, SHA_A, false, true, false },
		{ STATE_FAILED, SHA_B, false, false, false },
		{ STATE_SEEN, SHA_B, true, false, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene *s = scene_of(FLASH);

		fixture_end(s->device, "p", cases[i].sha256, cases[i].state, 0);
		s->device->tried.count = 0;
		s->device->order.is_given = cases[i].is_given;
		s->device->order.retry = cases[i].retry;
		s->device->attempt.is_uncounted = cases[i].is_uncounted;
		s->device->attempt.number = 0;
		s->device->download.tries_until_ms = NOW + 1;
		assert_int_equal(scene_decide(s), DECIDE_HOLD);
		assert_int_equal(s->out.hold, HOLD_BACKOFF);
		assert_string_equal(s->out.detail,
		    "it may still try to download what it was told before");
		s->now_ms = NOW + 1;
		assert_int_equal(scene_decide(s), DECIDE_START);
	}
}

/* Changes by an info of the device, or by a reload. */
struct news {
	const char *policies[2]; /* "begun", "other"; NULL: gone */
	const char *firmware, *type, *address;
	const char *image; /* SHA-256 of the image of the policy */
	bool encrypted, is_foreign;
	const char *forbidden;
	enum hold hold;
	unsigned attempt;
	bool damaged;
};

#define OLD    "[Match]\nFirmware=<3.5\n" FLASH
#define IGNORE "[Flash]\nAction=ignore\n"

static struct scene *
scene_begun(const struct news *news, enum state state)
{
	struct scene *s = scene_new();
	struct device *device = s->device;

	if (news->policies[0] != NULL)
		scene_add(s, "begun", news->policies[0]);
	if (news->policies[1] != NULL)
		scene_add(s, "other", news->policies[1]);
	fixture_end(device, "begun", SHA_A, state, 0);
	if (news->firmware != NULL)
		text_copy(device->facts.firmware,
		    sizeof(device->facts.firmware), news->firmware);
	if (news->type != NULL)
		text_copy(
		    device->facts.type, sizeof(device->facts.type), news->type);
	if (news->address != NULL)
		inet_pton(AF_INET, news->address, &device->place.address);
	if (news->image != NULL)
		s->image.sha256 = news->image;
	device->facts.encrypted = news->encrypted;
	device->facts.is_foreign = news->is_foreign;
	device->attempt.damaged = news->damaged;
	if (news->attempt > 0)
		device->attempt.number = news->attempt;
	s->forbidden = news->forbidden;
	s->hold = news->hold;
	return s;
}

static bool
scene_decide_job(struct scene *scene)
{
	const struct decide_world world = world_of(scene);

	return decide_job(scene->device, &world, &scene->out);
}

TEST(before_the_offer_everything_is_decided_anew)
{
	static const struct {
		struct news news;
		enum decide_what what; /* START: it goes on if no words */
		enum reason reason;
		const char *words; /* NULL: it goes on */
	} cases[] = {
		{ { .policies = { FLASH } }, DECIDE_START, REASON_NONE, NULL },
		{ { .policies = { FLASH, IGNORE } }, DECIDE_START, REASON_NONE,
		    NULL },
		{ { .policies = { OLD }, .firmware = "3.3" }, DECIDE_START,
		    REASON_NONE, NULL },
		/* another firmware */
		{ { .policies = { OLD }, .firmware = "3.5.0" }, DECIDE_OBSERVE,
		    REASON_NONE,
		    "policy begun does not fit firmware 3.5.0, which the "
		    "device has now" },
		{ { .policies = { OLD, IGNORE }, .firmware = "3.5.0" },
		    DECIDE_IGNORE, REASON_NONE,
		    "policy begun does not fit firmware 3.5.0" },
		{ { .policies = { OLD, FLASH }, .firmware = "3.5.0" },
		    DECIDE_START, REASON_NONE,
		    "policy begun does not fit firmware 3.5.0" },
		{ { .policies = { OLD }, .firmware = "" }, DECIDE_ASK,
		    REASON_NONE,
		    "a policy asks for what its info does not say" },
		{ { .policies = { FLASH }, .firmware = "4.0" }, DECIDE_REFUSE,
		    REASON_FIRMWARE_OUT_OF_RANGE, "its firmware is 4.0" },
		/* another type, or another address */
		{ { .policies = { FLASH }, .type = "light" }, DECIDE_REFUSE,
		    REASON_WRONG_TYPE, "its type is light" },
		{ { .policies = { FLASH }, .is_foreign = true }, DECIDE_REFUSE,
		    REASON_WRONG_TYPE, "its info is that of a bulb" },
		{ { .policies = { "[Match]\nType=diy_plug\n" FLASH },
		      .type = "light" },
		    DECIDE_OBSERVE, REASON_NONE,
		    "policy begun does not fit type light" },
		{ { .policies = { "[Match]\nAddress=192.168.1.0/24\n" FLASH },
		      .address = "192.168.2.23" },
		    DECIDE_OBSERVE, REASON_NONE,
		    "policy begun does not fit address 192.168.2.23" },
		{ { .policies = { FLASH }, .encrypted = true }, DECIDE_REFUSE,
		    REASON_NOT_DIY_MODE, "it announces encrypt=true" },
		{ { .policies = { FLASH }, .forbidden = "not allowed" },
		    DECIDE_REFUSE, REASON_ADDRESS_NOT_ALLOWED, "not allowed" },
		/* a reload, or a person */
		{ { .policies = { NULL } }, DECIDE_OBSERVE, REASON_NONE,
		    "policy begun is gone" },
		{ { .policies = { NULL, FLASH } }, DECIDE_START, REASON_NONE,
		    "policy begun is gone" },
		{ { .policies = { IGNORE } }, DECIDE_IGNORE, REASON_NONE,
		    "policy begun says ignore now" },
		{ { .policies = { "[Flash]\nAction=observe\n" } },
		    DECIDE_OBSERVE, REASON_NONE,
		    "policy begun says observe now" },
		{ { .policies = { "[Match]\nDeviceId=1000ffffff\n" FLASH } },
		    DECIDE_OBSERVE, REASON_NONE,
		    "policy begun does not fit id 1000a05bf6" },
		{ { .policies = { FLASH }, .hold = HOLD_WINDOW }, DECIDE_HOLD,
		    REASON_NONE, "the facts" },
		{ { .policies = { FLASH }, .hold = HOLD_PAUSED }, DECIDE_HOLD,
		    REASON_NONE, "the facts" },
		{ { .policies = { FLASH }, .hold = HOLD_APPROVAL }, DECIDE_HOLD,
		    REASON_NONE, "the facts" },
		/* another image */
		{ { .policies = { FLASH }, .image = SHA_B }, DECIDE_START,
		    REASON_NONE,
		    "policy begun has another image now: lite.bin" },
		{ { .policies = { FLASH "Sha256=" SHA_B "\n" } }, DECIDE_REFUSE,
		    REASON_IMAGE_HASH_MISMATCH,
		    "lite.bin: its checksum (SHA-256) is" },
		/* fewer attempts: this one is the third */
		{ { .policies = { FLASH "Attempts=3\n" }, .attempt = 3 },
		    DECIDE_START, REASON_NONE, NULL },
		{ { .policies = { FLASH "Attempts=1\n" }, .attempt = 3 },
		    DECIDE_FAIL, REASON_TRIED_BEFORE,
		    "attempts made: 2, Attempts=1" },
		/* a damaged device */
		{ { .policies = { FLASH },
		      .hold = HOLD_WINDOW,
		      .damaged = true },
		    DECIDE_START, REASON_NONE, NULL },
		{ { .policies = { FLASH },
		      .image = SHA_B,
		      .hold = HOLD_WINDOW,
		      .damaged = true },
		    DECIDE_START, REASON_NONE,
		    "policy begun has another image now: lite.bin" },
		{ { .policies = { FLASH },
		      .hold = HOLD_APPROVAL,
		      .damaged = true },
		    DECIDE_HOLD, REASON_NONE, "the facts" },
		{ { .policies = { FLASH }, .hold = HOLD_DISK, .damaged = true },
		    DECIDE_HOLD, REASON_NONE, "the facts" },
		{ { .policies = { FLASH },
		      .hold = HOLD_NETWORK,
		      .damaged = true },
		    DECIDE_HOLD, REASON_NONE, "the facts" },
		{ { .policies = { IGNORE }, .damaged = true }, DECIDE_IGNORE,
		    REASON_NONE, "policy begun says ignore now" },
	};
	static const enum state states[] = { STATE_PROBING, STATE_UNLOCKING,
		STATE_CONFIRMING };

	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t j = 0; j < COUNT(states); j++) {
			const char *words = cases[i].words;
			struct scene *s =
			    scene_begun(&cases[i].news, states[j]);

			assert_int_equal(scene_decide_job(s), words == NULL);
			assert_int_equal(s->out.what, cases[i].what);
			assert_int_equal(s->out.reason, cases[i].reason);
			if (words != NULL &&
			    strncmp(s->out.detail, words, strlen(words)) != 0)
				fail_msg("%zu: %s", i, s->out.detail);
			/* The plan of a device at work is its state. */
			assert_int_equal(scene_decide(s), DECIDE_NOTHING);
		}
}

/* An order has no policy of the files, but the same rules of safety. */
TEST(an_order_is_held_up_by_what_is_not_safe_alone)
{
	static const struct {
		struct news news;
		bool goes_on;
	} cases[] = {
		{ { .policies = { IGNORE } }, true },
		{ { .policies = { NULL } }, true },
		{ { .policies = { OLD }, .firmware = "3.8.1" }, true },
		{ { .policies = { NULL }, .firmware = "4.0" }, false },
		{ { .policies = { NULL }, .type = "light" }, false },
		{ { .policies = { NULL }, .encrypted = true }, false },
		{ { .policies = { NULL }, .forbidden = "no" }, false },
		{ { .policies = { NULL }, .hold = HOLD_PAUSED }, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct policy *order = fixture_policy("reflashctl", FLASH);
		struct scene *s = scene_begun(&cases[i].news, STATE_CONFIRMING);

		text_copy(
		    s->device->policy, sizeof(s->device->policy), "reflashctl");
		s->order = order;
		s->device->order.is_given = true;
		device_order_image(s->device, "/tmp/mine.bin");
		assert_int_equal(scene_decide_job(s), cases[i].goes_on);
		policy_free(order);
	}
}

/* A device is not flashed back and forth between two images. */
TEST(each_image_has_its_attempts_once)
{
	static const struct {
		enum state state;
		bool retry, ordered, again;
		enum decide_what what;
	} cases[] = {
		{ STATE_FAILED, false, false, false, DECIDE_NOTHING },
		{ STATE_FAILED, true, false, false, DECIDE_START },
		{ STATE_FAILED, false, true, false, DECIDE_NOTHING },
		{ STATE_FAILED, false, true, true, DECIDE_START },
		{ STATE_FLASHED, false, true, false, DECIDE_NOTHING },
		{ STATE_FLASHED, false, true, true, DECIDE_START },
		{ STATE_SEEN, false, false, false, DECIDE_REFUSE },
		{ STATE_SEEN, false, true, true, DECIDE_START },
		{ STATE_REFUSED, false, false, false, DECIDE_REFUSE },
		{ STATE_REFUSED, true, false, false, DECIDE_START },
		{ STATE_HELD, false, false, false, DECIDE_REFUSE },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene *s = scene_of(FLASH);

		fixture_end(s->device, "p", SHA_B, cases[i].state, 0);
		device_note_tried(s->device, SHA_A);
		device_note_tried(s->device, SHA_B);
		s->device->order.retry = cases[i].retry;
		s->device->order.is_given = cases[i].ordered;
		s->device->order.again = cases[i].again;
		assert_int_equal(scene_decide(s), cases[i].what);
		if (s->out.what == DECIDE_REFUSE)
			assert_int_equal(s->out.reason, REASON_TRIED_BEFORE);
	}
}

TEST(what_was_tried_is_remembered_until_a_person_says_so)
{
	device_auto *device = fixture_device(FIXTURE_ID);
	char sha256[65];

	fixture_end(device, "p", SHA_A, STATE_PROBING, 0);
	assert_false(device_has_tried(device, SHA_A));
	assert_true(device_post(device, STATE_EVENT_AGAIN));
	assert_false(device_has_tried(device, SHA_A));
	assert_true(device_post(device, STATE_EVENT_START));
	assert_true(device_post(device, STATE_EVENT_FAIL));
	assert_true(device_has_tried(device, SHA_A));
	device_note_tried(device, SHA_B);
	device_note_tried(device, SHA_A);
	assert_int_equal(device->tried.count, 2);
	device_forget_tried(device, SHA_A);
	assert_false(device_has_tried(device, SHA_A));
	assert_true(device_has_tried(device, SHA_B));
	/* The oldest image makes room. */
	for (unsigned i = 0; i < DEVICE_MAX_TRIED; i++) {
		assert_true(device_has_tried(device, SHA_B));
		snprintf(sha256, sizeof(sha256), "%064u", i);
		device_note_tried(device, sha256);
	}
	assert_int_equal(device->tried.count, DEVICE_MAX_TRIED);
	assert_false(device_has_tried(device, SHA_B));
}

/* Another attempt would follow a cancel or a restart otherwise. */
TEST(an_order_is_good_for_one_end)
{
	static const struct {
		enum state from;
		enum state_event event;
		bool kept;
	} cases[] = {
		{ STATE_HELD, STATE_EVENT_CANCEL, false },
		{ STATE_PROBING, STATE_EVENT_CANCEL, false },
		{ STATE_OFFERING, STATE_EVENT_FAIL, false },
		{ STATE_REBOOTING, STATE_EVENT_LEFT, false },
		{ STATE_VERIFYING, STATE_EVENT_BACK, false },
		{ STATE_PROBING, STATE_EVENT_AGAIN, true },
		{ STATE_HELD, STATE_EVENT_START, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene *s = scene_of(FLASH);

		fixture_end(s->device, "p", SHA_A, cases[i].from, 0);
		s->device->order.is_given = s->device->order.again =
		    s->device->order.retry = true;
		device_order_image(s->device, "/tmp/mine.bin");
		if (cases[i].event == STATE_EVENT_CANCEL)
			device_note_cancel(s->device, "root");
		assert_true(device_post(s->device, cases[i].event));
		assert_int_equal(s->device->order.is_given, cases[i].kept);
		assert_int_equal(s->device->order.again, cases[i].kept);
		assert_int_equal(s->device->order.retry, cases[i].kept);
		assert_int_equal(s->device->order.image != NULL, cases[i].kept);
		if (!cases[i].kept)
			assert_int_equal(scene_decide(s),
			    cases[i].event == STATE_EVENT_CANCEL
				? DECIDE_HOLD
				: DECIDE_NOTHING);
	}
}

/* The failure is shown until another image would be tried. */
TEST(what_a_person_cancelled_waits_whatever_image_or_policy_comes)
{
	static const struct {
		enum state state;
		const char *policy, *sha256;
		bool missing, present;
		enum hold wait;
		enum decide_what what;
	} cases[] = {
		{ STATE_HELD, FLASH, SHA_A, false, true, 0, DECIDE_HOLD },
		{ STATE_HELD, FLASH, SHA_B, false, true, 0, DECIDE_HOLD },
		{ STATE_HELD, FLASH, SHA_B, true, true, 0, DECIDE_HOLD },
		{ STATE_HELD, FLASH, SHA_B, false, false, 0, DECIDE_HOLD },
		{ STATE_HELD, FLASH, SHA_B, false, true, HOLD_PAUSED,
		    DECIDE_HOLD },
		{ STATE_HELD, "[Flash]\nAction=ask\nImage=lite.bin\n", SHA_B,
		    false, true, 0, DECIDE_HOLD },
		{ STATE_HELD, "[Flash]\nAction=ignore\n", SHA_B, false, true, 0,
		    DECIDE_HOLD },
		{ STATE_HELD, "[Match]\nType=strip\n" FLASH, SHA_B, false, true,
		    0, DECIDE_HOLD },
		{ STATE_SEEN, FLASH, SHA_B, false, true, 0, DECIDE_HOLD },
		{ STATE_REFUSED, FLASH, SHA_B, false, true, 0, DECIDE_HOLD },
		{ STATE_FAILED, FLASH, SHA_A, false, true, 0, DECIDE_NOTHING },
		{ STATE_FAILED, FLASH, SHA_B, false, true, 0, DECIDE_HOLD },
		{ STATE_FAILED, "[Match]\nType=strip\n" FLASH, SHA_B, false,
		    true, 0, DECIDE_NOTHING },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene *s = scene_of(cases[i].policy);

		fixture_end(s->device, "p", SHA_A, cases[i].state, 0);
		s->device->attempt.number = 0;
		s->device->seen.is_present = cases[i].present;
		xreplace(&s->device->people.cancelled, "root");
		s->image.sha256 = cases[i].sha256;
		s->image.missing = cases[i].missing ? "there is none" : NULL;
		s->hold = cases[i].wait;
		assert_int_equal(scene_decide(s), cases[i].what);
		if (cases[i].what == DECIDE_HOLD) {
			assert_int_equal(s->out.hold, HOLD_CANCELLED);
			assert_string_equal(s->out.detail, "cancelled by root");
		}
		assert_int_equal(s->waits, 0);
	}
}

TEST(who_retries_gives_a_failed_device_another_chance)
{
	struct scene *s = scene_of(FLASH);

	fixture_end(s->device, "p", SHA_A, STATE_FAILED, 0);
	s->device->order.retry = true;
	assert_int_equal(scene_decide(s), DECIDE_START);
	device_restore(s->device, STATE_FLASHED, 0);
	assert_int_equal(scene_decide(s), DECIDE_NOTHING);
}

/*
 * The device runs Tasmota 14.2.0, which no policy for stock firmware fits, and
 * its policy has changed meanwhile. Only an order may flash it again.
 */
TEST(what_failed_after_its_flash_is_verified_and_not_flashed)
{
	static const struct {
		enum reason reason;
		const char *sha256;
		bool retry, ordered, again;
		enum decide_what what;
	} cases[] = {
		{ REASON_FINISH_FAILED, SHA_A, true, false, false,
		    DECIDE_VERIFY },
		{ REASON_FINISH_FAILED, SHA_B, true, false, false,
		    DECIDE_VERIFY },
		{ REASON_NOT_SEEN_AGAIN, SHA_A, true, false, false,
		    DECIDE_VERIFY },
		{ REASON_WRONG_FIRMWARE, SHA_A, true, false, false,
		    DECIDE_VERIFY },
		{ REASON_FINISH_FAILED, SHA_A, false, false, false,
		    DECIDE_NOTHING },
		{ REASON_FINISH_FAILED, SHA_B, false, false, false,
		    DECIDE_NOTHING },
		{ REASON_FINISH_FAILED, SHA_A, false, true, false,
		    DECIDE_NOTHING },
		{ REASON_FINISH_FAILED, SHA_A, false, true, true,
		    DECIDE_START },
		{ REASON_CAME_BACK_STOCK, SHA_A, true, false, false,
		    DECIDE_START },
		{ REASON_DEVICE_ERROR, SHA_A, true, false, false,
		    DECIDE_START },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		bool after = cases[i].what == DECIDE_VERIFY;
		struct scene *s = scene_new();

		scene_add(s, "o", "[Match]\nDeviceId=*\n" FLASH);
		scene_add(s, "p", "[Match]\nFirmware=<3.9\n" FLASH);
		fixture_end(s->device, "p", cases[i].sha256, STATE_FAILED, 0);
		s->device->reason = cases[i].reason;
		s->device->order.retry = cases[i].retry;
		s->device->order.is_given = cases[i].ordered;
		s->device->order.again = cases[i].again;
		if (after)
			text_copy(s->device->facts.firmware,
			    sizeof(s->device->facts.firmware), "14.2.0");
		assert_int_equal(scene_decide(s), cases[i].what);
		assert_string_equal(s->out.policy->name,
		    cases[i].what == DECIDE_START || cases[i].ordered ? "o"
								      : "p");
	}
}

/* No policy for stock firmware fits the new firmware. */
TEST(what_was_flashed_is_done_by_the_policy_that_did_it)
{
	static const enum state states[] = { STATE_FLASHED, STATE_VERIFIED };

	for (size_t i = 0; i < COUNT(states); i++) {
		struct scene *s = scene_new();

		scene_add(s, "o", "[Match]\nFirmware=>=9\n" FLASH);
		scene_add(s, "p", "[Match]\nFirmware=<3.9\n" FLASH);
		fixture_end(s->device, "p", SHA_B, states[i], 0);
		text_copy(s->device->facts.firmware,
		    sizeof(s->device->facts.firmware), "14.2.0");
		assert_int_equal(scene_decide(s), DECIDE_NOTHING);
		assert_string_equal(policy_of(s), "p");
		s->device->order.retry = true;
		assert_int_equal(scene_decide(s), DECIDE_NOTHING);
		text_copy(s->device->policy, sizeof(s->device->policy), "gone");
		assert_int_equal(scene_decide(s), DECIDE_NOTHING);
		assert_null(policy_of(s));
	}
}

TEST(nothing_is_decided_about_a_device_at_work)
{
	for (enum state each = 0; each < STATE_COUNT; each++) {
		struct scene *s;

		if (!state_is_at_work(each))
			continue;
		s = scene_of("[Flash]\nAction=ignore\n");
		device_restore(s->device, each, 0);
		s->device->facts.encrypted = true;
		s->forbidden = "it is forbidden";
		s->hold = HOLD_WINDOW;
		assert_int_equal(scene_decide(s), DECIDE_NOTHING);
		assert_null(s->out.policy);
		assert_string_equal(
		    decide_action(s->device, &s->out), state_name(each));
	}
}

/* The word is not "observe": a person must know of a failure. */
TEST(a_failed_device_stays_failed_where_nothing_flashes_it)
{
	static const char *const policies[] = { "[Flash]\nAction=observe\n",
		"[Flash]\nAction=ignore\n", "[Match]\nDeviceId=none\n" };

	for (size_t i = 0; i < 3; i++) {
		struct scene *s = scene_of(policies[i]);

		device_restore(s->device, STATE_FAILED, 0);
		device_blame(s->device, REASON_DEVICE_ERROR, "its verdict");
		assert_int_equal(scene_decide(s), DECIDE_NOTHING);
		assert_string_equal(
		    decide_action(s->device, &s->out), "failed");
		/* A retry follows the present policy. */
		s->device->order.retry = true;
		assert_int_equal(
		    scene_decide(s), i == 1 ? DECIDE_IGNORE : DECIDE_OBSERVE);
	}
}

TEST(a_device_waits_for_the_first_of_its_reasons)
{
	static const struct {
		bool backoff;
		int64_t until;
		bool address, present;
		enum hold wait;
		enum hold hold; /* HOLD_NONE: it goes */
	} cases[] = {
		{ false, 0, true, true, HOLD_NONE, HOLD_NONE },
		{ true, 1, true, true, HOLD_NONE, HOLD_BACKOFF },
		{ true, 1, false, false, HOLD_PAUSED, HOLD_BACKOFF },
		{ true, 0, true, true, HOLD_NONE, HOLD_NONE },
		{ true, -1, true, true, HOLD_NONE, HOLD_NONE },
		{ true, 0, true, false, HOLD_NONE, HOLD_ABSENT },
		/* the backoff goes on where its hold was forgotten, as by
		   another type */
		{ false, 1, true, true, HOLD_NONE, HOLD_BACKOFF },
		{ false, 0, false, true, HOLD_NONE, HOLD_ABSENT },
		{ false, 0, true, false, HOLD_PAUSED, HOLD_ABSENT },
		{ false, 0, true, true, HOLD_APPROVAL, HOLD_APPROVAL },
		{ false, 0, true, true, HOLD_WINDOW, HOLD_WINDOW },
		{ true, 0, true, true, HOLD_SLOT, HOLD_SLOT },
		{ false, 0, true, true, HOLD_CANARY, HOLD_CANARY },
		{ false, 0, true, true, HOLD_SOAK, HOLD_SOAK },
		{ true, 0, true, true, HOLD_PAUSED, HOLD_PAUSED },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene *s = scene_of(FLASH);

		device_restore(s->device, STATE_HELD, 0);
		if (cases[i].backoff)
			s->device->hold = HOLD_BACKOFF;
		s->device->hold_until_ms = (uint64_t)(NOW + cases[i].until);
		s->device->place.has_address = cases[i].address;
		s->device->seen.is_present = cases[i].present;
		device_blame(s->device, REASON_STALLED, "it stopped");
		s->hold = cases[i].wait;
		assert_int_equal(scene_decide(s),
		    cases[i].hold ? DECIDE_HOLD : DECIDE_START);
		assert_int_equal(s->out.hold, cases[i].hold);
		assert_string_equal(s->out.detail,
		    cases[i].hold == HOLD_BACKOFF && !cases[i].backoff
			? "its last attempt failed"
			: cases[i].hold == HOLD_BACKOFF ? "it stopped"
			: cases[i].hold == HOLD_ABSENT
			? "not seen since reflashd was started"
			: s->hold == HOLD_NONE ? ""
					       : "the facts");
	}
}

TEST(every_decision_has_a_word)
{
	static const struct {
		enum decide_what what;
		const char *word;
	} cases[] = {
		{ DECIDE_NOTHING, "flashed" },
		{ DECIDE_ASK, "ask" },
		{ DECIDE_OBSERVE, "observe" },
		{ DECIDE_IGNORE, "ignore" },
		{ DECIDE_REFUSE, "refuse" },
		{ DECIDE_HOLD, "hold" },
		{ DECIDE_START, "flash" },
		{ DECIDE_VERIFY, "verify" },
	};
	device_auto *device = fixture_device(FIXTURE_ID);

	device_restore(device, STATE_FLASHED, 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct decision decision = { .what = cases[i].what };

		assert_string_equal(
		    decide_action(device, &decision), cases[i].word);
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, end_scene);
}
