/* SPDX-License-Identifier: ISC */
/*
 * voice -- the announcements of one device, from its own address.
 */
#ifndef REFLASHD_SIM_VOICE_H
#define REFLASHD_SIM_VOICE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct device;
struct voice;

/* What a message is made of. */
enum say {
	SAY_PTR = 1,
	SAY_REST = 2, /* SRV and TXT */
	SAY_ADDRESS = 4,
	SAY_SERVICE = 8,
	SAY_ALL = SAY_PTR | SAY_REST | SAY_ADDRESS,
};

/* NULL where there is no multicast; come, announce, leave and free take that.
 */
struct voice *voice_new(struct device *);
void voice_free(struct voice *);

/* Say it now, and what belongs to it (late, thrice, goodbye). */
void voice_come(struct voice *);
void voice_announce(struct voice *);
void voice_leave(struct voice *);

/* Which records of the device a question is about; 0: none. */
unsigned voice_match(const struct voice *, const char *name, uint16_t type);

/* Whether it answers queries at all. */
bool voice_is_answering(const struct voice *);
void voice_answer(struct voice *, unsigned say, unsigned delay_ms);

/* RFC 6762 6.7: to a resolver that is none of ours, with its question. */
void voice_answer_directly(struct voice *, unsigned say, uint16_t id,
    const char *name, uint16_t type, const struct sockaddr_in *to);

/* RFC 6762 7.1: what the other side knows need not be said. */
void voice_suppress(struct voice *, const char *instance);

#endif
