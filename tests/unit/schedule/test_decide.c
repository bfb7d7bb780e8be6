/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "core/schedule/decide.h"

#include "unit/fixture.h"

#define NOW	 1000000
#define FLASH	 "[Flash]\nAction=flash\nImage=lite.bin\n"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The world of one decision, and what it was asked for. */
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
	assert_non_null(device->order_image);
	return ((struct scene *)ctx)->order;
}

static const char *
is_forbidden(const struct device *device, void *ctx)
{
	(void)device;
	return ((struct scene *)ctx)->forbidden;
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

static void
scene_init(struct scene *scene)
{
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
}

static void
scene_fini(struct scene *scene)
{
	policy_list_free(scene->list);
	device_free(scene->device);
}

static void
scene_add(struct scene *scene, const char *name, const char *text)
{
	policy_list_add(scene->list, fixture_policy(name, text));
}

static enum decide_what
scene_decide(struct scene *scene)
{
	const struct decide_world world = {
		.policies = scene->list,
		.now_ms = scene->now_ms,
		.ctx = scene,
		.image = give_image,
		.rest = give_rest,
		.order = give_order,
		.forbidden = is_forbidden,
		.wait = must_wait,
	};

	decide(scene->device, &world, &scene->out);
	return scene->out.what;
}

static const char *
policy_of(const struct scene *scene)
{
	return scene->out.policy != NULL ? scene->out.policy->name : NULL;
}

/* ---- which policy ------------------------------------------------------ */

static void
the_first_policy_that_fits_decides(void **unused)
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
		/* the firmware is asked for, but not known */
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
		/* so is the type: a device that never announced itself */
		{ "[Match]\nType=diy_plug\n[Flash]\nAction=ignore\n", FLASH, "",
		    "3.6.0", false, DECIDE_ASK, NULL },
		{ "[Match]\nType=diy_plug\n[Flash]\nAction=ignore\n", FLASH, "",
		    "3.6.0", true, DECIDE_REFUSE, "second" },
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene s;

		scene_init(&s);
		scene_add(&s, "first", cases[i].first);
		scene_add(&s, "second", cases[i].second);
		text_copy(
		    s.device->type, sizeof(s.device->type), cases[i].type);
		text_copy(s.device->firmware, sizeof(s.device->firmware),
		    cases[i].firmware);
		s.device->info_known = cases[i].info_known;
		assert_int_equal(scene_decide(&s), cases[i].what);
		if (cases[i].policy == NULL)
			assert_null(s.out.policy);
		else
			assert_string_equal(policy_of(&s), cases[i].policy);
		scene_fini(&s);
	}
}

/* Who will never be asked waits for no answer: the next policy decides. */
static void
what_nobody_will_ask_for_is_not_waited_for(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene s;

		scene_init(&s);
		scene_add(&s, "first", "[Match]\nFirmware=>=3.5\n" FLASH);
		scene_add(&s, "second", cases[i].second);
		s.device->firmware[0] = '\0';
		s.device->encrypted = cases[i].encrypted;
		s.forbidden = cases[i].forbidden ? "no" : NULL;
		assert_int_equal(scene_decide(&s), cases[i].what);
		assert_int_equal(s.out.reason, cases[i].reason);
		scene_fini(&s);
	}
}

static void
without_policies_devices_are_observed(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s);
	assert_int_equal(scene_decide(&s), DECIDE_OBSERVE);
	assert_null(s.out.policy);
	assert_false(s.out.has_image);
	scene_fini(&s);
}

static void
only_the_four_actions_are_known(void **unused)
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
		/* a person's order goes where there is an image to go with */
		{ "[Flash]\nAction=observe\n", true, DECIDE_OBSERVE },
		{ "[Flash]\nAction=observe\nImage=lite.bin\n", true,
		    DECIDE_START },
		{ "[Flash]\nAction=ignore\nImage=lite.bin\n", true,
		    DECIDE_START },
		{ "[Flash]\nAction=ignore\n", true, DECIDE_IGNORE },
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene s;

		scene_init(&s);
		scene_add(&s, "p", cases[i].text);
		s.device->ordered = cases[i].ordered;
		assert_int_equal(scene_decide(&s), cases[i].what);
		assert_int_equal(s.images, s.out.has_image);
		scene_fini(&s);
	}
}

static void
an_order_with_an_image_has_a_policy_of_its_own(void **unused)
{
	struct policy *order = fixture_policy("order", FLASH);
	struct scene s;

	(void)unused;
	scene_init(&s);
	scene_add(&s, "p", "[Flash]\nAction=ignore\n");
	s.order = order;
	device_order_image(s.device, "/tmp/mine.bin");
	assert_int_equal(scene_decide(&s), DECIDE_IGNORE);
	s.device->ordered = true;
	assert_int_equal(scene_decide(&s), DECIDE_START);
	assert_string_equal(policy_of(&s), "order");
	s.order = NULL;
	assert_int_equal(scene_decide(&s), DECIDE_ASK);
	assert_null(s.out.policy);
	scene_fini(&s);
	policy_free(order);
}

/* ---- refusals ---------------------------------------------------------- */

/* One thing is wrong, or is right again. */
static void
set_flaw(struct scene *s, enum reason reason, bool wrong)
{
	struct device *device = s->device;

	switch (reason) {
	case REASON_NOT_DIY_MODE:
		device->encrypted = wrong;
		break;
	case REASON_WRONG_TYPE:
		text_copy(device->type, sizeof(device->type),
		    wrong ? "light" : "diy_plug");
		break;
	case REASON_WRONG_CHIP:
		device->has_switches = wrong;
		break;
	case REASON_FIRMWARE_OUT_OF_RANGE:
		text_copy(device->firmware, sizeof(device->firmware),
		    wrong ? "4.0" : "3.6.0");
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
	    "lite.bin: it has sha256 " SHA_B ", the policy asks for " SHA_A },
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

/* What is found first is what can be put right least. */
static void
of_all_that_is_wrong_the_surest_is_told(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s);
	scene_add(&s, "p", FLASH "Sha256=" SHA_A "\n");
	for (size_t i = 0; i < COUNT(flaws); i++)
		set_flaw(&s, flaws[i].reason, true);
	for (size_t i = 0; i < COUNT(flaws); i++) {
		assert_refused(&s, i);
		assert_string_equal(s.out.detail, flaws[i].detail);
		set_flaw(&s, flaws[i].reason, false);
	}
	assert_int_equal(scene_decide(&s), DECIDE_START);
	assert_int_equal(s.out.reason, REASON_NONE);
	assert_string_equal(s.out.detail, "");
	scene_fini(&s);
}

static void
one_flaw_is_enough_even_for_an_order_or_an_absent_device(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < COUNT(flaws); i++) {
		struct scene s;

		scene_init(&s);
		scene_add(&s, "p", FLASH "Sha256=" SHA_A "\n");
		set_flaw(&s, flaws[i].reason, true);
		assert_refused(&s, i);
		s.device->ordered = s.device->again = true;
		assert_refused(&s, i);
		s.device->present = false;
		assert_refused(&s, i);
		scene_fini(&s);
	}
}

/* Anybody can say for a moment what would refuse it. */
static void
no_flaw_ends_the_wait_behind_a_failure(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < COUNT(flaws); i++) {
		struct scene s;

		scene_init(&s);
		scene_add(&s, "p", FLASH "Sha256=" SHA_A "\n");
		set_flaw(&s, flaws[i].reason, true);
		device_restore(s.device, STATE_HELD, 0);
		s.device->hold = HOLD_BACKOFF;
		s.device->hold_until_ms = NOW + 1000;
		assert_int_equal(scene_decide(&s), DECIDE_HOLD);
		assert_int_equal(s.out.hold, HOLD_BACKOFF);
		s.now_ms = NOW + 1000;
		assert_refused(&s, i);
		scene_fini(&s);
	}
}

static void
an_encrypted_device_need_not_have_a_type(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s);
	scene_add(&s, "p", FLASH);
	s.device->encrypted = true;
	s.device->type[0] = '\0';
	assert_int_equal(scene_decide(&s), DECIDE_REFUSE);
	assert_string_equal(
	    s.out.detail, "it announces encrypt=true (type unknown)");
	scene_fini(&s);
}

static void
what_is_not_known_yet_refuses_nothing(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s);
	scene_add(&s, "p", FLASH);
	s.device->type[0] = s.device->firmware[0] = '\0';
	s.device->info_known = false;
	assert_int_equal(scene_decide(&s), DECIDE_START);
	scene_fini(&s);
}

static void
a_pin_is_compared_whatever_the_case(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s);
	scene_add(&s, "p",
	    FLASH "Sha256=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
	assert_int_equal(scene_decide(&s), DECIDE_START);
	s.image.sha256 = SHA_B;
	assert_int_equal(scene_decide(&s), DECIDE_REFUSE);
	assert_int_equal(s.out.reason, REASON_IMAGE_HASH_MISMATCH);
	scene_fini(&s);
}

/* ---- what has been done already ---------------------------------------- */

static void
what_was_tried_to_its_end_is_not_tried_again(void **unused)
{
	static const struct {
		enum state state;
		const char *sha256; /* NULL: it never began with one */
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
		/* cancelled before it had begun */
		{ STATE_FAILED, NULL, false, false, false, DECIDE_NOTHING },
		{ STATE_HELD, SHA_A, false, false, false, DECIDE_START },
		{ STATE_SEEN, NULL, false, false, false, DECIDE_START },
		{ STATE_IGNORED, NULL, false, false, false, DECIDE_START },
		{ STATE_REFUSED, SHA_A, false, false, false, DECIDE_START },
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene s;

		scene_init(&s);
		scene_add(&s, "p", FLASH);
		fixture_end(s.device, "p",
		    cases[i].sha256 != NULL ? cases[i].sha256 : "",
		    cases[i].state, 0);
		s.device->has_image = cases[i].sha256 != NULL;
		s.device->ordered = cases[i].ordered;
		s.device->again = cases[i].again;
		s.image.missing = cases[i].missing ? "no such file" : NULL;
		assert_int_equal(scene_decide(&s), cases[i].what);
		scene_fini(&s);
	}
}

/* A device that was refused for its mode has all its attempts once it can. */
static void
what_could_not_be_flashed_is_once_it_can(void **unused)
{
	static const struct {
		bool encrypted;
		unsigned attempt, attempts;
		uint64_t wait_ms; /* since its attempt was called off */
		enum decide_what what;
	} cases[] = {
		{ true, 0, 1, 0, DECIDE_REFUSE },
		{ true, 0, 1, 1000, DECIDE_REFUSE },
		{ false, 0, 1, 0, DECIDE_START },
		{ false, 0, 1, 1000, DECIDE_HOLD },
		{ true, 2, 3, 0, DECIDE_REFUSE },
		{ false, 2, 3, 0, DECIDE_START },
		{ false, 3, 3, 0, DECIDE_FAIL },
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene s;
		char text[100];

		scene_init(&s);
		snprintf(text, sizeof(text), FLASH "Attempts=%u\n",
		    cases[i].attempts);
		scene_add(&s, "p", text);
		fixture_end(s.device, "p", SHA_A, STATE_REFUSED, 0);
		s.device->reason = REASON_NOT_DIY_MODE;
		s.device->attempt = cases[i].attempt;
		s.device->uncounted = true;
		s.device->hold_until_ms = NOW + cases[i].wait_ms;
		s.device->encrypted = cases[i].encrypted;
		assert_int_equal(scene_decide(&s), cases[i].what);
		scene_fini(&s);
	}
}

/* ---- the attempts that a policy allows now ----------------------------- */

static void
no_attempt_is_made_beyond_those_that_the_policy_allows_now(void **unused)
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
		/* another image has its own */
		{ STATE_HELD, HOLD_BACKOFF, 2, 1, SHA_B, DECIDE_HOLD },
		/* that more are allowed brings back none that has failed */
		{ STATE_FAILED, HOLD_NONE, 2, 5, SHA_A, DECIDE_NOTHING },
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene s;
		char text[100];

		scene_init(&s);
		snprintf(text, sizeof(text), FLASH "Attempts=%u\n",
		    cases[i].allowed);
		scene_add(&s, "p", text);
		fixture_end(s.device, "p", cases[i].sha256, cases[i].state, 0);
		s.device->hold = cases[i].hold;
		s.device->hold_until_ms = NOW + 1;
		s.device->attempt = cases[i].attempt;
		s.device->kept.reason = REASON_STALLED;
		snprintf(s.device->kept.detail, sizeof(s.device->kept.detail),
		    "it stopped");
		assert_int_equal(scene_decide(&s), cases[i].what);
		if (s.out.what == DECIDE_FAIL) {
			assert_int_equal(s.out.reason, REASON_STALLED);
			assert_non_null(strstr(s.out.detail, "it stopped; "));
		}
		scene_fini(&s);
	}
}

/* ---- a job before its offer -------------------------------------------- */

/* What its info may have told, or a reload brought. */
struct news {
	const char *policies[2]; /* "begun", "other"; NULL: gone */
	const char *firmware, *type, *address;
	const char *image; /* sha256 of what the policy names */
	bool encrypted, is_foreign;
	const char *forbidden;
	enum hold hold;
	unsigned attempt;
	bool damaged;
};

#define OLD    "[Match]\nFirmware=<3.5\n" FLASH
#define IGNORE "[Flash]\nAction=ignore\n"

static void
scene_begin(struct scene *s, const struct news *news, enum state state)
{
	struct device *device;

	scene_init(s);
	device = s->device;
	if (news->policies[0] != NULL)
		scene_add(s, "begun", news->policies[0]);
	if (news->policies[1] != NULL)
		scene_add(s, "other", news->policies[1]);
	fixture_end(device, "begun", SHA_A, state, 0);
	if (news->firmware != NULL)
		text_copy(
		    device->firmware, sizeof(device->firmware), news->firmware);
	if (news->type != NULL)
		text_copy(device->type, sizeof(device->type), news->type);
	if (news->address != NULL)
		inet_pton(AF_INET, news->address, &device->address);
	if (news->image != NULL)
		s->image.sha256 = news->image;
	device->encrypted = news->encrypted;
	device->is_foreign = news->is_foreign;
	device->damaged = news->damaged;
	if (news->attempt > 0)
		device->attempt = news->attempt;
	s->forbidden = news->forbidden;
	s->hold = news->hold;
}

static bool
scene_decide_job(struct scene *scene)
{
	const struct decide_world world = {
		.policies = scene->list,
		.now_ms = scene->now_ms,
		.ctx = scene,
		.image = give_image,
		.rest = give_rest,
		.order = give_order,
		.forbidden = is_forbidden,
		.wait = must_wait,
	};

	return decide_job(scene->device, &world, &scene->out);
}

static void
before_the_offer_everything_is_decided_anew(void **unused)
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
		/* its firmware is another one */
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
		    "a policy asks for what its info does not tell" },
		{ { .policies = { FLASH }, .firmware = "4.0" }, DECIDE_REFUSE,
		    REASON_FIRMWARE_OUT_OF_RANGE, "its firmware is 4.0" },
		/* so is its type, or its address */
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
		    REASON_IMAGE_HASH_MISMATCH, "lite.bin: it has sha256" },
		/* fewer attempts: this one is the third */
		{ { .policies = { FLASH "Attempts=3\n" }, .attempt = 3 },
		    DECIDE_START, REASON_NONE, NULL },
		{ { .policies = { FLASH "Attempts=1\n" }, .attempt = 3 },
		    DECIDE_FAIL, REASON_TRIED_BEFORE,
		    "attempts made: 2, Attempts=1" },
		/* one that must not be left as it is */
		{ { .policies = { FLASH },
		      .hold = HOLD_WINDOW,
		      .damaged = true },
		    DECIDE_START, REASON_NONE, NULL },
		{ { .policies = { FLASH },
		      .hold = HOLD_APPROVAL,
		      .damaged = true },
		    DECIDE_HOLD, REASON_NONE, "the facts" },
		{ { .policies = { IGNORE }, .damaged = true }, DECIDE_IGNORE,
		    REASON_NONE, "policy begun says ignore now" },
	};
	static const enum state states[] = { STATE_PROBING, STATE_UNLOCKING,
		STATE_CONFIRMING };

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t j = 0; j < COUNT(states); j++) {
			const char *words = cases[i].words;
			struct scene s;

			scene_begin(&s, &cases[i].news, states[j]);
			assert_int_equal(scene_decide_job(&s), words == NULL);
			assert_int_equal(s.out.what, cases[i].what);
			assert_int_equal(s.out.reason, cases[i].reason);
			if (words != NULL &&
			    strncmp(s.out.detail, words, strlen(words)) != 0)
				fail_msg("%zu: %s", i, s.out.detail);
			/* Who asks what is planned is told what it does. */
			assert_int_equal(scene_decide(&s), DECIDE_NOTHING);
			scene_fini(&s);
		}
}

/* It is by no policy; but it is not safe for being ordered. */
static void
an_order_is_held_up_by_what_is_not_safe_alone(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct policy *order = fixture_policy("reflashctl", FLASH);
		struct scene s;

		scene_begin(&s, &cases[i].news, STATE_CONFIRMING);
		text_copy(
		    s.device->policy, sizeof(s.device->policy), "reflashctl");
		s.order = order;
		s.device->ordered = true;
		device_order_image(s.device, "/tmp/mine.bin");
		assert_int_equal(scene_decide_job(&s), cases[i].goes_on);
		scene_fini(&s);
		policy_free(order);
	}
}

/* Between two policies, or two files of one name, it goes neither way again. */
static void
each_image_has_its_attempts_once(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene s;

		scene_init(&s);
		scene_add(&s, "p", FLASH);
		fixture_end(s.device, "p", SHA_B, cases[i].state, 0);
		device_note_tried(s.device, SHA_A);
		device_note_tried(s.device, SHA_B);
		s.device->retry = cases[i].retry;
		s.device->ordered = cases[i].ordered;
		s.device->again = cases[i].again;
		assert_int_equal(scene_decide(&s), cases[i].what);
		if (s.out.what == DECIDE_REFUSE)
			assert_int_equal(s.out.reason, REASON_TRIED_BEFORE);
		scene_fini(&s);
	}
}

static void
what_was_tried_is_remembered_until_a_person_says_so(void **unused)
{
	struct device *device = fixture_device(FIXTURE_ID);
	char sha256[65];

	(void)unused;
	fixture_end(device, "p", SHA_A, STATE_PROBING, 0);
	assert_false(device_has_tried(device, SHA_A));
	assert_true(device_post(device, STATE_EVENT_AGAIN));
	assert_false(device_has_tried(device, SHA_A));
	assert_true(device_post(device, STATE_EVENT_START));
	assert_true(device_post(device, STATE_EVENT_FAIL));
	assert_true(device_has_tried(device, SHA_A));
	device_note_tried(device, SHA_B);
	device_note_tried(device, SHA_A);
	assert_int_equal(device->tried_count, 2);
	device_forget_tried(device, SHA_A);
	assert_false(device_has_tried(device, SHA_A));
	assert_true(device_has_tried(device, SHA_B));
	/* The oldest makes room. */
	for (unsigned i = 0; i < DEVICE_MAX_TRIED; i++) {
		assert_true(device_has_tried(device, SHA_B));
		snprintf(sha256, sizeof(sha256), "%064u", i);
		device_note_tried(device, sha256);
	}
	assert_int_equal(device->tried_count, DEVICE_MAX_TRIED);
	assert_false(device_has_tried(device, SHA_B));
	device_free(device);
}

/* Otherwise a cancel, or a restart, would be followed by another attempt. */
static void
an_order_is_good_for_one_end(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene s;

		scene_init(&s);
		scene_add(&s, "p", FLASH);
		fixture_end(s.device, "p", SHA_A, cases[i].from, 0);
		s.device->ordered = s.device->again = s.device->retry = true;
		device_order_image(s.device, "/tmp/mine.bin");
		if (cases[i].event == STATE_EVENT_CANCEL)
			device_note_cancel(s.device, "root");
		assert_true(device_post(s.device, cases[i].event));
		assert_int_equal(s.device->ordered, cases[i].kept);
		assert_int_equal(s.device->again, cases[i].kept);
		assert_int_equal(s.device->retry, cases[i].kept);
		assert_int_equal(s.device->order_image != NULL, cases[i].kept);
		if (!cases[i].kept)
			assert_int_equal(scene_decide(&s),
			    cases[i].event == STATE_EVENT_CANCEL
				? DECIDE_HOLD
				: DECIDE_NOTHING);
		scene_fini(&s);
	}
}

/* Its failure is shown until another image would be tried on it. */
static void
what_a_person_cancelled_waits_whatever_image_or_policy_comes(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene s;

		scene_init(&s);
		scene_add(&s, "p", cases[i].policy);
		fixture_end(s.device, "p", SHA_A, cases[i].state, 0);
		s.device->attempt = 0;
		s.device->present = cases[i].present;
		text_copy(
		    s.device->cancelled, sizeof(s.device->cancelled), "root");
		s.image.sha256 = cases[i].sha256;
		s.image.missing = cases[i].missing ? "there is none" : NULL;
		s.hold = cases[i].wait;
		assert_int_equal(scene_decide(&s), cases[i].what);
		if (cases[i].what == DECIDE_HOLD) {
			assert_int_equal(s.out.hold, HOLD_CANCELLED);
			assert_string_equal(s.out.detail, "cancelled by root");
		}
		assert_int_equal(s.waits, 0);
		scene_fini(&s);
	}
}

static void
who_retries_gives_a_failed_device_another_chance(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s);
	scene_add(&s, "p", FLASH);
	fixture_end(s.device, "p", SHA_A, STATE_FAILED, 0);
	s.device->retry = true;
	assert_int_equal(scene_decide(&s), DECIDE_START);
	device_restore(s.device, STATE_FLASHED, 0);
	assert_int_equal(scene_decide(&s), DECIDE_NOTHING);
	scene_fini(&s);
}

/*
 * It runs Tasmota 14.2.0, which no policy for stock firmware fits, and its
 * policy has changed meanwhile.  Only an order may flash it again.
 */
static void
what_failed_after_its_flash_is_verified_and_not_flashed(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		bool after = cases[i].what == DECIDE_VERIFY;
		struct scene s;

		scene_init(&s);
		scene_add(&s, "o", "[Match]\nDeviceId=*\n" FLASH);
		scene_add(&s, "p", "[Match]\nFirmware=<3.9\n" FLASH);
		fixture_end(s.device, "p", cases[i].sha256, STATE_FAILED, 0);
		s.device->reason = cases[i].reason;
		s.device->retry = cases[i].retry;
		s.device->ordered = cases[i].ordered;
		s.device->again = cases[i].again;
		if (after)
			text_copy(s.device->firmware,
			    sizeof(s.device->firmware), "14.2.0");
		assert_int_equal(scene_decide(&s), cases[i].what);
		assert_string_equal(s.out.policy->name,
		    cases[i].what == DECIDE_START || cases[i].ordered ? "o"
								      : "p");
		scene_fini(&s);
	}
}

/* Its firmware is the new one, which no policy for stock firmware fits. */
static void
what_was_flashed_is_done_by_the_policy_that_did_it(void **unused)
{
	static const enum state states[] = { STATE_FLASHED, STATE_VERIFIED };

	(void)unused;
	for (size_t i = 0; i < COUNT(states); i++) {
		struct scene s;

		scene_init(&s);
		scene_add(&s, "o", "[Match]\nFirmware=>=9\n" FLASH);
		scene_add(&s, "p", "[Match]\nFirmware=<3.9\n" FLASH);
		fixture_end(s.device, "p", SHA_B, states[i], 0);
		text_copy(
		    s.device->firmware, sizeof(s.device->firmware), "14.2.0");
		assert_int_equal(scene_decide(&s), DECIDE_NOTHING);
		assert_string_equal(policy_of(&s), "p");
		s.device->retry = true;
		assert_int_equal(scene_decide(&s), DECIDE_NOTHING);
		text_copy(s.device->policy, sizeof(s.device->policy), "gone");
		assert_int_equal(scene_decide(&s), DECIDE_NOTHING);
		assert_null(policy_of(&s));
		scene_fini(&s);
	}
}

static void
nothing_is_decided_about_a_device_at_work(void **unused)
{
	(void)unused;
	for (enum state state = 0; state < STATE_COUNT; state++) {
		struct scene s;

		if (!state_is_at_work(state))
			continue;
		scene_init(&s);
		scene_add(&s, "p", "[Flash]\nAction=ignore\n");
		device_restore(s.device, state, 0);
		s.device->encrypted = true;
		s.forbidden = "it is forbidden";
		s.hold = HOLD_WINDOW;
		assert_int_equal(scene_decide(&s), DECIDE_NOTHING);
		assert_null(s.out.policy);
		assert_string_equal(
		    decide_action(s.device, &s.out), state_name(state));
		scene_fini(&s);
	}
}

/* Not "observe": a failure is what a person must know of. */
static void
a_failed_device_stays_failed_where_nothing_flashes_it(void **unused)
{
	static const char *const policies[] = { "[Flash]\nAction=observe\n",
		"[Flash]\nAction=ignore\n", "[Match]\nDeviceId=none\n" };

	(void)unused;
	for (size_t i = 0; i < 3; i++) {
		struct scene s;

		scene_init(&s);
		scene_add(&s, "p", policies[i]);
		device_restore(s.device, STATE_FAILED, 0);
		device_blame(s.device, REASON_DEVICE_ERROR, "its verdict");
		assert_int_equal(scene_decide(&s), DECIDE_NOTHING);
		assert_string_equal(decide_action(s.device, &s.out), "failed");
		/* A person who retries it is told what the policy does now. */
		s.device->retry = true;
		assert_int_equal(
		    scene_decide(&s), i == 1 ? DECIDE_IGNORE : DECIDE_OBSERVE);
		scene_fini(&s);
	}
}

/* ---- waiting ----------------------------------------------------------- */

static void
a_device_waits_for_the_first_of_its_reasons(void **unused)
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
		/* forgotten on the way, as by another type: it is not over */
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

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene s;

		scene_init(&s);
		scene_add(&s, "p", FLASH);
		device_restore(s.device, STATE_HELD, 0);
		if (cases[i].backoff)
			s.device->hold = HOLD_BACKOFF;
		s.device->hold_until_ms = (uint64_t)(NOW + cases[i].until);
		s.device->has_address = cases[i].address;
		s.device->present = cases[i].present;
		device_blame(s.device, REASON_STALLED, "it stopped");
		s.hold = cases[i].wait;
		assert_int_equal(scene_decide(&s),
		    cases[i].hold ? DECIDE_HOLD : DECIDE_START);
		assert_int_equal(s.out.hold, cases[i].hold);
		assert_string_equal(s.out.detail,
		    cases[i].hold == HOLD_BACKOFF && !cases[i].backoff
			? "its last attempt failed"
			: cases[i].hold == HOLD_BACKOFF ? "it stopped"
			: cases[i].hold == HOLD_ABSENT || s.hold == HOLD_NONE
			? ""
			: "the facts");
		scene_fini(&s);
	}
}

/* ---- words ------------------------------------------------------------- */

static void
every_decision_has_a_word(void **unused)
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
	struct device *device = fixture_device(FIXTURE_ID);

	(void)unused;
	device_restore(device, STATE_FLASHED, 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct decision decision = { .what = cases[i].what };

		assert_string_equal(
		    decide_action(device, &decision), cases[i].word);
	}
	device_free(device);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_policy_that_fits_decides),
		cmocka_unit_test(what_nobody_will_ask_for_is_not_waited_for),
		cmocka_unit_test(without_policies_devices_are_observed),
		cmocka_unit_test(only_the_four_actions_are_known),
		cmocka_unit_test(
		    an_order_with_an_image_has_a_policy_of_its_own),
		cmocka_unit_test(of_all_that_is_wrong_the_surest_is_told),
		cmocka_unit_test(
		    one_flaw_is_enough_even_for_an_order_or_an_absent_device),
		cmocka_unit_test(no_flaw_ends_the_wait_behind_a_failure),
		cmocka_unit_test(an_encrypted_device_need_not_have_a_type),
		cmocka_unit_test(what_is_not_known_yet_refuses_nothing),
		cmocka_unit_test(a_pin_is_compared_whatever_the_case),
		cmocka_unit_test(what_was_tried_to_its_end_is_not_tried_again),
		cmocka_unit_test(each_image_has_its_attempts_once),
		cmocka_unit_test(what_could_not_be_flashed_is_once_it_can),
		cmocka_unit_test(
		    no_attempt_is_made_beyond_those_that_the_policy_allows_now),
		cmocka_unit_test(before_the_offer_everything_is_decided_anew),
		cmocka_unit_test(an_order_is_held_up_by_what_is_not_safe_alone),
		cmocka_unit_test(
		    what_was_tried_is_remembered_until_a_person_says_so),
		cmocka_unit_test(an_order_is_good_for_one_end),
		cmocka_unit_test(
		    what_a_person_cancelled_waits_whatever_image_or_policy_comes),
		cmocka_unit_test(
		    who_retries_gives_a_failed_device_another_chance),
		cmocka_unit_test(
		    what_failed_after_its_flash_is_verified_and_not_flashed),
		cmocka_unit_test(
		    what_was_flashed_is_done_by_the_policy_that_did_it),
		cmocka_unit_test(nothing_is_decided_about_a_device_at_work),
		cmocka_unit_test(
		    a_failed_device_stays_failed_where_nothing_flashes_it),
		cmocka_unit_test(a_device_waits_for_the_first_of_its_reasons),
		cmocka_unit_test(every_decision_has_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
