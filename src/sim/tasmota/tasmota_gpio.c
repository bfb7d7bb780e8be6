/* SPDX-License-Identifier: ISC */
/*
 * Runs Module, Template and GPIO of Tasmota, which say what is wired to which
 * pin (support_command.ino, support.ino, tasmota_template.h).
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmota_cmnd.h"

#define MODULES	   75
#define GENERIC	   18
#define PINS_OLD   13 /* GPIO0 to 5, 9, 10, 12 to 16 */
#define PINS	   14 /* and the analog input, since 9.1 */
#define USER_OLD   255
#define USER	   1
#define COMPONENTS (sizeof(components) / sizeof(components[0]))

/* clang-format off */
/* The numbers of components since 9.1, by those that they had before. */
static const unsigned short components[] = {
	0, 1184, 1216, 1248, 1312, 608, 640, 1376, 1056, 160, 161, 162, 163,
	164, 165, 166, 167, 32, 33, 34, 35, 224, 225, 226, 227, 228, 229, 230,
	231, 256, 257, 258, 259, 260, 261, 262, 263, 416, 417, 418, 419, 420,
	352, 353, 354, 355, 448, 449, 450, 451, 452, 1088, 288, 289, 290, 291,
	320, 321, 322, 323, 1408, 1440, 1472, 1504, 1600, 1632, 768, 800, 992,
	1696, 1760, 1792, 1824, 1856, 1888, 1920, 1952, 1984, 2016, 2048, 2080,
	2112, 192, 193, 194, 195, 196, 197, 198, 199, 64, 65, 66, 67, 384, 385,
	386, 387, 1536, 1568, 2144, 1728, 2176, 2208, 2240, 1120, 1152, 2272,
	2304, 2336, 2368, 832, 864, 896, 928, 960, 2400, 2432, 2464, 2496,
	2528, 2560, 96, 97, 98, 99, 128, 129, 130, 131, 2592, 2624, 2656, 2688,
	2720, 2752, 2784, 2816, 2848, 2880, 2912, 2944, 2976, 3008, 3040, 3072,
	3104, 3136, 3200, 3232, 3264, 3296, 3265, 3297, 3392, 3424, 3456, 544,
	576, 3168, 480, 512, 1024, 3488, 3520, 3552, 3584, 3616, 3648, 3680,
	3712, 3744, 3776, 3808, 3809, 3810, 3904, 3936, 3968, 4000, 4032, 4064,
	4096, 4128, 4160, 4192, 4224, 4256, 4288, 4320, 4352, 4384, 1344, 1280,
	4416, 4448, 4480, 4512, 4544, 4576, 4608, 4640, 4672, 1664, 5312, 5344,
	5376, 5440, 5472, 5504, 5632, 5664, 5696, 5728, 5760, 5792, 5824,
};

/* The modules by their numbers, from 1. */
static const char *const modules[MODULES] = {
	"Sonoff Basic", "Sonoff RF", "Sonoff SV", "Sonoff TH", "Sonoff Dual",
	"Sonoff Pow", "Sonoff 4CH", "Sonoff S2X", "Slampher", "Sonoff Touch",
	"Sonoff LED", "1 Channel", "4 Channel", "Motor C/AC", "ElectroDragon",
	"EXS Relay(s)", "WiOn", "Generic", "Sonoff Dev", "H801", "Sonoff SC",
	"Sonoff BN-SZ", "Sonoff 4CH Pro", "Huafan SS", "Sonoff Bridge",
	"Sonoff B1", "AiLight", "Sonoff T1 1CH", "Sonoff T1 2CH",
	"Sonoff T1 3CH", "Supla Espablo", "Witty Cloud", "Yunshan Relay",
	"MagicHome", "Luani HVIO", "KMC 70011", "Arilux LC01", "Arilux LC11",
	"Sonoff Dual R2", "Arilux LC06", "Sonoff S31", "Zengge WF017",
	"Sonoff Pow R2", "Sonoff iFan02", "BlitzWolf SHP", "Shelly 1",
	"Shelly 2", "Xiaomi Philips", "Neo Coolcam", "ESP Switch",
	"OBI Socket", "Teckin", "AplicWDP303075", "Tuya MCU",
	"Gosund SP1 v23", "ARMTR Dimmer", "SK03 Outdoor", "PS-16-DZ",
	"Teckin US", "Manzoku strip", "OBI Socket 2", "YTF IR Bridge",
	"Digoo DG-SP202", "KA10", "Luminea ZX2820", "Mi Desk Lamp", "SP10",
	"WAGA CHCZ02MB", "SYF05", "Sonoff L1", "Sonoff iFan03", "EXS Dimmer",
	"PWM Dimmer", "Sonoff D1", "Sonoff ZbBridge",
};
/* clang-format on */

static unsigned
count_modules(unsigned version)
{
	return version < 80200 ? 73 : version < 80300 ? 74 : MODULES;
}

static const char *
module_name(const struct tasmota *t, unsigned module)
{
	if (module > 0 && module <= MODULES)
		return modules[module - 1];
	return json_string_value(json_object_get(t->template, "NAME"));
}

static json_t *
all_pins(unsigned version, int value)
{
	json_t *pins = json_array();

	for (int i = 0; i < (version < 90100 ? PINS_OLD : PINS); i++)
		json_array_append_new(pins, json_integer(value));
	return pins;
}

/* The pins of the Sonoff Basic: button, relay and LED; the rest is free. */
static json_t *
basic_pins(unsigned version)
{
	if (version < 90100)
		return json_pack("[i,i,i,i,i,i,i,i,i,i,i,i,i]", 17, USER_OLD,
		    USER_OLD, USER_OLD, USER_OLD, 0, 0, 0, 21, 56, USER_OLD, 0,
		    0);
	return json_pack("[i,i,i,i,i,i,i,i,i,i,i,i,i,i]", 32, USER, USER, USER,
	    USER, 0, 0, 0, 224, 320, USER, 0, 0, 0);
}

json_t *
tasmota_module_template(unsigned version, unsigned module)
{
	bool generic = module == GENERIC;
	int user = version < 90100 ? USER_OLD : USER;

	return json_pack("{s:s, s:o, s:i, s:i}", "NAME", modules[module - 1],
	    "GPIO", generic ? all_pins(version, user) : basic_pins(version),
	    "FLAG", generic && version < 90100 ? 15 : 0, "BASE", (int)module);
}

/* Return the number of the pin at that place of a template. */
static unsigned
pin_number(size_t place)
{
	static const unsigned numbers[PINS] = { 0, 1, 2, 3, 4, 5, 9, 10, 12, 13,
		14, 15, 16, 17 };

	return numbers[place];
}

static json_t *
pins_now(const struct tasmota_cmnd *c)
{
	const struct tasmota *t = c->tasmota;

	if (t->module == 0)
		return json_incref(json_object_get(t->template, "GPIO"));
	if (t->module == GENERIC)
		return all_pins(
		    c->version, c->version < 90100 ? USER_OLD : USER);
	return basic_pins(c->version);
}

/* Write the name of a component; only those of a switch or a plug are known. */
static void
component_name(unsigned version, long component, char *dst, size_t size)
{
	static const struct {
		const char *name;
		long old_first, new_first, count;
	} names[] = {
		{ "Switch", 9, 160, 8 },
		{ "Button", 17, 32, 4 },
		{ "Relay", 21, 224, 8 },
		{ "Led", 52, 288, 4 },
	};

	snprintf(dst, size, "%s", component == 0 ? "None" : "User");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		long first =
		    version < 90100 ? names[i].old_first : names[i].new_first;

		if (component >= first && component < first + names[i].count)
			snprintf(dst, size, "%s%ld", names[i].name,
			    component - first + 1);
	}
}

static void
set_gpio(struct tasmota_cmnd *c, const json_t *pins)
{
	long user = c->version < 90100 ? USER_OLD : USER;

	for (size_t i = 0; i < json_array_size(pins); i++) {
		if (pin_number(i) != c->index ||
		    json_integer_value(json_array_get(pins, i)) != user ||
		    c->payload < 0 || c->payload > 12000)
			continue;
		tasmota_set_number(
		    c->tasmota, tasmota_key("GPIO", c->index).text, c->payload);
		c->tasmota->restart_due = true;
	}
}

static void
say_gpio(struct tasmota_cmnd *c, unsigned pin)
{
	struct tasmota_key key = tasmota_key("GPIO", pin);
	long now = tasmota_number(c->tasmota, key.text);
	char name[32];

	component_name(c->version, now, name, sizeof(name));
	if (c->version < 140600)
		tasmota_say_more(
		    c->say, "\"%s\":{\"%ld\":\"%s\"}", key.text, now, name);
	else
		tasmota_say_more(
		    c->say, "\"%s\":{\"%s\":%ld}", key.text, name, now);
}

/* Answer {"GPIO4":{"160":"Switch1"}}, since 14.6 {"GPIO4":{"Switch1":160}}. */
bool
tasmota_do_gpio(struct tasmota_cmnd *c)
{
	long user = c->version < 90100 ? USER_OLD : USER;
	json_t *pins = pins_now(c);
	size_t shown = 0;

	if (c->has_index || c->version < 140600)
		set_gpio(c, pins);
	tasmota_say_add(c->say, "{");
	for (size_t i = 0; i < json_array_size(pins); i++) {
		if (json_integer_value(json_array_get(pins, i)) != user)
			continue;
		tasmota_say_more(c->say, shown++ > 0 ? "," : "");
		say_gpio(c, pin_number(i));
	}
	tasmota_say_more(
	    c->say, shown > 0 ? "}" : "\"GPIO\":\"Not supported\"}");
	json_decref(pins);
	return true;
}

static void
clear_gpios(struct tasmota *t)
{
	for (unsigned i = 0; i <= 17; i++)
		tasmota_set(t, tasmota_key("GPIO", i).text, NULL);
}

/* Since 8.4 Module2 is the module for a device that does not boot. */
bool
tasmota_do_module(struct tasmota_cmnd *c)
{
	struct tasmota *t = c->tasmota;
	bool second = c->index == 2 && c->version >= 80400;
	unsigned module;

	if (c->payload >= 0 && c->payload <= (long)count_modules(c->version)) {
		module = (unsigned)c->payload;
		if (second) {
			tasmota_set_number(t, "Module2", module);
		} else {
			if (module != t->module)
				clear_gpios(t);
			t->module = module;
			t->restart_due = true;
		}
	}
	module = second ? (unsigned)tasmota_number(t, "Module2") : t->module;
	tasmota_say_add(c->say, "{\"Module%s\":{\"%u\":\"%s\"}}",
	    second ? "2" : "", module, module_name(t, module));
	return true;
}

/* Find a member; small letters are as good as capitals since 8.5. */
static json_t *
get_member(json_t *root, const char *name, unsigned version)
{
	return version >= 80500 ? tasmota_json_find(root, name)
				: json_object_get(root, name);
}

/* Return true for 13 numbers up to 255, as templates had before 9.1. */
static bool
is_old_template(const json_t *list)
{
	bool old = json_array_size(list) == PINS_OLD;

	for (size_t i = 0; i < json_array_size(list); i++)
		old &= tasmota_json_number(json_array_get(list, i)) <= 255;
	return old;
}

static long
convert_component(long component)
{
	return component >= 0 && component < (long)COMPONENTS
	    ? components[component]
	    : USER;
}

static void
set_pins(struct tasmota *t, unsigned version, json_t *root)
{
	json_t *list = get_member(root, "GPIO", version);
	json_t *pins = json_object_get(t->template, "GPIO");
	bool old = version >= 90100 && is_old_template(list);
	long flag = tasmota_json_number(get_member(root, "FLAG", version)) & 15;

	for (size_t i = 0; i < json_array_size(pins); i++) {
		json_t *value = json_array_get(list, i);
		long number = tasmota_json_number(value);

		if (version < 90100)
			number &= 255;
		else if (value == NULL && !old)
			break;
		else if (old && i < PINS_OLD)
			number = convert_component(number);
		else if (old)
			number = flag > 7 ? USER
			    : flag == 0	  ? 0
					  : 4704 + (flag - 1) * 32;
		json_array_set_new(pins, i, json_integer(number));
	}
	if (old)
		json_object_set_new(t->template, "FLAG", json_integer(0));
}

static bool
is_for_us(json_t *root, unsigned version)
{
	json_t *arch =
	    version >= 150400 ? get_member(root, "ARCH", version) : NULL;

	return arch == NULL || strcmp(json_string_value(arch), "ESP8266") == 0;
}

static void
set_flag_and_base(struct tasmota *t, unsigned version, json_t *root)
{
	json_t *list = get_member(root, "GPIO", version);
	json_t *flag = get_member(root, "FLAG", version);
	json_t *base = get_member(root, "BASE", version);
	long number;

	if (flag != NULL && (version < 90100 || !is_old_template(list)))
		json_object_set_new(t->template, "FLAG",
		    json_integer(tasmota_json_number(flag) & 255));
	if (base == NULL)
		return;
	number = tasmota_json_number(base);
	if (number < 1 || number > (long)count_modules(version))
		number = GENERIC;
	json_object_set_new(t->template, "BASE", json_integer(number));
}

/* Queue the commands of a template, with "|" for ";", since 9.5. */
static void
run_commands(struct tasmota_cmnd *c, json_t *root)
{
	const char *line =
	    json_string_value(get_member(root, "CMND", c->version));
	char *copy;

	if (line == NULL || c->version < 90500 ||
	    (c->tasmota->module != 0 && strcasestr(line, "Module 0") == NULL))
		return;
	copy = xstrdup(line);
	for (char *p = copy; *p != '\0'; p++)
		if (*p == '|')
			*p = ';';
	backlog_add(&c->tasmota->backlog, copy, c->version);
	c->tasmota->no_delay = true;
	free(copy);
}

/* Set the template from JSON, as JsonTemplate in support.ino does. */
static bool
set_template(struct tasmota_cmnd *c)
{
	json_t *root = json_loads(c->data, 0, NULL);
	json_t *name = get_member(root, "NAME", c->version);
	bool ok =
	    json_is_object(root) && c->len >= 9 && is_for_us(root, c->version);

	if (ok) {
		if (json_is_string(name))
			json_object_set(c->tasmota->template, "NAME", name);
		if (json_array_size(get_member(root, "GPIO", c->version)) > 0)
			set_pins(c->tasmota, c->version, root);
		set_flag_and_base(c->tasmota, c->version, root);
		run_commands(c, root);
	}
	json_decref(root);
	return ok;
}

static void
copy_module(struct tasmota_cmnd *c, unsigned module)
{
	json_decref(c->tasmota->template);
	c->tasmota->template = tasmota_module_template(c->version, module);
}

/* Copy the template of a module; 0: of the module in use. */
static void
take_module(struct tasmota_cmnd *c)
{
	struct tasmota *t = c->tasmota;

	if (c->payload > 0 && c->payload <= (long)count_modules(c->version)) {
		copy_module(c, (unsigned)c->payload);
		t->restart_due |= t->module == 0;
	} else if ((c->payload == 0 || c->payload == 255) && t->module != 0) {
		copy_module(c, t->module);
	}
	if (c->payload == 255)
		json_object_set_new(t->template, "NAME", json_string("Merged"));
}

static void
say_template(struct tasmota_cmnd *c)
{
	json_t *t = c->tasmota->template;
	char *pins = json_dumps(json_object_get(t, "GPIO"), JSON_COMPACT);

	/* Tasmota does not escape the name; since 15.4 it names the chip. */
	tasmota_say_add(c->say,
	    "{\"NAME\":\"%s\",%s\"GPIO\":%s,\"FLAG\":%lld,\"BASE\":%lld}",
	    json_string_value(json_object_get(t, "NAME")),
	    c->version >= 150400 ? "\"ARCH\":\"ESP8266\"," : "", pins,
	    json_integer_value(json_object_get(t, "FLAG")),
	    json_integer_value(json_object_get(t, "BASE")));
	free(pins);
}

bool
tasmota_do_template(struct tasmota_cmnd *c)
{
	bool minimal = tasmota_is_minimal(c->tasmota) && c->version >= 90300;

	if (strchr(c->data, '{') == NULL) {
		take_module(c);
	} else if (!minimal && !set_template(c)) {
		tasmota_say_add(c->say, "{\"Template\":\"Invalid JSON%s\"}",
		    c->version >= 150400 ? " or Bad Chip Type" : "");
		return true;
	} else if (!minimal && c->tasmota->module == 0) {
		c->tasmota->restart_due = true;
	}
	say_template(c);
	return true;
}
