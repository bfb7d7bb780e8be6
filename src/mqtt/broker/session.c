/* SPDX-License-Identifier: ISC */
/*
 * Goes through the states of the connection to the broker, and has the one
 * function that loses it.
 */
#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/util.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "io/timer.h"
#include "mqtt/broker/session_parts.h"

#define CONNECT_MS     15000 /* until CONNACK, at the last address */
#define NEXT_MS	       5000  /* the same, where there is another address */
#define ACKNOWLEDGE_MS 30000
#define MAX_MISC_MS    5000
#define END_MS	       1000 /* for the last words */

static void try_next_address(struct session *);

/* Change the state, and limit the time in the new one. */
static void
enter(struct session *session, enum session_state state, uint64_t limit_ms)
{
	session->state = state;
	if (limit_ms > 0)
		timer_set(session->limit, limit_ms);
	else
		timer_stop(session->limit);
}

void
session_note(
    struct session *session, enum session_fault fault, const struct error *err)
{
	if (session->has_failed)
		return;
	session->has_failed = true;
	session->fault = fault;
	session->failure = *err;
	timer_set(session->settle, 0);
}

/* Return true for what stays so until a person changes it. */
static bool
is_lasting(enum session_fault fault)
{
	return fault == SESSION_LOGIN || fault == SESSION_CERTIFICATE ||
	    fault == SESSION_NAME || fault == SESSION_PROTOCOL;
}

static void
wait_and_retry(struct session *session)
{
	uint64_t lasted =
	    session->up_ms != 0 ? clock_awake_ms() - session->up_ms : 0;
	uint32_t random;

	evutil_secure_rng_get_bytes(&random, sizeof(random));
	timer_set(session->retry,
	    backoff_next(
		&session->backoff, lasted, is_lasting(session->fault), random));
	enter(session, SESSION_WAITING, 0);
}

/*
 * Lose the connection that is there, or that should have been: the one function
 * for that, whatever has happened.
 */
static void
lost(struct session *session)
{
	bool was_ending = session->state == SESSION_ENDING;
	bool was_connecting = session->state == SESSION_CONNECTING;

	timer_stop(session->settle);
	resolver_free(session->resolver);
	session->resolver = NULL;
	session_client_close(session);
	if (was_ending) {
		enter(session, SESSION_ENDED, 0);
		session->ops->ended(session->ctx);
		return;
	}
	/* The next address may be a better one, but not for another login. */
	if (was_connecting && session->fault == SESSION_NETWORK &&
	    session->next_address < session->found.count) {
		try_next_address(session);
		return;
	}
	wait_and_retry(session);
	session->up_ms = 0;
	session->ops->down(session->fault, &session->failure,
	    backoff_tells(
		&session->backoff, session->failure.text, clock_awake_ms()),
	    session->ctx);
}

/* Lose the connection for a reason that is known. */
static void
lose(struct session *session, enum session_fault fault, const struct error *err)
{
	session_note(session, fault, err);
	lost(session);
}

static void
on_settle(void *ctx)
{
	struct session *session = ctx;

	if (session->client != NULL)
		session_check(session, MOSQ_ERR_SUCCESS);
}

void
session_check(struct session *session, int rc)
{
	int saved_errno = errno;
	enum session_fault fault;
	struct error err;

	if (!session->has_failed && rc != MOSQ_ERR_SUCCESS) {
		fault = session_fault_of_code(session, rc, saved_errno, &err);
		session_note(session, fault, &err);
	}
	if (!session->has_failed && mosquitto_socket(session->client) == -1) {
		/* The library has closed it, and says no more. */
		fault =
		    session_fault_of_code(session, MOSQ_ERR_CONN_LOST, 0, &err);
		session_note(session, fault, &err);
	}
	if (session->has_failed)
		lost(session);
	else
		session_client_watch(session);
}

static void
on_limit(void *ctx)
{
	struct session *session = ctx;
	struct error err;

	if (session->state == SESSION_ONLINE)
		error_set(&err, ETIMEDOUT,
		    "it has acknowledged nothing for %d s",
		    ACKNOWLEDGE_MS / 1000);
	else
		error_set(&err, ETIMEDOUT,
		    "it accepts the connection, or nobody refuses it, and then "
		    "answers nothing");
	lose(session, SESSION_NETWORK, &err);
}

static void
on_misc(void *ctx)
{
	struct session *session = ctx;
	uint64_t gap = UINT64_C(1000) * session->config->keep_alive / 10;

	if (gap < 500)
		gap = 500;
	timer_set(session->misc, gap < MAX_MISC_MS ? gap : MAX_MISC_MS);
	errno = 0;
	session_check(session, mosquitto_loop_misc(session->client));
}

static void
on_rewrite(void *ctx)
{
	struct session *session = ctx;

	session_check(session, MOSQ_ERR_SUCCESS);
}

static void
try_next_address(struct session *session)
{
	const char *address = session->found.address[session->next_address++];
	enum session_fault fault;
	struct error err;

	session->has_failed = false;
	enter(session, SESSION_CONNECTING,
	    session->next_address < session->found.count ? NEXT_MS
							 : CONNECT_MS);
	log_debug("mqtt", "connecting to %s", address);
	if (!session_client_open(session, address, &fault, &err)) {
		session_note(session, fault, &err);
		return; /* on_settle() goes on, not this call by call */
	}
	session_client_watch(session);
}

static void
on_resolved(const struct resolver_answer *answer, void *ctx)
{
	struct session *session = ctx;
	struct error err = answer->error;

	session->found = *answer;
	session->next_address = 0;
	if (answer->count == 0) {
		lose(session, SESSION_NAME, &err);
		return;
	}
	resolver_free(session->resolver);
	session->resolver = NULL;
	try_next_address(session);
}

static void
start_try(void *ctx)
{
	struct session *session = ctx;

	session->has_failed = false;
	enter(session, SESSION_RESOLVING, CONNECT_MS);
	session->resolver = resolver_new(
	    session->base, session->config->host, on_resolved, session);
}

void
session_accepted(struct session *session)
{
	session->up_ms = clock_awake_ms();
	enter(session, SESSION_ONLINE, 0);
	timer_set(session->misc, 0);
	session->ops->up(backoff_tells_back(&session->backoff), session->ctx);
}

void
session_acknowledged(struct session *session, bool is_refused)
{
	if (session->in_flight > 0)
		session->in_flight--;
	if (session->in_flight > 0)
		timer_set(session->limit, ACKNOWLEDGE_MS);
	else if (session->state == SESSION_ONLINE)
		timer_stop(session->limit);
	session->ops->acknowledged(is_refused, session->ctx);
}

struct session *
session_new(struct event_base *base, const struct mqtt_config *config,
    const struct session_will *will, const struct session_ops *ops, void *ctx)
{
	struct session *session = xcalloc(1, sizeof(*session));

	mosquitto_lib_init();
	session->base = base;
	session->config = config;
	session->will = will;
	session->ops = ops;
	session->ctx = ctx;
	session->retry = timer_new(base, start_try, session);
	session->limit = timer_new(base, on_limit, session);
	session->misc = timer_new(base, on_misc, session);
	session->settle = timer_new(base, on_settle, session);
	session->rewrite = timer_new(base, on_rewrite, session);
	enter(session, SESSION_WAITING, 0);
	timer_set(session->retry, 0);
	return session;
}

void
session_free(struct session *session)
{
	if (session == NULL)
		return;
	resolver_free(session->resolver);
	session_client_close(session);
	timer_free(session->retry);
	timer_free(session->limit);
	timer_free(session->misc);
	timer_free(session->settle);
	timer_free(session->rewrite);
	free(session);
	mosquitto_lib_cleanup();
}

bool
session_is_up(const struct session *session)
{
	return session->state == SESSION_ONLINE && !session->has_failed;
}

/* Look at what a call of the library has returned, after the present callback.
 */
static void
check_later(struct session *session, int rc)
{
	enum session_fault fault;
	struct error err;

	if (rc != MOSQ_ERR_SUCCESS) {
		fault = session_fault_of_code(session, rc, errno, &err);
		session_note(session, fault, &err);
	}
	timer_set(session->settle, 0);
	if (rc == MOSQ_ERR_SUCCESS && session->readable != NULL)
		session_client_watch(session);
}

bool
session_publish(struct session *session, const char *topic, const char *payload,
    bool is_retained)
{
	int rc;

	if (!session_is_up(session))
		return false;
	errno = 0;
	rc = mosquitto_publish(session->client, NULL, topic,
	    (int)strlen(payload), payload, 1, is_retained);
	if (rc == MOSQ_ERR_SUCCESS && session->in_flight++ == 0)
		timer_set(session->limit, ACKNOWLEDGE_MS);
	check_later(session, rc);
	return rc == MOSQ_ERR_SUCCESS;
}

size_t
session_in_flight(const struct session *session)
{
	return session->in_flight;
}

int
session_subscribe(struct session *session, const char *filter, int qos)
{
	int id = 0, rc;

	if (!session_is_up(session))
		return 0;
	errno = 0;
	rc = mosquitto_subscribe(session->client, &id, filter, qos);
	check_later(session, rc);
	return rc == MOSQ_ERR_SUCCESS ? id : 0;
}

void
session_unsubscribe(struct session *session, const char *filter)
{
	if (session_is_up(session))
		check_later(session,
		    mosquitto_unsubscribe(session->client, NULL, filter));
}

void
session_end(struct session *session)
{
	bool was_up = session_is_up(session);

	if (session->state == SESSION_ENDING || session->state == SESSION_ENDED)
		return;
	timer_stop(session->retry);
	enter(session, SESSION_ENDING, END_MS);
	if (was_up)
		check_later(session, mosquitto_disconnect(session->client));
	else
		timer_set(session->limit, 0);
}
