/* SPDX-License-Identifier: ISC */
/*
 * tasmota_cmnd -- one command of Tasmota while it runs, and the table of the
 * commands: a row describes a command in a span of versions. Most rows only
 * have a kind (tasmota_set.c); the others have a handler.
 *
 * The source is Tasmota itself, versions 8.1.0 to 15.5.0 for the ESP8266.
 */
#ifndef REFLASHD_SIM_TASMOTA_CMND_H
#define REFLASHD_SIM_TASMOTA_CMND_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "sim/tasmota/tasmota_say.h"

struct tasmota;
struct tasmota_row;

#define TASMOTA_VALUE 640 /* more than the longest text that is kept */
#define TASMOTA_KEY   40

struct tasmota_cmnd {
	struct tasmota *tasmota;       /* borrowed, as all of these */
	struct tasmota_say *say;       /* what it answers */
	const struct tasmota_row *row; /* of the table */
	unsigned version;	       /* 140200 */
	bool has_index;
	unsigned index; /* 1 if there is none */
	char *data;	/* after the name and blanks; may be changed */
	size_t len;	/* of the data, 0: only read */
	long payload;	/* the number that the data begins with, -99: none */
};

enum tasmota_kind {
	KIND_HANDLER,
	KIND_NUMBER, /* {"TelePeriod":300} */
	KIND_ACTIVE, /* {"SysLog":{"0":{"Active":"0"}}} */
	KIND_STATE,  /* {"ButtonRetain":"OFF"} */
	KIND_TEXT,   /* {"DeviceName":"Hall"} */
	KIND_SECRET, /* as text when it is set, else "****" */
};

/* clang-format off */
enum tasmota_flag {
	ROW_RESTARTS	= 1 << 0,
	ROW_IF_CHANGED	= 1 << 1,  /* restarts and is kept only if it changes */
	ROW_ONE_DEFAULT	= 1 << 2,  /* 1 stands for the default */
	ROW_CLEARS	= 1 << 3,  /* 0 and " clear it */
	ROW_QUOTE	= 1 << 4,  /* what begins with " clears it */
	ROW_TOPIC	= 1 << 5,  /* "+", "#" and blanks become "_" */
	ROW_FULLTOPIC	= 1 << 6,  /* "+", "#" and blanks are left out */
	ROW_UNDERSCORE	= 1 << 7,  /* blanks become "_" */
	ROW_NO_BLANKS	= 1 << 8,  /* blanks are left out */
	ROW_COMMA	= 1 << 9,  /* "," becomes "." */
	ROW_LISTS	= 1 << 10, /* since 8.2 the answer without an index lists all */
	ROW_LISTS_EMPTY	= 1 << 11, /* likewise, if there is no value either */
	ROW_ALWAYS_ALL	= 1 << 12, /* the answer always lists all */
	ROW_NEEDS_VALUE	= 1 << 13, /* text that is not a number counts as -99 */
	ROW_MINIMAL	= 1 << 14, /* since 11.1 the minimal build has it, too */
	ROW_NO_MINIMAL	= 1 << 15, /* no minimal build has it */
	ROW_FULL	= 1 << 16, /* the full build alone has it */
	ROW_HIDES	= 1 << 17, /* with a higher index the answer hides it */
};
/* clang-format on */

struct tasmota_row {
	const char *name;      /* as a reply spells it */
	unsigned since, until; /* first version with it, first one without */
	enum tasmota_kind kind;
	unsigned flags;
	unsigned top; /* the highest index, 0: it has none */
	long low, high;
	const char *initial;
	bool (*run)(struct tasmota_cmnd *); /* false: "Error" */
	const char *alias;		    /* short name, where it has one */
	unsigned option;		    /* what it is a name of, or 0 */
};

/* Find the row of a name in this version and build; NULL: unknown. */
const struct tasmota_row *
tasmota_row_find(const struct tasmota *, const char *);

/* Return the next row whose text is in the pool; NULL: there are no more. */
const struct tasmota_row *
tasmota_row_text(const struct tasmota *, size_t *position);

/* The name under which a value is kept, such as "FriendlyName2". */
struct tasmota_key {
	char text[TASMOTA_KEY];
};

struct tasmota_key tasmota_key(const char *name, unsigned index);

/* The same for a row, or "DeviceName" for one without an index. */
struct tasmota_key tasmota_row_key(const struct tasmota_row *, unsigned index);

/* Write the default of a row. */
const char *tasmota_row_default(const struct tasmota *,
    const struct tasmota_row *, unsigned index, char *dst, size_t size);

/* Run a row that has no handler. */
bool tasmota_row_run(struct tasmota_cmnd *);

/* Keep a text, if there is room in the pool of 699 bytes. */
void tasmota_cmnd_keep_text(
    struct tasmota_cmnd *, const char *key, const char *value);

/* Forget the variables and rule timers, which are not in the flash. */
void tasmota_rule_forget(struct tasmota *);

/* Read or set a value as a number. */
long tasmota_number(const struct tasmota *, const char *key);
void tasmota_set_number(struct tasmota *, const char *key, long value);

/* Write "OFF" or "ON", as StateText has them. */
const char *tasmota_state(
    const struct tasmota_cmnd *, unsigned state, char *dst, size_t size);

/* Answer {"NAME":"value"}, escaped.  All of these return true. */
bool tasmota_cmnd_say_text(struct tasmota_cmnd *, const char *value);
bool tasmota_cmnd_say_number(struct tasmota_cmnd *, long value);
bool tasmota_cmnd_say_state(struct tasmota_cmnd *, bool on);
bool tasmota_cmnd_say_float(struct tasmota_cmnd *, float value, int decimals);

/* Answer with the value that is kept under that key, as text or as number. */
bool tasmota_cmnd_say_kept(struct tasmota_cmnd *, const char *key);
bool tasmota_cmnd_say_kept_number(struct tasmota_cmnd *, const char *key);

/* Answer {"NAME1":"value",...}, escaped as in that version. */
bool tasmota_cmnd_say_all(struct tasmota_cmnd *, unsigned version);

/* Find a member, whose name counts in any case; NULL if there is none. */
json_t *tasmota_json_find(json_t *root, const char *name);

/* Return a number, or the number that a string begins with. */
long tasmota_json_number(const json_t *);

/* Return the number that a text begins with, as Tasmota reads it. */
float tasmota_cmnd_float(const char *text);

/* Return 0 for "OFF", 1 for "ON" and so on, -1 for no such word. */
int tasmota_cmnd_word(unsigned version, const char *text);

/* Return the digit that is the whole text, 0 also for "; 10: neither. */
int tasmota_cmnd_shortcut(const char *data);

/* clang-format off */
#define TASMOTA_HANDLERS(X)						\
	/* tasmota_cmnd.c */						\
	X(backlog) X(delay) X(power) X(reset) X(restart) X(status)	\
	X(upgrade) X(dimmer) X(state)					\
	/* tasmota_option.c */						\
	X(setoption) X(synonym) X(savedata) X(ledpower)		\
	X(ledmask) X(ledpwm) X(ledpwmmode) X(pulsetime) X(switchmode)	\
	X(interlock) X(powerlock) X(teleperiod) X(pwmrange)		\
	X(baudrate) X(serialconfig) X(serialdelimiter)			\
	/* tasmota_net.c */						\
	X(ipaddress) X(hostname) X(ap) X(wificonfig) X(wifi)		\
	X(wifipower) X(password) X(webserver) X(webcolor) X(webtime)	\
	X(grouptopic) X(wifitimeout)					\
	/* tasmota_time.c */						\
	X(timerule) X(timezone) X(time) X(latitude)			\
	X(tempoffset) X(timer) X(timers)				\
	/* tasmota_rule.c */						\
	X(rule) X(ruletimer) X(variable) X(event) X(calculate)		\
	/* tasmota_gpio.c */						\
	X(module) X(template) X(gpio)
/* clang-format on */

#define X(name) bool tasmota_do_##name(struct tasmota_cmnd *);
TASMOTA_HANDLERS(X)
#undef X

#endif
