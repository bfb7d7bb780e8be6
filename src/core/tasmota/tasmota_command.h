/* SPDX-License-Identifier: ISC */
/*
 * tasmota_command -- the one table of Tasmota's settings.
 *
 * It was read from the source of Tasmota's releases 8.1 to 15.5: the numbers
 * that a command has, the values it takes, what Tasmota makes of them, and in
 * which form it answers. doc/tasmota-commands.md is the same for people.
 */
#ifndef REFLASHD_TASMOTA_COMMAND_H
#define REFLASHD_TASMOTA_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A version as one number, as in Tasmota's own source: 14.2.0.0. */
#define TASMOTA_VERSION(a, b, c, d)                                            \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 |      \
	    (uint32_t)(d))
#define TASMOTA_NEWEST UINT32_MAX

/* Parse a version such as "9.5.0.8"; an unreadable one is the newest. */
uint32_t tasmota_version(const char *);

/* The forms of answers, each compared in its own way. */
enum tasmota_form {
	TASMOTA_FORM_UNKNOWN,  /* the command is not in the table */
	TASMOTA_FORM_TEXT,     /* {"Topic":"hall"} */
	TASMOTA_FORM_NUMBER,   /* {"TelePeriod":300} */
	TASMOTA_FORM_SWITCH,   /* {"Fade":"ON"}, in the words of StateText */
	TASMOTA_FORM_OPTION,   /* SetOption: a switch, 32 to 49 a number */
	TASMOTA_FORM_KEY,      /* {"Sleep":{"50":{"Active":"50"}}} */
	TASMOTA_FORM_DECIMAL,  /* {"Latitude":52.520000} */
	TASMOTA_FORM_ZONE,     /* {"Timezone":"+01:00"}, or 99 */
	TASMOTA_FORM_SEASON,   /* {"TimeStd":{"Hemisphere":0,"Week":0,...}} */
	TASMOTA_FORM_PULSE,    /* {"PulseTime1":{"Set":105,"Remaining":0}} */
	TASMOTA_FORM_RULE,     /* flat up to 9.3.1, an object since 9.4 */
	TASMOTA_FORM_TIMER,    /* {"Timer1":{"Enable":1,"Time":"06:30",...}} */
	TASMOTA_FORM_ADDRESS,  /* {"IPAddress1":"0.0.0.0 (192.168.1.9)"} */
	TASMOTA_FORM_PIN,      /* {"GPIO4":{"9":"Switch1"}}, 14.6: turned */
	TASMOTA_FORM_COLOUR,   /* {"WebColor":["#eaeaea",...]} */
	TASMOTA_FORM_GROUPS,   /* {"Interlock":"ON","Groups":"1,2 3,4"} */
	TASMOTA_FORM_MASK,     /* {"LedMask":"65535 (0xFFFF)"} */
	TASMOTA_FORM_SAVE,     /* {"SaveData":"Every 3600 Seconds"} */
	TASMOTA_FORM_SERIAL,   /* {"SerialConfig":"8N1"} */
	TASMOTA_FORM_BYTES,    /* {"MqttFingerprint1":"DA 39 A3 ..."} */
	TASMOTA_FORM_SERVER,   /* Status 5: {"StatusNET":{"Webserver":2}} */
	TASMOTA_FORM_PAIR,     /* {"DimmerRange":{"Min":0,"Max":255}} */
	TASMOTA_FORM_HEX,      /* {"DevGroupShare":{"In":"1","Out":"1F"}} */
	TASMOTA_FORM_SPAN,     /* {"WebTime":[0,16],"Time":...} */
	TASMOTA_FORM_WIFI,     /* {"Wifi":"ON","Mode":"11n"} */
	TASMOTA_FORM_BITS,     /* {"PowerLock":"0001"} */
	TASMOTA_FORM_LIST,     /* {"WebSensor":"1,!2,3"} */
	TASMOTA_FORM_CHANNELS, /* {"RGBWWTable":"255,255,255,255,255"} */
	TASMOTA_FORM_CAL,      /* {"PowerCal":12530}, or [12530,12530] */
	TASMOTA_FORM_TARIFF,   /* {"Tariff":{"Off-Peak":{...},...}} */
	TASMOTA_FORM_PWM,      /* {"PWM":{"PWM1":512}} */
	TASMOTA_FORM_TEMPLATE, /* {"NAME":"...","GPIO":[...],...} */
	TASMOTA_FORM_SECRET,   /* asterisks */
	TASMOTA_FORM_OPEN,     /* an answer that says too little to compare */
	TASMOTA_FORMS
};

/* Changes that Tasmota makes to a value, and builds with the command. */
enum {
	TASMOTA_CLEAR = 1 << 0,	    /* 0 or " alone empties */
	TASMOTA_QUOTE = 1 << 1,	    /* whatever begins with " empties */
	TASMOTA_DEFAULT = 1 << 2,   /* 1 alone is the default */
	TASMOTA_DEFAULT2 = 1 << 3,  /* so is 2 */
	TASMOTA_TOPIC = 1 << 4,	    /* blanks, + and # become _ */
	TASMOTA_FULLTOPIC = 1 << 5, /* blanks, + and # fall out */
	TASMOTA_BLANKS = 1 << 6,    /* blanks become _ */
	TASMOTA_SQUEEZE = 1 << 7,   /* blanks fall out */
	TASMOTA_DOTS = 1 << 8,	    /* commas become dots */
	TASMOTA_CUT = 1 << 9,	    /* cut at 150 bytes */
	TASMOTA_TEN = 1 << 10,	    /* 2 to 9 become 10 */
	TASMOTA_RATE = 1 << 11,	    /* a multiple of 300 */
	TASMOTA_HUNDRED = 1 << 12,  /* a multiple of 100 */
	TASMOTA_POWER2 = 1 << 13,   /* since 8.5 2^n - 1 */
	TASMOTA_SETUP = 1 << 14,    /* WifiConfig: 1 and 3 become 2 */
	TASMOTA_ANYWHERE = 1 << 15, /* GroupTopic: Tasmota sorts them */
	TASMOTA_MANY = 1 << 16,	    /* several settings under one name */
	TASMOTA_FULL = 1 << 17,	    /* in tasmota.bin, but not in lite */
	TASMOTA_RARE = 1 << 18,	    /* in none of the releases' builds */
};

struct tasmota_command {
	const char *name;
	enum tasmota_form form;
	unsigned flags;
	unsigned first, last; /* its numbers; 0, 0 has none */
	double min, max;      /* of a value; 0, 0 is any */
	uint32_t since;	      /* 0: 8.1 has it */
	uint32_t until; /* 0: 15.5 has it; else the first version without */
	uint32_t gone,
	    back; /* the first version without it, and with it again */
};

const struct tasmota_command *tasmota_commands(size_t *count);

/* Find the row of a command; NULL: it is not in the table. */
const struct tasmota_command *
tasmota_command_find(const char *name, unsigned index);

/* Return true if a policy sets the command with a key of its own. */
bool tasmota_command_is_own(const struct tasmota_command *);

/* Return why the command cannot be a setting, or NULL. */
const char *tasmota_command_refusal(const char *name);

#define TASMOTA_OWN_LINE "give each command a line of its own"

/*
 * Return true if the name stands for another command, with that number; index
 * 0: with its own number.
 */
bool
tasmota_command_expand(const char *name, const char **command, unsigned *index);

/*
 * Return true if that version has the command.  A command that is not in the
 * table may exist.
 */
bool tasmota_has_command(const struct tasmota_command *, uint32_t version);

#endif
