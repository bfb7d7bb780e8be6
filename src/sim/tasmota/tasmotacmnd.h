/* SPDX-License-Identifier: ISC */
/*
 * tasmotacmnd -- one command of Tasmota while it runs, and the table of the
 * commands: a row is a command as a span of versions has it.  What most rows
 * do follows from their kind (tasmotaset.c); the others have a handler.
 *
 * All of it is written from Tasmota's own source, of the versions 8.1.0 to
 * 15.5.0 for the ESP8266.
 */
#ifndef REFLASHD_SIM_TASMOTACMND_H
#define REFLASHD_SIM_TASMOTACMND_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/tasmota/tasmotasay.h"

struct tasmota;
struct tasmotarow;

#define TASMOTA_EVER  0	  /* a row with no first or no last version */
#define TASMOTA_VALUE 640 /* more than the longest text that is kept */
#define TASMOTA_KEY   40

struct tasmotacmnd {
	struct tasmota *tasmota;      /* borrowed, as all of these */
	struct tasmotasay *say;	      /* what it answers */
	const struct tasmotarow *row; /* of the table */
	unsigned version;	      /* 140200 */
	bool has_index;
	unsigned index; /* 1 if there is none */
	char *data;	/* behind the name and blanks; may be changed */
	size_t len;	/* of the data, 0: only read */
	long payload;	/* the number that it begins with, -99: none */
};

enum tasmotakind {
	KIND_HANDLER,
	KIND_NUMBER, /* {"TelePeriod":300} */
	KIND_ACTIVE, /* {"SysLog":{"0":{"Active":"0"}}} */
	KIND_STATE,  /* {"ButtonRetain":"OFF"} */
	KIND_TEXT,   /* {"DeviceName":"Hall"} */
	KIND_SECRET, /* as text when it is set, else "****" */
};

/* clang-format off */
enum tasmotaflag {
	ROW_RESTARTS	= 1 << 0,
	ROW_IF_CHANGED	= 1 << 1,  /* only then: restarts, and is kept */
	ROW_ONE_DEFAULT	= 1 << 2,  /* 1 stands for the default */
	ROW_CLEARS	= 1 << 3,  /* 0 and " stand for nothing */
	ROW_QUOTE	= 1 << 4,  /* what begins with " stands for nothing */
	ROW_TOPIC	= 1 << 5,  /* "+", "#" and blanks become "_" */
	ROW_FULLTOPIC	= 1 << 6,  /* "+", "#" and blanks are left out */
	ROW_UNDERSCORE	= 1 << 7,  /* blanks become "_" */
	ROW_NO_BLANKS	= 1 << 8,  /* blanks are left out */
	ROW_COMMA	= 1 << 9,  /* "," becomes "." */
	ROW_LISTS	= 1 << 10, /* without an index all are told, since 8.2 */
	ROW_LISTS_EMPTY	= 1 << 11, /* likewise, if there is no value either */
	ROW_ALWAYS_ALL	= 1 << 12, /* all are told whatever is asked */
	ROW_NEEDS_VALUE	= 1 << 13, /* text that is not a number counts as -99 */
	ROW_MINIMAL	= 1 << 14, /* since 11.1 the minimal build has it, too */
	ROW_NO_MINIMAL	= 1 << 15, /* no minimal build has it */
	ROW_FULL	= 1 << 16, /* the full build alone has it */
	ROW_HIDES	= 1 << 17, /* with a higher index it is not told */
};
/* clang-format on */

struct tasmotarow {
	const char *name;      /* as a reply spells it */
	unsigned since, until; /* first version, first one without it */
	enum tasmotakind kind;
	unsigned flags;
	unsigned top; /* the highest index, 0: it has none */
	long low, high;
	const char *initial;
	bool (*run)(struct tasmotacmnd *); /* false: "Error" */
	const char *alias;		   /* short name, where it has one */
	unsigned option;		   /* what it is a name of, or 0 */
};

/* The row of a name, in this version and build; NULL: unknown. */
const struct tasmotarow *tasmotarow_find(const struct tasmota *, const char *);

/* All that keep a text in the one pool of it.  NULL behind the last one. */
const struct tasmotarow *
tasmotarow_text(const struct tasmota *, size_t *position);

/* "FriendlyName2", or "DeviceName" for a row without an index. */
char *tasmotarow_key(
    const struct tasmotarow *, unsigned index, char *dst, size_t size);

/* What a row has as long as nobody has changed it. */
const char *tasmotarow_default(const struct tasmota *,
    const struct tasmotarow *, unsigned index, char *dst, size_t size);

/* Run a row that has no handler. */
bool tasmotaset_run(struct tasmotacmnd *);

/* Keep a text, if there is room in the pool of 699 bytes. */
void tasmotaset_text(struct tasmotacmnd *, const char *key, const char *value);

/* Variables and rule timers are not in the flash: a restart ends them. */
void tasmotarule_forget(struct tasmota *);

/* The value of a key, as a number. */
long tasmota_number(const struct tasmota *, const char *key);
void tasmota_set_number(struct tasmota *, const char *key, long value);

/* "OFF" and "ON", as StateText has them. */
const char *tasmota_state(
    const struct tasmotacmnd *, unsigned state, char *dst, size_t size);

/* Answer {"NAME":"value"}, with what has to be escaped. */
bool tasmotacmnd_say_text(struct tasmotacmnd *, const char *value);
bool tasmotacmnd_say_number(struct tasmotacmnd *, long value);
bool tasmotacmnd_say_state(struct tasmotacmnd *, bool on);
bool tasmotacmnd_say_float(struct tasmotacmnd *, float value, int decimals);

/* The number that a text begins with, as Tasmota reads one. */
float tasmotacmnd_float(const char *text);

/* "OFF" 0, "ON" 1 and so on, -1: no such word. */
int tasmotacmnd_word(unsigned version, const char *text);

/* A single character 1 (1), or 0 or " (0); 2 to 9 are themselves, 10: none. */
int tasmotacmnd_shortcut(const char *data);

/* clang-format off */
#define TASMOTA_HANDLERS(X)						\
	/* tasmotacmd.c */						\
	X(backlog) X(delay) X(power) X(reset) X(restart) X(status)	\
	X(upgrade) X(dimmer) X(state)					\
	/* tasmotaoption.c */						\
	X(setoption) X(synonym) X(savedata) X(ledpower)		\
	X(ledmask) X(ledpwm) X(ledpwmmode) X(pulsetime) X(switchmode)	\
	X(interlock) X(powerlock) X(teleperiod) X(pwmrange)		\
	X(baudrate) X(serialconfig) X(serialdelimiter)			\
	/* tasmotanet.c */						\
	X(ipaddress) X(hostname) X(ap) X(wificonfig) X(wifi)		\
	X(wifipower) X(password) X(webserver) X(webcolor) X(webtime)	\
	X(grouptopic) X(wifitimeout)					\
	/* tasmotatime.c */						\
	X(timestd) X(timedst) X(timezone) X(time) X(latitude)		\
	X(tempoffset) X(timer) X(timers)				\
	/* tasmotarule.c */						\
	X(rule) X(ruletimer) X(var) X(mem) X(event) X(calculate)	\
	/* tasmotagpio.c */						\
	X(module) X(template) X(gpio)
/* clang-format on */

#define X(name) bool tasmotado_##name(struct tasmotacmnd *);
TASMOTA_HANDLERS(X)
#undef X

#endif
