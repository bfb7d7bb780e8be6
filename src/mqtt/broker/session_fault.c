/* SPDX-License-Identifier: ISC */
/* Says in words why a connection to the broker has failed. */
#include "config.h"

#include <errno.h>
#include <mqtt_protocol.h>
#include <string.h>

#include "base/ipv6.h"
#include "mqtt/broker/session_parts.h"

/* The codes of MQTT 3.1.1, which are few. */
enum { OLD_VERSION = 1, OLD_ID, OLD_AWAY, OLD_PASSWORD, OLD_RIGHTS };

static enum session_fault
refuse_login(const struct session *session, struct error *err)
{
	const char *user = session->config->user;

	if (user != NULL)
		error_set(err, EACCES,
		    "it refuses the login of the user %s: is the password "
		    "right?",
		    user);
	else
		error_set(err, EACCES,
		    "it refuses a login without a name: set User= and "
		    "PasswordFile=");
	return SESSION_LOGIN;
}

enum session_fault
session_fault_of_connack(
    const struct session *session, int code, struct error *err)
{
	switch (code) {
	case OLD_VERSION:
	case MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION:
		error_set(err, EPROTONOSUPPORT,
		    "it does not speak this version of MQTT: set another "
		    "Protocol=");
		return SESSION_PROTOCOL;
	case OLD_ID:
	case MQTT_RC_CLIENTID_NOT_VALID:
		error_set(err, EACCES,
		    "it refuses the client id %s: set another ClientId=",
		    session->config->client_id);
		return SESSION_LOGIN;
	case OLD_PASSWORD:
	case OLD_RIGHTS:
	case MQTT_RC_NOT_AUTHORIZED:
	case MQTT_RC_BAD_USERNAME_OR_PASSWORD:
	case MQTT_RC_BANNED:
		return refuse_login(session, err);
	default:
		error_set(err, EBUSY, "it refuses the connection for now: %s",
		    session->config->protocol == MQTT_PROTOCOL_IS_5
			? mosquitto_reason_string(code)
			: mosquitto_connack_string(code));
		return SESSION_NETWORK;
	}
}

static enum session_fault
explain_tls(const struct session *session, struct error *err)
{
	if (session->tls != NULL && tls_explain(session->tls, err))
		return SESSION_CERTIFICATE;
	if (strstr(session->library_said, "wrong version number") != NULL)
		error_set(err, EPROTO,
		    "it does not speak TLS at this port: is Port= right?");
	else
		error_set(err, EPROTO, "TLS fails: %s",
		    session->library_said[0] != '\0'
			? session->library_said
			: "it has closed the connection");
	return SESSION_NETWORK;
}

static enum session_fault
explain_silence(const struct session *session, struct error *err)
{
	error_set(err, ETIMEDOUT, "it has been silent for %u s",
	    session->config->keep_alive);
	return SESSION_NETWORK;
}

/* Say what a connection that has just ended means, by what came before. */
static enum session_fault
explain_end(const struct session *session, struct error *err)
{
	if (session->tls != NULL && tls_explain(session->tls, err))
		return SESSION_CERTIFICATE;
	if (session->up_ms == 0)
		error_set(err, ECONNRESET,
		    "it has closed the connection before it answered%s",
		    session->tls == NULL
			? "; does it want TLS at this port (CAFile=)?"
			: "");
	else
		error_set(err, ECONNRESET, "it has closed the connection");
	return SESSION_NETWORK;
}

enum session_fault
session_fault_of_code(
    const struct session *session, int rc, int saved_errno, struct error *err)
{
	switch (rc) {
	case MOSQ_ERR_TLS:
	case MOSQ_ERR_TLS_HANDSHAKE:
		return explain_tls(session, err);
	case MOSQ_ERR_KEEPALIVE:
		return explain_silence(session, err);
	case MOSQ_ERR_ERRNO:
		if (saved_errno == EPROTO)
			return explain_tls(session, err);
		if (saved_errno == EPIPE || saved_errno == ECONNRESET)
			return explain_end(session, err);
		error_set(err, saved_errno, "it cannot be reached: %s%s",
		    strerror(saved_errno), ipv6_why_not(session->config->host));
		return SESSION_NETWORK;
	case MOSQ_ERR_CONN_LOST:
	case MOSQ_ERR_NO_CONN:
		return explain_end(session, err);
	case MOSQ_ERR_PROTOCOL:
	case MOSQ_ERR_MALFORMED_PACKET:
	case MOSQ_ERR_MALFORMED_UTF8:
		error_set(err, EPROTO,
		    "what it sends is not MQTT, or not this version of it");
		return SESSION_PROTOCOL;
	default:
		error_set(err, EIO, "%s",
		    rc > 0 && rc < 0x80 ? mosquitto_strerror(rc)
					: mosquitto_reason_string(rc));
		return SESSION_NETWORK;
	}
}
