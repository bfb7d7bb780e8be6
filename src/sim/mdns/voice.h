/* SPDX-License-Identifier: ISC */
/* voice -- the mDNS announcements of one device, sent from its own address. */
#ifndef REFLASHD_SIM_VOICE_H
#define REFLASHD_SIM_VOICE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct device;
struct voice;

/* The parts of a message. */
enum say {
	SAY_PTR = 1,
	SAY_REST = 2, /* SRV and TXT */
	SAY_ADDRESS = 4,
	SAY_SERVICE = 8,
	SAY_ALL = SAY_PTR | SAY_REST | SAY_ADDRESS,
};

/* NULL without multicast; come, announce, leave and free accept that. */
struct voice *voice_new(struct device *);
void voice_free(struct voice *);

/* Announce the device, or as its faults say: late, three times, goodbye. */
void voice_come(struct voice *);
void voice_announce(struct voice *);
void voice_leave(struct voice *);

/* Return which parts a question asks the device for; 0: none. */
unsigned voice_match(const struct voice *, const char *name, uint16_t type);

/* Return true if the device answers queries at all; answer after a delay. */
bool voice_is_answering(const struct voice *);
void voice_answer(struct voice *, unsigned say, unsigned delay_ms);

/* Answer a resolver that speaks only DNS, with its question (RFC 6762 6.7). */
void voice_answer_directly(struct voice *, unsigned say, uint16_t id,
    const char *name, uint16_t type, const struct sockaddr_in *to);

/* Drop an answer that the asker already knows (RFC 6762 7.1). */
void voice_suppress(struct voice *, const char *instance);

#endif
