/* SPDX-License-Identifier: ISC */
/*
 * Makes a client of libmosquitto for one connection, and drives it from the
 * event loop.
 *
 * What is odd about the library (2.0.11 to 2.0.21): a failure is told by a
 * return code, by a callback, or by both; it closes its socket before it calls
 * back, and the number may be used again; TLS goes on only in
 * mosquitto_loop_read(), and mosquitto_want_write() stays true meanwhile.
 */
#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <limits.h>
#include <mqtt_protocol.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ipv6.h"
#include "base/log.h"
#include "base/text.h"
#include "base/trust.h"
#include "io/timer.h"
#include "mqtt/broker/session_parts.h"

#define MAX_PASSWORD 1024
#define MAX_PACKET   (1 << 20) /* what a broker with MQTT 5 may send */
#define REWRITE_MS   20
#define REFUSED	     0x80 /* reason codes from here on are failures */

static void
on_log(struct mosquitto *client, void *ctx, int level, const char *text)
{
	struct session *session = ctx;

	(void)client;
	if (level == MOSQ_LOG_ERR)
		text_escape(session->library_said,
		    sizeof(session->library_said), text, strlen(text));
	if (level != MOSQ_LOG_DEBUG)
		log_debug("mqtt", "libmosquitto: %s", text);
}

static void
on_connect(struct mosquitto *client, void *ctx, int code, int flags,
    const mosquitto_property *properties)
{
	struct session *session = ctx;
	enum session_fault fault;
	struct error err;

	(void)client;
	(void)flags;
	(void)properties;
	if (code == 0) {
		session_accepted(session);
		return;
	}
	fault = session_fault_of_connack(session, code, &err);
	session_note(session, fault, &err);
}

static void
on_disconnect(struct mosquitto *client, void *ctx, int rc,
    const mosquitto_property *properties)
{
	struct session *session = ctx;
	struct error err;

	(void)client;
	(void)properties;
	if (rc != MQTT_RC_SESSION_TAKEN_OVER)
		return; /* the return code says as much */
	error_set(&err, EBUSY,
	    "another program has connected with the client id %s: each needs "
	    "one of its own",
	    session->config->client_id);
	session_note(session, SESSION_LOGIN, &err);
}

static void
on_message(struct mosquitto *client, void *ctx,
    const struct mosquitto_message *message,
    const mosquitto_property *properties)
{
	struct session *session = ctx;

	(void)client;
	(void)properties;
	session->ops->message(message->topic, message->payload,
	    (size_t)message->payloadlen, message->retain, session->ctx);
}

static void
on_publish(struct mosquitto *client, void *ctx, int id, int code,
    const mosquitto_property *properties)
{
	(void)client;
	(void)id;
	(void)properties;
	session_acknowledged(ctx, code >= REFUSED);
}

static void
on_subscribe(struct mosquitto *client, void *ctx, int id, int count,
    const int *granted, const mosquitto_property *properties)
{
	struct session *session = ctx;

	(void)client;
	(void)properties;
	session->ops->subscribed(
	    id, count > 0 && granted[0] < REFUSED, session->ctx);
}

/* Read the first line of an open file. */
static bool
read_line(
    int fd, char password[MAX_PASSWORD], const char *path, struct error *err)
{
	ssize_t len = read(fd, password, MAX_PASSWORD - 1);

	if (len == -1)
		return error_errno(err, errno, "%s", path);
	password[len] = '\0';
	password[strcspn(password, "\r\n")] = '\0';
	if (password[0] != '\0')
		return true;
	return error_set(
	    err, EINVAL, "%s: there is no password in the first line", path);
}

/*
 * Read the password from its file or credential, anew for each connection, as
 * it may have been changed.
 */
static bool
read_password(const struct session *session, char password[MAX_PASSWORD],
    struct error *err)
{
	const char *file = session->config->password_file;
	const char *folder = getenv(MQTT_CONFIG_CREDENTIALS);
	char path[PATH_MAX];
	struct stat st;
	int fd;

	password[0] = '\0';
	if (file == NULL)
		return true;
	if (file[0] == '/')
		snprintf(path, sizeof(path), "%s", file);
	else if (folder == NULL)
		return error_set(err, ENOENT,
		    "PasswordFile=%s: there are no credentials here: only the "
		    "service has them. For a file write an absolute path",
		    file);
	else
		snprintf(path, sizeof(path), "%s/%s", folder, file);
	fd = trust_open(NULL, path, &st, err);
	if (fd == -1)
		return false;
	if ((st.st_mode & S_IROTH) != 0 && file[0] == '/')
		log_warning("%s: everybody can read this password; correct it "
			    "with: chmod o-r %s",
		    path, path);
	read_line(fd, password, path, err);
	close(fd);
	return password[0] != '\0';
}

static bool
set_login(struct session *session, struct error *err)
{
	char password[MAX_PASSWORD];
	bool ok;

	if (session->config->user == NULL)
		return true;
	ok = read_password(session, password, err) &&
	    (mosquitto_username_pw_set(session->client, session->config->user,
		 password[0] != '\0' ? password : NULL) == MOSQ_ERR_SUCCESS ||
		error_set(err, EINVAL, "User=: not a name for MQTT"));
	explicit_bzero(password, sizeof(password));
	return ok;
}

static bool
set_tls(struct session *session, struct error *err)
{
	const struct mqtt_config *config = session->config;
	bool is_system = config->ca_file == NULL ||
	    strcmp(config->ca_file, MQTT_CONFIG_SYSTEM_CAS) == 0;

	if (!config->has_tls)
		return true;
	session->tls_settings = (struct tls_settings){
		.ca_file = is_system ? NULL : config->ca_file,
		.cert_file = config->cert_file,
		.key_file = config->key_file,
		.name = config->server_name != NULL ? config->server_name
						    : config->host,
	};
	session->tls = tls_new(&session->tls_settings, err);
	if (session->tls == NULL)
		return false;
	mosquitto_int_option(
	    session->client, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0);
	mosquitto_void_option(
	    session->client, MOSQ_OPT_SSL_CTX, tls_context(session->tls));
	return true;
}

static void
set_callbacks(struct session *session)
{
	struct mosquitto *client = session->client;

	mosquitto_log_callback_set(client, on_log);
	mosquitto_connect_v5_callback_set(client, on_connect);
	mosquitto_disconnect_v5_callback_set(client, on_disconnect);
	mosquitto_message_v5_callback_set(client, on_message);
	mosquitto_publish_v5_callback_set(client, on_publish);
	mosquitto_subscribe_v5_callback_set(client, on_subscribe);
}

static void
set_options(struct session *session)
{
	mosquitto_int_option(session->client, MOSQ_OPT_PROTOCOL_VERSION,
	    session->config->protocol == MQTT_PROTOCOL_IS_5
		? MQTT_PROTOCOL_V5
		: MQTT_PROTOCOL_V311);
	mosquitto_int_option(session->client, MOSQ_OPT_TCP_NODELAY, 1);
	if (session->will != NULL)
		mosquitto_will_set(session->client, session->will->topic,
		    (int)strlen(session->will->payload), session->will->payload,
		    1, true);
}

/*
 * Tell a broker with MQTT 5 what is too large for us.  Only the call that
 * blocks takes this; without a port it takes it and goes no further.
 */
static void
set_limits(struct session *session)
{
	mosquitto_property *limits = NULL;

	if (session->config->protocol != MQTT_PROTOCOL_IS_5)
		return;
	mosquitto_property_add_int32(
	    &limits, MQTT_PROP_MAXIMUM_PACKET_SIZE, MAX_PACKET);
	mosquitto_connect_bind_v5(session->client, "localhost", -1,
	    (int)session->config->keep_alive, NULL, limits);
	mosquitto_property_free_all(&limits);
}

bool
session_client_open(struct session *session, const char *address,
    enum session_fault *fault, struct error *err)
{
	int rc;

	session->library_said[0] = '\0';
	session->client =
	    mosquitto_new(session->config->client_id, true, session);
	if (session->client == NULL)
		abort(); /* as when any memory is out */
	set_callbacks(session);
	set_options(session);
	*fault = SESSION_LOGIN;
	if (!set_login(session, err))
		return false;
	*fault = SESSION_CERTIFICATE;
	if (!set_tls(session, err))
		return false;
	set_limits(session);
	errno = 0;
	rc = mosquitto_connect_async(session->client, address,
	    (int)session->config->port, (int)session->config->keep_alive);
	if (rc == MOSQ_ERR_SUCCESS || rc == MOSQ_ERR_CONN_PENDING)
		return true;
	*fault = session_fault_of_code(session, rc, errno, err);
	return false;
}

static void
free_event(struct event **event)
{
	if (*event != NULL)
		event_free(*event);
	*event = NULL;
}

void
session_client_close(struct session *session)
{
	/* First the events: the library may have closed the socket already. */
	free_event(&session->readable);
	free_event(&session->writable);
	timer_stop(session->rewrite);
	timer_stop(session->misc);
	if (session->client != NULL)
		mosquitto_destroy(session->client);
	session->client = NULL;
	tls_free(session->tls);
	session->tls = NULL;
	session->in_flight = 0;
}

/*
 * Return the error of a TCP connection that was not made, or 0.  One that was
 * made and then cut is read first: it may say why.
 */
static int
connect_error(evutil_socket_t fd)
{
	int code = 0;
	socklen_t len = sizeof(code);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &len) == -1)
		return errno;
	return code == ECONNRESET || code == EPIPE ? 0 : code;
}

static bool
is_agreeing(const struct session *session)
{
	return session->tls != NULL && !tls_is_agreed(session->tls);
}

static void
on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct session *session = ctx;

	(void)fd;
	(void)what;
	session_check(session, mosquitto_loop_read(session->client, 1));
}

static void
on_writable(evutil_socket_t fd, short what, void *ctx)
{
	struct session *session = ctx;
	int code = session->state == SESSION_CONNECTING ? connect_error(fd) : 0;
	struct error err;
	int rc;

	(void)what;
	if (code != 0) {
		error_set(&err, code, "it cannot be reached: %s%s",
		    strerror(code), ipv6_why_not(session->config->host));
		session_note(session, SESSION_NETWORK, &err);
		session_check(session, MOSQ_ERR_SUCCESS);
		return;
	}
	rc = is_agreeing(session) ? mosquitto_loop_read(session->client, 1)
				  : mosquitto_loop_write(session->client, 1);
	if (is_agreeing(session))
		timer_set(session->rewrite, REWRITE_MS);
	session_check(session, rc);
}

void
session_client_watch(struct session *session)
{
	int fd = mosquitto_socket(session->client);

	if (session->readable == NULL) {
		session->readable = event_new(session->base, fd,
		    EV_READ | EV_PERSIST, on_readable, session);
		session->writable = event_new(
		    session->base, fd, EV_WRITE, on_writable, session);
		if (session->readable == NULL || session->writable == NULL)
			abort(); /* as when any memory is out */
		event_add(session->readable, NULL);
		event_add(session->writable, NULL);
		return;
	}
	/* While both sides agree on TLS, the timer writes. */
	if (is_agreeing(session) && timer_is_set(session->rewrite))
		return;
	if (is_agreeing(session) || mosquitto_want_write(session->client))
		event_add(session->writable, NULL);
}
