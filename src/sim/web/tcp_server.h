/* SPDX-License-Identifier: ISC */
/*
 * tcp_server -- a small server at the address of a device: it hands over what
 * each connection receives, and sends the answer.
 */
#ifndef REFLASHD_SIM_TCP_SERVER_H
#define REFLASHD_SIM_TCP_SERVER_H

#include <event2/listener.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct device;
struct evbuffer;
struct tcp_server;

enum tcp_server_next {
	TCP_SERVER_STAY,
	TCP_SERVER_CLOSE, /* after the last byte of the answer */
};

/*
 * Take from in, which has everything that was received and not taken, and put
 * the answer into out; it leaves after *delay_ms, which is 0 unless it is set.
 * The function must not close the server before it returns.
 */
typedef enum tcp_server_next tcp_server_fn(
    void *ctx, struct evbuffer *in, struct evbuffer *out, unsigned *delay_ms);

/* Make a server that is closed at first; device and ctx are borrowed. */
struct tcp_server *tcp_server_new(struct device *, tcp_server_fn *, void *ctx);
void tcp_server_free(struct tcp_server *); /* NULL is fine */

/* Listen; stop listening and drop all connections. */
bool tcp_server_open(struct tcp_server *, uint16_t port, struct error *);
void tcp_server_close(struct tcp_server *);

/* Listen at the address of the device.  Returns NULL on failure. */
struct evconnlistener *tcp_server_listen(const struct device *, uint16_t port,
    evconnlistener_cb, void *ctx, struct error *);

#endif
