/* SPDX-License-Identifier: ISC */
/* Makes the messages by which Home Assistant learns of devices. */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/json/strictjson.h"
#include "core/state/state.h"
#include "mqtt/message/command.h"
#include "mqtt/message/discovery.h"

#define HOME_URL    "https://github.com/reflashd/reflashd"
#define ORIGIN	    "reflashd"
#define MAX_FOREIGN 65536 /* bytes of a message that may be ours */

/* Put a string that is taken into the object. */
static void
put(json_t *object, const char *key, char *text)
{
	json_object_set_new(object, key, json_string(text));
	free(text);
}

static void
put_text(json_t *object, const char *key, const char *text)
{
	if (text != NULL && text[0] != '\0')
		json_object_set_new(object, key, json_string(text));
}

static const char *
text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static json_t *
origin(void)
{
	return json_pack("{s:s, s:s, s:s}", "name", ORIGIN, "sw",
	    PACKAGE_VERSION, "url", HOME_URL);
}

/* Make the frame of a message, in which the device and its parts go. */
static json_t *
frame(const struct topics *topics, json_t *dev, json_t *components)
{
	json_t *available = json_object();

	put(available, "t", topics_own(topics, "status"));
	return json_pack("{s:o, s:o, s:[o], s:i, s:o}", "dev", dev, "o",
	    origin(), "avty", available, "qos", 1, "cmps", components);
}

/* Make one entity of a kind, with the id "reflashd_NAME_PART". */
static json_t *
component(const char *platform, const char *name, const char *part,
    const char *shown_as)
{
	json_t *made =
	    json_pack("{s:s, s:s?}", "p", platform, "name", shown_as);

	put(made, "uniq_id", xasprintf("reflashd_%s_%s", name, part));
	return made;
}

/* Say how Install is sent: the command names the image that is shown. */
static void
add_install(json_t *update, const struct topics *topics, const char *id,
    const struct shown *shown)
{
	enum command_verb verb =
	    shown->install == SHOWN_APPROVE ? COMMAND_APPROVE : COMMAND_RETRY;
	json_t *command = json_pack("{s:s, s:s}", "do", command_verb_name(verb),
	    "sha256", shown->sha256);
	char *rest = xasprintf("command/%s", id);

	put(update, "cmd_t", topics_own(topics, rest));
	put(update, "pl_inst", json_dumps(command, JSON_COMPACT));
	json_decref(command);
	free(rest);
}

static json_t *
update_component(const struct topics *topics, const char *id,
    const struct shown *shown, bool may_install)
{
	json_t *update = component("update", id, "fw", NULL);

	put_text(update, "dev_cla", "firmware");
	put_text(update, "ent_cat", "config");
	put(update, "def_ent_id", xasprintf("update.sonoff_%s", id));
	put(update, "stat_t", topics_device(topics, id, TOPICS_UPDATE));
	if (may_install && shown->install != SHOWN_NO_INSTALL)
		add_install(update, topics, id, shown);
	return update;
}

/* All states that there can be: Home Assistant refuses any other. */
static json_t *
state_options(const char *present)
{
	json_t *options = json_array();
	enum state known;

	for (enum state s = 0; s < STATE_COUNT; s++)
		json_array_append_new(options, json_string(state_name(s)));
	/* A later daemon may have a state that this program has not. */
	if (present != NULL && !state_find(present, &known))
		json_array_append_new(options, json_string(present));
	return options;
}

static json_t *
stage_component(
    const struct topics *topics, const char *id, const json_t *device)
{
	json_t *stage = component("sensor", id, "stage", "Flash state");

	put_text(stage, "dev_cla", "enum");
	put_text(stage, "ent_cat", "diagnostic");
	json_object_set_new(
	    stage, "ops", state_options(text_of(device, "state")));
	put(stage, "stat_t", topics_device(topics, id, TOPICS_STATE));
	put_text(stage, "val_tpl", "{{ value_json.state }}");
	put(stage, "json_attr_t", topics_device(topics, id, TOPICS_STATE));
	/* Without the progress, or each percent would be kept for ever. */
	put_text(stage, "json_attr_tpl",
	    "{{ {'reason': value_json.reason, 'detail': value_json.detail, "
	    "'advice': value_json.advice, 'policy': value_json.policy, "
	    "'address': value_json.address, 'since': value_json.since} "
	    "| tojson }}");
	return stage;
}

static json_t *
problem_component(const struct topics *topics, const char *id)
{
	json_t *problem =
	    component("binary_sensor", id, "bad", "Flash problem");

	put_text(problem, "dev_cla", "problem");
	put_text(problem, "ent_cat", "diagnostic");
	put(problem, "stat_t", topics_device(topics, id, TOPICS_STATE));
	put_text(problem, "val_tpl",
	    "{{ 'ON' if value_json.state in ('failed', 'refused') else 'OFF' "
	    "}}");
	return problem;
}

/* Return "Sonoff 1000a05bf7", or what a person has called it. */
static char *
display_name(const json_t *device, const char *id)
{
	const char *label = text_of(device, "label");

	return label != NULL && label[0] != '\0' ? xstrdup(label)
						 : xasprintf("Sonoff %s", id);
}

/* Only a Tasmota has a page of its own for sure. */
static void
add_page(json_t *dev, const json_t *device)
{
	const char *kind = text_of(json_object_get(device, "image"), "kind");
	const char *address = text_of(device, "address");
	const char *state = text_of(device, "state");

	if (kind != NULL && address != NULL && state != NULL &&
	    strcmp(kind, "tasmota") == 0 && strcmp(state, "verified") == 0)
		put(dev, "cu", xasprintf("http://%s/", address));
}

static json_t *
device_part(const struct topics *topics, const char *id, const json_t *device,
    const struct shown *shown)
{
	const char *type = text_of(device, "type");
	const char *mac = text_of(device, "mac");
	json_t *dev = json_object(), *ids = json_array();
	char *name = xasprintf("reflashd_%s", id);

	json_array_append_new(ids, json_string(name));
	free(name);
	json_object_set_new(dev, "ids", ids);
	if (mac != NULL)
		json_object_set_new(
		    dev, "cns", json_pack("[[s, s]]", "mac", mac));
	put(dev, "name", display_name(device, id));
	put_text(dev, "mf", "Sonoff");
	put_text(dev, "mdl", type != NULL ? type : "eWeLink device");
	put_text(dev, "sn", id);
	put_text(dev, "sw", shown->installed);
	add_page(dev, device);
	put(dev, "via_device", xasprintf("reflashd_%s", topics->site));
	return dev;
}

json_t *
discovery_device(const struct topics *topics, const json_t *device,
    const struct shown *shown, bool may_install)
{
	const char *id = text_of(device, "id");
	json_t *parts = json_object();

	json_object_set_new(
	    parts, "fw", update_component(topics, id, shown, may_install));
	json_object_set_new(
	    parts, "stage", stage_component(topics, id, device));
	json_object_set_new(parts, "bad", problem_component(topics, id));
	return frame(topics, device_part(topics, id, device, shown), parts);
}

/* Add a number that counts devices. */
static void
add_count(json_t *parts, const struct topics *topics, const char *part,
    const char *shown_as, const char *template)
{
	json_t *count = component("sensor", topics->site, part, shown_as);

	put_text(count, "ent_cat", "diagnostic");
	put(count, "stat_t", topics_own(topics, "daemon"));
	put_text(count, "val_tpl", template);
	put_text(count, "stat_cla", "measurement");
	json_object_set_new(parts, part, count);
}

/* A switch where commands are carried out; else it is taken away again. */
static json_t *
pause_component(const struct topics *topics, bool may_pause)
{
	json_t *made;

	if (!may_pause)
		return json_pack("{s:s}", "p", "switch");
	made = component("switch", topics->site, "pause", "Flashing paused");
	put_text(made, "ent_cat", "config");
	put(made, "stat_t", topics_own(topics, "daemon"));
	put_text(made, "val_tpl", "{{ 'ON' if value_json.paused else 'OFF' }}");
	put_text(made, "stat_on", "ON");
	put_text(made, "stat_off", "OFF");
	put(made, "cmd_t", topics_own(topics, "command"));
	put_text(made, "pl_on", "{\"do\":\"pause\"}");
	put_text(made, "pl_off", "{\"do\":\"resume\"}");
	return made;
}

static json_t *
daemon_problem_component(const struct topics *topics)
{
	json_t *made =
	    component("binary_sensor", topics->site, "problem", "Problem");

	put_text(made, "dev_cla", "problem");
	put_text(made, "ent_cat", "diagnostic");
	put(made, "stat_t", topics_own(topics, "daemon"));
	put_text(
	    made, "val_tpl", "{{ 'ON' if value_json.problems else 'OFF' }}");
	put(made, "json_attr_t", topics_own(topics, "daemon"));
	put_text(made, "json_attr_tpl",
	    "{{ {'problems': value_json.problems} | tojson }}");
	return made;
}

static json_t *
daemon_part(const struct topics *topics)
{
	json_t *dev = json_object(), *ids = json_array();
	char *name = xasprintf("reflashd_%s", topics->site);

	json_array_append_new(ids, json_string(name));
	free(name);
	json_object_set_new(dev, "ids", ids);
	put(dev, "name", xasprintf("reflashd %s", topics->site));
	put_text(dev, "mf", "reflashd");
	put_text(dev, "mdl", "reflashd");
	put_text(dev, "sw", PACKAGE_VERSION);
	return dev;
}

json_t *
discovery_daemon(const struct topics *topics, bool may_pause)
{
	json_t *parts = json_object();

	json_object_set_new(parts, "pause", pause_component(topics, may_pause));
	json_object_set_new(parts, "problem", daemon_problem_component(topics));
	add_count(parts, topics, "waiting", "Devices that wait for approval",
	    "{{ value_json.approvals_waiting }}");
	add_count(parts, topics, "working", "Devices at work",
	    "{{ value_json.at_work }}");
	add_count(parts, topics, "failed", "Devices failed",
	    "{{ value_json.counts.failed }}");
	return frame(topics, daemon_part(topics), parts);
}

bool
discovery_is_ours(const struct topics *topics, const void *payload, size_t len)
{
	struct error err;
	json_t *root = strictjson_load(payload, len, MAX_FOREIGN, &err);
	const char *name = text_of(json_object_get(root, "o"), "name");
	const char *status =
	    text_of(json_array_get(json_object_get(root, "avty"), 0), "t");
	char *own = topics_own(topics, "status");
	bool is_ours = name != NULL && strcmp(name, ORIGIN) == 0 &&
	    status != NULL && strcmp(status, own) == 0;

	free(own);
	json_decref(root);
	return is_ours;
}
