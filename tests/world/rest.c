/* SPDX-License-Identifier: ISC */
/*
 * The other headers of io and base for the world: discovery, the control
 * socket, the configuration, and what has no meaning here.
 */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/sandbox.h"
#include "core/control/ctlproto.h"
#include "core/sonoff/announce.h"
#include "io/advice.h"
#include "io/conffiles.h"
#include "io/control/control.h"
#include "io/evlog.h"
#include "io/hooks/hooks.h"
#include "io/manager.h"
#include "io/scanner.h"
#include "io/signals.h"
#include "tests/world/parts.h"
#include "tests/world/script.h"
#include "tests/world/things.h"
#include "tests/world/truth.h"

struct scanner {
	const struct scanner_ops *ops;
	void *ctx;
};

static struct scanner *scanner;

static void
on_ready(void *ctx)
{
	(void)ctx;
	scanner->ops->status("the world listens", true, scanner->ctx);
	for (size_t i = 0; i < thing_count; i++)
		thing_announce(&things[i]);
}

struct scanner *
scanner_new(struct event_base *base, const struct scanner_program *program,
    const struct scanner_ops *ops, void *ctx)
{
	(void)base;
	(void)program;
	scanner = xcalloc(1, sizeof(*scanner));
	scanner->ops = ops;
	scanner->ctx = ctx;
	world_at_of_daemon(world_ms() + 100, on_ready, NULL);
	return scanner;
}

void
scanner_free(struct scanner *old)
{
	if (scanner == old)
		scanner = NULL;
	free(old);
}

void
scanner_world_reset(void)
{
	scanner = NULL;
}

/* Devices answer a question for their service now and then. */
void
scanner_repeat(struct scanner *self, const char *part)
{
	(void)self;
	(void)part;
	for (size_t i = 0; i < thing_count; i++)
		if (world_chance("answers", (unsigned)i, 60))
			thing_announce(&things[i]);
}

struct heard {
	struct scanner *scanner;
	struct announce announce;
};

static void
hear(void *ctx)
{
	struct heard *heard = ctx;

	if (heard->scanner == scanner && scanner != NULL)
		scanner->ops->announced(&heard->announce, scanner->ctx);
	free(heard);
}

static struct heard *
heard_new(const char *id, struct in_addr address, const char *service)
{
	struct heard *heard = xcalloc(1, sizeof(*heard));
	struct announce *a = &heard->announce;

	heard->scanner = scanner;
	a->kind = ANNOUNCE_SEEN;
	snprintf(a->service, sizeof(a->service), "%s", service);
	snprintf(a->instance, sizeof(a->instance), "eWeLink_%s", id);
	snprintf(a->interface, sizeof(a->interface), "eth0");
	snprintf(a->id, sizeof(a->id), "%s", id);
	a->address = address;
	a->has_address = true;
	a->port = 8081;
	a->is_target = true;
	return heard;
}

void
scanner_announce(const struct thing *thing, const char *service)
{
	struct heard *heard;
	struct announce *a;

	if (scanner == NULL)
		return;
	heard = heard_new(thing->id, thing_address(thing), service);
	a = &heard->announce;
	if (thing->nature == NATURE_ESPHOME) {
		snprintf(a->mac, sizeof(a->mac), "%s", thing->mac);
		snprintf(
		    a->version, sizeof(a->version), "%s", thing->runs->version);
		a->id[0] = '\0';
		a->is_target = false;
		a->port = 6053;
	}
	snprintf(a->type, sizeof(a->type), "%s",
	    thing->is_encrypted	 ? "plug"
		: thing->is_bulb ? "diy_light"
				 : "diy_plug");
	a->encrypted = thing->is_encrypted;
	a->has_switch = !thing->is_esp32;
	a->has_switches = thing->is_esp32;
	a->seq = thing->seq;
	a->has_seq = true;
	if (strcmp(thing->firmware, "3.6.0") >= 0 && !thing->is_encrypted)
		snprintf(
		    a->firmware, sizeof(a->firmware), "%s", thing->firmware);
	world_at_of_daemon(
	    world_ms() + 10 + world_draw("mdns", thing->n, 500), hear, heard);
}

static void
forge(
    const char *id, struct in_addr address, unsigned seq, const char *firmware)
{
	struct heard *heard;

	if (scanner == NULL)
		return;
	heard = heard_new(id, address, "_ewelink._tcp");
	snprintf(
	    heard->announce.type, sizeof(heard->announce.type), "diy_plug");
	heard->announce.has_switch = true;
	heard->announce.seq = seq;
	heard->announce.has_seq = true;
	snprintf(heard->announce.firmware, sizeof(heard->announce.firmware),
	    "%s", firmware);
	world_at_of_daemon(world_ms() + 5, hear, heard);
}

void
scanner_forge(const char *id, struct in_addr address, unsigned seq)
{
	forge(id, address, seq, "");
}

void
scanner_rumour(const char *id, struct in_addr address, unsigned n)
{
	forge(id, address, n, n % 2 == 0 ? "3.6.0" : "3.7.0");
}

struct control {
	const struct control_ops *ops;
	void *ctx;
	struct control_client *clients;
};

struct control_client {
	struct control_client *next;
	bool has_answered;
	enum act_kind kind;
	char id[11]; /* "": of no device */
};

static struct control *control;

struct control *
control_new(struct event_base *base, const struct control_config *config,
    const struct control_ops *ops, void *ctx, struct error *err)
{
	(void)base;
	(void)config;
	(void)err;
	control = xcalloc(1, sizeof(*control));
	control->ops = ops;
	control->ctx = ctx;
	return control;
}

static void
drop_clients(struct control *old)
{
	while (old->clients != NULL) {
		struct control_client *client = old->clients;

		old->clients = client->next;
		old->ops->closed(client, old->ctx);
		free(client);
	}
}

void
control_free(struct control *old)
{
	if (old == NULL)
		return;
	drop_clients(old);
	if (control == old)
		control = NULL;
	free(old);
}

void
control_world_reset(void)
{
	control = NULL;
}

void
control_set_group(struct control *self, const char *group)
{
	(void)self;
	(void)group;
}

void
control_send_item(struct control_client *client, json_t *item)
{
	if (client->kind == ACT_DEVICES)
		truth_listed(item);
	json_decref(item);
}

bool
control_has_room(const struct control_client *client)
{
	(void)client;
	return true;
}

static void
answer(struct control_client *client, bool ok)
{
	if (client->has_answered)
		world_fail("a request was answered twice");
	client->has_answered = true;
	truth_ordered(client->kind, client->id, ok);
}

/* A device that waits for nothing has neither a hold nor words for it. */
static void
check_waits(const json_t *extra)
{
	const json_t *waits = json_object_get(extra, "waits");

	if (waits != NULL &&
	    json_is_null(waits) != json_is_null(json_object_get(extra, "held")))
		world_fail("a device waits for nothing, and the answer says "
			   "\"%s\"",
		    json_string_value(waits));
}

void
control_done(struct control_client *client, json_t *extra)
{
	check_waits(extra);
	truth_told_unsaved(
	    client->kind, json_object_get(extra, "unsaved") != NULL);
	answer(client, true);
	json_decref(extra);
}

void
control_fail(struct control_client *client, const struct error *err)
{
	world_note("  refused: %s", err->text);
	answer(client, false);
}

void
control_fail_with(
    struct control_client *client, const struct error *err, json_t *extra)
{
	control_fail(client, err);
	json_decref(extra);
}

void
control_subscribe(struct control_client *client)
{
	(void)client;
}

bool
control_has_subscribers(const struct control *self)
{
	(void)self;
	return true;
}

void
control_broadcast(struct control *self, json_t *event)
{
	(void)self;
	truth_heard(event);
	json_decref(event);
}

uid_t
control_client_uid(const struct control_client *client)
{
	(void)client;
	return 0;
}

/* No client of the world sends a descriptor. */
int
control_client_take_fd(struct control_client *client, struct error *err)
{
	(void)client;
	error_set(err, EINVAL, "no descriptor came with the request");
	return -1;
}

void
world_command(
    enum act_kind kind, const char *word, const char *id, json_t *args)
{
	struct control_client *client;

	if (control != NULL) {
		client = xcalloc(1, sizeof(*client));
		client->kind = kind;
		snprintf(client->id, sizeof(client->id), "%s", id);
		client->next = control->clients;
		control->clients = client;
		truth_ordering(kind, id);
		control->ops->request(
		    client, ctl_command_find(word), args, control->ctx);
	}
	json_decref(args);
}

static const char conf[] =
    "[Paths]\nStateDirectory=/world\nImageDirectory=/images\n"
    "PolicyDirectories=/policy.d\n[Limits]\nMaxParallel=3\n";

bool
setup_load(const char *file, struct setup *out, struct problems *problems)
{
	size_t before = problems->count;

	(void)file;
	*out = (struct setup){ .config = config_new(),
		.policies = policy_list_new() };
	config_parse(
	    out->config, conf, sizeof(conf) - 1, "reflashd.conf", problems);
	config_check(out->config, problems);
	for (unsigned slot = 0; slot < SCRIPT_POLICIES; slot++) {
		const char *text = script_policy_text(slot);
		char name[16];
		struct policy *policy;

		if (text == NULL)
			continue;
		snprintf(name, sizeof(name), "%u0", slot + 1);
		policy = policy_parse(name, text, strlen(text), name, problems);
		if (policy != NULL)
			policy_list_add(out->policies, policy);
	}
	if (problems->count == before)
		return true;
	setup_fini(out);
	return false;
}

void
setup_fini(struct setup *setup)
{
	config_free(setup->config);
	policy_list_free(setup->policies);
	*setup = (struct setup){ 0 };
}

char *
setup_state_directory(const char *file)
{
	(void)file;
	return xstrdup("/world");
}

#define LOG_AS(level)                                                          \
	char text[1024];                                                       \
	va_list args;                                                          \
	va_start(args, fmt);                                                   \
	vsnprintf(text, sizeof(text), fmt, args);                              \
	va_end(args);                                                          \
	world_note("  log: %s%s", level, text)

void
log_err(const char *fmt, ...)
{
	LOG_AS("error: ");
}

void
log_warning(const char *fmt, ...)
{
	LOG_AS("warning: ");
}

void
log_info(const char *fmt, ...)
{
	LOG_AS("");
}

void
log_open(const char *name)
{
	(void)name;
}

void
log_close(void)
{
}

void
log_debug_topic(const char *topic)
{
	(void)topic;
}

void
log_debug(const char *topic, const char *fmt, ...)
{
	(void)topic;
	(void)fmt;
}

void
log_fields(int priority, const struct log_field *fields, size_t count,
    const char *fmt, ...)
{
	(void)priority;
	(void)fields;
	(void)count;
	LOG_AS("");
}

struct hooks {
	int unused;
};

struct hooks *
hooks_new(struct event_base *base, const struct hooks_config *config)
{
	(void)base;
	(void)config;
	return xcalloc(1, sizeof(struct hooks));
}

void
hooks_free(struct hooks *hooks)
{
	free(hooks);
}

void
hooks_set_directory(struct hooks *hooks, const char *directory)
{
	(void)hooks;
	(void)directory;
}

bool
hooks_check(const char *directory, struct error *err)
{
	(void)directory;
	(void)err;
	return true;
}

void
hooks_find_unfit(const char *directory, struct problems *problems)
{
	(void)directory;
	(void)problems;
}

uint64_t
hooks_failures(const struct hooks *hooks)
{
	(void)hooks;
	return 0;
}

bool
hooks_look(struct hooks *hooks)
{
	(void)hooks;
	return false;
}

void
hooks_run(struct hooks *hooks, const char *subject, struct strlist *env,
    const char *input, bool is_known)
{
	(void)hooks;
	(void)subject;
	(void)env;
	(void)input;
	(void)is_known;
}

void
manager_sockets(struct manager_sockets *out, bool with_ipv6)
{
	(void)with_ipv6;
	*out = (struct manager_sockets){ .control = -1 };
}

bool
manager_is_there(void)
{
	return false;
}

void
manager_ready(void)
{
}

void
manager_reloading(void)
{
}

void
manager_stopping(void)
{
}

void
manager_status(const char *text)
{
	(void)text;
}

uint64_t
manager_watchdog_ms(void)
{
	return 0;
}

void
manager_alive(void)
{
}

struct signals {
	void (*tell)(int number, void *ctx);
	void *ctx;
};

static struct signals *signals;

struct signals *
signals_new(struct event_base *base, const int *numbers, size_t count,
    void (*tell)(int number, void *ctx), void *ctx, struct error *err)
{
	(void)base;
	(void)numbers;
	(void)count;
	(void)err;
	signals = xcalloc(1, sizeof(*signals));
	signals->tell = tell;
	signals->ctx = ctx;
	return signals;
}

void
signals_free(struct signals *old)
{
	if (signals == old)
		signals = NULL;
	free(old);
}

void
world_signal(int number)
{
	if (signals != NULL && world_is_running())
		signals->tell(number, signals->ctx);
}

void
signals_world_reset(void)
{
	signals = NULL;
}

char *
sandbox_enter(const struct sandbox_rules *rules, char said[SANDBOX_TEXT_SIZE])
{
	(void)rules;
	snprintf(said, SANDBOX_TEXT_SIZE, "the world");
	return said;
}

void
evlog_install(void)
{
}

bool
advice_folder_is_missing(const char *path)
{
	(void)path;
	return false;
}

char *
advice_command(const char *path)
{
	return xstrdup(path);
}

void
advice_add(const char *path, struct error *err)
{
	(void)path;
	(void)err;
}
